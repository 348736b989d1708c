"""``plan``: how many customers and days it takes to overturn each belief."""

from __future__ import annotations

from pathlib import Path

from living_personas.cli.opened import opened
from living_personas.cli.options import Folder, Format
from living_personas.cli.screen import json_of, show
from living_personas.reporting.page import Page, Table, Text
from living_personas.steps.planning import BeliefPlan, TimeToKnow, plan_beliefs

__all__ = ["plan", "plan_page"]


def plan(*, form: Format = "table", workspace: Folder = Path()) -> None:
    """Say how many customers and days it takes to overturn each belief, at the traffic seen."""
    with opened(workspace) as (_, parts):
        plans = plan_beliefs(parts)
    show(form, lambda: plan_page(plans), lambda: json_of(plans, tuple[BeliefPlan, ...]))


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
