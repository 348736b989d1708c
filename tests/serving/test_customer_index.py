"""What is found in memory is what the table says, for every id."""

from __future__ import annotations

import stat
import tracemalloc
from math import nan
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import process_time
from timeit import repeat

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.serving import mapped_arrays
from living_personas.serving.customer_index import CustomerIndex

ROW = st.fixed_dictionaries(
    {
        "orders": st.none() | st.floats(allow_nan=False),
        "plan": st.none() | st.sampled_from(["free", "pro", ""]),
        "mobile": st.none() | st.booleans(),
        "moments": st.none() | st.lists(st.integers(0, 3), max_size=3),
    }
)
SCHEMA = pa.schema(
    {
        "orders": pa.float64(),
        "plan": pa.string(),
        "id": pa.string(),
        "mobile": pa.bool_(),
        "moments": pa.list_(pa.int64()),
    }
)


@law()
@given(
    rows=st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), ROW, max_size=30), cut=st.integers(0, 30)
)
def test_what_is_found_is_what_the_table_says(rows: dict[str, dict[str, object]], cut: int) -> None:
    table = pa.Table.from_pylist([{"id": id_, **row} for id_, row in rows.items()], schema=SCHEMA)
    cut_table = pa.concat_tables([table[:cut], table[cut:]])
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(mapped_arrays, "SMALL", 0)  # as if every column were large
        for index in (CustomerIndex(cut_table, by="id"), CustomerIndex(cut_table, by="id", folder=Path(folder))):
            assert len(index) == len(rows)
            for id_, row in rows.items():
                assert index.of(id_) == row
            assert index.of("nobody at all") is None


COUNT = 300_000
LARGE = {"customer": [f"customer-{n}" for n in range(COUNT)], "orders": [float(n % 7) for n in range(COUNT)]}


def taken(table: pa.Table, folder: Path | None) -> int:
    """The bytes of memory that an index takes."""
    tracemalloc.start()
    before = pa.total_allocated_bytes()
    index = CustomerIndex(table, folder=folder)
    found = int(pa.total_allocated_bytes() - before + tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert index.of(f"customer-{COUNT - 1}") == {"orders": float((COUNT - 1) % 7)}
    return found


def test_with_a_folder_customers_take_no_memory_and_leave_no_file(tmp_path: Path) -> None:
    table, folder = pa.table(LARGE), tmp_path / "scratch"
    assert taken(table, None) > 20 * COUNT
    assert taken(table, folder) < COUNT
    assert list(folder.iterdir()) == []
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_where_no_file_can_be_written_customers_are_in_memory(tmp_path: Path) -> None:
    (tmp_path / "scratch").write_text("no folder")
    assert taken(pa.table(LARGE), tmp_path / "scratch") > 20 * COUNT


def test_a_number_that_is_none_is_unknown() -> None:
    index = CustomerIndex(pa.table({"customer": ["u1"], "orders": [nan]}))
    assert index.of("u1") == {"orders": None}


def test_of_two_rows_the_first_is_found() -> None:
    index = CustomerIndex(pa.table({"customer": ["u2", "u1", "u1"], "orders": [1.0, 2.0, 3.0]}))
    assert index.of("u1") == {"orders": 2.0}


def test_other_threads_have_their_turn_while_it_is_made() -> None:
    """Requests wait for 50 ms of the processor at most: a million ids as Python objects at once would take 100."""
    count = 1_000_000
    table = pa.table(
        {"customer": pc.cast(pa.array(range(count)), pa.string()), "orders": pa.nulls(count, pa.float64())}
    )
    waits, made = [0.0], Event()

    def ask() -> None:
        before = process_time()
        while not made.wait(0.001):
            waits.append(process_time() - before)
            before = process_time()

    asking = Thread(target=ask)
    asking.start()
    assert len(CustomerIndex(table)) == count
    made.set()
    asking.join()
    assert max(waits) < 0.05


@pytest.mark.slow
def test_a_million_customers_are_found_in_microseconds() -> None:
    count = 1_000_000
    columns = {"customer": [f"customer-{n}" for n in range(count)], "orders": [float(n % 7) for n in range(count)]}
    index = CustomerIndex(pa.table(columns))
    assert index.of("customer-999999") == {"orders": float(999_999 % 7)}
    assert min(repeat(lambda: index.of("customer-123456"), number=1_000, repeat=5)) / 1_000 < 50e-6
