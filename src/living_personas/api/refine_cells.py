"""Sums in, decisions out: for analysts who have counts by day and option, and no events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.api.cell_evidence import CellEvidence, evidence_of
from living_personas.api.cell_rows import label_of, read_cell_rows
from living_personas.api.cell_verdicts import CellAlarm, CellVerdict, CellVerdicts, Verdict
from living_personas.domain.belief import Subject
from living_personas.domain.goal import DAY, Goal
from living_personas.domain.persona import Attribute, Confidence, Persona, Standing
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import AttributeReport
from living_personas.domain.settings import Settings
from living_personas.errors import InvalidSettingsError, UnknownNameError, check_name
from living_personas.loop import closing, cycle
from living_personas.loop.context import Context
from living_personas.loop.corrections.file_versions import adopt
from living_personas.loop.corrections.refine import alarms
from living_personas.loop.days import between
from living_personas.loop.learning.learn import opened_states, write_entry
from living_personas.memory.records import POLICIES
from living_personas.memory.tables import CELLS
from living_personas.reporting.compared_options import compared
from living_personas.reporting.report import persona_reports
from living_personas.wiring import context_in_memory

__all__ = ["refine_cells"]


def refine_cells(
    frame: object,
    *,
    believed: str | Mapping[str, str],
    alpha: float = 0.05,
    horizon: int = 1,
    at_most: float | None = None,
    cumulative: bool = False,
    confidence: Confidence = "none",
    worth_changing: float = 0.0,
) -> CellVerdicts:
    """Decide, day by day, as the loop does, from sums of units that were given an option at random.

    Parameters
    ----------
    frame
        Rows by day and option: a pandas, polars or pyarrow table, or anything else with an Arrow capsule. Columns:
        ``day`` of assignment, ``option``, ``n`` units, ``s`` of them with success (or ``sum`` and ``sum_sq`` of their
        values), ``share``, the probability with which a unit was given the option. Optional: ``stratum`` (units are
        compared within it), ``policy`` (tells apart shares that changed within a day), ``persona`` and ``attribute``
        (each pair is a question of its own), ``outcome_day`` (when a row became known, if outcomes came in parts).
    believed
        The option that is believed to be best, or one for each subject, by ``persona/attribute`` (whichever of the two
        columns there are).
    alpha
        The chance of a false correction of a subject in its first year.
    horizon
        Days after the day of assignment until the outcomes of its units are complete; a day is decided on then.
    at_most
        The largest value that a unit can count for, fixed before the data came; with it, ``sum`` and ``sum_sq`` are
        read.
    cumulative
        Each row holds everything since the first day: what counts is what came from row to row.
    confidence, worth_changing
        As in a persona's file: what the belief rests on, and the relative lift from which on a change is worth it.

    Raises
    ------
    InvalidCellsError, UnknownNameError, IngestError, InvalidPersonaError, InvalidSettingsError
        If the frame, or what is said of it, cannot be meant.
    """
    _check(alpha, horizon, at_most)
    rows = read_cell_rows(frame, is_value=at_most is not None)
    evidence = evidence_of(rows, cumulative=cumulative, at_most=at_most, horizon=horizon)
    beliefs = _beliefs(believed, [label_of(row.subject) for row in rows])
    context = context_in_memory(
        Settings(name="cells", salt="cells", error_budget=alpha),
        _personas(
            evidence,
            beliefs,
            goal=Goal(
                event="success", within=horizon * DAY, value="value" if at_most is not None else None, at_most=at_most
            ),
            confidence=confidence,
            worth_changing=worth_changing,
        ),
    )
    verdicts = _verdicts(context, evidence, horizon=horizon) if evidence.options else ()
    return CellVerdicts(verdicts, evidence.left_out, percent=at_most is None)


def _check(alpha: float, horizon: int, at_most: float | None) -> None:
    if not 0 < alpha < 1:
        raise InvalidSettingsError(f"alpha is {alpha!r}.", hint="give a probability between 0 and 1, such as 0.05.")
    if horizon < 1 or horizon != int(horizon):
        raise InvalidSettingsError(
            f"horizon is {horizon!r}.", hint="give whole days from 1 on: outcomes of a day are complete at the next."
        )
    if at_most is not None and not at_most > 0:
        raise InvalidSettingsError(f"at_most is {at_most!r}.", hint="give the largest value that a unit can count for.")


def _beliefs(believed: str | Mapping[str, str], labels: Sequence[str]) -> Mapping[str, str]:
    """What is believed of each subject."""
    known = dict.fromkeys(labels)
    if isinstance(believed, str):
        return dict.fromkeys(known, believed)
    for label in believed:
        check_name("subject", label, known)
    for label in known:
        if label not in believed:
            raise UnknownNameError(
                f"Nothing is said to be believed of {label!r}.", hint=f"add {label!r} to `believed`."
            )
    return believed


def _personas(
    evidence: CellEvidence, beliefs: Mapping[str, str], *, goal: Goal, confidence: Confidence, worth_changing: float
) -> list[Persona]:
    attributes: dict[str, list[Attribute]] = {}
    for subject, options in evidence.options.items():
        attributes.setdefault(subject.persona, []).append(
            Attribute(
                name=subject.attribute,
                options=options,
                believed=beliefs[label_of(subject)],
                confidence=confidence,
                worth_changing=worth_changing,
            )
        )
    return [
        Persona(id=name, name=name, who="true", goal=goal, attributes=tuple(mine)) for name, mine in attributes.items()
    ]


def _verdicts(context: Context, evidence: CellEvidence, *, horizon: int) -> tuple[CellVerdict, ...]:
    """Live the days of the cells through the loop's own steps, and read what came of them."""
    lived = _Lived(context, evidence, horizon=horizon)
    reports = {
        Subject(persona=persona.persona, attribute=report.attribute): report
        for persona in persona_reports(context)
        for report in persona.attributes
    }
    versions = {version.id: version for version in context.versions()}
    standings = {s: versions[s.persona].standing(s.attribute) for s in evidence.options}
    return tuple(_verdict(reports[subject], subject, standings[subject], lived) for subject in evidence.options)


