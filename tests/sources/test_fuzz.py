"""Any bytes at all: every row has a fate, and nothing but an IngestError comes out."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gzipped import gzipped_bytes
from laws import law
from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.event import Quarantined
from living_personas.domain.settings import OutcomeColumn, Source, SourceExposure, SourceTime
from living_personas.errors import IngestError
from living_personas.sources.frames import open_rows
from living_personas.sources.payload import pack
from living_personas.sources.read import Loaded, read, replay

ZONE = ZoneInfo("Asia/Tokyo")
HEAD = b"user,at,event,shown,spend,note\n"
SOURCE = Source(
    name="any",
    customer="user",
    time=SourceTime(column="at"),
    event="event",
    properties=("*",),
    exposure=SourceExposure(attribute="framing", option="shown", propensity="share"),
)
WIDE = replace(SOURCE, event=None, traits=("note",), outcomes=(OutcomeColumn(column="spend", event="O", value="v"),))

# Bytes that mean something to a parser, mixed with bytes that mean nothing.
_PIECES = st.sampled_from(
    [b'"', b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xed\xa0\x80", b"{", b"}", b"[", b":", b'""', b"u1",
     b"2026-01-01", b"NaN", b"1e999", b"-0", b"null", b'"user"', b'"at"', b'"event"', b'"\\ud800"', b"\xef\xbb\xbf",
     b'{"user": "u", "at": 1767225600, "event": "E"}', b"u1,2026-01-01,E,a,1,x\n"]
)  # fmt: skip
BYTES = st.lists(_PIECES | st.binary(max_size=4), max_size=30).map(b"".join)


def _check(loaded: Loaded) -> None:
    """Whatever was loaded can be recorded, and whatever was not can be kept and tried again."""
    assert loaded.received == len(loaded.batch) + len(loaded.quarantined)
    assert loaded.batch.events.schema == EVENT_SCHEMA
    loaded.batch.events.validate(full=True)
    for held in loaded.quarantined:
        for text in (held.payload, held.detail, held.message_id):
            text.encode()


@pytest.mark.long
@given(BYTES)
@example(b'"' * 99)
def test_any_bytes_as_csv(write: Any, content: bytes) -> None:
    path = write("a.csv", HEAD + content)
    source = replace(SOURCE, exposure=SourceExposure(attribute="framing", option="shown"))
    for one in (source, replace(WIDE, exposure=source.exposure)):
        for loaded in read(path, one, zone=ZONE):
            _check(loaded)
            again = replay(loaded.quarantined, one, zone=ZONE)
            assert again.quarantined == loaded.quarantined


@pytest.mark.long
@given(BYTES)
def test_any_bytes_as_json_lines(write: Any, content: bytes) -> None:
    line = b'{"user": "u", "at": "2026-01-01", "event": "E", "shown": "a", "share": 0.5, "spend": 1, "note": 1}\n'
    for one in (SOURCE, WIDE):
        for loaded in read(write("a.jsonl", line + content), one, zone=ZONE):
            _check(loaded)


@given(BYTES, st.sampled_from(["a.csv", "a.csv.gz", "a.jsonl", "a.jsonl.gz", "a.parquet"]))
def test_any_bytes_as_a_whole_file(write: Any, content: bytes, name: str) -> None:
    with suppress(IngestError):
        for first, rows in open_rows(write(name, content), chunk=3):
            assert (first % 3, len(rows) <= 3) == (1, True)


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"user": ["u1", "u2"] * 50, "at": [1, 2] * 50}), sink)
    return sink.getvalue()


PARQUET, GZIPPED = _parquet(), gzipped_bytes(HEAD + b"u1,2026-01-01,E,a,1,x\n" * 50)


@given(st.sampled_from([("a.parquet", PARQUET), ("a.csv.gz", GZIPPED)]), st.data())
@settings(max_examples=150)
def test_a_damaged_file_is_read_or_refused(write: Any, whole: tuple[str, bytes], data: st.DataObject) -> None:
    name, content = whole
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(IngestError):
        list(open_rows(write(name, bytes(damaged))))


_ODD = st.sampled_from(
    ["", " ", "\0", "\ud800", float("nan"), float("inf"), 10**400, -1, True, b"x", "x" * 600, "2026-01-01"]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | _ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=5,
)
_COLUMNS = st.sampled_from(["user", "at", "event", "shown", "share", "spend", "note"]) | st.text(st.characters())


@law()
@given(st.dictionaries(_COLUMNS, _JSON, max_size=9), st.booleans(), st.sampled_from([SOURCE, WIDE]))
def test_any_row_at_all_has_a_fate(row: dict[str, Any], typed: bool, source: Source) -> None:  # noqa: FBT001 - drawn
    held = Quarantined(
        source="any", row=1, reason="bad time", detail="", payload=pack(row, typed=typed), message_id="any:f:1"
    )
    loaded = replay([held], source, zone=ZONE)
    assert loaded.rows == 1
    _check(loaded)
