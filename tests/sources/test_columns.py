"""Columns and rows read the same: events, ids, bytes, quarantine, shares and counts, whatever the file holds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from gzipped import gzipped_bytes
from laws import law
from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA
from living_personas.domain.event import IDENTIFY, Quarantined
from living_personas.domain.money import Money
from living_personas.domain.number_uses import NumberUses
from living_personas.domain.settings import OutcomeColumn, Source, SourceExposure, SourceTime
from living_personas.errors import IngestError
from living_personas.sources.file_or_body import Body
from living_personas.sources.frames import open_rows
from living_personas.sources.intake import Intake
from living_personas.sources.read import Loaded, read, times_said

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (BERLIN, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Kathmandu"))
INTAKE = Intake(
    numbers=NumberUses(by_event={"Bought": frozenset({"amount"}), IDENTIFY: frozenset({"age"}), "": frozenset({"n"})}),
    money=Money(by_event={"Bought": {"amount": "EUR"}, "Paid": {"value": "EUR"}}, rates={"EUR": 1.0, "USD": 0.9}),
    earliest=datetime(2015, 1, 1, tzinfo=UTC),
    latest=datetime(2027, 1, 1, tzinfo=UTC),
)
LOG = Source(
    name="log",
    customer="user",
    anonymous="anon",
    message_id="id",
    time=SourceTime(column="at"),
    event="event",
    channel="via",
    traits=("plan", "age"),
    properties=("amount", "note", "n"),
)
MET = SourceExposure(
    attribute="tone",
    option="option",
    persona="plan",
    propensity="share",
    policy="policy",
    epoch="note",
    stratum="n",
    channel="note",
)
WIDE = Source(
    name="wide",
    customer="user",
    time=SourceTime(start=date(2026, 3, 20), days=14),
    traits=("plan", "age"),
    properties=("note",),
    fixed_channel="email",
    exposure=SourceExposure(attribute="tone", option="option", propensity=0.5),
    outcomes=(
        OutcomeColumn(column="n", event="Visited"),
        OutcomeColumn(column="bought", event="Paid", after=timedelta(hours=3)),
        OutcomeColumn(column="amount", event="Paid", value="value", after=timedelta(hours=3)),
    ),
)
SOURCES: Mapping[str, Source] = {
    "events": LOG,
    "events without ids": replace(LOG, message_id=None),
    "everything travels": replace(LOG, message_id=None, traits=(), properties=("*",), currency="currency"),
    "one event": replace(LOG, event=None, fixed_event="Bought", decimal=",", currency="currency"),
    "a name or another": replace(LOG, fixed_event="Seen", fixed_channel="shop", traits=()),
    "traits alone": replace(LOG, event=None, channel=None, properties=()),
    "a customer a row": replace(LOG, customer=None, anonymous=None, message_id=None),
    "a customer an id": replace(LOG, customer=None, anonymous=None),
    "some rows": replace(LOG, message_id=None, where="plan = 'pro' or n > 1 or at is null"),
    "exposures": replace(LOG, exposure=MET),
    "exposures with declared shares": replace(
        LOG,
        message_id=None,
        traits=(),
        exposure=SourceExposure(attribute="tone", option="option", propensities={"a": 0.5, "b": 0.25}, policy="policy"),
    ),
    "exposures without shares": replace(LOG, exposure=SourceExposure(attribute="tone", option="option")),
    "days of their own": replace(LOG, time=SourceTime(column="at", format="%d.%m.%Y", zone="America/New_York")),
    "wide": WIDE,
    "wide, a customer a row": replace(WIDE, customer=None),
    "wide with times": replace(WIDE, time=SourceTime(column="at"), message_id="id", currency="currency"),
    "wide without exposures": replace(
        WIDE, exposure=None, time=SourceTime(column="at"), channel="via", properties=("note", "value", "n")
    ),
    "wide with a share each": replace(WIDE, exposure=MET, traits=()),
    "two columns for one value": replace(
        WIDE,
        time=SourceTime(column="at"),
        outcomes=(
            OutcomeColumn(column="n", event="Paid", value="value"),
            OutcomeColumn(column="amount", event="Paid", value="value"),
        ),
    ),
}
"""Every kind of source."""

TEXTS: Mapping[str, Sequence[str]] = {
    "id": ["m1", "m2", "m3", "m1", " m4 ", "", "m" * 600, "mü", "17.0", "\u200bm1"],
    "user": [
        "u1", "u2", " u1", "Ann@Example.com", "null", "N/A", "0", "17.0", "1.23E+11", "", "u\u0301", "ü",
        "x" * 600,
    ],
    "anon": ["", "", "a1", "u1", "undefined", "a2", "\u200b"],
    "at": [
        "2026-03-01T10:00:00", "2026-03-01T10:00:00Z", "2026-03-01 10:00:00.123456+02:00", "2026-03-01", "01.03.2026",
        "2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-10-25 02:59:59.999999", "2024-02-29T12:00:00", "1772359200",
        "2026-02-30T00:00:00", "1772359200123", "1772359200123456", "99999999999999999", "46082", "46082.5", "soon", "",
        " 2026-03-01T10:00 ", "1999-01-01T00:00:00Z", "2199-12-31T23:59:59Z", "2026-03-01T10:00:00.1234567", "1e9",
        "2026-03-01T10:00:00 UTC", "20260301T100000", "2026-06-31T00:00:00", "2026-03-01T24:00:00", "1772359200.5",
    ],
    "event": ["Bought", "Seen", "Bought", IDENTIFY, "", " Bought ", "Grüße", "a\tb", "alias"],
    "via": ["web", "", "email ", "x" * 600, "\u00e9"],
    "plan": ["pro", "basic", "", "007", "1e999", "-0", '"quoted"', "back\\slash", "\u2028"],
    "age": ["41", "", "4.5", "1.029", "old", "12 %", "-3", "true", "12345678901234567890"],
    "amount": [
        "29.90", "29,90 €", "4 USD", "1.029", "0", "", "12", "-1.5", "1e5", "0.00001", "many", "5 CHF", "$ 3", "0.1",
        "007",
        "1234567.891", "12345678901234567", "-0.0", "1.0",
    ],
    "note": ["", "x", "it, is; so", "two\nlines", 'a "word"', "ü", "tail ", "1", "-", "\x7f", "\x1f", "_a", "é" * 20],
    "n": ["0", "1", "", "2", "x", "1.5", "no"],
    "option": ["a", "b", "", "a", "c", " a ", "\u200b", "o" * 600],
    "share": ["0.5", "0.5", "0.25", "", "0", "2", "0.500000001", "x"],
    "policy": ["", "p", "", "q", "p" * 600],
    "currency": ["EUR", "", "USD", "CHF", "eur", "€", "$", "points", "null", "978"],
    "bought": ["0", "1", "", "yes", "false"],
    "value": ["", "1", "x"],
}  # fmt: skip
COLUMNS = tuple(TEXTS)


def differ(data: object, source: Source, **given_: Any) -> None:
    """Read rows in columns and one by one, and hold everything that comes out against each other."""
    told = {"zone": BERLIN, "intake": INTAKE, **given_}
    columns = list(read(data, source, **told))
    rows = list(read(data, source, row_by_row=True, **told))
    _same(columns, rows)


def _same(columns: Sequence[Loaded], rows: Sequence[Loaded]) -> None:
    for loaded in columns:
        assert (loaded.batch.events.schema, loaded.batch.exposures.schema) == (EVENT_SCHEMA, EXPOSURE_SCHEMA)
        loaded.batch.events.validate(full=True)
        loaded.batch.exposures.validate(full=True)
    assert _quarantined(columns) == _quarantined(rows)
    assert [row for loaded in columns for row in loaded.batch.events.to_pylist()] == [
        row for loaded in rows for row in loaded.batch.events.to_pylist()
    ]
    assert _exposures(columns) == _exposures(rows)
    assert _rest(columns) == _rest(rows)


def _exposures(loads: Sequence[Loaded]) -> list[dict[str, Any]]:
    """The exposures that can be stored: only the first event with an id brings any, whichever block it is in."""
    found, seen = [], set[str]()
    for loaded in loads:
        found += [row for row in loaded.batch.exposures.to_pylist() if row["message_id"] not in seen]
        seen |= {*loaded.batch.events["message_id"].to_pylist()}
    return found


def _quarantined(loads: Sequence[Loaded]) -> list[Quarantined]:
    return [row for loaded in loads for row in loaded.quarantined]


def _rest(loads: Sequence[Loaded]) -> object:
    days = [day for each in loads for day in (each.first, each.last) if day]
    ends = (min(days, default=None), max(days, default=None))
    return loads and (loads[-1].policies, loads[-1].days, loads[-1].moments), sum(each.rows for each in loads), ends


def _row(pool: Mapping[str, Sequence[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Rows of which at most two values are odd: of rows in which everything is, nearly all are quarantined."""
    good = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in EASY.items()})
    odd = st.sampled_from(COLUMNS).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(pool[name])))
    return st.builds(lambda row, some: row | dict(some), good, st.lists(odd, max_size=2))


