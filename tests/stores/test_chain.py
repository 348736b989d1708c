"""Whatever is done to the rows behind the store's back is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from living_personas.errors import StoreError
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses
from living_personas.testing.samples import snapshot, version

_OPEN_THE_LOCKS = """
DROP TRIGGER document_is_never_changed; DROP TRIGGER document_is_never_deleted;
DROP TRIGGER head_is_never_deleted; DROP TRIGGER head_only_moves_on;
"""
_FLIP = """
UPDATE document SET body = CAST(replace(body, 'saving', 'savinG') AS BLOB) WHERE name = 'budget' AND number = 2
"""
_SWAP = """
UPDATE document SET number = -1 WHERE kind = 'version' AND name = 'budget' AND number = 1;
UPDATE document SET number = 1 WHERE kind = 'version' AND name = 'budget' AND number = 2;
UPDATE document SET number = 2 WHERE kind = 'version' AND name = 'budget' AND number = -1;
"""
_TAMPERINGS = {
    "flip": (_FLIP, "2 of 'budget' was changed"),
    "forge": ("UPDATE document SET sha256 = zeroblob(32) WHERE number = 2", "2 of 'budget' was changed"),
    "delete": ("DELETE FROM document WHERE kind = 'version' AND number = 2", "2 of 'budget' is missing"),
    "swap": (_SWAP, "1 of 'budget' was changed"),
    "truncate": ("DELETE FROM document WHERE name = 'budget' AND number = 3", "3 of 'budget' is missing"),
    "forget": ("DELETE FROM document WHERE name = 'other'", "1 of 'other' is missing"),
    "behead": ("DELETE FROM head WHERE name = 'other'", "1 of 'other' was added by somebody else"),
    "insert": ("INSERT INTO document VALUES ('version', 'new', 1, x'7b7d', zeroblob(32))", "1 of 'new' was changed"),
}


@pytest.fixture
def store(open_store: Callable[[], SqliteStore]) -> SqliteStore:
    store = open_store()
    for one in (version(1), version(2), version(3), version(1, of="other")):
        store.versions.append(one)
    store.snapshots.publish(snapshot(1))
    store.snapshots.publish(snapshot(2))
    return store


@pytest.mark.promise("P13")
@pytest.mark.parametrize("tampering", _TAMPERINGS)
def test_every_change_is_found(tampering: str, store: SqliteStore, tmp_path: Path) -> None:
    store.versions.verify()
    sql, expected = _TAMPERINGS[tampering]
    _behind_the_back(tmp_path, sql)
    with refuses(StoreError, expected, "state.db"):
        store.versions.verify()


@pytest.mark.promise("P13")
def test_a_changed_document_is_not_even_read(store: SqliteStore, tmp_path: Path) -> None:
    _behind_the_back(tmp_path, "UPDATE document SET body = CAST(replace(body, 'grain', 'salt') AS BLOB)")
    with refuses(StoreError, "snapshot 2 was changed"):
        store.snapshots.latest()
    with refuses(StoreError, "snapshot 1 was changed"):
        store.snapshots.get(1)
    with refuses(StoreError, "snapshot 1 was changed"):
        store.snapshots.verify()
    assert store.versions.history("budget")[0] == version(1)  # it does not speak of salt


@pytest.mark.promise("P13")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE document SET body = x''",
        "DELETE FROM document",
        "INSERT OR REPLACE INTO document SELECT kind, name, number, x'', x'' FROM document",
        "UPDATE head SET number = 1",
        "INSERT OR REPLACE INTO head SELECT kind, name, number, x'' FROM head",
        "DELETE FROM head",
    ],
)
def test_the_database_itself_refuses_to_change_history(sql: str, store: SqliteStore, tmp_path: Path) -> None:
    database = Connection(tmp_path / ".living" / "state.db")
    with refuses(StoreError, "a "):
        database.run(sql)
    database.close()
    store.versions.verify()


def _behind_the_back(root: Path, sql: str) -> None:
    database = Connection(root / ".living" / "state.db")
    database.rows(_OPEN_THE_LOCKS)
    database.rows(sql)
    database.close()