class _Lived:
    """The days of cells, lived in order from the first until the last is complete: learn, refine, fix the next bets."""

    def __init__(self, context: Context, evidence: CellEvidence, *, horizon: int) -> None:
        self.changes: list[Refinement] = []
        self._alarms: dict[Subject, dict[str, CellAlarm]] = {}
        known = evidence.cells.table
        POLICIES.write_all(context.store, {name: dict(shares) for name, shares in evidence.policies.items()})
        CELLS.replace(
            context.store, {day: known.filter(pc.equal(known["outcome_day"], day)) for day in _distinct(known)}
        )
        first = pc.min(known["cohort"]).as_py()
        last = pc.max(known["cohort"]).as_py() + timedelta(days=horizon)
        adopt(context, first)
        self.states = opened_states(context.versions())
        write_entry(context.store, self.states, first, budget=context.alpha)
        for day in between(first, last):
            self._live(context, day)
        closing.close(context, self.states, last)

    def alarms(self, subject: Subject) -> tuple[CellAlarm, ...]:
        """What was wrong with a subject's data."""
        return tuple(self._alarms.get(subject, {}).values())

    def account(self, subject: Subject) -> float:
        """The account of the challenger that came furthest."""
        state = next(state for state in self.states if subject in state.panel.subjects)
        a = state.panel.index(subject)
        return float(state.accounts.own(state.panel)[a].max())

    def _live(self, context: Context, day: date) -> None:
        learned = cycle.learn(context, self.states, day)
        for state, rows in learned:
            for a, reasons in alarms(state.accounts, state.panel, rows).items():
                for why in reasons:
                    self._alarm(state.panel.subjects[a], why, day)
        self.changes += cycle.refine(context, learned, day)
        self.states = closing.renewed(context, [state for state, _ in learned])
        write_entry(context.store, self.states, day + timedelta(days=1), budget=context.alpha)

    def _alarm(self, subject: Subject, why: str, day: date) -> None:
        mine = self._alarms.setdefault(subject, {})
        first = mine[why].first if why in mine else day
        mine[why] = CellAlarm(why=why, first=first, last=day)


def _distinct(cells: pa.Table) -> list[date]:
    days: list[date] = cells["outcome_day"].unique().to_pylist()
    return days


def _verdict(report: AttributeReport, subject: Subject, standing: Standing, lived: _Lived) -> CellVerdict:
    changes = tuple(change for change in lived.changes if change.subject == subject)
    last = next((change for change in reversed(changes) if change.verdict == "apply"), None)
    verdict: Verdict = "not yet known"
    if standing.value != report.believed:
        verdict = "corrected"
    elif last is not None and last.kind == "confirm":
        verdict = "confirmed"
    decided = None if verdict == "not yet known" else last
    tested = compared(decided) if decided else None
    return CellVerdict(
        subject=label_of(subject),
        believed=report.believed,
        verdict=verdict,
        value=standing.value,
        contender=tested.new if tested else report.contender,
        day=decided.day if decided else None,
        units=decided.units if decided else report.units,
        account=decided.wealth if decided and decided.wealth is not None else lived.account(subject),
        effect=tested.effect if tested else report.effect,
        says=report.says,
        changes=changes,
        alarms=lived.alarms(subject),
    )
