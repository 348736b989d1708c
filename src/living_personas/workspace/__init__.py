"""The files people write: settings and personas."""
