"""What is known about each attribute: read from the state and the cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial

import numpy as np

from living_personas.domain.belief import Interval, Subject
from living_personas.domain.persona import Attribute, PersonaVersion, Standing, Status
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import AttributeReport, Known, OptionReport
from living_personas.loop.learning.learn import EvidenceState
from living_personas.loop.splits.part_policies import PartPolicy
from living_personas.refining.apply import EVIDENCE
from living_personas.refining.effects import Effect
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, day_number
from living_personas.refining.propose import Evidence, due
from living_personas.reporting.split_words import part_words
from living_personas.reporting.what_is_known import LEANS, chosen_in, decided_of, known_of
from living_personas.reporting.words import sentence
from living_personas.stats.arrays import Floats
from living_personas.stats.intervals import known_mean

__all__ = ["HorizonEvidence", "attribute_reports", "compared_since", "status_of"]


class HorizonEvidence:
    """One evidence state, its complete rows, and what tomorrow rests on; computed once.

    ``entry`` is that of the day after the last closed one, as the ledger has it, and ``shares`` are what that day's
    units meet, shape ``(A, K)``: whatever decides and whatever tells read the same. ``places`` are the rows of its
    subjects, and ``told`` is what was told of refinements beside a version of their persona (``proposals``).
    ``unproving`` are the personas and attributes whose options are met with shares that nobody knows.
    """

    def __init__(
        self,
        state: EvidenceState,
        rows: DayRows,
        *,
        entry: Entry,
        shares: Floats,
        versions: Mapping[str, PersonaVersion],
        alpha: float,
        bars: Floats,
        alarms: Mapping[int, Sequence[str]],
        unproving: Collection[tuple[str, str]] = (),
    ) -> None:
        self.state = state
        self.rows = rows
        self.evidence = Evidence(rows=self.rows, alpha=alpha)
        self.alpha = alpha
        self.entry = entry
        self.shares = shares.copy()
        self.places = {subject: a for a, subject in enumerate(state.panel.subjects)}
        self.parts: dict[int, PartPolicy] = {}
        self.told: dict[tuple[Refinement, int], Refinement] = {}
        ready = due(state.accounts, state.panel, versions=versions, alpha=alpha, bars=bars)
        self.beaten = frozenset((*ready.overturned, *ready.beaten))
        self.alarms = alarms
        self.unproving = unproving

    def show_by_part(self, parts: Mapping[Subject, PartPolicy]) -> None:
        """Take note of what parts of personas are shown: an option's share is that among all units."""
        options = self.state.panel.options
        self.parts = {self.places[subject]: part for subject, part in parts.items() if subject in self.places}
        for a, part in self.parts.items():
            self.shares[a, : len(options[a])] = part.of_all

    def effect(self, a: int, new: str, old: str, *, since: date) -> Effect:
        """The effect of an option of a subject against another, never before ``since``."""
        panel, options = self.state.panel, self.state.panel.options[a]
        first = day_number(since)
        return self.evidence.effect(panel, a, new=options.index(new), old=options.index(old), first=first)

    def leans(self, a: int, effect: Interval | None) -> bool:
        """Whether one may lean on the likeliest option of a subject, as long as nothing is proven."""
        if effect is None:
            return False
        return bool(self.entry.pair[a] >= 0 or effect.excludes_zero or self.entry.prob_best[a].max() >= LEANS)


def attribute_reports(
    known: HorizonEvidence, history: Sequence[PersonaVersion], decisions: Sequence[Refinement], *, discovered: bool
) -> tuple[AttributeReport, ...]:
    """A report of each attribute of a persona that ``known`` is about.

    Parameters
    ----------
    history
        All versions of the persona, oldest first.
    decisions
        Every refinement that was ever proposed for it, oldest first.
    discovered
        Whether the machine wrote the persona's first version.
    """
    found, version = [], history[-1]
    for a, subject in enumerate(known.state.panel.subjects):
        if subject.persona == version.id:
            standing = version.standing(subject.attribute, subject.channel)
            made = [refinement for refinement in decisions if refinement.subject == subject]
            found.append(_attribute(known, a, history, standing, made, discovered=discovered))
    return tuple(found)


def compared_since(history: Sequence[PersonaVersion], standing: Standing) -> date:
    """The first day of the definition in which the options beside each other were put to the test.

    A value that replaced another one on evidence was tested under the definition that held the other one; what people
    wrote anew, since they wrote it. What they chose otherwise tests nothing: all of the present question counts.
    """
    before, chosen = chosen_in(history, standing)
    if before is None or chosen.kind in ("baseline", "edited"):
        return standing.since
    if chosen.by != EVIDENCE and chosen.kind != "corrected":
        return standing.asked
    return before.standing(standing.attribute, standing.channel).since


