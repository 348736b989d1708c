"""``plan``: how many customers and days it takes to overturn each belief, reckoned or simulated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.opened import opened
from living_personas.cli.options import Folder, Format
from living_personas.cli.screen import json_of, show
from living_personas.demo.knowing import WhenKnown, when_known
from living_personas.loop.planning import BeliefPlan, TimeToKnow, plan_beliefs
from living_personas.reporting.page import Page, Table, Text

__all__ = ["known_page", "plan", "plan_page"]


Lifts = Annotated[
    tuple[float, ...],
    Parameter(name="--simulate", help="Live it, if another option is better by this (0.2 is 20 %); may be repeated."),
]
Replicates = Annotated[int, Parameter(help="How many lives to simulate for each belief and lift.")]
Horizon = Annotated[int, Parameter(name="--days", help="How long each simulated life is at most.")]
Seed = Annotated[int, Parameter(help="The same seed simulates the same lives.")]


def plan(
    *,
    simulate: Lifts = (),
    replicates: Replicates = 200,
    days: Horizon = 365,
    seed: Seed = 1,
    form: Format = "table",
    workspace: Folder = Path(),
) -> None:
    """Say how many customers and days it takes to overturn each belief, at the traffic seen.

    With --simulate, the beliefs are lived through the real refining path, many times over, and what came of it is said.
    """
    with opened(workspace) as (_, context):
        if not simulate:
            plans = plan_beliefs(context)
            show(form, lambda: plan_page(plans), lambda: json_of(plans, tuple[BeliefPlan, ...]))
            return
        known = tuple(
            each
            for lift in simulate
            for each in when_known(context, lift=lift, replicates=replicates, horizon_days=days, seed=seed)
        )
    show(form, lambda: known_page(known), lambda: json_of(known, tuple[WhenKnown, ...]))


def known_page(known: tuple[WhenKnown, ...]) -> Page:
    """A row for each belief and lift: what the lives said, beside what the plan reckons."""
    columns = (
        "belief",
        "value",
        "if another is better by",
        "units a day",
        "outcome per unit",
        "half know by day",
        "nine in ten by day",
        "right by the end",
        "wrong",
        "reckoned days",
    )
    said = f"{known[0].replicates} lives of at most {known[0].horizon_days} days each, waiting for outcomes included:"
    return (
        Text(text=said),
        Table(columns=columns, rows=tuple(map(_known_row, known)), numbers=columns[2:]),
    )


def _known_row(each: WhenKnown) -> tuple[str, ...]:
    return (
        str(each.subject),
        each.value,
        f"{each.lift:.0%}",
        f"{each.units_a_day:,.0f}",
        f"{each.rate:.2%}",
        _day(each.median_days),
        _day(each.p90_days),
        f"{each.decided:.1%}",
        f"{each.wrong:.1%}",
        f"{each.planned_days:,}",
    )


def _day(day: int | None) -> str:
    return "not by then" if day is None else f"{day:,}"


def plan_page(plans: tuple[BeliefPlan, ...]) -> Page:
    """A row for each belief; the columns say by how much another option would have to be better."""
    lifts = sorted({time.lift for plan in plans for time in plan.times})
    if not lifts:
        return (Text(text="No traffic was seen yet, so there is nothing to plan with: record events, then run."),)
    columns = ("belief", "value", "units a day", "outcome per unit", *(f"if +{lift:.0%} is true" for lift in lifts))
    rows = tuple((str(plan.subject), plan.value, *_traffic(plan), *_times(plan, lifts)) for plan in plans)
    return (
        Text(text="Units and days until another option, better by so much relative to the value, has overturned it:"),
        Table(columns=columns, rows=rows, numbers=columns[2:]),
    )


def _traffic(plan: BeliefPlan) -> tuple[str, str]:
    if plan.units_a_day is None or plan.rate is None:
        return "not yet known", "not yet known"
    return f"{plan.units_a_day:,.0f}", f"{plan.rate:.2%}"


def _times(plan: BeliefPlan, lifts: list[float]) -> list[str]:
    known = {time.lift: time for time in plan.times}
    return [_time(known[lift]) if lift in known else "not yet known" for lift in lifts]


def _time(time: TimeToKnow) -> str:
    return f"{time.units:,} units, {time.days:,} {'day' if time.days == 1 else 'days'}"
