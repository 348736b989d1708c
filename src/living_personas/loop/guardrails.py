"""Guardrails: a correction that harms what it must not harm is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from living_personas.domain.belief import Subject
from living_personas.domain.cell import Cells
from living_personas.domain.goal import Guardrail
from living_personas.domain.persona import Persona, PersonaVersion, Standing
from living_personas.domain.refinement import Refinement
from living_personas.domain.settings import Settings
from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError
from living_personas.loop.context import Context
from living_personas.loop.lateness import declared_days
from living_personas.loop.learn import EvidenceState, cells_between, shares_of
from living_personas.ports import Store
from living_personas.refining.apply import EVIDENCE
from living_personas.refining.harm import harm_wealth
from living_personas.refining.panel import DayRows, Panel, Shares, day_number
from living_personas.refining.propose import refinement_id
from living_personas.workspace.persona_text import number_text

__all__ = ["Watched", "guarded", "is_watched", "restorations", "watched"]


def guarded(persona: Persona, settings: Settings) -> Persona:
    """The persona with the workspace's guardrails beside its own.

    Raises
    ------
    InvalidSettingsError
        If a guardrail watches a value without a bound: its harm could not be told from one large order.
    """
    own = {guardrail.metric for guardrail in persona.guardrails}
    both = (*persona.guardrails, *(g for g in settings.guardrails if g.metric not in own))
    for guardrail in both:
        if guardrail.value is not None and guardrail.at_most is None:
            raise InvalidSettingsError(
                f"The metric {guardrail.metric!r} guards the value {guardrail.value!r} without a bound.",
                hint=f"add `at_most` to metrics.{guardrail.metric} in workspace.yaml: the most one customer counts.",
            )
    return replace(persona, guardrails=both)


@value
class Watched:
    """How much speaks for "the correction harms this metric beyond its margin", on how many units.

    A correction is taken back once ``wealth`` reaches ``bar``; the error budget bounds the chance that a harmless
    one ever does.
    """

    guardrail: Guardrail
    wealth: float
    bar: float
    units: int

    @property
    def is_breached(self) -> bool:
        """Whether harm is proven."""
        return self.wealth >= self.bar


def restorations(context: Context, state: EvidenceState, day: date) -> Iterator[Refinement]:
    """A restoration for each value that evidence set and that breaches a guardrail of its persona."""
    for version in context.versions():
        if not version.persona.guardrails:
            continue
        mine = [s for s in version.standings if subject_of(version, s) in state.panel.subjects]
        standings = [standing for standing in mine if is_watched(standing)]
        if standings:
            cells = cells_between(
                context.store, min(standing.since for standing in standings), day, personas=[version.id]
            )
            shares = shares_of(context.store, cells)
            for standing in standings:
                yield from _breaches(context, state.panel, version, standing, day, cells=cells, shares=shares)


def subject_of(version: PersonaVersion, standing: Standing) -> Subject:
    """What a standing of a version is about."""
    return Subject(persona=version.id, attribute=standing.attribute, channel=standing.channel)


def is_watched(standing: Standing) -> bool:
    """Whether a value is one that evidence set: only those are taken back."""
    return standing.status == "corrected" and standing.decided_by == EVIDENCE


def watched(
    context: Context, state: EvidenceState, version: PersonaVersion, standing: Standing, day: date
) -> tuple[Watched, ...]:
    """Every guardrail of a persona, as far as it watches one standing at the end of ``day``."""
    cells = cells_between(context.store, standing.since, day, personas=[version.id])
    found = _watched(context, state.panel, version, standing, day, cells=cells, shares=shares_of(context.store, cells))
    return tuple(found)


def _breaches(
    context: Context,
    panel: Panel,
    version: PersonaVersion,
    standing: Standing,
    day: date,
    *,
    cells: Cells,
    shares: Shares,
) -> Iterator[Refinement]:
    found = _watched(context, panel, version, standing, day, cells=cells, shares=shares)
    breached = next((each for each in found if each.is_breached), None)
    if breached is not None:
        before = _value_before(context.store, version, standing)
        yield _restoration(version, standing, breached, before=before, day=day)


def _watched(
    context: Context,
    panel: Panel,
    version: PersonaVersion,
    standing: Standing,
    day: date,
    *,
    cells: Cells,
    shares: Shares,
) -> Iterator[Watched]:
    before = _value_before(context.store, version, standing)
    known = cells.of_attribute(standing.attribute).of_outcome_days(standing.since, day)
    bar = len(version.persona.guardrails) / context.alpha
    lasting = version.persona.attribute(standing.attribute).epoch_days
    for guardrail in version.persona.guardrails:
        late = declared_days(context, guardrail.event)
        complete = day - timedelta(days=guardrail.horizon_days + lasting + late)
        rows = _rows(panel, version, standing, DayRows.of(known, panel, shares, metric=guardrail.metric), last=complete)
        wealth, units = harm_wealth(rows, panel, guardrail, new=standing.value, old=before)
        yield Watched(guardrail=guardrail, wealth=wealth, bar=bar, units=units)


def _rows(panel: Panel, version: PersonaVersion, standing: Standing, rows: DayRows, *, last: date) -> DayRows:
    """The rows about a standing, of the cohorts since it holds that are complete."""
    subject = panel.index(subject_of(version, standing))
    within = (rows.cohort >= day_number(standing.since)) & (rows.cohort <= day_number(last))
    return rows.where(np.asarray((rows.subject == subject) & within))


def _value_before(store: Store, version: PersonaVersion, standing: Standing) -> str:
    """The value that the correction replaced: that of the last version in which it was another one."""
    history = store.versions.history(version.id)
    values = [old.standing(standing.attribute, standing.channel).value for old in history if _has(old, standing)]
    return next(value for value in reversed(values) if value != standing.value)


def _has(version: PersonaVersion, standing: Standing) -> bool:
    return any((s.attribute, s.channel) == (standing.attribute, standing.channel) for s in version.standings)


def _restoration(
    version: PersonaVersion, standing: Standing, breached: Watched, *, before: str, day: date
) -> Refinement:
    subject = subject_of(version, standing)
    guardrail = breached.guardrail
    margin = number_text(guardrail.points) if guardrail.points is not None else f"{guardrail.share:.1%}"
    return Refinement(
        id=refinement_id(subject, "restore", new=before, since=standing.since),
        kind="restore",
        subject=subject,
        version=version.version,
        old=standing.value,
        new=before,
        effect=None,
        units=breached.units,
        wealth=breached.wealth,
        grade="proven",
        day=day,
        verdict="hold",
        why=f"{standing.value!r} makes {guardrail.metric!r} {guardrail.direction} by more than {margin}.",
    )
