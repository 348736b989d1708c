"""Columns in the names of folders: read as the file's own are, by rows and in columns."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from living_personas.domain.settings import Source, SourceTime
from living_personas.sources.frames import open_rows
from living_personas.sources.rows import Row, Unreadable
from sources.conftest import Load

SOURCE = Source(name="lake", customer="who", time=SourceTime(column="day"), fixed_event="Bought", properties=("*",))


def _written(folder: Path, kind: str, rows: list[Row]) -> Path:
    folder.mkdir(parents=True)
    file = folder / f"part-0.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), file)
    elif kind == "jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
        file.write_text("\n".join(lines) + "\n")
    return file


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_the_folders_of_a_file_hold_columns(kind: str, tmp_path: Path, load: Load) -> None:
    folder = tmp_path / "a=b/lake/day=2026-05-01/shop=S%C3%BCd/empty=__HIVE_DEFAULT_PARTITION__"
    file = _written(folder, kind, [{"who": "ann", "shop": "own"}, {"who": "bob", "shop": "own"}])
    rows = open_rows(file, chunk=1)
    assert rows.columns == ("who", "shop", "day", "empty")
    found = [row for _, chunk in rows for row in chunk]
    assert found == [{"who": name, "shop": "own", "day": "2026-05-01", "empty": None} for name in ("ann", "bob")]
    assert [row for block in rows.blocks() for row in block.take(range(block.size))] == found
    events = load(file, SOURCE).events
    assert [(event.customer, str(event.time.date())) for event in events] == [
        ("ann", "2026-05-01"),
        ("bob", "2026-05-01"),
    ]
    assert [event.properties for event in events] == [{"shop": "own"}, {"shop": "own"}]


def test_what_cannot_be_read_stays_so(tmp_path: Path) -> None:
    folder = tmp_path / "day=2026-05-01"
    file = _written(folder, "csv", [{"who": "ann", "n": 1}])
    file.write_text(file.read_text() + "bob\n")
    ((_, (row, bad)),) = open_rows(file)
    assert row == {"who": "ann", "n": "1", "day": "2026-05-01"}
    assert isinstance(bad, Unreadable)
