"""Living Personas: personas as versioned documents that evidence rewrites."""

from __future__ import annotations

__version__ = "0.1.0"
