"""With this traffic, when would we know? The workspace's own beliefs, wrong by a lift, lived many times over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import ceil

import numpy as np

from living_personas.demo.side_by_side import CellWorld
from living_personas.domain.belief import Subject
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.settings import Settings
from living_personas.domain.told_number import share_words
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.context import Context
from living_personas.loop.corrections.promised import budget_of_first
from living_personas.loop.event_days.lateness import waits_in_force
from living_personas.loop.previews.planning import BeliefPlan, plan_beliefs
from living_personas.simulate.cells import drawn_cells
from living_personas.stats.arrays import Bools, Floats, Ints
from living_personas.stats.power import expected_days, expected_units

__all__ = ["WhenKnown", "when_known"]


@value
class WhenKnown:
    """What became of a belief that is wrong by ``lift``, in ``replicates`` lives of at most ``horizon_days`` days.

    ``median_days`` and ``p90_days`` are those until the right correction, None where fewer lives had one by then;
    ``decided`` and ``wrong`` are shares of lives: corrected to the best option, and first to another one.
    ``planned_days`` is what ``personas plan`` reckons.
    """

    subject: Subject
    value: str
    units_a_day: float
    rate: float
    lift: float
    replicates: int
    horizon_days: int
    median_days: int | None
    p90_days: int | None
    decided: float
    wrong: float
    planned_days: int


def when_known(
    context: Context, *, lift: float, replicates: int = 200, horizon_days: int = 365, seed: int = 1
) -> tuple[WhenKnown, ...]:
    """Live every belief of the workspace whose traffic is known, as if another option were better by ``lift``.

    Cells are drawn at the pace and success rate seen lately; ledger, accounts, corrections and tables are the real
    ones, with nobody to wait for: attributes that ask a person are corrected as soon as they would ask. Which option is
    the better one differs from life to life. The same seed gives the same answer.

    Raises
    ------
    InsufficientEvidenceError
        If no belief has traffic to plan with, or the better option would succeed more often than always.
    """
    plans = [plan for plan in plan_beliefs(context) if plan.units_a_day and plan.rate]
    if not plans:
        raise InsufficientEvidenceError(
            "No traffic was seen yet, so there is nothing to simulate with.", hint="record events, then `personas run`."
        )
    _check(plans, lift=lift, replicates=replicates, horizon_days=horizon_days)
    rng = np.random.Generator(np.random.PCG64(seed))
    waits = waits_in_force(context.store)
    alike: dict[tuple[int, timedelta], list[BeliefPlan]] = {}
    for plan in plans:
        persona, attribute = _written(context, plan.subject)
        late = timedelta(days=waits(persona, attribute) - persona.wait_days(attribute))
        alike.setdefault((len(attribute.options), late), []).append(plan)
    found = [
        known
        for (_, late), group in alike.items()
        for known in _lived(
            context, group, lift=lift, replicates=replicates, horizon_days=horizon_days, late=late, rng=rng
        )
    ]
    return tuple(sorted(found, key=lambda known: str(known.subject)))


def _lived(
    context: Context,
    plans: Sequence[BeliefPlan],
    *,
    lift: float,
    replicates: int,
    horizon_days: int,
    late: timedelta,
    rng: np.random.Generator,
) -> list[WhenKnown]:
    """All beliefs with as many options, whose outcomes come as late, each in all its lives, side by side."""
    lives = [
        (plan, _alone(context, plan, place=place, life=life))
        for place, plan in enumerate(plans)
        for life in range(replicates)
    ]
    best = np.array([_better(persona, rng) for _, persona in lives])
    rates = np.array([plan.rate for plan, _ in lives])[:, None] * np.where(_one_of(best, lives[0][1]), 1 + lift, 1.0)
    units: Ints = np.array([max(round(plan.units_a_day or 0.0), 1) for plan, _ in lives])
    world = CellWorld(
        personas=[persona for _, persona in lives],
        supply=drawn_cells(lambda _day: rates, units_a_day=units, rng=rng),
        settings=replace(_alone_settings(context), late=late),
    )
    for day in range(horizon_days):
        context.progress(day, horizon_days, "days simulated")
        world.run(1)
        if len(world.corrected) == len(lives):
            break
    context.progress(horizon_days, horizon_days, "days simulated")
    right = np.array(
        [
            _corrected_to(world, persona) == persona.attributes[0].options[o]
            for (_, persona), o in zip(lives, best, strict=True)
        ]
    )
    days = world.days_to_correct()
    return [
        _summed(plan, days[part], right[part], lift=lift, horizon_days=horizon_days, alpha=budget_of_first(context))
        for plan, part in zip(plans, np.split(np.arange(len(lives)), len(plans)), strict=True)
    ]


def _alone_settings(context: Context) -> Settings:
    """The workspace's settings for lives that have nothing to do with each other, and nobody to wait for."""
    return replace(
        context.settings,
        holdout=0.0,
        autonomy="auto",
        guardrails=(),
        sources=(),
        promise="each",
        error_budget=budget_of_first(context),
    )


