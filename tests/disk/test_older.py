"""A workspace of an older version gets its checksums; while another process has it open, it stays as it is."""

from __future__ import annotations

import tarfile
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from living_personas.stores.sqlite.examination import examine
from living_personas.stores.sqlite.page_checksums import damaged_pages, is_protected
from living_personas.stores.sqlite.store import SqliteStore

from .conftest import NOON

ARCHIVE = Path(__file__).parents[1] / "upgrade" / "workspace_plain.tar.gz"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A workspace that an older version left behind."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    (state,) = tmp_path.rglob("state.db")
    return state.parents[1]


def test_pages_and_files_get_their_checksums(older: Path) -> None:
    state = older / ".living" / "state.db"
    assert not is_protected(state)
    before = _held(older)
    assert is_protected(state)
    with closing(SqliteStore(older, clock=lambda: NOON)) as store:
        store.inbox.seal()
    assert damaged_pages(state) == ()
    found = examine(older / ".living", clock=lambda: NOON, deep=True)
    assert (found.damages, found.notes) == ((), ())
    assert found.files > 0
    assert _held(older) == before


def test_it_waits_until_it_is_alone(older: Path) -> None:
    state = older / ".living" / "state.db"
    with closing(apsw.Connection(str(state))) as other:  # a process of the older version
        other.execute("SELECT count(*) FROM fact").fetchall()
        _held(older)
        assert not is_protected(state)
        other.execute("INSERT INTO fact VALUES ('from the other', x'00')")
    assert "from the other" in _held(older)
    assert is_protected(state)
    assert examine(older / ".living", clock=lambda: NOON, deep=True).damages == ()


def _held(root: Path) -> dict[str, bytes | None]:
    with closing(SqliteStore(root, clock=lambda: NOON, busy_seconds=0.2)) as store:
        return {key: store.facts.get(key) for key in store.facts.keys(prefix="")}
