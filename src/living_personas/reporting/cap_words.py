"""What a value counts for at most, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from living_personas.domain.capped_goal import CappedGoal
from living_personas.domain.names import named
from living_personas.domain.told_number import number_text, share_words

__all__ = ["cap_sentence", "cap_warning", "cap_warnings"]


def cap_sentence(goal: CappedGoal) -> str:
    """What counts at most, and by what.

    >>> from datetime import date
    >>> goal = CappedGoal(persona="buyer", value="revenue", at_most=500.0, fixed_on=date(2026, 3, 1), fixed_from=1312,
    ...     seen=0, needed=200, cap=390.0, units=2400, reach=0.004)
    >>> said = cap_sentence(goal).split(", ")
    >>> said[0], said[-1]
    ("'revenue' of 'buyer' counts up to 390 an occasion", 'fixed on 2026-03-01 from 1,312 values.')
    """
    what = f"{named(goal.value)} of {named(goal.persona)}"
    if goal.at_most is None:
        return _waits(goal)
    own = f"fixed on {goal.fixed_on} from {goal.fixed_from:,} values" if goal.fixed_on else "as its file says"
    if goal.units and goal.cap is not None and goal.cap < goal.at_most:
        return (
            f"{what} counts up to {goal.cap:,.6g} an occasion, as 99 of 100 of {goal.units:,} earlier ones stayed "
            f"below; never above {goal.at_most:,.15g}, {own}."
        )
    return f"{what} counts up to {goal.at_most:,.15g} an occasion, {own}."


def cap_warning(goal: CappedGoal) -> str:
    """What should be looked at, and what to do; empty if nothing."""
    if goal.at_most is None:
        return _waits(goal)
    if goal.is_often_reached:
        return (
            f"{share_words(goal.reach)} of the occasions of {named(goal.persona)} with a {named(goal.value)} come to "
            f"its most, {goal.at_most:,.15g}: what larger ones bring is not seen. A higher `at_most` shows "
            "it, and is asked anew."
        )
    if goal.is_far_too_high:
        return (
            f"`at_most: {number_text(goal.at_most)}` of {named(goal.persona)} is far above what occasions come to: "
            f"{goal.cap:,.6g} is what counts now. Until that was known, everything took "
            "longer; a lower `at_most` is known from the start."
        )
    return ""


def cap_warnings(goals: Iterable[CappedGoal]) -> tuple[str, ...]:
    """The warnings that there are."""
    return tuple(filter(None, map(cap_warning, goals)))


def _waits(goal: CappedGoal) -> str:
    return (
        f"The goal of {named(goal.persona)} waits: {named(goal.value)} has no `at_most`, which is fixed from the first "
        f"{goal.needed} values; {goal.seen:,} were seen. Until then no occasion counts: an `at_most` "
        "that you write lets it begin now."
    )