def _csv(rows: Sequence[Mapping[str, str]], quoting: int = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, fieldnames=COLUMNS, quoting=quoting)  # type: ignore[arg-type]
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


PLAIN = {name: [text for text in texts if not set(text) & set('",\n;')] for name, texts in TEXTS.items()}
EASY = {name: texts[:3] for name, texts in PLAIN.items()}
"""Values of which most rows are good, so that columns have something to do."""
GARBAGE = st.sampled_from(
    ["too,few", '"open', "\0", "\udcff", "", "\r", ",".join("x" * (len(COLUMNS) + 1)), "a\rb", '""x']
)


@pytest.mark.parametrize("name", SOURCES)
@given(data=st.data(), pool=st.sampled_from([TEXTS, PLAIN, EASY]))
@law(18, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_csv(write: Any, name: str, data: st.DataObject, pool: Mapping[str, Sequence[str]]) -> None:
    rows = data.draw(st.lists(_row(pool), max_size=25))
    text = _csv(rows, data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])))
    lines = text.split("\r\n")
    for place, line in data.draw(st.lists(st.tuples(st.integers(1, 30), GARBAGE), max_size=2)):
        lines.insert(place, line)
    content = data.draw(st.sampled_from(["\n", "\r\n"])).join(lines).encode("utf-8", "surrogateescape")
    differ(write("a.csv", content), SOURCES[name], zone=data.draw(st.sampled_from(ZONES)), seed=None)


