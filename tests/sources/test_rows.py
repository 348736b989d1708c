"""Rows of text files: what is read back is what was written, and a bad row costs only itself."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.sources.frames import open_rows
from living_personas.sources.opened_rows import Rows
from living_personas.sources.rows import Row, Unreadable
from living_personas.sources.text_lines import LONGEST_LINE

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def _flat(rows: Rows) -> list[Row | Unreadable]:
    return [row for _, chunk in rows for row in chunk]


def _fates(rows: Rows) -> list[object]:
    """Of each row its first value, or what was wrong with it."""
    return [row.detail if isinstance(row, Unreadable) else next(iter(row.values())) for row in _flat(rows)]


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=8), st.sampled_from(",;\t"), st.integers(1, 4))
def test_csv_that_was_written_by_the_book_is_read_to_the_letter(
    write: Any, values: list[tuple[str, str, str]], delimiter: str, chunk: int
) -> None:
    text = io.StringIO()
    table = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    table.writerows([("a", "b", "c"), *values])
    expected = [{"a": a or None, "b": b or None, "c": c or None} for a, b, c in values]
    assert _flat(open_rows(write("a.csv", text.getvalue()), chunk=chunk)) == expected


@law()
@given(st.lists(st.dictionaries(TEXT, st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT)), max_size=8))
def test_json_lines_are_read_to_the_letter(write: Any, values: list[Row]) -> None:
    rows = open_rows(write("a.jsonl", "\n".join(json.dumps(value, ensure_ascii=False) for value in values)))
    assert _flat(rows) == values
    assert set(rows.columns) == {key for value in values for key in value}


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (b"u1,2", "it has 2 fields where the header has 3"),
        (b"u1,2,3,4", "it has 4 fields where the header has 3"),
        (b'u1,"a"b,3', "it is not CSV: ',' expected after '\"'"),
        (b'u1,"open,3', "it "),
        (b"u1,\xff,3", "byte 4 of the line is not UTF-8"),
        (b"u1,\0,3", "the line holds a NUL character"),
        (b"u1,a\rb,3", "it is not CSV: new-line character seen in unquoted field"),
    ],
)
def test_a_broken_line_of_csv_never_takes_its_neighbours(write: Any, line: bytes, detail: str) -> None:
    good = b"a,b,c\nfirst,2,3\n"
    for after in (b"last,2,3\n", b'last,"2",3\n', b'last,"two\nlines",3\n'):
        fates = _fates(open_rows(write("a.csv", good + line + b"\n" + after)))
        assert (fates[0], fates[-1], len(fates)) == ("first", "last", 3)
        assert str(fates[1]).startswith(detail)


@pytest.mark.parametrize(
    ("item", "detail"),
    [
        (b'{"a": "\xff"}', "byte 8 of the line is not UTF-8"),
        (b'{"a": 2026-01-01}', "it is no JSON object: Expecting"),
        (b'{"a": "C:\\dir"}', "it is no JSON object: Invalid"),
        (b'{"a": "x}', "the file ends within it: it was cut off, or a quote or bracket is missing"),
        (b'{"a": "' + b"x\\\\" * 400_000 + b'"}', "the line is longer than"),
        (b'{"a": "' + b'x\\"' * 2_000_000 + b'"}', "the line is longer than"),
    ],
)
@pytest.mark.parametrize("form", [b'[{"a": 1}, %s, {"a": 3}]', b'{"rows": [{"a": 1}, %s, {"a": 3}], "next": null}'])
def test_an_item_of_json_that_is_wrong_costs_only_itself(write: Any, form: bytes, item: bytes, detail: str) -> None:
    opened = open_rows(write("a.json", form % item))
    rows, in_columns = _flat(opened), [row for block in opened.blocks() for row in block.take(range(block.size))]
    said = [row.detail if isinstance(row, Unreadable) else row["a"] for row in rows]
    assert said[0] == 1
    assert str(said[1]).startswith(detail)
    assert said[2:] == ([] if "ends within" in detail else [3])
    assert in_columns == rows


@pytest.mark.parametrize(
    ("last", "cut"),
    [(b"u1,2", True), (b'u1,"open', True), (b'u1,"open\nand on', True), (b"u1,2\n", False), (b"u1,2,3", False)],
)
def test_a_file_that_ends_within_a_row_may_be_cut_off(write: Any, last: bytes, *, cut: bool) -> None:
    rows = _flat(open_rows(write("a.csv", b"a,b,c\n1,2,3\n" + last)))
    said = [row.detail for row in rows if isinstance(row, Unreadable)]
    assert any("it may have been cut off" in detail for detail in said) == cut


def test_an_unreadable_row_keeps_its_text_and_its_number(write: Any) -> None:
    path = write("a.csv", b"a,b\n1,2\n\n3\n4,\xff\n5,6\n")
    ((first, rows),) = open_rows(path)
    assert first == 1
    assert [row.raw if isinstance(row, Unreadable) else row["a"] for row in rows] == ["1", "3\n", "4,\\xff\n", "5"]


def test_a_field_may_span_lines_but_not_a_file(write: Any) -> None:
    long = "x" * 1000
    path = write(
        "a.csv", 'a,b\nu1,"two\nlines"\nu2,"never closed\n' + "".join(f"u{place},{long}\n" for place in range(500))
    )
    fates = _fates(open_rows(path))
    assert fates[0] == "u1"
    assert "not CSV" in str(fates[1])
    assert fates[2:] == [f"u{place}" for place in range(500)]


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (b"{", "it is no JSON object"),
        (b"[1]", "but not an object"),
        (b"1", "but not an object"),
        (b'{"a": 1, "a": 2}', "key 'a' twice"),
        (b'{"a": ' + b"[" * 32 + b"]" * 32 + b"}", "deeper than 32"),
        (b'{"a": ' + b"[" * 100_000, "deeper than 32"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "it is no JSON object"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\0"}', "NUL"),
    ],
)
def test_a_broken_line_of_json_never_takes_its_neighbours(write: Any, line: bytes, detail: str) -> None:
    fates = _fates(open_rows(write("a.jsonl", b'{"a": "first"}\n' + line + b'\n{"a": "last"}')))
    assert (fates[0], fates[2]) == ("first", "last")
    assert detail in str(fates[1])


def test_json_may_be_nested_as_deep_as_the_limit(write: Any) -> None:
    line = '{"a": ' + "[" * 31 + "1" + "]" * 31 + "}"
    ((_, (row,)),) = open_rows(write("a.jsonl", line))
    assert row == json.loads(line)


def test_a_line_longer_than_any_row_is_skipped_in_bounded_memory(write: Any) -> None:
    path = write("a.csv", b"a,b\n1,2\n" + b"x" * (20 * LONGEST_LINE) + b",1\n3,4\n")
    tracemalloc.start()
    ((_, rows),) = open_rows(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.reason if isinstance(row, Unreadable) else row["a"] for row in rows] == ["1", "too large", "3"]
    assert peak < 8 * LONGEST_LINE


@pytest.mark.long
def test_a_file_four_times_as_long_takes_no_more_memory(write: Any) -> None:
    peaks = []
    for rows in (10_000, 40_000):
        path: Path = write("a.csv", "id,note\n" + "".join(f"{number},{'x' * 90}\n" for number in range(rows)))
        peaks.append(_peak(path, rows=rows))
    assert peaks[1] < 1.2 * peaks[0]


def _peak(path: Path, *, rows: int) -> int:
    """Bytes that are held at most while a file is read in chunks of 500."""
    tracemalloc.start()
    last = 0
    for first, found in open_rows(path, chunk=500):
        assert first == last + 1
        assert len(found) <= 500
        last = first + len(found) - 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert last == rows
    return peak


def test_a_stream_is_never_read_ahead() -> None:
    schema, made = pa.schema([("a", pa.int64())]), 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal made
        for start in range(0, 200_000, 2_000):
            made += 1
            yield pa.record_batch([list(range(start, start + 2_000))], schema=schema)

    stream = pa.RecordBatchReader.from_batches(schema, batches())
    for place, (first, rows) in enumerate(open_rows(stream, chunk=1_000)):
        assert (first, len(rows)) == (place * 1_000 + 1, 1_000)
        assert made == place // 2 + 1
    assert made == 100


def test_a_json_column_that_comes_late_is_found_all_the_same(write: Any) -> None:
    path = write("a.jsonl", '{"a": 1}\n' * 5 + '{"b": 2}\n')
    rows = open_rows(path, chunk=2)
    assert rows.columns == ("a",)
    assert rows.missing(["a", "b", "c"]) == {"c"}
    assert open_rows(write("none.jsonl", "")).missing(["a"]) == frozenset()


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (['1\t"Big" sale\tx'], [("1", '"Big" sale', "x")]),
        (['1\ta\t"x', '2\tb\ty"', "3\tc\tz"], [("1", "a", '"x'), ("2", "b", 'y"'), ("3", "c", "z")]),
        (['1\t"a\tx', "2\tb\ty"], [("1", '"a', "x"), ("2", "b", "y")]),
        (['1\t"a ""b"""\tx', '2\tb\t"one\ntwo"'], [("1", 'a "b"', "x"), ("2", "b", "one\ntwo")]),
        (['1\t"a\tb"\tx'], [("1", "a\tb", "x")]),
        (['1\t5" pipe\tx'], [("1", '5" pipe', "x")]),
    ],
)
def test_quotes_between_tabs_are_letters_where_they_quote_nothing(
    write: Any, lines: list[str], found: list[tuple[str, ...]]
) -> None:
    rows = [row for _, some in open_rows(write("a.tsv", "\n".join(["id\tsaid\tkind", *lines, ""]))) for row in some]
    assert [tuple(row.values()) if isinstance(row, dict) else row for row in rows] == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (r'"1","a \"b\"","x"', ("1", 'a "b"', "x")),
        (r'"1","5\"","x\\y"', ("1", '5"', "x\\y")),
        (r'1,"\"a, b\"",x', ("1", '"a, b"', "x")),
        ('"1","a \\"b\\"\n and c","x"', ("1", 'a "b"\n and c', "x")),
        (r'"1","C:\dir\","x"', ("1", "C:\\dir\\", "x")),
        (r'"1","a ""b"" \ c","x"', ("1", 'a "b" \\ c', "x")),
    ],
)
def test_quotes_behind_a_backslash_are_letters_where_the_row_is_none_otherwise(
    write: Any, line: str, found: tuple[str, ...]
) -> None:
    text = "\n".join(["id,said,kind", "0,before,x", line, "2,after,x", ""])
    for chunk in (1, 10):
        opened = open_rows(write("a.csv", text), chunk=chunk)
        by_rows, in_columns = _flat(opened), [row for block in opened.blocks() for row in block.take(range(block.size))]
        assert by_rows == in_columns
        assert [tuple(row.values()) for row in by_rows if isinstance(row, dict)] == [
            ("0", "before", "x"), found, ("2", "after", "x"),
        ]  # fmt: skip


