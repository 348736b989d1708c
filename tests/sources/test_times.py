"""When rows happened: every way of writing a time, and none of guessing one."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.settings import Source, SourceTime
from living_personas.errors import IngestError
from living_personas.sources.times import clock_of, read_time, spread_days

BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-07-01T10:30:00Z",
        "2026-07-01T12:30:00",
        "2026-07-01 12:30",
        " 2026-07-01T12:30:00+02:00 ",
        "2026-07-01 10:30:00 UTC",
        "20260701T103000+0000",
        MOMENT.timestamp(),
        int(MOMENT.timestamp()),
        int(MOMENT.timestamp() * 1e3),
        int(MOMENT.timestamp() * 1e6),
        int(MOMENT.timestamp() * 1e9),
        str(int(MOMENT.timestamp())),
        str(MOMENT.timestamp()),
        MOMENT,
        datetime(2026, 7, 1, 12, 30, tzinfo=timezone(timedelta(hours=2))),
        MOMENT.astimezone(BERLIN).replace(tzinfo=None),
    ],
)
def test_the_same_moment_written_in_many_ways(written: object) -> None:
    assert read_time(written, zone=BERLIN) == MOMENT


@pytest.mark.parametrize(
    "written", ["2026-07-01", "20260701T12", date(2026, 7, 1), datetime(2026, 7, 1, 10, tzinfo=UTC)]
)
def test_a_date_is_noon_where_the_workspace_is(written: object) -> None:
    assert read_time(written, zone=BERLIN) == datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "yesterday", "", "2026", "20260701", 20260701, 12, 0, -1.0, True, False, None, [], float("nan"), float("inf"),
        10**400, "9" * 400, "2026-13-01", "01.02.2026", "0001-01-01", "9999-12-31T23:59:59",
        datetime(1, 1, 1, tzinfo=UTC),
        date(9999, 1, 1),
        "2026-07-01T12:30:00+02:00:", "\ud800", "\N{ARABIC-INDIC DIGIT TWO}026-07-01", b"2026-07-01",
    ],
)  # fmt: skip
def test_what_is_no_time_is_not_made_one(written: object) -> None:
    assert read_time(written, zone=BERLIN) is None


@given(st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30)))  # noqa: DTZ001 - Hypothesis wants bounds without a zone
def test_times_without_a_zone_are_local_and_come_back(moment: datetime) -> None:
    expected = moment.replace(tzinfo=BERLIN).astimezone(UTC)
    assert read_time(moment.isoformat(), zone=BERLIN) == read_time(moment, zone=BERLIN) == expected


@pytest.mark.parametrize(
    ("pattern", "written", "hour"),
    [
        ("%d.%m.%Y %H:%M", "01.07.2026 12:30", 10),
        ("%d/%m/%y", " 01/07/26 ", 10),
        ("%Y%m%d", 20260701, 10),
        ("%Y%m%d", 20260701.0, 10),
        ("%d.%m.%Y %H:%M %z", "01.07.2026 12:30 +0000", 12),
        ("%d.%m.%Y %H:%M", datetime(2026, 7, 1, 10, 30, tzinfo=UTC), 10),
    ],
)
def test_a_declared_format_is_the_only_one(pattern: str, written: object, hour: int) -> None:
    moment = read_time(written, zone=BERLIN, pattern=pattern)
    assert moment is not None
    assert (moment.date(), moment.hour) == (date(2026, 7, 1), hour)
    assert read_time("2026-07-31T10:00:00", zone=BERLIN, pattern=pattern) is None


@pytest.mark.parametrize("pattern", ["%H:%M", "%d.%m.", "%Q", "%", "dd.mm.yyyy", "%Y-%m-%d %Z"])
def test_a_format_that_reads_no_whole_date_is_refused_at_once(pattern: str) -> None:
    with pytest.raises(IngestError, match="time format") as caught:
        clock_of(SourceTime(column="at", format=pattern), source="log", zone=BERLIN, seed=None)
    assert "strptime" in caught.value.hint


@pytest.mark.parametrize("where", [SourceTime(), SourceTime(start=date(2026, 1, 1)), SourceTime(days=3),
                                   SourceTime(start=date(2026, 1, 1), days=0)])  # fmt: skip
def test_a_source_must_say_when(where: SourceTime) -> None:
    with pytest.raises(IngestError, match="does not say when"):
        clock_of(where, source="log", zone=BERLIN, seed=None)


def test_a_seed_needs_days_to_permute() -> None:
    with pytest.raises(IngestError, match="a seed cannot change their order") as caught:
        clock_of(SourceTime(column="at"), source="log", zone=BERLIN, seed=7)
    assert "start, days" in caught.value.hint


@given(st.integers(1, 60), st.integers())
def test_a_seed_permutes_days_and_nothing_else(days: int, seed: int) -> None:
    start = date(2026, 1, 1)
    assert sorted(spread_days(start, days, seed=seed)) == list(spread_days(start, days, seed=None))
    assert spread_days(start, days, seed=seed) == spread_days(start, days, seed=seed)


def test_the_day_of_a_row_is_a_hash_that_anybody_can_compute() -> None:
    clock = clock_of(SourceTime(start=date(2026, 1, 1), days=14), source="mailing", zone=BERLIN, seed=None)
    day = int(hashlib.md5(b"mailing|u7", usedforsecurity=False).hexdigest()[:8], 16) % 14
    assert clock({}, "u7") == datetime(2026, 1, 1 + day, 11, tzinfo=UTC)


def test_rows_are_spread_evenly_and_stay_together(load: Any, write: Any, mailing: Source) -> None:
    rows = "".join(f"u{number},Rome,{'ab'[number % 2]},0,0,0\n" for number in range(3_500))
    path = write("a.csv", "user,city,shown,visit,bought,spend\n" + rows)
    plain, shuffled = load(path, mailing), load(path, mailing, seed=3)
    exposed = [event for event in plain.events if event.exposures]
    per_day = Counter(event.time for event in exposed)
    assert len(per_day) == 7
    assert all(420 < count < 580 for count in per_day.values())
    moved = {(old.time, new.time) for old, new in zip(plain.events, shuffled.events, strict=True) if old.exposures}
    assert len(moved) == 7
    assert any(old != new for old, new in moved)
    assert [replace(event, time=MOMENT) for event in plain.events] == [
        replace(event, time=MOMENT) for event in shuffled.events
    ]
    assert load(path, mailing, seed=3) == shuffled
