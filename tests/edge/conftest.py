"""A shop that is served."""

from __future__ import annotations

from service.conftest import published, served

__all__ = ["published", "served"]
