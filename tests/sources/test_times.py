"""When rows happened: every way of writing a time, and none of guessing one."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.settings import Source, SourceTime
from living_personas.errors import IngestError
from living_personas.sources.intake import Intake
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.times import ColumnClock, clock_of, spread_days

BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)


def test_a_source_has_a_zone_of_its_own() -> None:
    clock = clock_of(SourceTime(column="at", zone="UTC"), source="pay", zone=BERLIN, seed=None, intake=Intake())
    assert clock({"at": "2026-11-01 23:30"}, "", "outcome") == datetime(2026, 11, 1, 23, 30, tzinfo=UTC)


def test_a_day_begins_with_an_exposure_and_ends_with_an_outcome() -> None:
    clock = clock_of(SourceTime(column="at"), source="log", zone=BERLIN, seed=None, intake=Intake())
    day: Row = {"at": "2026-07-01"}
    assert clock(day, "", "exposure") == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert clock(day, "", "outcome") == datetime(2026, 7, 1, 21, 59, 59, 999999, tzinfo=UTC)
    assert clock({"at": MOMENT.isoformat()}, "", "exposure") == MOMENT
    assert isinstance(clock, ColumnClock)
    assert (clock.days, clock.moments) == (2, 1)


@pytest.mark.parametrize("at", ["1970-01-01T00:00:01Z", "2026-06-30T21:59:59Z", "2026-07-02T10:30:01Z", "2099-12-31"])
def test_what_cannot_have_happened_then_is_refused(at: str) -> None:
    bounds = Intake(earliest=datetime(2026, 6, 30, 22, tzinfo=UTC), latest=MOMENT + timedelta(days=1))
    clock = clock_of(SourceTime(column="at"), source="log", zone=BERLIN, seed=None, intake=bounds)
    with pytest.raises(BadRowError) as caught:
        clock({"at": at}, "", "outcome")
    assert caught.value.reason == "bad time"
    for within in ("2026-07-02", "2026-07-01", "2026-07-02T12:30:00"):
        clock({"at": within}, "", "outcome")


@pytest.mark.parametrize("pattern", ["%H:%M", "%d.%m.", "%Q", "%", "dd.mm.yyyy", "%Y-%m-%d %Z"])
def test_a_format_that_reads_no_whole_date_is_refused_at_once(pattern: str) -> None:
    with pytest.raises(IngestError, match="time format") as caught:
        clock_of(SourceTime(column="at", format=pattern), source="log", zone=BERLIN, seed=None, intake=Intake())
    assert "strptime" in caught.value.hint


@pytest.mark.parametrize("where", [SourceTime(), SourceTime(start=date(2026, 1, 1)), SourceTime(days=3),
                                   SourceTime(start=date(2026, 1, 1), days=0)])  # fmt: skip
def test_a_source_must_say_when(where: SourceTime) -> None:
    with pytest.raises(IngestError, match="does not say when"):
        clock_of(where, source="log", zone=BERLIN, seed=None, intake=Intake())


def test_a_seed_needs_days_to_permute() -> None:
    with pytest.raises(IngestError, match="a seed cannot change their order") as caught:
        clock_of(SourceTime(column="at"), source="log", zone=BERLIN, seed=7, intake=Intake())
    assert "start, days" in caught.value.hint


@given(st.integers(1, 60), st.integers())
def test_a_seed_permutes_days_and_nothing_else(days: int, seed: int) -> None:
    start = date(2026, 1, 1)
    assert sorted(spread_days(start, days, seed=seed)) == list(spread_days(start, days, seed=None))
    assert spread_days(start, days, seed=seed) == spread_days(start, days, seed=seed)


def test_the_day_of_a_row_is_a_hash_that_anybody_can_compute() -> None:
    where = SourceTime(start=date(2026, 1, 1), days=14)
    clock = clock_of(where, source="mailing", zone=BERLIN, seed=None, intake=Intake())
    day = int(hashlib.md5(b"mailing|u7", usedforsecurity=False).hexdigest()[:8], 16) % 14
    assert clock({}, "u7", "exposure") == datetime(2026, 1, 1 + day, 11, tzinfo=UTC)


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
