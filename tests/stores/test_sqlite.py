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


def test_what_customers_did_is_for_the_owner_alone(tmp_path: Path) -> None:
    for _ in range(2):  # a new workspace, and one that was there
        SqliteStore(tmp_path, clock=lambda: NOON).close()
        folder = tmp_path / ".living"
        assert (folder.stat().st_mode & 0o777, (folder / "state.db").stat().st_mode & 0o777) == (0o700, 0o600)
        folder.chmod(0o755)
        (folder / "state.db").chmod(0o644)
