"""Whom a rule would hold among the customers of the last closed day, and how long a belief about them takes to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.decision import IGNORED
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Persona
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError, InvalidRuleError
from living_personas.loop.closing import kept_states
from living_personas.loop.context import Context
from living_personas.loop.customers import sizes
from living_personas.loop.learn import EvidenceState
from living_personas.loop.planning import traffic_of
from living_personas.loop.prices import Traffic
from living_personas.loop.promised import budget_of_first
from living_personas.loop.relations import sampled
from living_personas.memory.tables import CUSTOMERS
from living_personas.rules.parse import parse

__all__ = ["SAMPLED", "Counted", "count_rule", "examples_of", "expected_time"]

SAMPLED = 20_000
"""Customers among whom examples are looked for."""


@value
class Counted:
    """How many customers a rule is true for, those of each persona apart; who is ignored is not counted."""

    customers: int
    of: Mapping[str, int]


def count_rule(context: Context, rule: str) -> Counted:
    """Count the customers of the last closed day for whom a rule is true.

    Raises
    ------
    InvalidRuleError
        If it is no rule, or asks who somebody is.
    """
    _check(rule)
    found = context.engine.matching(CUSTOMERS.newest(context.store), rule=rule)
    of = dict(zip(found["persona"].to_pylist(), found["customers"].to_pylist(), strict=True))
    of.pop(IGNORED, None)
    return Counted(customers=sum(of.values()), of=of)


def examples_of(context: Context, rule: str, *, most: int) -> pa.Table:
    """Up to ``most`` customers for whom a rule is true, from a sample: what is known of them, and not who they are."""
    _check(rule)
    columns = [name for name, _ in parse(rule).columns]
    sample = sampled(CUSTOMERS.newest(context.store), about=SAMPLED, also=[CUSTOMER, "persona"])
    if not sample.num_rows:
        return sample
    draft = Persona(id="draft", name="draft", who=rule, goal=Goal(event="any", within=timedelta(days=1)))
    members = context.engine.members(sample.sort_by(CUSTOMER), personas=[draft])
    rows = sample.sort_by(CUSTOMER).filter(pc.equal(members["persona"], "draft"))
    rows = rows.filter(pc.not_equal(rows["persona"], IGNORED))
    told = [name for name in rows.column_names if name not in (CUSTOMER, "persona") and not name.endswith("__of")]
    first = [name for name in told if name in columns]
    return rows.select([*first, *(name for name in told if name not in first)]).slice(0, most)


def expected_time(context: Context, counted: Counted, *, options: int, lift: float) -> tuple[float, int, int] | None:
    """Units a day, units, and days until an option that is better by ``lift`` is known among counted customers.

    They are reckoned to be met, and to follow, as the members of the personas that they come from; None while too
    little is known of those.
    """
    states = kept_states(context)
    found = [met for name in counted.of if (met := _met(context, states, name)) is not None]
    members = sum(size for size, _ in found)
    if not members:
        return None
    units_a_day = sum(traffic.units_a_day for _, traffic in found)
    pace = units_a_day / members * counted.customers
    rate = sum(traffic.units_a_day * traffic.rate for _, traffic in found) / units_a_day
    traffic = replace(found[0][1], units_a_day=pace, rate=rate, options=options, window=0, completion=1.0, margin=0.0)
    try:
        units, days = traffic.time(lift, alpha=budget_of_first(context))
    except InsufficientEvidenceError:
        return None
    return pace, units, days


def _met(context: Context, states: Sequence[EvidenceState], persona: str) -> tuple[int, Traffic] | None:
    """A persona's members, and what comes to its busiest belief."""
    size = next(reversed(sizes(context.store).values()), {}).get(persona, 0)
    found: Sequence[Traffic] = [
        traffic
        for state in states
        for a, subject in enumerate(state.panel.subjects)
        if subject.persona == persona and (traffic := traffic_of(state, a)) is not None
    ]
    return (size, max(found, key=lambda each: each.units_a_day)) if size and found else None


def _check(rule: str) -> None:
    if CUSTOMER in {name for name, _ in parse(rule).columns}:
        raise InvalidRuleError(
            "The rule asks who a customer is, and the count would tell of one.", hint="ask what customers do or are."
        )
