"""What an attribute's options came to beside the goal as a whole: by other metrics, and by where they were shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, TypedDict

import numpy as np
import pyarrow.compute as pc

from living_personas.domain.belief import Interval, Subject
from living_personas.domain.cell import Cells
from living_personas.domain.goal import Guardrail
from living_personas.domain.report import AttributeReport
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.event_days.lateness import declared_days
from living_personas.loop.learning.learn import EvidenceState, cells_between, shares_of
from living_personas.refining.effects import effect_of
from living_personas.refining.panel import DayRows, day_number
from living_personas.reporting.crowd import enough
from living_personas.reporting.guards import Guard, guards
from living_personas.reporting.reading import Reading
from living_personas.stats.intervals import known_mean

__all__ = ["AskedPair", "BesideGoal", "ByMetric", "ByPlace", "Found", "Names", "beside_goal"]

Place = Literal["channel", "campaign"]
"""Where an option was shown: the exposure's channel, or its stratum: the campaign or test that it belongs to."""


@value
class ByMetric:
    """An attribute's contender against the belief by one metric: the goal, or a guardrail with how it stands."""

    attribute: str
    channel: str
    new: str
    old: str
    metric: str
    percent: bool
    effect: Interval | None
    new_mean: Interval | None
    old_mean: Interval | None
    units: int
    guard: Guard | None = None


@value
class ByPlace:
    """The same by the goal, among the occasions of one channel or campaign only."""

    attribute: str
    channel: str
    new: str
    old: str
    by: Place
    place: str
    percent: bool
    effect: Interval | None
    new_mean: Interval | None
    old_mean: Interval | None
    units: int


@value
class BesideGoal:
    """All of it for one persona; what is known by place is exploratory."""

    metrics: tuple[ByMetric, ...]
    places: tuple[ByPlace, ...]


def beside_goal(context: Context, reading: Reading, persona: str) -> BesideGoal:
    """Every attribute of a persona by its metrics, and by the channels and campaigns where there are several.

    The effect by the goal is the one that the report says. By a guardrail it is that of the occasions whose outcomes
    by it are known, over its own last days; so is that by place. Options with fewer occasions than a crowd have none.
    """
    metrics: list[ByMetric] = []
    places: list[ByPlace] = []
    closed = reading.stamp.closed
    reports = reading.persona(persona).attributes
    if closed is None or not reports:
        return BesideGoal(metrics=(), places=())
    cells = cells_between(context.store, min(each.since for each in reports), closed, personas=[persona])
    for report in reports:
        subject = Subject(persona=persona, attribute=report.attribute, channel=report.channel)
        asked = AskedPair(context, reading, subject, cells=cells.of_attribute(report.attribute), closed=closed)
        metrics += asked.by_metric()
        places += asked.by_place()
    return BesideGoal(metrics=tuple(metrics), places=tuple(places))


class Names(TypedDict):
    """What is compared."""

    attribute: str
    channel: str
    new: str
    old: str


class Found(TypedDict):
    """What is known of it."""

    effect: Interval | None
    new_mean: Interval | None
    old_mean: Interval | None
    units: int


class AskedPair:
    """One attribute: the cells about it, and the two options that are compared."""

    def __init__(self, context: Context, reading: Reading, subject: Subject, *, cells: Cells, closed: date) -> None:
        self._context, self._reading, self._subject, self._closed = context, reading, subject, closed
        self._report: AttributeReport = reading.attribute(subject)
        self._state: EvidenceState = reading.state(subject)
        self._cells, self._shares = cells, shares_of(context.store, cells)
        self.percent = reading.percent(subject.persona)
        self.names = Names(
            attribute=subject.attribute, channel=subject.channel, new=self._report.contender, old=self._report.believed
        )

    def by_metric(self) -> Iterator[ByMetric]:
        """By the goal, and by each guardrail."""
        version = self._reading.versions[self._subject.persona]
        goal, report = version.persona.goal, self._report
        named = f"{goal.value} of {goal.event}" if goal.is_value else goal.event
        means = {each.option: each.rate if enough(each.units) else None for each in report.options}
        counted = sum(each.units for each in report.options if each.option in (report.contender, report.believed))
        yield ByMetric(
            **self.names,
            metric=named,
            percent=self.percent,
            effect=report.effect,
            new_mean=means[report.contender],
            old_mean=means[report.believed],
            units=report.over.units if report.over else counted,
        )
        standing = {each.metric: each for each in guards(self._context, self._reading, self._subject)}
        for guardrail in version.persona.guardrails:
            yield ByMetric(
                **self.names,
                **self.found(self._by_guardrail(guardrail), is_value=guardrail.value is not None),
                metric=guardrail.metric,
                percent=guardrail.value is None,
                guard=standing.get(guardrail.metric),
            )

    def by_place(self) -> Iterator[ByPlace]:
        """By the channels and campaigns, where there are several."""
        kinds: tuple[tuple[Place, str], ...] = (("channel", "channel"), ("campaign", "stratum"))
        for by, column in kinds:
            there = sorted(set(self._cells.table[column].unique().to_pylist()) - {""})
            for place in there if len(there) > 1 and not (by == "channel" and self._subject.channel) else ():
                mine = Cells(table=self._cells.table.filter(pc.equal(self._cells.table[column], place)))
                found = self.found(self.complete(mine), is_value=not self.percent)
                yield ByPlace(**self.names, **found, by=by, place=place, percent=self.percent)

    def _by_guardrail(self, guardrail: Guardrail) -> DayRows:
        lasting = self._reading.versions[self._subject.persona].persona.attribute(self._report.attribute).epoch_days
        wait = guardrail.horizon_days + lasting + declared_days(self._context, guardrail.event)
        rows = DayRows.of(self._cells, self._state.panel, self._shares, metric=guardrail.metric)
        return self._mine(rows, last=self._closed - timedelta(days=wait))

    def complete(self, cells: Cells) -> DayRows:
        """Those of some of the cells that are about units whose outcomes are known."""
        rows = self._state.accounts.sample.counting(DayRows.of(cells, self._state.panel, self._shares))
        return self._mine(rows, last=self._closed - timedelta(days=self._state.wait))

    def _mine(self, rows: DayRows, *, last: date) -> DayRows:
        of = rows.subject == self._state.panel.index(self._subject)
        return rows.where(np.asarray(of & (rows.cohort <= day_number(last))))

    def found(self, rows: DayRows, *, is_value: bool) -> Found:
        """What the two options came to; nothing of fewer occasions than a crowd."""
        a, panel, alpha = self._state.panel.index(self._subject), self._state.panel, self._context.alpha
        new, old = (panel.options[a].index(option) for option in (self._report.contender, self._report.believed))
        first = max(day_number(self._report.since), int(panel.asked[a]))
        effect = effect_of(rows, new=new, old=old, first=first, alpha=alpha, is_value=is_value)
        sums = rows.where(np.asarray(rows.cohort >= first)).sums
        totals = {k: tuple(float(part[:, k].sum()) for part in sums) for k in (new, old)}
        units = {k: int(totals[k][0]) for k in totals}
        means = {
            k: known_mean(*totals[k], alpha=alpha, is_value=is_value) if enough(units[k]) else None for k in totals
        }
        is_told = all(map(enough, units.values()))
        return Found(
            effect=effect.interval if is_told else None,
            new_mean=means[new],
            old_mean=means[old],
            units=effect.over.units if effect.over else sum(units.values()),
        )
