"""The files people write: one declaration serves reader, JSON Schema and docs."""