def test_a_quote_behind_a_backslash_that_is_no_row_either_way_costs_one_row(write: Any) -> None:
    fates = _fates(open_rows(write("a.csv", 'id,said\n0,x\n1,"a \\"b\n2,x\n')))
    assert (fates[0], fates[2]) == ("0", "2")
    assert str(fates[1]).startswith("it is not CSV")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (r'"1","a \"b\"","x\\y"', ("1", 'a "b"', "x\\y")),
        (r'"1","C:\\dir\\","x"', ("1", "C:\\dir\\", "x")),
        (r"1,C:\\dir\\,\N", ("1", "C:\\dir\\", "\\N")),
        (r"\N,say \"hi\"\, you,x", ("\\N", 'say "hi", you', "x")),
        ('1,"a \\\n b",x', ("1", "a \n b", "x")),
        ("1,a,x", ("1", "a", "x")),
    ],
)
def test_a_declared_escape_is_read_in_every_row(write: Any, line: str, found: tuple[str, ...]) -> None:
    text = "\n".join(["id,said,kind", r'0,"\\",x', line, r"2,after\\,x", ""])
    for chunk in (1, 10):
        opened = open_rows(write("a.csv", text), chunk=chunk, escape="\\")
        by_rows, in_columns = _flat(opened), [row for block in opened.blocks() for row in block.take(range(block.size))]
        assert by_rows == in_columns
        assert [tuple(row.values()) for row in by_rows if isinstance(row, dict)] == [
            ("0", "\\", "x"), found, ("2", "after\\", "x"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "shown"), [(r'1,"a \"b\"",x', True), (r'1,"C:\dir\",x', False), (r"1,a\\b,x", False), ("1,a,x", False)]
)
def test_an_escape_is_shown_by_a_row_that_is_none_otherwise(write: Any, line: str, shown: object) -> None:
    opened = open_rows(write("a.csv", f"id,said,kind\n0,b,x\n{line}\n2,c,x\n"))
    assert opened.escaped
    assert opened.escaped(10) is shown
    assert not opened.escaped(1)
