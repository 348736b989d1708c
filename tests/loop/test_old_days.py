"""Old events that browsers send again and again: so many closed days are folded again, the others wait."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from living_personas.domain.event import BROWSER, SENT_FROM, Event
from living_personas.loop import closing, cycle
from living_personas.loop.context import Context
from living_personas.loop.event_days.old_days import BUDGET, days_waiting
from living_personas.loop.feed.uncounted import uncounted
from living_personas.loop.folding.fold import fold_days
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.records import OLD_DAYS_SPENT
from living_personas.memory.tables import CELLS, UNITS
from loop.shops import DAY_ZERO, context_of, history, morning_after, noon

DAYS = BUDGET + 6


def told(context: Context, days: Iterable[int], turn: int, *, browser: bool) -> None:
    """An order of somebody on each of these days, as it is sent afterwards."""
    properties = {SENT_FROM: BROWSER} if browser else None
    events = [
        Event(
            message_id=f"{turn}-{day}-{browser}",
            customer=f"h-{day}-0",
            name="Left",
            time=noon(day, hours=2),
            properties=properties,
        )
        for day in days
    ]
    record(context, events, received=noon(DAYS))


def shop() -> Context:
    context = context_of()
    record(context, history(range(DAYS), units=4), received=noon(DAYS))
    cycle.run(context, now=morning_after(DAYS - 1), owner="w")
    return context


def refolded(context: Context, day: int = DAYS - 1) -> int:
    """How many days the worker's next turn folds again."""
    plan = closing.plan(context, now=morning_after(day))
    cycle.run(context, now=morning_after(day), owner="w")
    return len(plan.refold)


@pytest.mark.long
def test_a_browser_cannot_have_more_days_folded_again_than_the_budget_and_nothing_is_lost() -> None:
    context = shop()
    turns = []
    for turn in range(3):
        told(context, range(DAYS), turn, browser=True)
        turns.append(refolded(context))
    assert (turns[0] > 0, turns[1:]) == (True, [0, 0])
    assert sum((OLD_DAYS_SPENT.read(context.store) or {}).values()) == BUDGET
    assert days_waiting(context.store) == DAYS
    [said] = [each for each in uncounted(context) if each.kind == "old"]
    assert (said.count, said.is_much) == (DAYS, True)
    for more in range(3):
        record(context, history([DAYS + more], units=4), received=noon(DAYS + more))
        cycle.run(context, now=morning_after(DAYS + more), owner="w")
    assert days_waiting(context.store) == 0
    held = [table_of(table.all(context.store)).to_pylist() for table in (UNITS, CELLS)]
    fold_days(context, DAY_ZERO, noon(DAYS + 2).date())
    assert held == [table_of(table.all(context.store)).to_pylist() for table in (UNITS, CELLS)]


@pytest.mark.long
def test_what_a_server_sends_of_old_days_is_folded_at_once() -> None:
    context = shop()
    for turn in range(2):
        told(context, range(DAYS), turn, browser=True)
        refolded(context)
    told(context, [3], 9, browser=False)
    assert refolded(context) > 0
    assert days_waiting(context.store) == DAYS - 1
