"""Guardrails: a correction that harms what it must not harm is taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from living_personas.domain.belief import Subject
from living_personas.domain.goal import Guardrail
from living_personas.domain.names import named
from living_personas.domain.persona import Persona, PersonaVersion, Standing
from living_personas.domain.refinement import Refinement
from living_personas.domain.settings import Settings
from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError
from living_personas.loop.context import Context
from living_personas.loop.corrections.harm_accounts import HarmAsked, forget_all_but, harm_accounts
from living_personas.loop.learning.learn import EvidenceState
from living_personas.ports import Store
from living_personas.refining.apply import EVIDENCE
from living_personas.refining.harm import harm_wealth
from living_personas.refining.panel import Panel
from living_personas.refining.propose import refinement_id

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
    asked = [each for version in context.versions() for each in _asked(context.store, version)]
    forget_all_but(context, asked)
    about = [each for each in asked if each.subject in state.panel.subjects]
    breached: set[Subject] = set()
    for each, harm in _watched(context, state.panel, about, day, keeps=True):
        if harm.is_breached and each.subject not in breached:
            breached.add(each.subject)
            yield _restoration(each, harm, day=day)


def is_watched(standing: Standing) -> bool:
    """Whether a value is one that evidence set: only those are taken back."""
    return standing.status == "corrected" and standing.decided_by == EVIDENCE


def watched(
    context: Context, state: EvidenceState, version: PersonaVersion, standing: Standing, day: date
) -> tuple[Watched, ...]:
    """Every guardrail of a persona, as far as it watches one standing at the end of ``day``."""
    asked = [each for each in _asked(context.store, version) if each.standing == standing]
    return tuple(harm for _, harm in _watched(context, state.panel, asked, day))


def _asked(store: Store, version: PersonaVersion) -> list[HarmAsked]:
    """What is asked of every value that evidence set, of each guardrail."""
    return [
        HarmAsked(version=version, standing=standing, guardrail=guardrail, old=_value_before(store, version, standing))
        for standing in version.standings
        if is_watched(standing)
        for guardrail in version.persona.guardrails
    ]


def _watched(
    context: Context, panel: Panel, asked: Sequence[HarmAsked], day: date, *, keeps: bool = False
) -> list[tuple[HarmAsked, Watched]]:
    accounts = harm_accounts(context, panel, asked, day, keeps=keeps)
    return [
        (
            each,
            Watched(
                guardrail=each.guardrail,
                wealth=harm_wealth(account),
                bar=len(each.version.persona.guardrails) / context.alpha,
                units=account.units,
            ),
        )
        for each, account in zip(asked, accounts, strict=True)
    ]


def _value_before(store: Store, version: PersonaVersion, standing: Standing) -> str:
    """The value that the correction replaced: that of the last version in which it was another one."""
    history = store.versions.history(version.id)
    values = [old.standing(standing.attribute, standing.channel).value for old in history if _has(old, standing)]
    return next(value for value in reversed(values) if value != standing.value)


def _has(version: PersonaVersion, standing: Standing) -> bool:
    return any((s.attribute, s.channel) == (standing.attribute, standing.channel) for s in version.standings)


def _restoration(asked: HarmAsked, breached: Watched, *, day: date) -> Refinement:
    standing, guardrail = asked.standing, asked.guardrail
    return Refinement(
        id=refinement_id(asked.subject, "restore", new=asked.old, since=standing.since),
        kind="restore",
        subject=asked.subject,
        version=asked.version.version,
        old=standing.value,
        new=asked.old,
        effect=None,
        units=breached.units,
        wealth=breached.wealth,
        grade="proven",
        day=day,
        verdict="hold",
        why=f"{named(standing.value)} makes {named(guardrail.metric)} {guardrail.direction} by more than "
        f"{guardrail.margin}.",
    )
