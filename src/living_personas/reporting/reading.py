"""A workspace read once, at one snapshot: whatever is dear to find out, kept while it stays true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from threading import RLock
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from living_personas.domain.belief import EffectDays, Interval, Subject
from living_personas.domain.goal import Goal
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.report import AttributeReport, PersonaReport, Report
from living_personas.errors import UnknownNameError, by_name
from living_personas.loop import closing
from living_personas.loop.context import Context
from living_personas.loop.folding.customers import sizes
from living_personas.loop.learning.learn import EvidenceState
from living_personas.loop.previews.planning import BeliefPlan, plans_of
from living_personas.people.reviewing import waiting
from living_personas.refining.panel import day_number, to_date
from living_personas.refining.promise import first_budget
from living_personas.refining.propose import Evidence
from living_personas.reporting.attributes import HorizonEvidence
from living_personas.reporting.crowd import enough
from living_personas.reporting.report import build_report, known_at, ledger_days
from living_personas.stats.arrays import Floats

__all__ = ["EffectOn", "Published", "Reading", "Stamp", "stamp_of"]

POINTS = 24
"""On how many days, evenly spread, an effect is shown over time."""


Published: TypeAlias = tuple[int, date | None]


class Stamp(NamedTuple):
    """What a reading is of: while none of it changes, what is dear to read does not.

    ``personas`` are those in the files, and ``waiting`` the changes that wait for a person: a file that is taken away,
    and saying no to a change, publish nothing.
    """

    snapshot: int
    closed: date | None
    personas: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def published(self) -> Published:
        """What was published, and on what evidence, whatever people were asked."""
        return self.snapshot, self.closed


class EffectOn(NamedTuple):
    """An effect with its interval, as it was known of the units up to ``day``, and the days it is of."""

    day: date
    effect: Interval
    over: EffectDays


def stamp_of(context: Context) -> Stamp:
    """The stamp of a workspace now."""
    open_ = tuple(each.id for each in waiting(context))
    personas = tuple(persona.id for persona in context.personas)
    return Stamp(context.store.snapshots.held(), closing.closed_through(context), personas, open_)


class Reading:
    """A report with what stands behind it, read in one go."""

    def __init__(self, context: Context, stamp: Stamp) -> None:
        self.stamp = stamp
        self.known: tuple[HorizonEvidence, ...] = known_at(context, stamp.closed)
        self.report: Report = build_report(context, known=self.known, compared=False)
        self.versions: Mapping[str, PersonaVersion] = {v.id: v for v in context.store.versions.latest()}
        self.sizes = sizes(context.store)
        self._ledger = ledger_days(context)
        self._courses: dict[tuple[Subject, str, str], tuple[EffectOn, ...]] = {}
        self._lock = RLock()

    @cached_property
    def goals(self) -> Mapping[str, Goal]:
        """The goal of each persona, by its id."""
        return {id_: version.persona.goal for id_, version in self.versions.items()}

    @cached_property
    def personas(self) -> Mapping[str, PersonaReport]:
        """The report of each persona, by its id."""
        return {persona.persona: persona for persona in self.report.personas}

    def persona(self, name: str) -> PersonaReport:
        """The report of a persona, or ``UnknownNameError``."""
        return by_name("persona", name, self.personas)

    def shown(self, persona: str) -> bool:
        """Whether a persona holds a crowd, so that numbers about its members give nobody away."""
        return persona not in self.personas or enough(self.personas[persona].members)

    def percent(self, persona: str) -> bool:
        """Whether a persona's effects are shares of units, not values."""
        return persona not in self.goals or not self.goals[persona].is_value

    def attribute(self, subject: Subject) -> AttributeReport:
        """The report of an attribute."""
        known = {(a.attribute, a.channel): a for a in self.persona(subject.persona).attributes}
        key = (subject.attribute, subject.channel)
        if key not in known:
            raise UnknownNameError.among("attribute", subject.attribute, (name for name, _ in known))
        return known[key]

    def state(self, subject: Subject) -> EvidenceState:
        """The evidence state that an attribute is in, or ``UnknownNameError``."""
        return self.place(subject)[0].state

    def pace(self, subject: Subject) -> float:
        """Units a day, as seen lately."""
        if subject not in self._places:
            return 0.0
        known, a = self.place(subject)
        return float(known.state.accounts.pace[a])

    def sample_ratio(self, subject: Subject) -> float:
        """The account that grows when units do not come to options in the shares of the policy; 1 begins it."""
        if subject not in self._places:
            return 1.0
        known, a = self.place(subject)
        return float(np.exp(min(self._sample_logs[known.state.wait][a], 500.0)))

    def place(self, subject: Subject) -> tuple[HorizonEvidence, int]:
        """The evidence that an attribute is in, and its row there, or ``UnknownNameError``."""
        if subject not in self._places:
            raise UnknownNameError.among("attribute", str(subject), map(str, self._places))
        return self._places[subject]

    @cached_property
    def _places(self) -> Mapping[Subject, tuple[HorizonEvidence, int]]:
        return {each: (known, a) for known in self.known for a, each in enumerate(known.state.panel.subjects)}

    @cached_property
    def _sample_logs(self) -> Mapping[int, Floats]:
        return {known.state.wait: known.state.accounts.sample.log for known in self.known}

    @cached_property
    def plans(self) -> tuple[BeliefPlan, ...]:
        """How long each belief would stand against better options."""
        report = self.report
        count = sum(len(persona.attributes) for persona in report.personas)
        budget = first_budget(report.promise, beliefs=count, alpha=report.error_budget)
        return plans_of([known.state for known in self.known], alpha=budget)

    def belief_days(self, subject: Subject) -> pa.Table:
        """How probable each option was the best, day by day: ``option, day, prob_best``."""
        rows = self._ledger_rows.get((subject.persona, subject.attribute, subject.channel))
        days = self._ledger.select(["option", "day", "prob_best"])
        return days.slice(0, 0) if rows is None else days.take(rows)

    @cached_property
    def _ledger_rows(self) -> Mapping[tuple[str, str, str], pa.Array]:
        """Where the ledger speaks of each subject."""
        keys = ["persona", "attribute", "channel"]
        numbered = self._ledger.select(keys).append_column("row", pa.array(range(self._ledger.num_rows), pa.int64()))
        grouped = numbered.group_by(keys).aggregate([("row", "list")])
        names = zip(*(grouped[key].to_pylist() for key in keys), strict=True)
        return {key: grouped["row_list"][place].values for place, key in enumerate(names)}

    def course(self, subject: Subject) -> tuple[EffectOn, ...]:
        """How an attribute's effect (contender against belief) and its interval came to be, over time."""
        report = self.attribute(subject)
        key = (subject, report.contender, report.believed)
        with self._lock:
            if key not in self._courses:
                self._courses[key] = self._course(subject, report)
            return self._courses[key]

    def _course(self, subject: Subject, report: AttributeReport) -> tuple[EffectOn, ...]:
        known, a = self.place(subject)
        panel, first = known.state.panel, day_number(report.since)
        options = panel.options[a]
        new, old = options.index(report.contender), options.index(report.believed)
        mine = Evidence(rows=known.evidence.of(a, since=first), alpha=known.alpha)
        days = np.unique(mine.rows.cohort)
        shown = (
            days[np.unique(np.linspace(0, len(days) - 1, min(POINTS, len(days))).astype(int))] if len(days) else days
        )
        found = []
        for day in shown:
            effect = mine.until(int(day)).effect(panel, a, new=new, old=old, first=first)
            if effect.interval is not None and effect.over is not None:
                found.append(EffectOn(to_date(int(day)), effect.interval, effect.over))
        return tuple(found)
