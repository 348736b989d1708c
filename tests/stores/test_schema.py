"""An older database becomes a newer one, whole steps at a time; a newer one is refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from living_personas.errors import StoreError
from living_personas.stores.sql.migrations import MIGRATIONS, upgrade
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses
from living_personas.testing.samples import version

_NEXT = (
    *MIGRATIONS,
    "ALTER TABLE fact ADD COLUMN note TEXT NOT NULL DEFAULT ''; UPDATE fact SET note = 'old'",
    "CREATE TABLE extra (n INTEGER) STRICT",
)
_BROKEN = (*MIGRATIONS, "CREATE TABLE extra (n INTEGER); INSERT INTO nowhere VALUES (1)")


@pytest.fixture
def database(tmp_path: Path, open_store: Callable[[], SqliteStore]) -> Connection:
    """The database of a workspace that this version has written."""
    store = open_store()
    store.facts.set({"kept": b"1"})
    store.versions.append(version(1))
    store.close()
    return Connection(tmp_path / ".living" / "state.db")


def test_an_older_database_is_upgraded_step_by_step(database: Connection) -> None:
    upgrade(database, migrations=_NEXT)
    assert database.rows("PRAGMA user_version") == [(len(_NEXT),)]
    assert database.rows("SELECT key, note FROM fact") == [("kept", "old")]
    assert database.rows("SELECT * FROM extra") == []
    upgrade(database, migrations=_NEXT)
    database.close()


def test_a_step_that_fails_leaves_the_database_as_it_was(
    database: Connection, open_store: Callable[[], SqliteStore]
) -> None:
    with refuses(StoreError, "nowhere"):
        upgrade(database, migrations=_BROKEN)
    assert database.rows("PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert not database.rows("SELECT 1 FROM sqlite_schema WHERE name = 'extra'")
    database.close()
    store = open_store()
    assert store.facts.get("kept") == b"1"
    assert store.versions.latest() == (version(1),)


def test_two_processes_may_upgrade_at_once(
    database: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Connection(tmp_path / ".living" / "state.db")
    transaction = Connection.transaction

    def overtaken(self: Connection) -> AbstractContextManager[None]:
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "transaction", transaction)
            upgrade(other, migrations=_NEXT)
        return transaction(self)

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "transaction", overtaken)
        upgrade(database, migrations=_NEXT)
    assert database.rows("SELECT key, note FROM fact") == [("kept", "old")]
    database.close()
    other.close()


def test_a_newer_database_is_refused(database: Connection, open_store: Callable[[], SqliteStore]) -> None:
    upgrade(database, migrations=_NEXT)
    database.close()
    with refuses(StoreError, f"schema {len(_NEXT)}", "newer version", "state.db"):
        open_store()
