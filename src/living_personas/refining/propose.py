"""A change is a value before it is an effect: what the accounts say should change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256

import numpy as np

from living_personas.domain.belief import Subject
from living_personas.domain.counted import counted
from living_personas.domain.names import named
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Grade, Refinement, RefinementKind
from living_personas.domain.told_number import share_words
from living_personas.domain.value import value
from living_personas.refining.accounts import Accounts
from living_personas.refining.effects import Effect, effect_of
from living_personas.refining.panel import DayRows, Panel, to_date
from living_personas.stats.arrays import Floats

__all__ = ["Due", "Evidence", "due", "propose", "refinement_id"]


@value
class Evidence:
    """The rows that effects are estimated from, and one minus the coverage of their intervals."""

    rows: DayRows
    alpha: float

    def of(self, subject: int, *, since: int) -> DayRows:
        """The rows of one subject from the cohort ``since`` on, in order of time."""
        return self.rows.where((self.rows.subject == subject) & (self.rows.cohort >= since))

    def until(self, last: int) -> Evidence:
        """The same as it was known of the cohorts up to ``last``."""
        return Evidence(rows=self.rows.where(np.asarray(self.rows.cohort <= last)), alpha=self.alpha)

    def effect(self, panel: Panel, subject: int, *, new: int, old: int, first: int | None = None) -> Effect:
        """The effect of an option against another, over the last days since ``first`` (the definition, unless given).

        Every surface that shows an effect of an attribute asks here.
        """
        definition = int(panel.since[subject]) if first is None else first
        return effect_of(
            self.of(subject, since=0),
            new=new,
            old=old,
            first=max(definition, int(panel.asked[subject])),
            alpha=self.alpha,
            is_value=bool(panel.is_value[subject]),
        )


@value
class Due:
    """What the accounts say, before anybody looks at effects: whose value is overturned, whose is confirmed.

    ``beaten`` are those that another option beats, though not, or not yet, by as much as is worth changing.
    """

    overturned: tuple[int, ...]
    beaten: tuple[int, ...]
    confirmed: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.overturned or self.beaten or self.confirmed)

    def among(self, subjects: Iterable[int]) -> Due:
        """The same for some subjects only."""
        kept = set(subjects)
        return Due(
            overturned=tuple(a for a in self.overturned if a in kept),
            beaten=tuple(a for a in self.beaten if a in kept),
            confirmed=tuple(a for a in self.confirmed if a in kept),
        )


def due(accounts: Accounts, panel: Panel, *, versions: Mapping[str, PersonaVersion], alpha: float, bars: Floats) -> Due:
    """The subjects whose accounts have reached their bars.

    ``bars`` (A,) are those of a correction, which the best challenger's own account must reach: 1/alpha, or what a
    promise about all attributes asks. The bound on false corrections is about the accounts of options that are no
    better, so a sum that better options have filled must not carry one of them over the bar.
    """
    subjects, reached = panel.subjects, 1 / alpha
    overturned = accounts.own(panel).max(-1, initial=0.0) >= bars
    beaten = ~overturned & (panel.margin > 1) & (accounts.any_better.sum(-1).max(-1, initial=0.0) >= reached)
    confirmed = np.flatnonzero(~overturned & (accounts.confirmation(panel) >= -np.log(alpha)))
    return Due(
        overturned=tuple(int(a) for a in np.flatnonzero(overturned)),
        beaten=tuple(int(a) for a in np.flatnonzero(beaten)),
        confirmed=tuple(int(a) for a in confirmed if _is_assumed(versions[subjects[a].persona], subjects[a])),
    )


def refinement_id(subject: Subject, kind: RefinementKind, *, new: str, since: date) -> str:
    """The id of a refinement: proposing the same change of the same definition again is the same proposal."""
    return "r" + sha256(f"{subject}|{kind}|{new}|{since.isoformat()}".encode()).hexdigest()[:12]


def propose(
    ready: Due,
    accounts: Accounts,
    panel: Panel,
    *,
    versions: Mapping[str, PersonaVersion],
    evidence: Evidence,
    day: date,
) -> Iterator[Refinement]:
    """Corrections of values that were overturned or beaten, and confirmations of values that beat every other.

    The verdict is *hold* until ``gate.judge`` says otherwise. ``versions`` are the newest, by persona id.
    """
    own, confirmation, early = accounts.own(panel), accounts.confirmation(panel), accounts.decided_early()
    for a in ready.overturned:
        version = versions[panel.subjects[a].persona]
        found = _correction(panel, a, own[a], "proven", version=version, evidence=evidence, day=day)
        yield replace(found, why=f"{found.why} {_judged_early(accounts, a, found)}") if early[a] else found
    for a in ready.beaten:
        version = versions[panel.subjects[a].persona]
        better = accounts.any_better[a].sum(-1)
        short = np.logaddexp.reduce(accounts.short[a, int(better.argmax())])
        grade: Grade = "real but small" if short >= -np.log(evidence.alpha) else "not yet known to be worth it"
        yield _correction(panel, a, better, grade, version=version, evidence=evidence, day=day)
    for a in ready.confirmed:
        version = versions[panel.subjects[a].persona]
        yield _confirmation(panel, a, float(confirmation[a]), version=version, evidence=evidence, day=day)


def _judged_early(accounts: Accounts, a: int, found: Refinement) -> str:
    """By which outcomes it was known sooner than at the goal's horizon: units and effect are of these."""
    window, part = int(accounts.early.window[a]), float(accounts.early.completion[a])
    first, most = counted(window, "day"), share_words(part)
    return f"Judged by the first {first}, in which at least {most} of the outcomes of {named(found.old)} come."


