"""Link scanners click everything at once: many clicks on one mail within seconds are nobody's clicks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from living_personas.domain.event import MACHINE_EVENTS, Event

__all__ = ["BURST", "SECONDS", "Click", "clicks_of", "without_bursts"]

BURST = 3
"""Clicks of one customer that people do not manage within ``SECONDS``."""
SECONDS = 10.0
_CLICKED = "Email Link Clicked"

Click = tuple[str, datetime]
"""Who clicked, in whatever mail, and when."""


def clicks_of(events: Iterable[Event]) -> tuple[Click, ...]:
    """The clicks among some events, by people and by machines."""
    names = (_CLICKED, MACHINE_EVENTS[_CLICKED])
    return tuple((event.customer, event.time) for event in events if event.name in names)


def without_bursts(events: Sequence[Event], *, earlier: Iterable[Click] = ()) -> tuple[Event, ...]:
    """The events, with clicks that belong to a burst called what they are.

    A click belongs to one if ``BURST`` clicks of its customer, itself and those of ``earlier`` bodies included, lie
    within ``SECONDS``. What was recorded before it was known to be a burst stays as it is.
    """
    times: dict[str, list[datetime]] = {}
    for customer, time in (*earlier, *clicks_of(events)):
        times.setdefault(customer, []).append(time)
    for each in times.values():
        each.sort()
    return tuple(_marked(event) if _in_burst(event, times) else event for event in events)


def _in_burst(event: Event, times: dict[str, list[datetime]]) -> bool:
    if event.name != _CLICKED:
        return False
    mine = times[event.customer]
    width = timedelta(seconds=SECONDS)
    windows = zip(mine, mine[BURST - 1 :], strict=False)
    return any(first <= event.time <= last and last - first <= width for first, last in windows)


def _marked(event: Event) -> Event:
    return replace(event, name=MACHINE_EVENTS[_CLICKED], properties={**(event.properties or {}), "machine": True})
