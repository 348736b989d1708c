"""What cannot be recorded is kept whole, says why, and comes back once it is mended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches import Everything
from laws import law
from living_personas.domain.event import Quarantined, QuarantineReason
from living_personas.domain.settings import Source, SourceExposure, SourceTime
from living_personas.errors import IngestError
from living_personas.sources.payload import pack, unpack
from living_personas.sources.read import replay as read_again

ROW = {"id": "m1", "user": "u1", "anon": None, "at": "2026-03-01", "event": "Bought", "via": "web", "amount": 1}
SHARED = {"plan": None, "sku": None}

CORPUS: list[tuple[dict[str, Any], QuarantineReason, str]] = [
    ({"user": None}, "missing customer", "nobody is named in column 'user' or 'anon'"),
    ({"user": "  "}, "missing customer", "nobody is named"),
    ({"user": "N/A", "anon": 0}, "missing customer", "nobody is named"),
    ({"user": True}, "bad customer", "column 'user': True cannot be"),
    ({"user": [1]}, "bad customer", "column 'user': [1] cannot be"),
    ({"user": 2.0**53}, "bad customer", "only whole ones below 2^53"),
    ({"id": None}, "missing message id", "'id' is empty"),
    ({"at": None}, "missing time", "column 'at': There is no time"),
    ({"at": " "}, "missing time", "column 'at': There is no time"),
    ({"at": "soon"}, "bad time", "column 'at': 'soon' is no time, as ISO 8601 writes it"),
    ({"at": 20260301}, "bad time", "neither since 1970 in seconds or milliseconds"),
    ({"at": "20260301"}, "bad time", "declare the `format`"),
    ({"at": True}, "bad time", "column 'at': True is no time"),
    ({"event": None}, "missing name", "'event' is empty"),
    ({"event": {"a": 1}}, "missing name", "which names nothing"),
    ({"amount": float("nan")}, "bad properties", "'amount' holds nan, which JSON cannot say"),
    ({"amount": float("inf")}, "bad properties", "'amount' holds inf"),
    ({"amount": [1, [float("-inf")]]}, "bad properties", "'amount' holds -inf"),
    ({"sku": "\ud800"}, "bad properties", "'sku' holds half of a surrogate pair"),
    ({"sku": {"\udfff": 1}}, "bad properties", "'sku' holds half"),
    ({"user": "\ud800"}, "bad customer", "half of a surrogate pair"),
    ({"id": "\ud800"}, "bad properties", "'id' holds half"),
    ({"event": "a\0b"}, "bad properties", "'event' holds a NUL"),
    ({"plan": "a\0b"}, "bad properties", "'plan' holds a NUL"),
    ({"via": 1.5e308 * 10}, "bad properties", "'via' holds inf"),
    ({"sku": "x" * 33_000}, "too large", "larger than 32768 bytes at column 'sku'"),
    ({"sku": "ü" * 17_000}, "too large", "larger than 32768 bytes"),
    ({"sku": ["x" * 1000] * 40}, "too large", "larger than 32768 bytes"),
    ({"plan": "x" * 20_000, "sku": "x" * 20_000}, "too large", "larger than 32768 bytes"),
    ({"user": "x" * 600}, "bad customer", "has 600 characters"),
]


def replay(rows: Sequence[Quarantined], source: Source, **settings: Any) -> Everything:
    """What quarantined rows become."""
    return Everything.of([read_again(rows, source, **settings)])


@pytest.mark.parametrize("bad", CORPUS, ids=lambda bad: f"{bad[1]}-{next(iter(bad[0]))}")
def test_a_bad_row_says_what_is_wrong_with_which_column(
    load: Any, write: Any, log: Source, bad: tuple[dict[str, Any], QuarantineReason, str]
) -> None:
    changed, reason, detail = bad
    row = {**SHARED, **ROW, **changed}
    lines = [json.dumps({**SHARED, **ROW, "id": "m0"}), json.dumps(row)]
    loaded = load(write("a.jsonl", "\n".join(lines)), log)
    (held,) = loaded.quarantined
    assert (held.source, held.row, held.reason) == ("shop", 2, reason)
    assert detail in held.detail
    assert len(held.detail) < 300
    held.detail.encode()
    assert (loaded.rows, len(loaded.events), loaded.received) == (2, 1, 2)
    again = replay([held], log, zone=ZoneInfo("UTC"))
    assert (again.quarantined, again.events, again.rows) == ((held,), (), 1)


def test_columns_that_nobody_names_may_hold_anything(load: Any, write: Any, log: Source) -> None:
    row = {**SHARED, **ROW, "rest": "x" * 50_000, "more": float("nan"), "half": "\ud800"}
    assert load(write("a.jsonl", json.dumps(row)), log).quarantined == ()


def test_a_mended_mapping_recovers_every_row_under_its_first_ids(load: Any, write: Any, log: Source, zone: Any) -> None:
    log = replace(log, message_id=None, anonymous=None, channel=None)
    text = "user,event,plan,amount,sku,at\nu1,Bought,pro,3,07,01.03.2026 10:00\nu2,Bought,,,41,31.03.2026 10:00\n"
    mended = replace(log, time=SourceTime(column="at", format="%d.%m.%Y %H:%M"))
    path = write("a.csv", text)
    broken = load(path, log)
    assert [held.reason for held in broken.quarantined] == ["bad time", "bad time"]
    recovered = replay(broken.quarantined, mended, zone=zone)
    assert recovered == load(path, mended)
    assert recovered == replay(broken.quarantined, mended, zone=zone)
    assert recovered.events[1].properties == {"amount": 3, "sku": "07"}


def test_a_mended_payload_is_read_again(load: Any, write: Any, log: Source, zone: Any) -> None:
    loaded = load(write("a.jsonl", json.dumps({**SHARED, **ROW}) + "\n" + '{"id": "m2", "user"'), log)
    (held,) = loaded.quarantined
    assert (held.reason, held.payload) == ("unreadable row", '{"id": "m2", "user"')
    assert replay([held], log, zone=zone).quarantined == (held,)
    still_bad = replace(held, payload='{ "id":"m2" }')
    (again,) = replay([still_bad], log, zone=zone).quarantined
    assert (again.reason, again.payload, again.row) == ("missing customer", '{ "id":"m2" }', held.row)
    mended = replace(held, payload=json.dumps({**ROW, "id": "m2"}))
    assert [event.message_id for event in replay([mended], log, zone=zone).events] == ["shop:m2"]


def test_a_frame_s_types_survive_quarantine(load: Any, log: Source, zone: Any) -> None:
    moment = datetime(2026, 3, 1, 10, tzinfo=UTC)
    table = pa.Table.from_pylist(
        [{**SHARED, **ROW, "at": moment, "event": None, "sku": date(2026, 1, 2), "amount": "5"}]
    )
    (held,) = load(table, log).quarantined
    (event,) = replay([held], replace(log, event=None, fixed_event="Bought"), zone=zone).events
    assert (event.time, event.properties) == (moment, {"sku": "2026-01-02", "amount": "5"})


def test_replay_remembers_the_shares_that_a_row_contradicted(load: Any, mailing: Source, zone: Any) -> None:
    source = replace(mailing, exposure=SourceExposure(attribute="framing", option="shown", propensity="share"))
    row = {"user": "u", "city": None, "shown": "a", "visit": 0, "bought": 0, "spend": 0}
    loaded = load(pa.Table.from_pylist([{**row, "share": 0.5}, {**row, "share": 0.4}]), source)
    again = replay(loaded.quarantined, source, zone=zone, policies=loaded.policies)
    assert again.quarantined == loaded.quarantined


def test_bytes_stay_bad_for_ever(load: Any, log: Source, zone: Any) -> None:
    loaded = load(pa.Table.from_pylist([{**SHARED, **ROW, "sku": b"\xff"}]), log)
    assert [held.reason for held in loaded.quarantined] == ["bad properties"]
    assert replay(loaded.quarantined, log, zone=zone).events == ()


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.dates()
    | st.times()
    | st.uuids()
)
_KEYS = st.text(max_size=4) | st.sampled_from(["$text", "$date", "$$date", "$", "$number"])
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner), max_leaves=6)


@law()
@given(st.dictionaries(_KEYS, _VALUES, max_size=4), st.booleans())
def test_a_payload_comes_back_as_it_was(row: dict[str, Any], typed: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
    payload = pack(row, typed=typed)
    assert payload.isascii()
    assert unpack(payload) == (row, typed)
    assert json.loads(payload) is not None


def test_payloads_keep_what_json_has_no_word_for() -> None:
    row = {"a": time(3, 4), "b": UUID(int=7), "c": float("inf"), "d": [float("-inf")]}
    assert unpack(pack(row, typed=True)) == (row, True)
    for text in ("", "[]", "1", "a,b\n", '{"a": 1, "a": 2}', "[" * 100_000):
        assert unpack(text) is None


def test_replay_refuses_a_mapping_that_makes_no_sense(log: Source, zone: Any) -> None:
    with pytest.raises(IngestError, match="does not say what a row is"):
        replay([], replace(log, event=None, traits=()), zone=zone)