def _is_assumed(version: PersonaVersion, subject: Subject) -> bool:
    return version.standing(subject.attribute, subject.channel).status == "assumed"


def _correction(
    panel: Panel,
    a: int,
    wealth: Floats,
    grade: Grade,
    *,
    version: PersonaVersion,
    evidence: Evidence,
    day: date,
) -> Refinement:
    subject, options = panel.subjects[a], panel.options[a]
    old, new, since = int(panel.current[a]), int(wealth.argmax()), int(panel.since[a])
    effect = evidence.effect(panel, a, new=new, old=old)
    return Refinement(
        id=refinement_id(subject, "correct", new=options[new], since=to_date(since)),
        kind="correct",
        subject=subject,
        version=version.version,
        old=options[old],
        new=options[new],
        effect=effect.interval,
        over=effect.over,
        units=_units(evidence, a, since=since),
        wealth=float(wealth.max()),
        grade=grade,
        day=day,
        verdict="hold",
        why=f"{named(options[new])} is proven better than {named(options[old])}.",
    )


def _confirmation(
    panel: Panel, a: int, log_wealth: float, *, version: PersonaVersion, evidence: Evidence, day: date
) -> Refinement:
    subject, options = panel.subjects[a], panel.options[a]
    current, since = int(panel.current[a]), int(panel.since[a])
    rates = [_rate(evidence, a, k, since=since) or 0.0 for k in range(len(options))]
    rival = max((k for k in range(len(options)) if k != current), key=lambda k: rates[k])
    effect = evidence.effect(panel, a, new=current, old=rival)
    return Refinement(
        id=refinement_id(subject, "confirm", new=options[current], since=to_date(since)),
        kind="confirm",
        subject=subject,
        version=version.version,
        old=options[current],
        new=options[current],
        rival=options[rival],
        effect=effect.interval,
        over=effect.over,
        units=_units(evidence, a, since=since),
        wealth=float(np.exp(min(log_wealth, 500.0))),
        grade="proven",
        day=day,
        verdict="hold",
        why=f"{named(options[current])} is proven better than every other option, {named(options[rival])} the nearest.",
    )


def _units(evidence: Evidence, a: int, *, since: int) -> int:
    return int(evidence.of(a, since=since).sums.n.sum())


def _rate(evidence: Evidence, a: int, option: int, *, since: int) -> float | None:
    rows = evidence.of(a, since=since)
    n = float(rows.sums.n[:, option].sum())
    return float(rows.sums.sum[:, option].sum()) / n if n else None
