"""Closed days that events of browsers change: so many are folded again for each day that closes, and the others wait.

The key of a page is everybody's: whoever sends old events with it, again and again, must not have the same work done
without end.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import FROM_BROWSER
from living_personas.loop.context import Context
from living_personas.memory.records import CLOSED, OLD_DAYS, OLD_DAYS_SPENT, OLD_DAYS_WAITING
from living_personas.ports import Store

__all__ = ["BUDGET", "days_waiting", "note_old_days", "within_budget"]

BUDGET = 30
"""Closed days that browsers alone may have folded again for each day that closes: a month offline."""


def note_old_days(context: Context, events: pa.Table) -> None:
    """Note of which closed days new events are, and whether browsers sent them."""
    closed = CLOSED.read(context.store)
    if closed is None:
        return
    old = events.filter(pc.less_equal(events["day"], pa.scalar(closed)))
    if not old.num_rows:
        return
    browser = pc.match_substring(old["properties"], FROM_BROWSER)
    held = OLD_DAYS.read(context.store) or {}
    found = {"browser": old.filter(browser), "server": old.filter(pc.invert(browser))}
    now = {who: sorted({*held.get(who, ()), *rows["day"].unique().to_pylist()}) for who, rows in found.items()}
    if now != held:
        OLD_DAYS.write(context.store, now)


def within_budget(store: Store, changed: Mapping[str, list[date]], closed: date) -> dict[str, list[date]]:
    """The changed days that are folded again now; those that only browsers changed as far as there is a budget left."""
    held = OLD_DAYS.read(store) or {}
    waiting = {*(OLD_DAYS_WAITING.read(store) or ()), *held.get("browser", ())} - set(held.get("server", ()))
    if held:
        OLD_DAYS.write(store, None)
    if not waiting:
        return {kind: list(days) for kind, days in changed.items()}
    spent = (OLD_DAYS_SPENT.read(store) or {}).get(closed, 0)
    now = sorted(waiting, reverse=True)[: max(BUDGET - spent, 0)]
    later = waiting.difference(now)
    OLD_DAYS_WAITING.write(store, sorted(later) or None)
    OLD_DAYS_SPENT.write(store, {closed: spent + len(now)})
    kept = {kind: sorted(set(days) - later) for kind, days in changed.items()}
    # Which of them were met on, too, is not kept of those that have waited: either is looked at.
    waited = set(now).difference(*changed.values())
    return {kind: sorted({*days, *waited}) for kind, days in kept.items()}


def days_waiting(store: Store) -> int:
    """How many closed days wait to be folded again, as browsers alone changed them."""
    return len(OLD_DAYS_WAITING.read(store) or ())