def status_of(report: Known, known: HorizonEvidence, a: int, standing: Standing) -> Status:
    """The word for where an attribute stands: *corrected* and *confirmed* are said of what is proven only."""
    if standing.pinned:
        return "pinned"
    if known.entry.pair[a] >= 0:
        return "contested"
    if report.is_proven and report.option == standing.value:
        return "confirmed" if report.state == "best" else "corrected"
    return "learning" if (known.rows.subject == a).any() else "assumed"


def _attribute(
    known: HorizonEvidence,
    a: int,
    history: Sequence[PersonaVersion],
    standing: Standing,
    made: Sequence[Refinement],
    *,
    discovered: bool,
) -> AttributeReport:
    written = history[-1].persona
    attribute = written.attribute(standing.attribute)
    rows = known.evidence.of(a, since=int(known.state.panel.asked[a]))
    since = compared_since(history, standing)
    contender, effect, found = _judged(known, a, attribute, standing, made, since=since)
    report = AttributeReport(
        attribute=attribute.name,
        channel=standing.channel,
        believed=attribute.believed,
        confidence=attribute.confidence,
        change=attribute.change,
        value=standing.value,
        status=status_of(found, known, a, standing),
        contender=contender,
        effect=effect.interval,
        over=effect.over,
        since=since,
        size="",
        units=int(rows.sums.n.sum()),
        decided_on=standing.decided_on,
        at_decision=_deciding(made, standing),
        known=found,
        decided=decided_of(history, standing, {each.id: each for each in made}, discovered=discovered),
        options=tuple(_option(known, a, k, rows, name) for k, name in enumerate(attribute.options)),
        alarms=tuple(known.alarms.get(a, ())),
        says="",
        by_part=part_words(known.parts[a], [*map(attribute.label, attribute.options)]) if a in known.parts else "",
        labels=attribute.called_by,
        is_unproving=(history[-1].id, attribute.name) in known.unproving,
    )
    return sentence(report, written.goal)


def _judged(
    known: HorizonEvidence,
    a: int,
    attribute: Attribute,
    standing: Standing,
    made: Sequence[Refinement],
    *,
    since: date,
) -> tuple[str, Effect, Known]:
    """What is compared with the belief, by how much it is better, and what is known."""
    claims = partial(
        known_of,
        made,
        standing,
        called={old: new for new, old in attribute.was},
        stands=a in known.beaten,
        likeliest=attribute.options[int(known.entry.prob_best[a, : len(attribute.options)].argmax())],
    )
    contender = _contender(known, a, attribute, standing, claims(leaning=False))
    effect = known.effect(a, contender, attribute.believed, since=since)
    return contender, effect, claims(leaning=known.leans(a, effect.interval))


def _deciding(made: Sequence[Refinement], standing: Standing) -> Refinement | None:
    """The newest refinement that was applied and brought the present value."""
    done = (each for each in reversed(made) if each.verdict == "apply" and each.new == standing.value)
    return next(done, None)


def _contender(known: HorizonEvidence, a: int, attribute: Attribute, standing: Standing, found: Known) -> str:
    """What is compared with the belief: what replaced it, or is proven better, or is the likeliest of the others."""
    if standing.value != attribute.believed:
        return standing.value
    if found.is_proven and found.option != attribute.believed:
        return found.option
    if found.state in ("small", "undecided"):
        return found.option
    chances = known.entry.prob_best[a, : len(attribute.options)]
    return attribute.options[_likeliest(chances, besides=attribute.options.index(attribute.believed))]


def _likeliest(prob_best: np.ndarray[tuple[int], np.dtype[np.float64]], *, besides: int) -> int:
    chances = prob_best.copy()
    chances[besides] = -1
    return int(chances.argmax())


def _option(known: HorizonEvidence, a: int, k: int, rows: DayRows, name: str) -> OptionReport:
    n, total, total_sq = (float(part[:, k].sum()) for part in rows.sums)
    return OptionReport(
        option=name,
        units=int(n),
        rate=known_mean(n, total, total_sq, alpha=known.alpha, is_value=bool(known.state.panel.is_value[a])),
        prob_best=float(known.entry.prob_best[a, k]),
        share=float(known.shares[a, k]),
    )
