"""The files of the days: sorted, compacted, kept for readers, then removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from living_personas.errors import StoreError
from living_personas.stores.sql.part import Part
from living_personas.stores.sql.partition_files import PartitionFiles
from living_personas.stores.sql.sums import sum_of
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses, rows_of
from living_personas.testing.samples import FIRST_DAY, NOON, batch_of, event, exposure_event

from .conftest import Clock

Open = Callable[[], SqliteStore]


def test_a_part_is_sorted_by_time_and_lies_by_day(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    store.inbox.record(
        batch_of(event("b", hours=1), event("c"), event("a", hours=1), event("z", hours=12)), received=NOON
    )
    store.inbox.seal()
    first, second = _events(store)
    assert Path(first).parent == tmp_path / ".living" / "days" / "events" / "2026-09-01"
    assert Path(second).parent.name == "2026-09-02"
    assert pq.read_table(first, partitioning=None)["message_id"].to_pylist() == ["c", "a", "b"]
    assert pq.ParquetFile(first).metadata.row_group(0).column(0).compression == "ZSTD"


def test_the_ninth_part_of_a_day_makes_one(open_store: Open) -> None:
    store = open_store()
    for n in range(9):
        store.inbox.record(batch_of(exposure_event(f"m{n}", hours=-n / 10)), received=NOON)
        store.inbox.seal()
        assert len(_events(store)) == (n + 1 if n < 8 else 1)
    (path,) = _events(store)
    assert pq.read_table(path, partitioning=None)["message_id"].to_pylist() == [f"m{n}" for n in reversed(range(9))]


def test_a_replaced_file_waits_for_its_readers(open_store: Open, clock: Clock) -> None:
    store = open_store()
    _replace(store, 1)
    old = _numbers(store)
    clock.turn(60)
    _replace(store, 2)
    assert rows_of(old) == [{"n": 1}]
    clock.turn(9)
    open_store()
    assert rows_of(old) == [{"n": 1}]
    clock.turn(2)
    open_store()
    assert not Path(old[0]).exists()
    assert rows_of(_numbers(store)) == [{"n": 2}]


def test_what_a_dead_writer_left_is_removed(open_store: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store()
    with _once_written(monkeypatch, _die), pytest.raises(KeyboardInterrupt):
        _replace(store, 1)
    (left,) = _files(store)
    clock.turn(9)
    open_store()
    assert left.exists()  # for all we know, the writer still writes
    clock.turn(2)
    open_store()
    assert not left.exists()


def test_a_writer_that_took_too_long_is_refused(
    open_store: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = open_store(), open_store()
    _replace(store, 1)

    def much_later() -> None:
        clock.turn(11)
        other.inbox.seal()

    with _once_written(monkeypatch, much_later), refuses(StoreError, "cleared away", "try again"):
        _replace(store, 2)
    assert rows_of(_numbers(store)) == [{"n": 1}]
    _replace(store, 2)
    assert rows_of(_numbers(store)) == [{"n": 2}]


def test_files_of_a_commit_that_failed_are_removed_at_once(open_store: Open) -> None:
    store = open_store()
    _replace(store, 1)
    kept = _files(store)
    with suppress(RuntimeError), store.commit():
        _replace(store, 2)
        assert rows_of(_numbers(store)) == [{"n": 2}]
        raise RuntimeError
    assert _files(store) == kept
    assert rows_of(_numbers(store)) == [{"n": 1}]


@pytest.mark.parametrize("after", ["COMMIT", "INSERT"])
def test_whoever_is_interrupted_around_a_commit_loses_no_file_that_is_read(
    open_store: Open, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    """Ctrl-C while the disk writes is seen by Python when the commit has returned."""
    store, real = open_store(), Connection.rows
    _replace(store, 1)

    def rows(self: Connection, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
        found = real(self, sql, *bindings)
        if sql.startswith(after):
            raise KeyboardInterrupt
        return found

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt), store.commit():
        patch.setattr(Connection, "rows", rows)
        _replace(store, 2)
    monkeypatch.undo()
    assert rows_of(_numbers(open_store())) == [{"n": 2 if after == "COMMIT" else 1}]


def test_sealing_removes_files_that_nobody_knows(open_store: Open) -> None:
    store = open_store()
    _replace(store, 1)
    (known,) = _files(store)
    unknown = known.with_name("part-77.parquet")
    foreign = known.with_name("notes.txt")
    for path in (unknown, known.with_name("part-78.parquet.tmp"), foreign):
        path.write_bytes(b"left behind")
    store.inbox.seal()
    assert _files(store) == {known, foreign}


def test_tidying_up_never_waits(open_store: Open, clock: Clock) -> None:
    busy = open_store()
    _replace(busy, 1)
    old = _numbers(busy)
    _replace(busy, 2)
    clock.turn(11)
    with busy.commit():
        open_store()
        assert Path(old[0]).exists()
    open_store()
    assert not Path(old[0]).exists()


def test_two_sealers_seal_each_row_once(open_store: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, fast = open_store(), open_store()
    slow.inbox.record(batch_of(*(exposure_event(f"m{n}") for n in range(5))), received=NOON)
    with _once_written(monkeypatch, fast.inbox.seal):
        assert slow.inbox.seal() == ()
    assert [row["message_id"] for row in rows_of(_events(slow))] == [f"m{n}" for n in range(5)]
    assert slow.inbox.waiting() == 0


def test_what_was_sealed_leaves_no_byte_in_the_database(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    store.inbox.record(batch_of(exposure_event("m1", "ann-the-customer-4711")), received=NOON)
    assert _holds(tmp_path, b"ann-the-customer-4711")
    store.inbox.seal()
    assert not _holds(tmp_path, b"ann-the-customer-4711")


def test_a_hundred_thousand_events_take_seconds(open_store: Open) -> None:
    """Not a benchmark: a loop over rows, or a sync for each, would take minutes."""
    times = pa.array([NOON + timedelta(seconds=n) for n in range(1000)] * 100, pa.timestamp("us", tz="UTC"))
    ids = pa.array([f"message-{n}" for n in range(100_000)])
    few = batch_of(*(event(f"m{n}") for n in range(1000)))
    many = pa.concat_tables([few.events] * 100)
    many = many.set_column(0, many.schema.field(0), ids).set_column(4, many.schema.field(4), times)
    store = open_store()
    store.inbox.record(type(few)(events=many, exposures=few.exposures.slice(0, 0)), received=NOON)
    assert store.inbox.waiting() == 100_000
    store.inbox.seal()
    assert sum(pq.ParquetFile(path).metadata.num_rows for path in _events(store)) == 100_000


def test_a_file_that_is_taken_is_a_file_of_the_store(open_store: Open, tmp_path: Path) -> None:
    """It has a sum, and is for its owner alone; whatever becomes of the one that it was copied from."""
    store, given = open_store(), tmp_path / "given.parquet"
    pq.write_table(pa.table({"n": [7]}), given)
    given.chmod(0o644)
    store.partitions.replace("numbers", {FIRST_DAY: (str(given),)})
    given.write_bytes(b"")
    (path,) = _numbers(store)
    assert rows_of((path,)) == [{"n": 7}]
    assert Path(path).stat().st_mode & 0o077 == 0
    assert store.partitions._parts.live("numbers", FIRST_DAY, FIRST_DAY)[0].sum == sum_of(Path(path))


def test_what_is_no_file_of_rows_is_refused_and_changes_nothing(open_store: Open, tmp_path: Path) -> None:
    store, given = open_store(), tmp_path / "given.parquet"
    _replace(store, 1)
    given.write_bytes(b"no rows")
    for path in (given, tmp_path / "missing.parquet"):
        with refuses(StoreError, path.name):
            store.partitions.replace("numbers", {FIRST_DAY: (str(path),)})
    assert rows_of(_numbers(store)) == [{"n": 1}]


def _replace(store: SqliteStore, n: int) -> None:
    store.partitions.replace("numbers", {FIRST_DAY: pa.table({"n": [n]})})


def _numbers(store: SqliteStore) -> tuple[str, ...]:
    paths = store.partitions.read("numbers", FIRST_DAY, FIRST_DAY)
    assert isinstance(paths, tuple)
    return paths


def _events(store: SqliteStore) -> tuple[str, ...]:
    paths = store.partitions.read("events", date.min, date.max)
    assert isinstance(paths, tuple)
    return paths


def _files(store: SqliteStore) -> set[Path]:
    return {path for path in store.partitions._parts._folder.rglob("*") if path.is_file()}


def _holds(root: Path, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in (root / ".living").glob("state.db*"))


def _die() -> None:
    raise KeyboardInterrupt


@contextmanager
def _once_written(monkeypatch: pytest.MonkeyPatch, action: Callable[[], object]) -> Iterator[None]:
    """Do something between the writing of files and their publication."""

    def write(self: PartitionFiles, kind: str, tables: Iterable[tuple[date, pa.Table]]) -> tuple[Part, ...]:
        parts = _write(self, kind, tables)
        with monkeypatch.context() as patch:
            patch.setattr(PartitionFiles, "write", _write)
            action()
        return parts

    with monkeypatch.context() as patch:
        patch.setattr(PartitionFiles, "write", write)
        yield


_write = PartitionFiles.write