def _summed(
    plan: BeliefPlan, days: Floats, right: Floats, *, lift: float, horizon_days: int, alpha: float
) -> WhenKnown:
    rate, pace = plan.rate or 0.0, plan.units_a_day or 1.0
    until = np.sort(np.where(right, days, np.inf))
    return WhenKnown(
        subject=plan.subject,
        value=plan.value,
        units_a_day=pace,
        rate=rate,
        lift=lift,
        replicates=days.size,
        horizon_days=horizon_days,
        median_days=_quantile(until, 0.5),
        p90_days=_quantile(until, 0.9),
        decided=float(np.isfinite(until).mean()),
        wrong=float((np.isfinite(days) & ~right.astype(bool)).mean()),
        planned_days=expected_days(
            expected_units(rate, lift, alpha=alpha, margin=plan.worth_changing, options=plan.options),
            units_a_day=pace,
            wait=plan.wait_days,
        ),
    )


def _quantile(ordered: Floats, share: float) -> int | None:
    """The least day by which so large a share was decided."""
    day = float(ordered[ceil(share * ordered.size) - 1])
    return int(day) if np.isfinite(day) else None


def _written(context: Context, subject: Subject) -> tuple[Persona, Attribute]:
    persona = next(persona for persona in context.personas if persona.id == subject.persona)
    return persona, persona.attribute(subject.attribute)


def _alone(context: Context, plan: BeliefPlan, *, place: int, life: int) -> Persona:
    """A persona of one attribute, which believes what is believed now; a snapshot orders them by place, then life."""
    written, attribute = _written(context, plan.subject)
    attribute = replace(attribute, believed=plan.value, change="auto", per="persona")
    name = f"{place:03}-{life:05}"
    return replace(
        written, id=name, who="true", priority=place, attributes=(attribute,), traits=(), guardrails=(), channels=()
    )


def _better(persona: Persona, rng: np.random.Generator) -> int:
    """The place of the option that is better in this life: any but the believed one."""
    attribute = persona.attributes[0]
    others = [place for place, option in enumerate(attribute.options) if option != attribute.believed]
    return int(rng.choice(others))


def _one_of(best: Ints, persona: Persona) -> Bools:
    return np.asarray(np.arange(len(persona.attributes[0].options)) == best[:, None])


def _corrected_to(world: CellWorld, persona: Persona) -> str:
    refinement = world.corrected.get(persona.id)
    return str(refinement.new) if refinement else ""


def _check(plans: Sequence[BeliefPlan], *, lift: float, replicates: int, horizon_days: int) -> None:
    highest = max(plan.rate or 0.0 for plan in plans)
    if lift <= max(plan.worth_changing for plan in plans) or highest * (1 + lift) >= 1:
        raise InsufficientEvidenceError(
            f"A lift of {lift!r} over a success rate of {share_words(highest, 2)} cannot be lived.",
            hint="give a lift above 0 and `worth_changing`, such as 0.2 for 20 %, that leaves the rate below 100 %.",
        )
    if min(replicates, horizon_days) < 1:
        raise InsufficientEvidenceError(
            f"{replicates!r} lives of {horizon_days!r} days show nothing.", hint="give at least one life of one day."
        )
