"""A shop that has published once and has a key; and how long the suite may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.shop import open_shop

collect_ignore = ["sabotage"]
"""Importing these breaks promises, which only processes of their own may do."""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A workspace that can be served."""
    return open_shop(tmp_path / "shop")
