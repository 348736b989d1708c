"""The same rows are the same events, whatever they come in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gzipped import gzipped_bytes, zstd_bytes
from living_personas.domain.settings import Source
from living_personas.errors import IngestError
from living_personas.sources.frames import open_rows
from living_personas.sources.rows import Unreadable

pd: Any = pytest.importorskip("pandas")  # it comes without types

ROWS: list[dict[str, Any]] = [
    {"id": "m1", "user": "u1", "anon": "a1", "at": "2026-03-01T10:00:00", "event": "Order Completed", "via": "web",
     "plan": "basic", "amount": 29.9, "sku": "00417"},
    {"id": "m2", "user": "u2", "anon": None, "at": "2026-03-01T10:00:00+02:00", "event": "Page Viewed", "via": "email",
     "plan": None, "amount": None, "sku": 'a "quoted", one'},
    {"id": "m3", "user": None, "anon": "a7", "at": "2026-03-02", "event": "Grüße\nzwei", "via": None,
     "plan": "pro", "amount": -1.5, "sku": None},
]  # fmt: skip


def _csv() -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, fieldnames=list(ROWS[0]))
    table.writeheader()
    table.writerows(ROWS)
    return text.getvalue()


def _json_lines() -> str:
    return "\n".join(json.dumps(row) for row in ROWS)


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), sink)
    return sink.getvalue()


def _batch() -> object:
    """Something that speaks only the array half of the capsule protocol."""
    batch = pa.RecordBatch.from_pylist(ROWS)

    class OnlyArray:
        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            return batch.__arrow_c_array__(requested_schema)

    return OnlyArray()


def _arrow(compression: str | None, *, new: Any = pa.ipc.new_file) -> bytes:
    sink, table = io.BytesIO(), pa.Table.from_pylist(ROWS)
    with new(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table, max_chunksize=2)
    return sink.getvalue()


FILES: dict[str, Callable[[], str | bytes]] = {
    "rows.csv": _csv,
    "rows.CSV": _csv,
    "bom.csv": lambda: "\ufeff" + _csv(),
    "windows.csv": lambda: _csv().replace("\r\n", "\n"),
    "semicolons.csv": lambda: (
        _csv().replace('a ""quoted"", one', 'a ""quoted""; one').replace(",", ";").replace('""; one', '"", one')
    ),
    "rows.csv.gz": lambda: gzipped_bytes(_csv().encode()),
    "rows.jsonl": _json_lines,
    "rows.ndjson": lambda: _json_lines() + "\n\n",
    "rows.jsonl.gz": lambda: gzipped_bytes(_json_lines().encode()),
    "rows.parquet": _parquet,
    "packed.csv": lambda: gzipped_bytes(_csv().encode()),
    "packed.zst": lambda: zstd_bytes(_csv().encode()),
    "wide.csv": lambda: _csv().encode("utf-16"),
    "wide.txt": lambda: gzipped_bytes(("\ufeff" + _csv()).encode("utf-16-be")),
    "bars": lambda: _csv().replace(",", "|").replace('""| one', '"", one'),
    "blanks.csv": lambda: _csv().replace(",", " , ", 3),
    "lines.json": _json_lines,
    "array.json": lambda: json.dumps(ROWS, indent=1),
    "array.jsonl": lambda: " " + json.dumps(ROWS),
    "parquet.bin": _parquet,
    "rows.feather": lambda: _arrow("lz4"),
    "rows.arrows": lambda: _arrow(None, new=pa.ipc.new_stream),
}
FRAMES: dict[str, Callable[[], object]] = {
    "pandas": lambda: pd.DataFrame(ROWS),
    "polars": lambda: pl.DataFrame(ROWS),
    "pyarrow": lambda: pa.Table.from_pylist(ROWS),
    "batch": _batch,
    "stream": lambda: pa.RecordBatchReader.from_batches(
        pa.Table.from_pylist(ROWS).schema, pa.Table.from_pylist(ROWS).to_batches()
    ),
    "duckdb": lambda: duckdb.from_arrow(pa.Table.from_pylist(ROWS)),
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_gives_the_same_events(name: str, load: Any, write: Any, log: Source) -> None:
    assert load(write(name, FILES[name]()), log) == load(pa.Table.from_pylist(ROWS), log)


@pytest.mark.parametrize("name", FRAMES)
def test_every_kind_of_frame_gives_the_same_events(name: str, load: Any, write: Any, log: Source) -> None:
    loaded = load(FRAMES[name](), log)
    assert loaded == load(write("rows.csv", _csv()), log)
    assert [event.message_id for event in loaded.events] == [
        "shop:m1:traits", "shop:m1", "shop:m2", "shop:m3:traits", "shop:m3",
    ]  # fmt: skip
    assert loaded.events[0].time == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert loaded.events[1].properties == {"amount": 29.9, "sku": "00417"}


def test_rows_know_their_name_and_their_number_where_that_is_cheap(write: Any) -> None:
    names = {name: open_rows(write(name, content())) for name, content in FILES.items()}
    assert all(rows.name == name for name, rows in names.items())
    assert {name for name, rows in names.items() if rows.total == len(ROWS)} == {"rows.parquet", "parquet.bin"}
    totals = {name: open_rows(frame()).total for name, frame in FRAMES.items()}
    assert totals == {"pandas": 3, "polars": 3, "pyarrow": 3, "batch": None, "stream": None, "duckdb": None}
    assert open_rows(FRAMES["pandas"]()).name == "frame"


def test_chunks_are_numbered_and_never_larger_than_asked(write: Any) -> None:
    sources = [*(write(name, content()) for name, content in FILES.items()), *(frame() for frame in FRAMES.values())]
    for data in sources:
        chunks = list(open_rows(data, chunk=2))
        assert [(first, len(rows)) for first, rows in chunks] == [(1, 2), (3, 1)]


def test_frames_keep_their_types(load: Any, log: Source) -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 2, 3],
            "user": [7.0, 8.0, None],
            "anon": ["a", "b", "c"],
            "at": pd.to_datetime(["2026-03-01 10:00", "2026-03-02 10:00", None]),
            "event": pd.Categorical(["Visited", "Visited", "Left"]),
            "via": ["web", "web", "web"],
            "plan": [True, None, False],
            "amount": [Decimal("10.50"), Decimal(20), None],
            "sku": [date(2026, 1, 2), None, None],
        }
    )
    loaded = load(frame, log)
    assert [(event.message_id, event.customer, event.time.hour) for event in loaded.events] == [
        ("shop:1:traits", "7", 9), ("shop:1", "7", 9), ("shop:2", "8", 9),
    ]  # fmt: skip
    assert loaded.events[0].properties == {"plan": True}
    assert loaded.events[1].properties == {"amount": 10.5, "sku": "2026-01-02"}
    assert [(row.row, row.reason) for row in loaded.quarantined] == [(3, "missing time")]


def test_what_no_row_can_hold_costs_only_its_row(load: Any, log: Source) -> None:
    bad = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0"), pa.py_buffer(b"u1\xff\xfe")]
    )
    row = {
        "id": "m",
        "anon": None,
        "at": "2026-01-01",
        "event": "E",
        "via": None,
        "plan": None,
        "amount": 1,
        "sku": "x",
    }
    table = pa.Table.from_pylist([row, row]).append_column("user", bad)
    loaded = load(table, log)
    assert [event.customer for event in loaded.events] == ["u1"]
    assert [(held.row, held.reason) for held in loaded.quarantined] == [(2, "unreadable row")]
    assert "'user'" in loaded.quarantined[0].detail


def test_a_time_that_no_calendar_has_is_a_text_as_databases_write_it(load: Any, log: Source) -> None:
    most, days = (1 << 63) - 1, (1 << 31) - 1
    row = {"id": "m", "user": "u1", "anon": None, "at": "2026-01-01", "event": "E", "via": None, "plan": None}
    until = pa.array([most, -most, 884_541_600_000_000_000], pa.int64())
    rows = pa.Table.from_pylist([{**row, "id": f"m{place}"} for place in range(3)])
    for kind in (pa.timestamp("us"), pa.timestamp("us", tz="UTC")):
        loaded = load(rows.append_column("amount", until.view(kind)).append_column("sku", pa.nulls(3)), log)
        assert [event.properties["amount"] for event in loaded.events] == [
            "infinity",
            "-infinity",
            "30000-01-04T00:00:00.000000" + ("Z" if kind.tz else ""),
        ]
    endless = pa.array([days, -days, 5], pa.int32()).view(pa.date32())
    loaded = load(rows.append_column("amount", endless).append_column("sku", pa.nulls(3)), log)
    assert [event.properties["amount"] for event in loaded.events] == ["infinity", "-infinity", "1970-01-06"]
    never = rows.drop_columns(["at"]).append_column("at", until.view(pa.timestamp("us")))
    loaded = load(never.append_column("amount", pa.nulls(3)).append_column("sku", pa.nulls(3)), log)
    assert [(held.row, held.reason) for held in loaded.quarantined] == [(n, "bad time") for n in (1, 2, 3)]


def test_the_items_of_an_array_are_read_one_by_one(write: Any) -> None:
    items = [{"id": "a", "said": "x" * 300_000}, {"id": "b"}, 3, [], {"id": "c", "d": {"e": []}}]
    path = write("a.json", json.dumps(items))
    assert [row if isinstance(row, dict) else None for _, rows in open_rows(path) for row in rows] == [
        items[0], items[1], None, None, items[4],
    ]  # fmt: skip
    broken = write("b.json", '[{"id": "a"}, {"id": oops}, {"id": "c"}]')
    ((_, (first, bad, last)),) = open_rows(broken)
    assert isinstance(bad, Unreadable)
    assert (first, bad.raw.strip(), last) == ({"id": "a"}, '{"id": oops}', {"id": "c"})
    ((_, (_, rest)),) = open_rows(write("c.json", '[{"id": "a"}, oops, {"id": "c"}]'))
    assert isinstance(rest, Unreadable)
    assert rest.detail == "it is no JSON array of objects from here on: none of it is read"


def test_what_stands_beside_the_rows_of_a_page_is_named(write: Any) -> None:
    later = json.dumps({"data": [{"id": "b"}], "orders": [{"id": "c"}], "size": 2, "meta": {"n": 1}})
    ((_, (first, second, rest)),) = open_rows(write("a.json", '{"data": [{"id": "a"}]}\n' + later))
    assert (first, second) == ({"id": "a"}, {"id": "b"})
    assert isinstance(rest, Unreadable)
    assert "'orders'" in rest.detail


def test_a_row_of_objects_is_a_row(write: Any) -> None:
    for text in ('{"user": {"id": 1}, "order": {"id": 2, "sum": 3}}', '{"a": {"x": 1}, "b": {"x": 2}}\n' * 2):
        ((_, rows),) = open_rows(write("a.jsonl", text))
        assert rows == [json.loads(line) for line in text.splitlines()]


class Whole:
    """Files that cannot be read at all, and what the error says."""

    def __init__(self, name: str, content: bytes, message: str, hint: str) -> None:
        self.name, self.content, self.message, self.hint = name, content, message, hint


@pytest.mark.parametrize(
    "whole",
    [
        Whole("a.tar", b"rows.csv".ljust(257, b"\0") + b"ustar\0", "is an archive of files", "unpack it"),
        Whole("a.xlsx", b"PK", "is a spreadsheet", "as CSV"),
        Whole("a.orc", b"ORC\x0a\x0b", "is ORC", "Parquet"),
        Whole("a.avro", b"Obj\x01\x04\x14avro.codec", "is Avro", "Parquet"),
        Whole("a.xls", b"<html><table>", "is HTML or XML", "CSV"),
        Whole("a.feather", _arrow(None)[:40], "cannot be read as Arrow", "again"),
        Whole("a.csv", b"PK", "is a spreadsheet", "as CSV"),
        Whole("a", b"", "has no header", "first line"),
        Whole("a.parquet.gz", b"", "has no header", "first line"),
        Whole("a.csv.gz", b"a,b\n1,2\n", "is not sound gzip", "again"),
        Whole("a.csv.gz", gzipped_bytes(b"a,b\n" * 999)[:30], "cut off", "again"),
        Whole("a.jsonl.gz", gzipped_bytes(b"{}\n" * 9)[:-6] + b"\0\0\0\0\0\0", "is not sound gzip", "again"),
        Whole("a.csv", b"", "has no header", "first line"),
        Whole("a.csv", b"\n", "has no header", "first line"),
        Whole("a.csv", b"a,\xff\n", "no readable header", "UTF-8"),
        Whole("a.csv", b'a,"b\n', "no readable header", "first line"),
        Whole("a.csv", b"a,b,a\n", "names the column 'a' twice", "rename"),
        Whole("a.json", b'{"u1": {"at": 1, "n": 2}, "u2": {"at": 2, "n": 3}}', "by name, 'u1' and so on", "to_entries"),
        Whole(
            "a.json", b'{\n"a": {"0": "u1", "1": "u2"},\n"b": {"0": 1, "1": 2}\n}', "columns, 'a'", "orient='records'"
        ),
        Whole("a.parquet", b"PAR1 no footer", "not readable Parquet", "again"),
        Whole("a.parquet", _parquet()[:-9], "not readable Parquet", "again"),
    ],
    ids=lambda whole: f"{whole.name}-{whole.message}",
)
def test_a_file_that_cannot_be_read_says_why(whole: Whole, write: Any) -> None:
    path = write(whole.name, whole.content)
    with pytest.raises(IngestError, match=whole.message) as caught:
        list(open_rows(path))
    assert whole.hint in caught.value.hint
    assert caught.value.where is not None
    assert caught.value.where.file == str(path)


def test_a_missing_file_shows_what_there_is(write: Any) -> None:
    there = write("orders.csv", "a\n")
    with pytest.raises(IngestError, match="There is no file") as caught:
        open_rows(there.with_name("order.csv"))
    assert "orders.csv" in caught.value.hint
    with pytest.raises(IngestError, match="There is no file"):
        open_rows(Path("/no/such/folder/a.csv"))


def test_a_folder_says_what_names_the_files_in_it(write: Any) -> None:
    folder = write("a.csv", "a\n").parent / "orders"
    pq.write_to_dataset(pa.Table.from_pylist(ROWS), folder, partition_cols=["user"])
    with pytest.raises(IngestError, match="is a folder") as caught:
        open_rows(folder)
    assert str(folder / "*" / "*.parquet") in caught.value.hint


@pytest.mark.parametrize("data", [pl.LazyFrame({"a": [1]}), 7, b"rows.csv", [{"a": 1}]])
def test_what_is_no_frame_is_refused_with_a_way_out(data: object) -> None:
    with pytest.raises(IngestError, match="cannot be read as rows") as caught:
        open_rows(data)
    assert ".collect()" in caught.value.hint


def test_a_frame_that_fails_is_an_ingest_error() -> None:
    with pytest.raises(IngestError, match="cannot be read as Arrow"):
        open_rows(pd.DataFrame({"a": [1, "x", b"y"]}))
    with pytest.raises(IngestError, match="cannot be read as Arrow"):
        list(open_rows(duckdb.sql("select error('boom') as a from range(3)")))
    with pytest.raises(IngestError, match="two columns"):
        open_rows(pa.table([[1], [2]], names=["a", "a"]))


@pytest.mark.parametrize("indent", [None, 1])
def test_objects_of_an_array_are_read_in_columns(write: Any, indent: int | None) -> None:
    rows = [{"id": f"m{n}", "user": "u1", "at": n, "amount": n / 4} for n in range(99)]
    for said in (rows, {"took": 1, "hits": {"total": 99, "hits": rows}}):
        opened = open_rows(write("a.json", json.dumps(said, indent=indent)), chunk=40)
        blocks = list(opened.blocks())
        assert [(block.first, block.size) for block in blocks] == [(1, 40), (41, 40), (81, 19)]
        assert all(block.columns and list(block.columns) == ["id", "user", "at", "amount"] for block in blocks)
        assert [row for block in blocks for row in block.take(range(block.size))] == rows
        (some, *_) = opened.blocks_with(frozenset({"at"}))
        assert list(some.columns or ()) == ["at"]
