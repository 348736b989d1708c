"""The promises of partitions, as tests."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.domain.cell import CELL_SCHEMA
from living_personas.errors import StoreError
from living_personas.testing.expect import refuses, rows_of
from living_personas.testing.samples import FIRST_DAY
from living_personas.testing.suite import Suite

__all__ = ["PartitionsSuite"]

_DAYS = tuple(FIRST_DAY + timedelta(days=n) for n in range(4))


class PartitionsSuite(Suite):
    """Days of a kind are written whole, and read back as they were written."""

    def test_days_are_read_back(self) -> None:
        """The days from first to last, both included, in whatever order they were written."""
        with self.store() as store:
            store.partitions.replace("numbers", {day: _numbers(day.day) for day in reversed(_DAYS)})
            assert store.partitions.days("numbers") == _DAYS
            assert _read(store.partitions.read("numbers", _DAYS[1], _DAYS[2])) == [2, 3]
            assert _read(store.partitions.read("numbers", _DAYS[2], _DAYS[1])) == []

    def test_a_day_is_replaced_whole(self) -> None:
        """The other days stay as they were."""
        with self.store() as store:
            store.partitions.replace("numbers", {_DAYS[0]: _numbers(1, 2), _DAYS[1]: _numbers(3)})
            store.partitions.replace("numbers", {_DAYS[0]: _numbers(9)})
            assert _read(store.partitions.read("numbers", *_DAYS[:2])) == [3, 9]

    def test_an_empty_table_clears_a_day(self) -> None:
        """Cleared, it is no day any more; clearing what is empty is no error."""
        with self.store() as store:
            store.partitions.replace("numbers", {_DAYS[0]: _numbers(1), _DAYS[1]: _numbers(2)})
            store.partitions.replace("numbers", {_DAYS[0]: _numbers(), _DAYS[3]: _numbers()})
            assert store.partitions.days("numbers") == (_DAYS[1],)
            assert _read(store.partitions.read("numbers", _DAYS[0], _DAYS[3])) == [2]

    def test_files_are_taken_as_they_are(self) -> None:
        """What an engine wrote for a day, in several files; they may go once the call returns, and none clear it."""
        with self.store() as store:
            with TemporaryDirectory() as name:
                files = tuple(str(Path(name, f"[{number}].parquet")) for number in range(3))
                for file, table in zip(files, (_numbers(1, 2), _numbers(), _numbers(3)), strict=True):
                    pq.write_table(table, file)
                store.partitions.replace("numbers", {_DAYS[0]: files, _DAYS[1]: _numbers(4), _DAYS[2]: files[1:2]})
            assert store.partitions.days("numbers") == _DAYS[:2]
            assert _read(store.partitions.read("numbers", *_DAYS[:2])) == [1, 2, 3, 4]
            store.partitions.replace("numbers", {_DAYS[0]: ()})
            assert _read(store.partitions.read("numbers", *_DAYS[:2])) == [4]

    def test_kinds_do_not_meet(self) -> None:
        """The same day of two kinds is two days."""
        with self.store() as store:
            store.partitions.replace("numbers", {_DAYS[0]: _numbers(1)})
            store.partitions.replace("others", {_DAYS[0]: _numbers(2)})
            assert _read(store.partitions.read("numbers", date.min, date.max)) == [1]
            assert _read(store.partitions.read("none", date.min, date.max)) == []

    def test_an_etag_is_another_one_when_rows_are_others(self) -> None:
        """A day that holds nothing has none; the other days keep theirs."""
        with self.store() as store:
            store.partitions.replace("numbers", {day: _numbers(day.day) for day in reversed(_DAYS[:3])})
            before = store.partitions.etags("numbers")
            store.partitions.replace("numbers", {_DAYS[0]: _numbers(8), _DAYS[1]: _numbers()})
            after = store.partitions.etags("numbers")
            assert tuple(before) == _DAYS[:3]
            assert tuple(after) == (_DAYS[0], _DAYS[2])
            assert after[_DAYS[0]] != before[_DAYS[0]]
            assert after[_DAYS[2]] == before[_DAYS[2]]
            assert store.partitions.etags("others") == {}

    def test_types_survive(self) -> None:
        """Dates, doubles and texts come back as they went in."""
        cells = pa.Table.from_pylist([_CELL], schema=CELL_SCHEMA)
        with self.store() as store:
            store.partitions.replace("cells", {FIRST_DAY: cells})
            assert rows_of(store.partitions.read("cells", FIRST_DAY, FIRST_DAY)) == [_CELL]

    def test_a_kind_is_a_name(self) -> None:
        """Not a path to somewhere else."""
        with self.store() as store:
            for kind in ("../events", "", "Cells", "a/b", "a b"):
                with refuses(StoreError, repr(kind)):
                    store.partitions.replace(kind, {FIRST_DAY: _numbers(1)})


_CELL = {
    "outcome_day": FIRST_DAY,
    "persona": "budget",
    "attribute": "framing",
    "metric": "goal",
    "option": "saving",
    "cohort": FIRST_DAY - timedelta(days=3),
    "channel": "",
    "stratum": "é",
    "policy": "p1",
    "n": 10,
    "s": 3,
    "sum": 0.1 + 0.2,
    "sum_sq": 1e-300,
}


def _numbers(*numbers: int) -> pa.Table:
    return pa.table({"number": pa.array(numbers, pa.int64())})


def _read(relation: pa.Table | tuple[str, ...]) -> list[int]:
    return [row["number"] for row in rows_of(relation)]
