"""``plan``: how many customers and days it takes to overturn each belief, reckoned or simulated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.opened import opened
from living_personas.cli.options import Folder, Format
from living_personas.cli.screen import json_of, show
from living_personas.demo.knowing import WhenKnown, when_known
from living_personas.domain.counted import counted
from living_personas.domain.names import subject_name
from living_personas.domain.told_number import share_words
from living_personas.loop.context import Context
from living_personas.loop.corrections.promised import promised
from living_personas.loop.event_days.lateness import waits_in_force
from living_personas.loop.previews.planning import PRICED_LIFT, BeliefPlan, TimeToKnow, plan_beliefs
from living_personas.loop.previews.prices import Price
from living_personas.refining.promise import beliefs
from living_personas.reporting.labels import Labels, labels_of
from living_personas.reporting.page import Block, Page, Table, Text
from living_personas.reporting.promise_words import promise_sentence

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
        labels = labels_of(context.personas)
        if not simulate:
            plans, beside = plan_beliefs(context), (*_lateness(context), *_promise(context))
            show(form, lambda: (*plan_page(plans, labels), *beside), lambda: json_of(plans, tuple[BeliefPlan, ...]))
            return
        known = tuple(
            each
            for lift in simulate
            for each in when_known(context, lift=lift, replicates=replicates, horizon_days=days, seed=seed)
        )
    show(form, lambda: known_page(known, labels), lambda: json_of(known, tuple[WhenKnown, ...]))


def _lateness(context: Context) -> Page:
    """By how much later a day is complete, where outcomes come late."""
    waits = waits_in_force(context.store)
    late = "Outcomes of {} come late: a day is complete {} days after it."
    return tuple(
        Text(text=late.format(subject_name(persona.name, attribute.name), wait))
        for persona in context.personas
        for attribute in persona.attributes
        if (wait := waits(persona, attribute)) > persona.wait_days(attribute)
    )


def _promise(context: Context) -> Page:
    """What is promised; a promise about all is dearest for the first correction, which the plan reckons with."""
    promise, count = promised(context), beliefs(context.personas)
    first = " The times above are those of the first change; later ones need less." if promise == "all" else ""
    return (Text(text=promise_sentence(promise, beliefs=count, error_budget=context.alpha) + first),)


def known_page(known: tuple[WhenKnown, ...], labels: Labels) -> Page:
    """A row for each belief and lift: what the lives said, beside what the plan reckons."""
    columns = (
        "belief",
        "value",
        "if another is better by",
        "occasions a day",
        "outcome per occasion",
        "half know by day",
        "nine in ten by day",
        "right by the end",
        "wrong",
        "reckoned days",
    )
    said = f"{known[0].replicates} lives of at most {known[0].horizon_days} days each, waiting for outcomes included:"
    return (
        Text(text=said),
        Table(columns=columns, rows=tuple(_known_row(each, labels) for each in known), numbers=columns[2:]),
    )


def _known_row(each: WhenKnown, labels: Labels) -> tuple[str, ...]:
    return (
        labels.subject(each.subject),
        labels.option(each.subject.persona, each.subject.attribute, each.value),
        share_words(each.lift),
        f"{each.units_a_day:,.0f}",
        share_words(each.rate, 2),
        _day(each.median_days),
        _day(each.p90_days),
        share_words(each.decided, 1),
        share_words(each.wrong, 1),
        f"{each.planned_days:,}",
    )


def _day(day: int | None) -> str:
    return "not by then" if day is None else f"{day:,}"


def plan_page(plans: tuple[BeliefPlan, ...], labels: Labels) -> Page:
    """A row for each belief; the columns say by how much another option would have to be better."""
    lifts = sorted({time.lift for plan in plans for time in plan.times})
    if not lifts:
        return (Text(text="No traffic was seen yet, so there is nothing to plan with: record events, then run."),)
    if_true = (f"if +{share_words(lift)} is true" for lift in lifts)
    columns = ("belief", "value", "occasions a day", "outcome per occasion", *if_true)
    rows = tuple(
        (
            labels.subject(plan.subject),
            labels.option(plan.subject.persona, plan.subject.attribute, plan.value),
            *_traffic(plan),
            *_times(plan, lifts),
        )
        for plan in plans
    )
    return (
        Text(
            text="Days, with the wait for outcomes, and in brackets occasions, until another option, better by so much "
            "relative to the value, has overturned it:"
        ),
        Table(columns=columns, rows=rows, numbers=columns[2:]),
        *_prices(plans, labels),
    )


def _prices(plans: tuple[BeliefPlan, ...], labels: Labels) -> Iterator[Block]:
    """What other settings would cost: a column for each, a row for each belief."""
    priced = [plan for plan in plans if plan.prices]
    if not priced:
        return
    found = [{_setting(plan, price): price for price in plan.prices} for plan in priced]
    columns = list(dict.fromkeys(name for each in found for name in each))
    rows = tuple(
        (labels.subject(plan.subject), *(_days(each[name]) if name in each else "" for name in columns))
        for plan, each in zip(priced, found, strict=True)
    )
    yield Text(
        text=f"What other settings would cost: days until it is known, if +{share_words(PRICED_LIFT)} is true. "
        "Another `within` keeps what the better option brings more, and counts more or fewer of the outcomes that "
        "come by themselves:"
    )
    yield Table(columns=("belief", *columns), rows=rows, numbers=tuple(columns))
    notes = dict.fromkeys(f"{name}: {price.why}." for each in found for name, price in each.items() if price.why)
    yield from (Text(text=note) for note in notes)


def _setting(plan: BeliefPlan, price: Price) -> str:
    """What stands above a price."""
    if price.setting == "options":
        return "one option more" if int(price.value) > plan.options else "one option fewer"
    if price.setting == "worth_changing":
        return f"worth_changing: {price.value}"
    if price.setting == "promise":
        return f"promise: {price.value}"
    return f"within {price.value}" if price.setting == "within" else price.setting


def _days(price: Price) -> str:
    if price.days is None:
        return "-"
    return f"{price.days:,} ({price.value})" if price.setting == "early window" else f"{price.days:,}"


def _traffic(plan: BeliefPlan) -> tuple[str, str]:
    if plan.units_a_day is None or plan.rate is None:
        return "not yet known", "not yet known"
    return f"{plan.units_a_day:,.0f}", share_words(plan.rate, 2)


def _times(plan: BeliefPlan, lifts: list[float]) -> list[str]:
    known = {time.lift: time for time in plan.times}
    unknown = {lift: "not worth changing" for lift in lifts if lift <= plan.worth_changing}
    return [_time(known[lift]) if lift in known else unknown.get(lift, "not yet known") for lift in lifts]


def _time(time: TimeToKnow) -> str:
    return f"{counted(time.days, 'day')} ({time.units:,})"
