"""A workspace that has lived, as the dashboard's tests make it once."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.conftest import desk as desk  # noqa: PLC0414 - shared fixtures
from dashboard.conftest import lived_once as lived_once  # noqa: PLC0414
from memory.planted import plant


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which a customer is everywhere, let go of."""
    root = tmp_path_factory.mktemp("planted") / "shop"
    plant(root).store.close()
    return root
