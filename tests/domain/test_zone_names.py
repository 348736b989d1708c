"""Letters behind a time: those of one zone are read, those of several are read by the zone that is declared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from living_personas.domain import zone_names
from living_personas.domain.moment import moment, patterns_of
from living_personas.errors import BadValueError

NOON = "2026-11-02 12:00"


def read(text: str, zone: str = "UTC", pattern: str | None = None) -> datetime:
    return moment(text, zone=ZoneInfo(zone), role="outcome", pattern=pattern)


def _meant() -> dict[str, set[timedelta | None]]:
    """What letters meant since 2000, in all zones that Python knows."""
    found: dict[str, set[timedelta | None]] = {}
    for name in available_timezones():
        for moment_ in (datetime(2000 + n // 4, 1 + n % 4 * 3, 15, tzinfo=ZoneInfo(name)) for n in range(108)):
            found.setdefault(moment_.tzname() or "", set()).add(moment_.utcoffset())
    return found


def test_letters_that_are_read_without_a_zone_meant_one_offset_everywhere() -> None:
    meant = _meant()
    for letters, hours in zone_names._HOURS.items():
        assert meant.get(letters, {timedelta(hours=hours)}) == {timedelta(hours=hours)}
    assert all(len(meant[letters]) > 1 for letters in zone_names._SEVERAL)


@pytest.mark.parametrize("letters", sorted(zone_names._SEVERAL))
def test_letters_of_several_zones_are_refused_until_one_of_those_that_the_hint_names_is_declared(letters: str) -> None:
    text = f"2026-07-02 12:00 {letters}" if letters == "CDT" else f"{NOON} {letters}"
    with pytest.raises(BadValueError, match=f"{letters} behind") as refused:
        read(text)
    assert refused.value.reason == "bad time"
    for zone in zone_names._SEVERAL[letters]:
        assert zone in refused.value.hint
        summer = text if letters != "IST" or zone != "Europe/Dublin" else f"2026-07-02 12:00 {letters}"
        there = datetime.fromisoformat(summer.removesuffix(f" {letters}")).replace(tzinfo=ZoneInfo(zone))
        assert read(summer, zone) == there.astimezone(UTC)


def test_the_hour_that_clocks_show_twice_is_told_apart_by_its_letters() -> None:
    one, other = (read(f"2026-11-01 01:30 {letters}", "America/Chicago") for letters in ("CDT", "CST"))
    assert other - one == timedelta(hours=1)


def test_a_format_says_nothing_of_the_zone_behind_it() -> None:
    assert read("11/02/2026 10:00 PM EST", pattern="%m/%d/%Y %I:%M %p") == datetime(2026, 11, 3, 3, tzinfo=UTC)
    assert patterns_of(["11/22/2026 10:00 PST", "Europe"]) == ()
    assert patterns_of(["11/22/2026 10:00 PST"]) == ("%m/%d/%Y %H:%M",)
    assert patterns_of(["Mon, 02 Nov 2026 10:00:00 GMT"]) == ("%a, %d %b %Y %H:%M:%S",)


@pytest.mark.parametrize(
    "said",
    [f"{NOON} {zone}" for zone in ("Europe/Atlantis", "../etc/hosts", "Europe/", "am", "UTC+99", "MAY", "UTC UTC")]
    + ["2026-11-02 EST", "2026-11-02 12:00+01:00 EST", "1(x)" * 50_000, "a1" * 50_000 + "!"],
)
def test_what_is_no_zone_makes_no_time(said: str) -> None:
    with pytest.raises(BadValueError, match="is no time"):
        read(said)
