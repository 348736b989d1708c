"""Each shop is lived once for all tests that only read it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agents.shops import hostile_shop, learned_shop, many_personas
from once import copied


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that has learned, for tests that only read."""
    return copied(tmp_path_factory, "learned-shop", learned_shop)


@pytest.fixture
def own_shop(shop: Path, tmp_path: Path) -> Path:
    """A copy of it, to write into."""
    return Path(shutil.copytree(shop, tmp_path / "own"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop in which every text is hostile."""
    return copied(tmp_path_factory, "hostile-shop", hostile_shop)


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large workspace."""
    return copied(tmp_path_factory, "many-personas", many_personas)
