"""Whom a rule would hold among the customers of the last closed day, and how long a belief about them takes to know."""

from __future__ import annotations

from collections.abc import Mapping
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
from living_personas.loop.folding.customers import sizes
from living_personas.loop.previews.planning import traffic_of
from living_personas.loop.previews.prices import Traffic
from living_personas.loop.relations import sampled
from living_personas.memory.tables import CUSTOMERS
from living_personas.rules.parse import parse

__all__ = ["SAMPLED", "MemberTraffic", "RuleCount", "count_rule", "examples_of", "expected_days", "met_lately"]

SAMPLED = 20_000
"""Customers among whom examples are looked for."""


@value
class RuleCount:
    """How many customers a rule is true for, those of each persona apart; who is ignored is not counted."""

    customers: int
    of: Mapping[str, int]


@value
class MemberTraffic:
    """The customers of a persona, and what comes to its busiest belief."""

    customers: int
    traffic: Traffic


def count_rule(context: Context, rule: str) -> RuleCount:
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
    return RuleCount(customers=sum(of.values()), of=of)


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


def met_lately(context: Context) -> Mapping[str, MemberTraffic]:
    """How the members of each persona are met, where enough is known of it."""
    last = next(reversed(sizes(context.store).values()), {})
    found: dict[str, MemberTraffic] = {}
    for state in kept_states(context):
        for a, subject in enumerate(state.panel.subjects):
            size, traffic = last.get(subject.persona, 0), traffic_of(state, a)
            held = found.get(subject.persona)
            if size and traffic and (held is None or traffic.units_a_day > held.traffic.units_a_day):
                found[subject.persona] = MemberTraffic(customers=size, traffic=traffic)
    return found


def expected_days(
    counted: RuleCount, met: Mapping[str, MemberTraffic], *, options: int, lift: float, alpha: float
) -> int | None:
    """Days until an option that is better by ``lift`` is known among counted customers, near the median.

    They are reckoned to be met, and to follow, as the members of the personas that they come from; None while too
    little is known of those. ``alpha`` is the error budget of a first correction.
    """
    found = [met[name] for name in counted.of if name in met]
    units_a_day = sum(each.traffic.units_a_day for each in found)
    if not units_a_day:
        return None
    pace = units_a_day / sum(each.customers for each in found) * counted.customers
    rate = sum(each.traffic.units_a_day * each.traffic.rate for each in found) / units_a_day
    like = found[0].traffic
    traffic = replace(like, units_a_day=pace, rate=rate, options=options, window=0, completion=1.0, margin=0.0)
    try:
        return traffic.time(lift, alpha=alpha)[1]
    except InsufficientEvidenceError:
        return None


def _check(rule: str) -> None:
    if CUSTOMER in {name for name, _ in parse(rule).columns}:
        raise InvalidRuleError(
            "The rule asks who a customer is, and the count would tell of one.", hint="ask what customers do or are."
        )
