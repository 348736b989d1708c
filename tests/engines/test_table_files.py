"""A list in CSV runs nothing in a spreadsheet, whatever a customer is called, and loses nothing."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.engines.table_files import csv_text, defused, write_pieces, write_table

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =cmd|' /C calc'!A0",
    "\u00a0=1",
    "\u200b=1",
    "\uff1d1",
    "\ufeff@a",
]


@pytest.mark.promise("P27")
@pytest.mark.parametrize("text", HOSTILE)
def test_formulas_are_defused(text: str) -> None:
    assert spelled(text) == f"'{text}"


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_table_in_pieces_is_the_same_file(kind: str, tmp_path: Path) -> None:
    """Also one that has no rows, whose columns are known."""
    moments = pa.array([datetime(2026, 5, 4, tzinfo=UTC)] * 5, pa.timestamp("us", tz="UTC"))
    table = pa.table({"=who": ["=1", "b,c", None, '"', "é"], "n": [1.5, 2.0, None, 4.0, 5.0], "at": moments})
    for rows in (table, table.slice(0, 0)):
        one, other = tmp_path / f"one.{kind}", tmp_path / f"other.{kind}"
        write_table(rows, one, reader="spreadsheet")
        pieces = [rows.slice(start, 2) for start in range(0, max(rows.num_rows, 1), 2)]
        write_pieces(iter(pieces), other, reader="spreadsheet")
        if kind == "parquet":
            assert pq.read_table(other) == pq.read_table(one) == rows
        else:
            assert other.read_bytes() == one.read_bytes()


def spelled(text: str) -> str:
    """As a spreadsheet finds a text."""
    return str(defused(pa.chunked_array([[text]]))[0])


def test_another_tool_finds_ids_as_they_are() -> None:
    table = pa.table({"customer": HOSTILE})
    assert [cells[0] for cells in csv.reader(io.StringIO(csv_text([table]), newline=""))][1:] == HOSTILE


@given(
    st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.integers(-9, 9)), min_size=1)
)
def test_every_cell_comes_back(rows: list[tuple[str, int]]) -> None:
    table = pa.table({"customer": [text for text, _ in rows], "n": [number for _, number in rows]})
    read = list(csv.reader(io.StringIO(csv_text([table], reader="spreadsheet"), newline="")))
    assert read[0] == ["customer", "n"]
    assert [cells[0] for cells in read[1:]] == [spelled(text) for text, _ in rows]
    assert [int(cells[1]) for cells in read[1:]] == [number for _, number in rows]
    for text, _ in rows:
        assert spelled(text).lstrip()[:1] not in ("=", "+", "@")
