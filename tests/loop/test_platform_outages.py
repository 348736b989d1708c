"""Events that end on one platform are an alarm with its name; what people do, or new versions bring, is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from discovery.made import candidate, difference, rng
from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Event, Json
from living_personas.domain.settings import Feature, Settings
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.loop.context import Context
from living_personas.loop.segments.platform_outages import SampledOutage, is_outage, platform_outages
from living_personas.stores.memory import MemoryStore

LAST, DAYS, STOPS = date(2026, 6, 30), 90, 62
MANY = 300
CUSTOMERS = [f"c{number:03d}" for number in range(MANY)]
IOS = CUSTOMERS[:24]
"""Eight in a hundred."""
KINDS = ("Session Started", "Email Opened", "Order Completed", "Doc Read")

Happens = Callable[[int, str, int], bool]
"""Whether a customer does something of a kind on a day when it would."""
Says = Callable[[int, str, int], dict[str, Json]]
"""What an event of a customer, kind and day says of where it comes from."""


def platform_of(number: int) -> str:
    return "ios" if number < len(IOS) else ("android", "web")[number % 2]


def on_its_platform(number: int, _kind: str, _day: int) -> dict[str, Json]:
    return {"platform": platform_of(number), "price": 3}


def lived(happens: Happens, says: Says = on_its_platform) -> Context:
    """Every customer does each of the things on every third day or so."""
    opened = Feature(name="opened", sql="count(*) filter (where name = 'Email Opened')", within=timedelta(days=28))
    settings = Settings(name="Shop", salt="s", features=(opened,))
    context = Context(store=MemoryStore(), engine=DuckDBEngine(), settings=settings, personas=())
    draw = rng(4).random((DAYS, MANY, len(KINDS))) < 0.35
    for day in range(DAYS):
        rows = [
            (CUSTOMERS[number], KINDS[kind], says(int(number), KINDS[kind], day))
            for number, kind in np.argwhere(draw[day])
            if happens(int(number), KINDS[kind], day)
        ]
        context.store.partitions.replace("events", {on(day): events(rows, on(day))})
    return context


def on(day: int) -> date:
    return LAST - timedelta(days=DAYS - 1 - day)


def events(rows: list[tuple[str, str, dict[str, Json]]], day: date) -> pa.Table:
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    happened = [
        Event(
            message_id=f"{day}-{number}",
            customer=customer,
            name=name,
            time=noon,
            channel="email" if name == "Email Opened" else "",
            properties=said,
        )
        for number, (customer, name, said) in enumerate(rows)
    ]
    return EventBatch.of(happened, zone=ZoneInfo("UTC")).events


def found(context: Context) -> tuple[SampledOutage, ...]:
    return platform_outages(context, pa.array(CUSTOMERS), LAST)


def lost_on_ios(number: int, kind: str, day: int) -> bool:
    return not (number < len(IOS) and kind in ("Email Opened", "Order Completed") and day >= STOPS)


@pytest.mark.parametrize("silent_about_it", ["", "Order Completed"])
def test_what_one_platform_loses_is_an_alarm_with_its_name(silent_about_it: str) -> None:
    def says(number: int, kind: str, day: int) -> dict[str, Json]:
        return {} if kind == silent_about_it else on_its_platform(number, kind, day)

    context = lived(lost_on_ios, says)
    (outage,) = found(context)
    assert (outage.found.events, outage.found.field, outage.found.of) == (
        ("Email Opened", "Order Completed"),
        "platform",
        "ios",
    )
    assert outage.found.since == on(STOPS)
    assert f"from platform 'ios' stopped on {on(STOPS)}" in str(outage.found)
    assert sorted(outage.about.to_pylist()) == IOS
    silent = replace(candidate(IOS), differences=(difference("opened", -2.0, silent=True),))
    assert is_outage(context, silent, (outage,))
    assert not is_outage(context, replace(silent, members=pa.table({"customer": CUSTOMERS[:60]})), (outage,))
    assert not is_outage(context, replace(silent, differences=(difference("opened", -2.0),)), (outage,))


def test_mails_that_begin_make_nobody_active_who_has_stopped() -> None:
    """Whoever did nothing of late but get mail is told apart by its last events: of these no order is late."""

    def says(_number: int, kind: str, _day: int) -> dict[str, Json]:
        return {"source": "mail" if kind == "Email Opened" else "shop"}

    def happens(number: int, kind: str, day: int) -> bool:
        return day >= STOPS if kind == "Email Opened" else not (number < 2 * len(IOS) and day >= STOPS)

    assert found(lived(happens, says)) == ()


def test_silent_evaluators_on_one_platform_are_people() -> None:
    assert found(lived(lambda number, kind, _day: not (number < len(IOS) and kind != "Session Started"))) == ()


def test_customers_who_stop_one_by_one_are_people() -> None:
    def happens(number: int, kind: str, day: int) -> bool:
        return not (number < len(IOS) and kind == "Email Opened" and day >= 35 + 2 * number)

    assert found(lived(happens)) == ()


def test_a_new_version_ends_the_old_one_and_nothing_else() -> None:
    def says(number: int, _kind: str, day: int) -> dict[str, Json]:
        return {"context": {"app_version": "2.1" if day >= STOPS + number % 3 else "2.0"}}

    assert found(lived(lambda *_: True, says)) == ()


def test_a_version_that_forgets_events_is_told_by_its_number() -> None:
    def says(number: int, _kind: str, day: int) -> dict[str, Json]:
        return {"context": {"app_version": "3.0" if number < len(IOS) and day >= STOPS else "2.0"}}

    (outage,) = found(lived(lost_on_ios, says))
    assert (outage.found.of, outage.found.since) == ("3.0", on(STOPS))


def test_what_ends_for_everybody_is_told_once() -> None:
    context = lived(lambda _number, kind, day: not (kind == "Doc Read" and day >= STOPS))
    (outage,) = found(context)
    assert (outage.found.events, outage.found.field) == (("Doc Read",), "")
    assert not is_outage(context, candidate(IOS), (outage,))


def test_where_nothing_ended_or_everything_did_on_a_platform_nothing_is_told() -> None:
    assert found(lived(lambda *_: True)) == ()
    assert found(lived(lambda number, _kind, day: not (number < len(IOS) and day >= STOPS))) == ()