TYPED: Mapping[str, Sequence[Any]] = {
    **TEXTS,
    "id": [*TEXTS["id"], 17, 17.5, None, True, "\ud800"],
    "user": [*TEXTS["user"], 17, 2.0**53, 12.5, True, None, [1], 10**400, "\0"],
    "at": [*TEXTS["at"], 1772359200, 1772359200.25, 1772359200123, 46082, None, True, float("nan"), {"a": 1}, -1.0],
    "event": [*TEXTS["event"], None, 7, {"a": 1}],
    "plan": [*TEXTS["plan"], None, True, 1, 1.0, -0.0, [1, {"a": "\ud800"}], {"b": {"a": 1}}, 10**30],
    "age": [*TEXTS["age"], 41, None, True, 1.5, -0.0],
    "amount": [*TEXTS["amount"], 29.9, 30, None, float("inf"), False, [], {}],
    "note": [*TEXTS["note"], None, "a\0b", 1.0, 1e22, 1e-7, "x" * 33_000],
    "n": [*TEXTS["n"], 0, 1, 2.0, None, 0.0],
    "option": [*TEXTS["option"], None, 1, True],
    "share": [*TEXTS["share"], 0.5, 0.25, None, 1],
    "bought": [*TEXTS["bought"], True, 0, None],
}
NUMBERS: Mapping[str, Sequence[Any]] = {
    **{name: [None, *texts[:2]] for name, texts in PLAIN.items()},
    "id": [1, 2, 3, 4, None],
    "at": [1772359200, 1772359201, None],
    "amount": [29.9, 30.5, -0.0, None],
    "n": [0, 1, 2],
    "age": [41.0, 1.5, None],
    "bought": [True, False, None],
    "share": [0.5, 0.25],
}


