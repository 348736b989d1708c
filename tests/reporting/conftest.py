"""Shops to report on, each lived once."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.shops import hostile_shop, learned_shop
from cli.conftest import personas as personas  # noqa: PLC0414 - the hand that types


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that has learned, for tests that only read."""
    return learned_shop(tmp_path_factory.mktemp("reporting") / "shop")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop in which every text is hostile."""
    return hostile_shop(tmp_path_factory.mktemp("reporting") / "hostile")
