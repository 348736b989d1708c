"""Whether a segment's members answer otherwise than the rest of their persona: from decisions that were made anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from living_personas.domain.belief import Interval
from living_personas.domain.candidate import Candidate
from living_personas.domain.names import named
from living_personas.domain.persona import Persona
from living_personas.domain.response import Response, Responses
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.context import Context
from living_personas.loop.folding.fold import judged
from living_personas.loop.folding.known_customers import KnownCustomers
from living_personas.memory.records import STARTED
from living_personas.memory.tables import EVENTS, UNITS
from living_personas.stats.ratio import ClusterSums, rate_difference

__all__ = ["Window", "responses", "window"]

LOOK_BACK, LEAST_DAYS = 28, 7
"""Days of units that are compared, and the fewest that are worth it."""

INSIDE, OUTSIDE = "members", "others"


class Window(NamedTuple):
    """The days of the units that are compared."""

    since: date
    through: date


def window(context: Context, day: date, *, wait: int) -> Window | None:
    """The last days whose outcomes are complete at the end of ``day``; None while too few were lived.

    As many days come before it: whoever is a member is known from them, not from what is compared.
    """
    started = STARTED.read(context.store)
    through = day - timedelta(days=wait)
    lived = (through - started).days + 1 if started else 0
    length = min(LOOK_BACK, lived // 2)
    return Window(through - timedelta(days=length - 1), through) if length >= LEAST_DAYS else None


def responses(context: Context, candidate: Candidate, day: date, *, known: KnownCustomers | None) -> Responses:
    """How the candidate's members answered to each option, next to the other customers of the nearest persona.

    Members are chosen by what was known before the first of the days compared: a rule that counts orders would
    otherwise find those who had ordered. Options were drawn for both alike, so each of them is compared by itself, with
    the customer as the unit, and the intervals share the error budget.

    Parameters
    ----------
    known
        Every customer as known on the day before the window; None if there is no window yet.
    """
    nearest = next((persona for persona in context.personas if persona.id == candidate.nearest), None)
    if nearest is None:
        return Responses(missing=f"no persona {named(candidate.nearest)} is left to compare with.")
    days = window(context, day, wait=nearest.longest_wait)
    if days is None or known is None:
        return Responses(missing=f"it takes {2 * LEAST_DAYS} days whose outcomes are complete.")
    told: dict[str, Any] = {"known": known, "rule": candidate.assignment}
    asked = [*_sums(context, nearest, days, day, **told, by_option=False)]
    asked += _sums(context, nearest, days, day, **told, by_option=True)
    return Responses(
        since=days.since,
        through=days.through,
        is_value=judged(context, nearest).goal.is_value,
        found=tuple(_response(each, alpha=context.alpha / len(asked)) for each in asked),
    )


class _Asked(NamedTuple):
    attribute: str
    option: str
    members: ClusterSums | None
    others: ClusterSums | None


def _sums(
    context: Context, nearest: Persona, days: Window, day: date, *, known: KnownCustomers, rule: str, by_option: bool
) -> Iterator[_Asked]:
    """The sums over customers of both groups for each attribute, or each of its options."""
    asked = [
        (attribute.name, option)
        for attribute in nearest.attributes
        for option in (attribute.options if by_option else ("",))
    ]
    options = sorted({option for _, option in asked})
    units = known.kept.compared(
        UNITS.read(context.store, days.since, days.through),
        of=nearest.id,
        customers=known.customers,
        inside=known.kept.holding(known.customers, rule=rule, columns=("customer",)),
        names=(INSIDE, OUTSIDE),
        by_option=by_option,
    )
    rows = known.engine.per_customer(
        units=units,
        events=EVENTS.read(context.store, days.since, day),
        links=context.store.inbox.links(),
        personas=[judged(context, replace(nearest, id=f"{g}/{o}")) for g in (INSIDE, OUTSIDE) for o in options],
    ).to_pylist()
    sums = {(row["attribute"], row["persona"]): ClusterSums.of(row) for row in rows}
    for attribute, option in asked:
        inside, outside = (sums.get((attribute, f"{group}/{option}")) for group in (INSIDE, OUTSIDE))
        yield _Asked(attribute, option, inside, outside)


def _response(asked: _Asked, *, alpha: float) -> Response:
    members, others = (int(group.customers) if group else 0 for group in (asked.members, asked.others))
    return Response(
        attribute=asked.attribute,
        option=asked.option,
        members=members,
        others=others,
        difference=_difference(asked, alpha=alpha),
    )


def _difference(asked: _Asked, *, alpha: float) -> Interval | None:
    if asked.members is None or asked.others is None:
        return None
    try:
        return rate_difference(asked.members, asked.others, alpha=alpha)
    except InsufficientEvidenceError:
        return None  # too few customers: they are counted beside it
