"""Shops to report on, each lived once."""

from __future__ import annotations

from agents.conftest import hostile as hostile  # noqa: PLC0414 - a shop in which every text is hostile
from agents.conftest import shop as told  # a shop that has learned, for tests that only read
from cli.conftest import personas as personas  # noqa: PLC0414 - the hand that types

__all__ = ["hostile", "personas", "told"]