BAD_LINES = ("", " ", "{", "[1]", '{"id": 1, "id": 2}', "null", '{"a": "\x01"}', "\u00a0", '{"id": "m9"}', "\0")


@pytest.mark.parametrize("name", SOURCES)
@given(data=st.data(), pool=st.sampled_from([TYPED, NUMBERS, EASY]))
@law(18, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_json_lines(write: Any, name: str, data: st.DataObject, pool: Mapping[str, Sequence[Any]]) -> None:
    shape: dict[str, Any] = data.draw(st.sampled_from([{"ensure_ascii": False}, {}, {"separators": (",", ":")}]))
    rows = data.draw(st.lists(st.tuples(_row(pool), st.sets(st.sampled_from(COLUMNS), max_size=1)), max_size=25))
    lacking = data.draw(st.booleans())
    lines = [
        json.dumps({key: said for key, said in row.items() if not (lacking and key in without)}, **shape)
        for row, without in rows
    ]
    bad = st.tuples(st.integers(0, 30), st.sampled_from(BAD_LINES))
    for place, line in data.draw(st.lists(bad, max_size=2)):
        lines.insert(place, line)
    content = data.draw(st.sampled_from(["\n", "\r\n"])).join(lines).encode("utf-8", "surrogatepass")
    whole = json.dumps(dict.fromkeys(COLUMNS)).encode() + b"\n" + content
    zone = data.draw(st.sampled_from(ZONES))
    differ(write("a.jsonl", whole), SOURCES[name], zone=zone)
    opened = open_rows(write("a.jsonl", whole))
    some, every = (times_said(each, SOURCES[name], zone=zone) for each in (opened, replace(opened, some=None)))
    assert [time for block in some for time in block.tolist()] == [time for block in every for time in block.tolist()]


@pytest.mark.parametrize("name", SOURCES)
@given(data=st.data(), pool=st.sampled_from([TYPED, NUMBERS, EASY]))
@law(12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_json_arrays_and_pages(write: Any, name: str, data: st.DataObject, pool: Mapping[str, Sequence[Any]]) -> None:
    rows = [dict.fromkeys(COLUMNS), *data.draw(st.lists(_row(pool), max_size=25))]
    shape: dict[str, Any] = data.draw(st.sampled_from([{"ensure_ascii": False}, {}, {"indent": 2}]))
    paged, more = data.draw(st.booleans()), data.draw(st.booleans())
    end = data.draw(st.sampled_from(["", "\n", "]", "oops", ', {"id": ']))
    zone = data.draw(st.sampled_from(ZONES))
    arrays = [rows, [{"id": "m9"}, 1, []], []] if more else [rows]
    text = "\n".join(json.dumps({"page": 1, "data": each} if paged else each, **shape) for each in arrays) + end
    differ(write("a.json", text.encode("utf-8", "surrogatepass")), SOURCES[name], zone=zone)


@pytest.mark.parametrize("said", ["\ud800", ["\ud800"], {"\ud800": 1}])
def test_half_of_a_letter_in_a_row_without_an_id_is_read_as_any_other(write: Any, said: object) -> None:
    row = dict.fromkeys(COLUMNS) | {"user": "u1", "at": "2026-03-01", "event": "Seen"}
    rows = [row | {"plan": plan} for plan in (said, "pro", "basic", None)]
    path = write("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    differ(path, replace(SOURCES["everything travels"], currency=None), zone=BERLIN)


SHOWN = [datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30), datetime(1890, 1, 1), datetime(2024, 2, 29), None]  # noqa: DTZ001 - of any zone
MOMENTS = [shown and shown.replace(tzinfo=UTC) for shown in SHOWN]
LABELS = ["pro", "a", "b", "m1", "", " u1 ", "ü", None]
FLOATS = [0.5, 17.0, -0.0, 0.0, 2050.0, float("nan"), None]
FRAMES: Mapping[str, Sequence[tuple[pa.DataType, Sequence[Any]]]] = {
    "id": [
        (pa.int64(), [1, 17, None]),
        (pa.large_string(), LABELS),
        (pa.string_view(), LABELS),
        (pa.binary(), [b"m1", b"\xff", None]),
    ],
    "user": [
        (pa.int32(), [0, 1, -1, 17, None]),
        (pa.float16(), FLOATS),
        (pa.float32(), [*FLOATS, 2.0**25]),
        (pa.float64(), [*FLOATS, 2.0**53]),
        (pa.decimal128(9, 2), [Decimal("17.0"), Decimal("0.5"), None]),
    ],
    "at": [
        (pa.timestamp("ns", "UTC"), MOMENTS),
        (pa.timestamp("ms", "America/New_York"), MOMENTS),
        (pa.timestamp("s"), SHOWN),
        (pa.timestamp("us"), SHOWN),
        (pa.date32(), [date(2026, 3, 29), date(1899, 12, 31), None]),
        (pa.date64(), [date(2026, 3, 29), None]),
        (pa.int64(), [1772359200, 1772359200123456789, 10**17, 99_999_999_999_999_999, 46082, None]),
        (pa.float64(), [1772359200.25, 46082.5, float("nan"), None]),
    ],
    "plan": [
        (pa.dictionary(pa.int8(), pa.string()), LABELS),
        (pa.list_(pa.int64()), [[1, 2], [], None]),
        (pa.struct({"a": pa.float64()}), [{"a": -0.0}, {"a": None}, None]),
    ],
    "age": [
        (pa.int8(), [0, 41, None]),
        (pa.bool_(), [True, False, None]),
        (pa.uint64(), [0, 2**63, None]),
        (pa.decimal128(5, 1), [Decimal("4.5"), None]),
        (pa.null(), [None]),
    ],
    "amount": [(pa.float64(), FLOATS), (pa.float32(), [0.1, 29.9, None]), (pa.time64("us"), [time(1, 2, 3), None])],
    "option": [(pa.dictionary(pa.int8(), pa.string()), LABELS), (pa.int8(), [1, None])],
    "share": [(pa.float64(), [0.5, 0.25, None]), (pa.float32(), [0.5, 0.1])],
}
"""Types that columns may have, with values that are often good and sometimes not."""


@st.composite
def _frames(draw: st.DrawFn) -> pa.Table:
    size = draw(st.integers(0, 20))
    columns = {}
    for name in COLUMNS:
        kind, values = draw(st.sampled_from([(pa.string(), [*PLAIN[name], None]), *FRAMES.get(name, [])]))
        columns[name] = pa.array(draw(st.lists(st.sampled_from(values), min_size=size, max_size=size)), kind)
    return pa.table(columns)


@pytest.mark.parametrize("name", SOURCES)
@given(frame=_frames(), zone=st.sampled_from(ZONES), as_file=st.booleans())
@law(10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_frames_and_parquet(write: Any, name: str, frame: pa.Table, zone: ZoneInfo, *, as_file: bool) -> None:
    data: object = frame
    if as_file and pa.null() not in frame.schema.types:
        sink = io.BytesIO()
        pq.write_table(frame, sink)
        data = write("a.parquet", sink.getvalue())
    differ(data, SOURCES[name], zone=zone)


def test_a_body_is_read_as_the_same_file_on_disk(write: Any) -> None:
    table = pa.table({name: [texts[0], texts[1]] for name, texts in PLAIN.items()})
    rows = table.to_pylist()
    files = {"a.csv": _csv(rows).encode(), "a.jsonl": "".join(json.dumps(row) + "\n" for row in rows).encode()}
    sink = io.BytesIO()
    pq.write_table(table, sink)
    files |= {"a.parquet": sink.getvalue(), "a.csv.gz": gzipped_bytes(files["a.csv"])}
    for name, content in files.items():
        _same(_all(Body(name=name, data=content)), _all(write(name, content)))
    for new in (pa.ipc.new_stream, pa.ipc.new_file):
        stream = io.BytesIO()
        with new(stream, table.schema) as writer:
            writer.write_table(table)
        _same(_all(Body(name="body", data=stream.getvalue())), _all(table))
        with pytest.raises(IngestError, match="cannot be read as Arrow"):
            open_rows(Body(name="body", data=stream.getvalue()[:40]))


def _all(data: object) -> list[Loaded]:
    return list(read(data, LOG, zone=BERLIN, intake=INTAKE))
