"""A memory that is moved is the same on the other side, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from living_personas.errors import StoreError
from living_personas.stores.postgres.postgres_store import PostgresStore
from living_personas.stores.sql.partition_files import PartitionFiles
from living_personas.stores.sql.sql_store import SqlStore
from living_personas.stores.sql.transfer import MOVED, STAYS, transfer
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses, rows_of
from living_personas.testing.samples import (
    FIRST_DAY,
    NOON,
    batch_of,
    event,
    exposure_event,
    quarantined,
    refinement,
    snapshot,
    version,
    word,
)
from local_postgres import PostgresServer

pytestmark = pytest.mark.long

Places = Callable[[str], SqlStore]


@pytest.fixture
def place(tmp_path: Path, postgres: PostgresServer) -> Iterator[Places]:
    """Stores by name: those that begin with "folder" are embedded, the others lie in the server."""
    opened: list[SqlStore] = []
    schema = postgres.address().schema

    def open_one(name: str) -> SqlStore:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        store: SqlStore
        if name.startswith("folder"):
            store = SqliteStore(root, clock=lambda: NOON)
        else:
            store = PostgresStore(postgres.address(f"{schema}_{name}"), root / ".living", clock=lambda: NOON)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        store.close()


def fill(store: SqlStore) -> None:
    """Something of every kind."""
    sealed = (exposure_event("m1"), event("m2", "bob", also="phone"), event("m3", "Ann@x.de"))
    store.inbox.record(batch_of(*sealed), received=NOON)
    store.inbox.seal()
    store.inbox.record(batch_of(*(event(f"bulk{n}") for n in range(1000))), received=NOON)  # waits in a file
    store.inbox.record(batch_of(exposure_event("m4"), event("m5", "bob\t\\N")), received=NOON)
    store.consents.add(pa.Table.from_pylist([word("ann"), word("bob", refuses=False)]))
    store.quarantine.put([quarantined(1), quarantined(2, payload="\ud800 \0")], received=NOON)
    for number in (1, 2):
        store.versions.append(version(number))
        store.snapshots.publish(snapshot(number))
    store.refinements.put(refinement("r1"))
    store.facts.set({"a": b"\0\xff", "ä": b""})
    store.partitions.replace("cells", {FIRST_DAY: pa.table({"n": [1]}), date(2026, 9, 2): pa.table({"n": [2, 3]})})
    store.partitions.replace("cells", {FIRST_DAY: pa.table({"n": [4]})})


def everything(store: SqlStore) -> dict[str, object]:
    """What a store answers."""
    kinds = ("events", "exposures", "cells")
    return {
        "rows": {kind: rows_of(store.partitions.read(kind, date.min, date.max)) for kind in kinds},
        "etags": {kind: store.partitions.etags(kind) for kind in kinds},
        "counts": (store.inbox.recorded(), store.inbox.sealed(), store.inbox.waiting(), store.marks("cells")),
        "links": store.inbox.links().to_pylist(),
        "named": store.inbox.named(("ann", "bob", "zoe")),
        "consents": store.consents.last().to_pylist(),
        "quarantine": store.quarantine.rows(),
        "versions": store.versions.history("budget"),
        "snapshots": (store.snapshots.latest(), store.snapshots.head()),
        "refinements": store.refinements.all(),
        "facts": {key: store.facts.get(key) for key in store.facts.keys()},  # noqa: SIM118 - they are no dictionary
    }


def test_there_and_back_it_is_the_same_and_goes_on(place: Places) -> None:
    folder, server, back = place("folder"), place("server"), place("folder back")
    fill(folder)
    there = transfer(folder, server)
    assert everything(server) == everything(folder)
    assert transfer(server, back) == there
    assert everything(back) == everything(folder)
    assert there.keys == folder.inbox.recorded() == 1005
    for store in (server, back):
        assert store.inbox.record(batch_of(event("m4"), event("m6")), received=NOON) == (False, True)
        store.inbox.seal()
        store.versions.append(version(3))
        store.quarantine.put([quarantined(3)], received=NOON)
        store.partitions.replace("cells", {FIRST_DAY: pa.table({"n": [5]})})
    assert everything(server)["rows"] == everything(back)["rows"]


class _GoneError(Exception):
    """The copy was interrupted."""


@pytest.mark.parametrize("way", [("folder", "server"), ("server", "folder")], ids=["out", "back"])
def test_interrupted_anywhere_it_is_not_used_and_goes_on(
    place: Places, monkeypatch: pytest.MonkeyPatch, way: tuple[str, str]
) -> None:
    source, target = map(place, way)
    fill(source)
    for steps in range(3):
        with pytest.raises(_GoneError):
            transfer(source, target, progress=_interrupt_after(steps))
        with refuses(StoreError, "not finished", "personas copy"):
            target.check_whole()
        source.inbox.record(batch_of(event(f"meanwhile{steps}")), received=NOON)
    compare = SqlStore.begun_copy
    with monkeypatch.context() as patch:
        patch.setattr(type(target.connection), "go_on_numbering", _gone)
        with pytest.raises(_GoneError):
            transfer(source, target)
    assert compare(target) is not None
    source.inbox.seal()
    transfer(source, target)
    target.check_whole()
    assert everything(target) == everything(source)


def test_nothing_is_ever_written_over(place: Places) -> None:
    folder, server, other = place("folder"), place("server"), place("folder two")
    fill(folder)
    fill(other)
    transfer(folder, server)
    for source in (folder, other):
        with refuses(StoreError, "holds a workspace already", "another schema"):
            transfer(source, server)
    begun = place("server_two")
    with pytest.raises(_GoneError):
        transfer(folder, begun, progress=_interrupt_after(0))
    with refuses(StoreError, "a copy of another store"):
        transfer(other, begun)
    with refuses(StoreError, "not finished"):
        transfer(begun, place("folder three"))


def test_what_arrived_damaged_is_refused(place: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, server = place("folder"), place("server")
    fill(folder)
    adopt = PartitionFiles.adopt

    def damaged(self: PartitionFiles, part: object, path: Path) -> None:
        other = path.with_name("other")
        other.write_bytes(path.read_bytes()[:-1] + b"?")
        adopt(self, part, other)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(PartitionFiles, "adopt", damaged)
        with refuses(StoreError, "not what was sent", "nothing was kept"):
            transfer(folder, server)
    with refuses(StoreError, "not finished"):
        server.check_whole()
    assert server.versions.latest() == ()


def test_every_table_is_moved_or_said_to_stay(place: Places) -> None:
    """A table, or a column, that nobody thought of would be left behind in silence."""
    folder, server = place("folder"), place("server")
    ours = {
        str(table): {str(name) for _, name, *_ in folder.connection.rows(f"PRAGMA table_info({table})")}
        for (table,) in folder.connection.rows(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
    }
    theirs: dict[str, set[str]] = {}
    for table, column in server.connection.rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    ):
        theirs.setdefault(table, set()).add(column)
    assert set(ours) | set(theirs) == set(MOVED) | STAYS
    moved = {table: {*key, *rest} for table, (key, rest) in MOVED.items()}
    assert moved == {table: ours[table] for table in MOVED} == {table: theirs[table] for table in MOVED}


def _interrupt_after(steps: int) -> Callable[[int, int], None]:
    def step(done: int, _all: int) -> None:
        if done >= steps:
            raise _GoneError

    return step


def _gone(_self: object) -> None:
    raise _GoneError
