"""Shops to report on, each lived once."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.shops import hostile_shop, learned_shop
from cli.conftest import personas as personas  # noqa: PLC0414 - the hand that types
from once import copied


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that has learned, for tests that only read."""
    return copied(tmp_path_factory, "learned-shop", learned_shop)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop in which every text is hostile."""
    return copied(tmp_path_factory, "hostile-shop", hostile_shop)
