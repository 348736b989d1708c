"""A file that somebody is writing: a last line without an end waits, whatever can be read of it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gzipped import gzipped_bytes
from living_personas.domain.settings import Source, SourceTime
from living_personas.sources.frames import open_rows
from living_personas.sources.read import read

ORDERS = Source(
    name="shop", customer="who", time=SourceTime(column="at"), event="what", message_id="id", properties=("total",)
)
HEADER = "id,who,at,what,total\n"
WHOLE = "1,ann,2026-03-01T10:00:00Z,Bought,12.50\n"
CUT = "2,bob,2026-03-01T10:00:00Z,Bought,1"
WRITTEN = datetime(2026, 3, 2, tzinfo=UTC)


def taken(path: Path, *, later: timedelta, row_by_row: bool = False) -> tuple[int, list[str]]:
    os.utime(path, (WRITTEN.timestamp(),) * 2)
    rows = open_rows(path, now=WRITTEN + later)
    loaded = list(read(rows, ORDERS, zone=ZoneInfo("UTC"), row_by_row=row_by_row))
    return sum(len(each.batch) for each in loaded), [bad.reason for each in loaded for bad in each.quarantined]


@pytest.mark.parametrize("row_by_row", [True, False])
@pytest.mark.parametrize(
    ("text", "later", "expected"),
    [
        (HEADER + WHOLE + CUT, 1, (1, ["unreadable row"])),
        (HEADER + WHOLE + CUT + "9", 1, (1, ["unreadable row"])),
        (HEADER + WHOLE + CUT + '9,"', 1, (1, ["unreadable row"])),
        (HEADER + WHOLE + CUT + "9\r\n", 1, (2, [])),
        (HEADER + WHOLE + CUT, 3600, (2, [])),
        (HEADER + CUT, 1, (0, ["unreadable row"])),
    ],
)
def test_a_last_line_without_an_end_waits_while_the_file_may_grow(
    tmp_path: Path, text: str, later: int, expected: tuple[int, list[str]], *, row_by_row: bool
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(text, newline="")
    assert taken(path, later=timedelta(seconds=later), row_by_row=row_by_row) == expected


def test_what_is_packed_is_whole_and_an_object_ends_where_it_ends(tmp_path: Path) -> None:
    packed, lines = tmp_path / "orders.csv.gz", tmp_path / "orders.jsonl"
    packed.write_bytes(gzipped_bytes((HEADER + CUT).encode()))
    lines.write_text('{"id": "1", "who": "ann", "at": "2026-03-01T10:00:00Z", "what": "Bought", "total": 1}')
    assert taken(packed, later=timedelta(0)) == taken(lines, later=timedelta(0)) == (1, [])
    lines.write_text(lines.read_text()[:-1])
    assert taken(lines, later=timedelta(0)) == (0, ["unreadable row"])
