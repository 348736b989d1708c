"""A hand that types commands."""

from __future__ import annotations

from cli.conftest import personas

__all__ = ["personas"]
