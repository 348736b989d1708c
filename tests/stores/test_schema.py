"""An older database becomes a newer one, whole steps at a time; a newer one is refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from living_personas.errors import NewerStoreError, StoreError
from living_personas.stores.sql.database import Row
from living_personas.stores.sql.migrations import MIGRATIONS, upgrade
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.examination import examine
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses
from living_personas.testing.samples import NOON, version

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


def test_an_older_database_is_upgraded_step_by_step_and_says_so_once(
    database: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade(database, migrations=_NEXT)
    assert [record.getMessage() for record in caplog.records] == [
        f"{database.place} was brought from schema {len(MIGRATIONS)} to {len(_NEXT)}: older programs open it no more"
    ]
    assert database.rows("PRAGMA user_version") == [(len(_NEXT),)]
    assert database.rows("SELECT key, note FROM fact") == [("kept", "old")]
    assert database.rows("SELECT * FROM extra") == []
    upgrade(database, migrations=_NEXT)
    assert len(caplog.records) == 1
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


@pytest.mark.parametrize("deep", [False, True])
def test_a_newer_database_is_not_taken_for_a_damaged_one(database: Connection, tmp_path: Path, *, deep: bool) -> None:
    upgrade(database, migrations=_NEXT)
    database.close()
    with refuses(NewerStoreError, f"schema {len(_NEXT)}", "newer version"):
        examine(tmp_path / ".living", clock=lambda: NOON, deep=deep)


def test_processes_of_the_former_version_go_on_with_a_newer_schema(tmp_path: Path) -> None:
    """Rolling upgrades: what they read is there, and what they write lacks no column that must be filled.

    The schema 4 made the links anew, before there was anybody else's process that could go on.
    """
    connection = Connection(tmp_path / "state.db")
    upgrade(connection, migrations=MIGRATIONS[:4])
    for number in range(5, len(MIGRATIONS) + 1):
        before = _columns(connection)
        upgrade(connection, migrations=MIGRATIONS[:number])
        after = _columns(connection)
        assert before.items() <= after.items(), number
        tables = {table for table, _ in before}
        added = {place: column for place, column in after.items() if place not in before and place[0] in tables}
        assert {place for place, (_, must, default, _) in added.items() if must and default is None} == set(), number
    connection.close()


def _columns(connection: Connection) -> dict[tuple[str, str], Row]:
    """Of each column of each table: its type, whether it must be filled, its default, its place in the key."""
    tables = connection.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {
        (table, row[1]): tuple(row[2:]) for (table,) in tables for row in connection.rows(f"PRAGMA table_info({table})")
    }
