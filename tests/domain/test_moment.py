"""Every way of writing a time, and a day that is no moment: an exposure begins with it, an outcome ends with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from math import inf, nan
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.moment import Role, day_as, moment
from living_personas.errors import BadValueError

BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Pacific/Apia", "Asia/Beirut"]
).map(ZoneInfo)
roles: st.SearchStrategy[Role] = st.sampled_from(("exposure", "outcome"))


@pytest.mark.parametrize(
    "written",
    [
        "2026-07-01T10:30:00Z", "2026-07-01T12:30:00", "2026-07-01 12:30", "\ufeff2026-07-01T12:30:00+02:00\xa0",
        "2026-07-01 10:30:00 UTC", "2026-07-01 10:30:00+00", "20260701T103000+0000",
        MOMENT.timestamp(), int(MOMENT.timestamp()), int(MOMENT.timestamp() * 1e3), int(MOMENT.timestamp() * 1e6),
        int(MOMENT.timestamp() * 1e9), np.int64(MOMENT.timestamp() * 1e9), str(int(MOMENT.timestamp())),
        str(MOMENT.timestamp()), MOMENT, MOMENT.astimezone(timezone(timedelta(hours=2))),
        MOMENT.astimezone(BERLIN).replace(tzinfo=None), 46204.5208333333, "46204.5208333333",
        "2026-07-01 12:30 Europe/Berlin", "2026-07-01T12:30:00[Europe/Berlin]", "2026-07-01T12:30+02:00[Europe/Berlin]",
        "2026-07-01 05:30 EST", "2026-07-01 06:30:00 EDT", "2026-07-01 12:30 cest", "2026-07-01 10:30 GMT",
        "2026-07-01 12:30 GMT+2", "2026-07-01 16:00 UTC+05:30", "2026-07-01T10:30:00Z[UTC]",
        "2026-07-01 07:30 America/Argentina/Buenos_Aires", "2026-07-01 12:30:00 GMT+0200 (CEST)",
    ],
)  # fmt: skip
def test_the_same_moment_written_in_many_ways(written: object) -> None:
    for role in ("exposure", "outcome"):
        assert moment(written, zone=BERLIN, role=role) == MOMENT


@pytest.mark.parametrize(
    "written", ["2026-07-01", " 2026-07-01 ", "2026-W27-3", date(2026, 7, 1), 46204, "46204", 46204.0]
)
def test_a_day_begins_for_an_exposure_and_ends_for_an_outcome(written: object) -> None:
    assert moment(written, zone=BERLIN, role="exposure") == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert moment(written, zone=BERLIN, role="outcome") == datetime(2026, 7, 1, 21, 59, 59, 999999, tzinfo=UTC)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), zones)
def test_days_lie_end_to_end_in_every_zone(day: date, zone: ZoneInfo) -> None:
    begins, ends = day_as(day, zone=zone, role="exposure"), day_as(day, zone=zone, role="outcome")
    assert ends + timedelta(microseconds=1) == day_as(day + timedelta(days=1), zone=zone, role="exposure")
    if ends < begins:  # Apia had no 30 December 2011
        assert day.isoformat() == "2011-12-30"
    else:
        assert begins.astimezone(zone).date() == ends.astimezone(zone).date() == day


@given(st.datetimes(datetime(1980, 1, 1), datetime(2099, 12, 31)), zones, roles)  # noqa: DTZ001
def test_a_time_without_a_zone_is_local_whoever_wrote_it(local: datetime, zone: ZoneInfo, role: Role) -> None:
    expected = local.replace(tzinfo=zone).astimezone(UTC)
    assert moment(local.isoformat(), zone=zone, role=role) == moment(local, zone=zone, role=role) == expected
    aware = expected.isoformat()
    assert moment(aware, zone=zone, role=role) == moment(aware, zone=BERLIN, role=role) == expected


@given(st.datetimes(datetime(1980, 1, 2), datetime(2099, 12, 30)), st.sampled_from([8, 10, 12]))  # noqa: DTZ001
def test_a_spreadsheet_knows_a_second(local: datetime, digits: int) -> None:
    local = local.replace(microsecond=0) + timedelta(seconds=local == local.replace(hour=0, minute=0, second=0))
    days = round((local - datetime(1899, 12, 30)) / timedelta(days=1), digits)  # noqa: DTZ001
    found = moment(days, zone=ZoneInfo("UTC"), role="exposure").replace(tzinfo=None)
    assert abs(found - local) <= timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "written",
    [
        "yesterday", "2026", "20260701", 20260701, 12, 0, -1.0, 20454, 2026, 100_000, True, False, [], inf, 10**400,
        "9" * 400,
        "2026-13-01", "01.02.2026", "0001-01-01", "9999-12-31T23:59:59", datetime(1, 1, 1, tzinfo=UTC), date(9999, 1,
        1),
        "2026-07-01T12:30:00+02:00:", "\ud800", "\N{ARABIC-INDIC DIGIT TWO}026-07-01", b"2026-07-01", Decimal(46204),
        "1.2.3",
    ],
)  # fmt: skip
def test_what_is_no_time_is_not_made_one(written: object) -> None:
    with pytest.raises(BadValueError, match="is no time") as caught:
        moment(written, zone=BERLIN, role="outcome")
    assert caught.value.reason == "bad time"


@pytest.mark.parametrize("written", [None, "", " \u200b", nan])
def test_no_time_is_missing(written: object) -> None:
    with pytest.raises(BadValueError) as caught:
        moment(written, zone=BERLIN, role="outcome")
    assert caught.value.reason == "missing time"


@pytest.mark.parametrize(
    ("pattern", "written", "expected"),
    [
        ("%d.%m.%Y %H:%M", "01.07.2026 12:30", "2026-07-01T10:30:00+00:00"),
        ("%d/%m/%y", " 01/07/26 ", "2026-06-30T22:00:00+00:00"),
        ("%Y%m%d", 20260701, "2026-06-30T22:00:00+00:00"),
        ("%Y%m%d", 20260701.0, "2026-06-30T22:00:00+00:00"),
        ("%d.%m.%Y %H:%M %z", "01.07.2026 12:30 +0000", "2026-07-01T12:30:00+00:00"),
        ("%d.%m.%Y %H:%M", MOMENT, "2026-07-01T10:30:00+00:00"),
    ],
)
def test_a_declared_format_is_the_only_one(pattern: str, written: object, expected: str) -> None:
    assert moment(written, zone=BERLIN, role="exposure", pattern=pattern).isoformat() == expected
    with pytest.raises(BadValueError, match="not of the format"):
        moment("2026-07-31T10:00:00", zone=BERLIN, role="exposure", pattern=pattern)
