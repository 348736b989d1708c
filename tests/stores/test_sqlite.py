"""The store of a workspace folder keeps the promises, with whole seals and with tiny ones."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

import pytest

from living_personas.ports import Store
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.lease import GONE
from living_personas.testing.samples import NOON
from living_personas.testing.store import StoreSuite


class TestSqliteStore(StoreSuite):
    chunk = 200_000

    @pytest.fixture(autouse=True)
    def _folders(self, tmp_path: Path) -> None:
        self.root = tmp_path

    def make_store(self) -> Store:
        folder = Path(mkdtemp(dir=self.root))
        return SqliteStore(folder, clock=lambda: NOON, chunk=self.chunk, is_gone=GONE.__eq__)


class TestSqliteStoreInTinyChunks(TestSqliteStore):
    chunk = 2
