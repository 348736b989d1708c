"""What living personas were worth, all of them together: in outcomes and, where it is known, in money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from living_personas.domain.goal import Goal
from living_personas.domain.settings import Metric
from living_personas.domain.worth import Worth
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.folding.fold import judged
from living_personas.loop.holdout.holdout_comparison import Compared, compare_holdout, holdout_since, keep_comparison
from living_personas.memory.worth_records import WORTH
from living_personas.ports import Store
from living_personas.stats.adjusted import daily_difference, pooled

__all__ = ["EVERY", "keep_worth", "kept_worth", "worth"]

EVERY = timedelta(days=7)
"""How far apart the days are on which it is kept what was known."""

_Key = tuple[str, str, str]


def worth(context: Context, compared: Mapping[str, Compared]) -> tuple[Worth, ...]:
    """Living minus static by outcome, over all personas that are judged by it; nothing without a holdout.

    Customers are hashed into the holdout whatever their persona, so that those of several personas may be compared
    together. Beside the goals, personas that count an event are judged by its value, too, where ``metrics`` of the
    workspace say which and how much of it counts at most; and those that sum a value by whether its event happened.

    Parameters
    ----------
    compared
        What ``compare_holdout`` found of the personas, by their own goals.
    """
    since, day = holdout_since(context), closed_through(context)
    if since is None or day is None or not compared:
        return ()
    own, other = _goals(context)
    beside = compare_holdout(context, goals=other) if other else {}
    groups: defaultdict[_Key, list[Compared]] = defaultdict(list)
    for goals, sides in ((own, compared), (other, beside)):
        for id_, goal in goals.items():
            if id_ in sides:
                groups[goal.event, goal.value or "", goal.currency or ""].append(sides[id_])
    return tuple(_worth(key, groups[key], since, day, alpha=context.alpha) for key in sorted(groups))


def keep_worth(context: Context) -> None:
    """Keep what the holdout is compared by, and each week what it was worth: so it is known over time."""
    keep_comparison(context)
    if other := _goals(context)[1]:
        keep_comparison(context, goals=other)
    day, last = closed_through(context), max(WORTH.names(context.store), default="")
    if day is not None and (not last or day - date.fromisoformat(last) >= EVERY):
        found = worth(context, compare_holdout(context))
        WORTH.write(context.store, day.isoformat(), [*found] or None)


def kept_worth(store: Store) -> Iterator[Worth]:
    """What was known on each day on which it was kept, oldest first."""
    return (each for found in WORTH.all(store).values() for each in found)


def _goals(context: Context) -> tuple[Mapping[str, Goal], Mapping[str, Goal]]:
    """The goal of each persona, and of some another one to judge them by beside it."""
    own = {persona.id: judged(context, persona).goal for persona in context.personas}
    other = {id_: _other_goal(each, context.settings.metrics) for id_, each in own.items()}
    return own, {id_: goal for id_, goal in other.items() if goal is not None}


def _other_goal(goal: Goal, metrics: Sequence[Metric]) -> Goal | None:
    """Money where the goal counts, and counts where it sums; None where nobody declared the value of the event."""
    if goal.is_value:
        return replace(goal, value=None, at_most=None, currency=None)
    sums = (each for each in metrics if each.event == goal.event and each.value and each.at_most)
    found = next(sums, None)
    return replace(goal, value=found.value, at_most=found.at_most, currency=found.currency) if found else None


def _worth(key: _Key, groups: Sequence[Compared], since: date, day: date, *, alpha: float) -> Worth:
    event, value, currency = key
    living = pooled(each.living for each in groups if each.living)
    static = pooled(each.static for each in groups if each.static)
    daily, missing = None, ""
    if living is None or static is None:
        missing = f"No customer {'of' if static is None else 'outside'} the holdout has met a decision."
    else:
        try:
            daily = daily_difference(living, static, alpha=alpha)
        except InsufficientEvidenceError as error:
            missing = error.in_sentences
    return Worth(
        event=event,
        value=value or None,
        currency=currency or None,
        since=since,
        day=day,
        living_customers=int(living.customers) if living else 0,
        static_customers=int(static.customers) if static else 0,
        days=float(living.sums[0]) if living else 0.0,
        daily=daily,
        missing=missing,
    )
