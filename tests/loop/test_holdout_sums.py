"""What a cycle kept of the holdout's comparison is what all units and events say, whatever changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.event import Event
from living_personas.domain.goal import Goal
from living_personas.loop import cycle, holdout
from living_personas.loop.context import Context
from living_personas.loop.holdout import compare_holdout
from living_personas.loop.record import record, register_policies
from living_personas.memory.worth_records import HOLDOUT_SUMS
from loop.shops import PERSONA, SETTINGS, Shop, context_of, edited, noon

HALF = replace(SETTINGS, holdout=0.5)

changes = st.lists(
    st.tuples(st.sampled_from(["night", "late order", "link", "goal", "policy", "cycle"]), st.integers(0, 9)),
    min_size=1,
    max_size=5,
)


def bought(_option: str, _day: int, rng: np.random.Generator) -> dict[str, float | None]:
    return {"Bought": None} if rng.random() < 0.4 else {}


def shop(days: int) -> Shop:
    return Shop(context_of(settings=HALF), bought, customers=10).live(days)


def numbers(context: Context) -> dict[tuple[str, str], Any]:
    """Each number that is compared, to the bit."""
    return {
        (name, side): (found.customers, found.outcomes, found.sums.tolist(), found.products.tolist())
        for name, both in compare_holdout(context).items()
        for side, found in both._asdict().items()
        if found is not None
    }


def directly(context: Context) -> dict[tuple[str, str], Any]:
    """The same, of all that there is."""
    kept = HOLDOUT_SUMS.all(context.store)
    for name in kept:
        HOLDOUT_SUMS.write(context.store, name, None)
    try:
        return numbers(context)
    finally:
        for name, found in kept.items():
            HOLDOUT_SUMS.write(context.store, name, found)


@pytest.mark.long
@settings(max_examples=8)
@given(changes=changes)
def test_what_was_kept_is_what_all_rows_say(changes: Sequence[tuple[str, int]]) -> None:
    """Nights pass; orders come late, ids are joined, goals are edited and policies met; a cycle ran since, or not."""
    lived = shop(2)
    for number, (what, who) in enumerate(changes):
        if what == "night":
            lived.live(1)
        elif what == "late order":
            order = Event(message_id=f"late-{number}", customer=f"u{who}", name="Bought", time=noon(0, hours=6))
            record(lived.context, [order], received=noon(lived.days))
        elif what == "link":
            joined = Event(message_id=f"l-{number}", customer=f"u{who}", also="u3", name="Alias", time=noon(1, hours=1))
            record(lived.context, [joined], received=noon(lived.days))
        elif what == "goal":
            lived.context = edited(lived.context, replace(PERSONA, goal=Goal(event="Left", within=timedelta(days=1))))
        elif what == "policy":
            register_policies(lived.context, {f"elsewhere-{number}": {"a": 1.0}})
        else:
            cycle.run(lived.context, now=noon(lived.days, hours=-6), owner="w")
        assert numbers(lived.context) == directly(lived.context)


def test_a_page_reads_no_history_that_a_cycle_has_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    lived = shop(3)
    expected = directly(lived.context)
    assert {side for _, side in expected} == {"living", "static"}

    def opened(*_: object) -> None:
        raise AssertionError("all units and events were read")

    monkeypatch.setattr(holdout, "_summed", opened)
    assert numbers(lived.context) == expected


def test_what_happens_on_a_day_that_is_not_over_changes_nothing_kept() -> None:
    lived = shop(2)
    kept = HOLDOUT_SUMS.all(lived.context.store)
    record(
        lived.context, [Event(message_id="m", customer="u1", name="Bought", time=noon(lived.days))], received=noon(9)
    )
    cycle.run(lived.context, now=noon(lived.days), owner="w")
    assert HOLDOUT_SUMS.all(lived.context.store) == kept
