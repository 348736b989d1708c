"""What is known about each attribute: read from the state and the cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from living_personas.deciding.allocate import shares
from living_personas.domain.belief import Interval
from living_personas.domain.persona import PersonaVersion, Standing, Status
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import AttributeReport, OptionReport
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop.learn import EvidenceState
from living_personas.loop.refine import alarms
from living_personas.refining.accounts import open_day
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, day_number
from living_personas.refining.propose import Evidence
from living_personas.reporting.words import how_much, sentence
from living_personas.stats.intervals import mean_interval

__all__ = ["HorizonEvidence", "attribute_reports", "chosen_in", "compared_since", "status_of"]


class HorizonEvidence:
    """One evidence state, its complete rows, and what the accounts say of tomorrow; computed once."""

    def __init__(self, state: EvidenceState, rows: DayRows, *, closed: date, alpha: float) -> None:
        self.state = state
        self.rows = rows
        self.evidence = Evidence(rows=self.rows, alpha=alpha)
        self.alpha = alpha
        self.entry: Entry = open_day(state.accounts, state.panel, day=day_number(closed) + 1)
        panel = state.panel
        best, pair = self.entry.prob_best, self.entry.tested
        self.shares = shares(best, mask=panel.mask, current=panel.current, pair=pair, proven=panel.proven)
        last = self.rows.cohort.max() if len(self.rows) else 0
        self.alarms = alarms(state.accounts, panel, self.rows.where(np.asarray(self.rows.cohort == last)))


def attribute_reports(
    known: HorizonEvidence, history: Sequence[PersonaVersion], decisions: Sequence[Refinement]
) -> tuple[AttributeReport, ...]:
    """A report of each attribute of a persona that ``known`` is about.

    Parameters
    ----------
    history
        All versions of the persona, oldest first.
    decisions
        Every refinement that was ever proposed for it, oldest first.
    """
    found, version = [], history[-1]
    for a, subject in enumerate(known.state.panel.subjects):
        if subject.persona == version.id:
            standing = version.standing(subject.attribute, subject.channel)
            made = [r for r in decisions if r.subject == subject and r.verdict == "apply" and r.new == standing.value]
            found.append(_attribute(known, a, history, standing, made[-1] if made else None))
    return tuple(found)


def compared_since(history: Sequence[PersonaVersion], standing: Standing) -> date:
    """The first day of the definition in which the options beside each other were put to the test.

    A value that replaced another one was tested under the definition that held the other one; what people wrote anew,
    since they wrote it.
    """
    before, chosen = chosen_in(history, standing)
    if before is None or chosen.kind in ("baseline", "edited"):
        return standing.since
    return before.standing(standing.attribute, standing.channel).since


def chosen_in(history: Sequence[PersonaVersion], standing: Standing) -> tuple[PersonaVersion | None, PersonaVersion]:
    """The version that chose the present value of an attribute, and the one before it (None if it is the first)."""
    at = len(history) - 1
    while at > 0 and _value_in(history[at - 1], standing) == standing.value:
        at -= 1
    before = history[at - 1] if at > 0 and _value_in(history[at - 1], standing) is not None else None
    return before, history[at]


def _value_in(version: PersonaVersion, standing: Standing) -> str | None:
    """The value of the attribute in a version, by the name that its option has now; None if it had none."""
    return next(
        (
            each.value
            for each in version.standings
            if (each.attribute, each.channel) == (standing.attribute, standing.channel)
        ),
        None,
    )


def status_of(known: HorizonEvidence, a: int, standing: Standing) -> Status:
    """The word for where an attribute stands, by its version and its accounts."""
    if standing.pinned:
        return "pinned"
    if known.entry.pair[a] >= 0:
        return "contested"
    if standing.status != "assumed":
        return standing.status
    return "learning" if (known.rows.subject == a).any() else "assumed"


def _attribute(
    known: HorizonEvidence, a: int, history: Sequence[PersonaVersion], standing: Standing, decided: Refinement | None
) -> AttributeReport:
    written, panel = history[-1].persona, known.state.panel
    attribute = written.attribute(standing.attribute)
    options, rows = attribute.options, known.evidence.of(a, since=int(panel.asked[a]))
    believed, value = options.index(attribute.believed), options.index(standing.value)
    contender = value if value != believed else _likeliest(known.entry.prob_best[a, : len(options)], besides=believed)
    since = compared_since(history, standing)
    effect = known.evidence.effect(panel, a, new=contender, old=believed, first=day_number(since))
    report = AttributeReport(
        attribute=attribute.name,
        channel=standing.channel,
        believed=attribute.believed,
        confidence=attribute.confidence,
        change=attribute.change,
        value=standing.value,
        status=status_of(known, a, standing),
        contender=options[contender],
        effect=effect.interval,
        over=effect.over,
        since=since,
        size=how_much(
            effect.interval,
            effect.over,
            new=repr(options[contender]),
            old=repr(attribute.believed),
            goal=written.goal,
            proven=decided is not None and decided.grade == "proven",
            at_least_times=decided.at_least_times if decided else None,
        ),
        units=int(rows.sums.n.sum()),
        decided_on=standing.decided_on,
        at_decision=decided,
        options=tuple(_option(known, a, k, rows, name) for k, name in enumerate(options)),
        alarms=tuple(known.alarms.get(a, ())),
        says="",
    )
    return sentence(report)


def _likeliest(prob_best: np.ndarray[tuple[int], np.dtype[np.float64]], *, besides: int) -> int:
    chances = prob_best.copy()
    chances[besides] = -1
    return int(chances.argmax())


def _option(known: HorizonEvidence, a: int, k: int, rows: DayRows, name: str) -> OptionReport:
    n, total, total_sq = (float(part[:, k].sum()) for part in rows.sums)
    return OptionReport(
        option=name,
        units=int(n),
        rate=_mean(n, total, total_sq, known.alpha),
        prob_best=float(known.entry.prob_best[a, k]),
        share=float(known.shares[a, k]),
    )


def _mean(n: float, total: float, total_sq: float, alpha: float) -> Interval | None:
    try:
        return mean_interval(n, total, total_sq, alpha=alpha)
    except InsufficientEvidenceError:
        return None
