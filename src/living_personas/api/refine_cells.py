"""Sums in, decisions out: for analysts who have counts by day and option, and no events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.api.cell_evidence import CellEvidence, evidence_of
from living_personas.api.cell_rows import LeftOut, label_of, read_cell_rows
from living_personas.domain.belief import Interval, Subject
from living_personas.domain.goal import DAY, Goal
from living_personas.domain.persona import Attribute, Confidence, Persona, Standing
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import AttributeReport
from living_personas.domain.settings import Settings
from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError, UnknownNameError
from living_personas.loop import closing, cycle
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.file_versions import adopt
from living_personas.loop.learn import EvidenceState, opened_states, write_entry
from living_personas.memory.records import POLICIES
from living_personas.memory.tables import CELLS
from living_personas.reporting.report import persona_reports
from living_personas.reporting.words import points
from living_personas.wiring import context_in_memory

__all__ = ["CellVerdict", "CellVerdicts", "refine_cells"]

Verdict = Literal["corrected", "confirmed", "not yet known"]


@value
class CellVerdict:
    """What is known of one subject: whether what is believed of it was right.

    ``value`` is what holds now; ``day``, ``units``, ``account`` and ``effect`` are those of the decision or, while
    nothing is known, those of the last day: the account of the challenger that came furthest (1/alpha decides), and the
    effect of the ``contender`` against the belief, None while nothing can be said. ``changes`` are all that was
    proposed, with their verdicts.
    """

    subject: str
    believed: str
    verdict: Verdict
    value: str
    contender: str
    day: date | None
    units: int
    account: float
    effect: Interval | None
    says: str
    changes: tuple[Refinement, ...]

    def __str__(self) -> str:
        return self.text(percent=True)

    def text(self, *, percent: bool) -> str:
        """Two lines; effects in points, or in the unit of the value."""
        found = f"corrected to {self.value!r}" if self.verdict == "corrected" else self.verdict
        when = f" on {self.day}" if self.day else ""
        rival = "" if self.verdict == "confirmed" else f"{self.contender!r} against {self.believed!r}: "
        effect = f"{rival}{points(self.effect, percent=percent)}"
        return (
            f"{self.subject}: believed {self.believed!r}, {found}{when}; account {self.account:,.3g}, "
            f"{self.units:,} units, {effect}\n  {self.says}{self._often()}"
        )

    def _often(self) -> str:
        """A word about values that changed more than once: each change was another definition, with its own budget."""
        applied = sum(change.verdict == "apply" for change in self.changes)
        return f" Decided {applied} times: see `changes`." if applied > 1 else ""


class CellVerdicts:
    """The verdicts in the order of the frame's subjects, and what was ``left_out``.

    Speaks the Arrow capsule interface: ``polars.DataFrame(verdicts)``, ``pandas.DataFrame.from_arrow(verdicts)``.
    """

    def __init__(self, verdicts: Sequence[CellVerdict], left_out: Sequence[LeftOut], *, percent: bool) -> None:
        self._verdicts = tuple(verdicts)
        self.left_out = tuple(left_out)
        self._percent = percent

    def __len__(self) -> int:
        return len(self._verdicts)

    def __iter__(self) -> Iterator[CellVerdict]:
        return iter(self._verdicts)

    def __getitem__(self, subject: str) -> CellVerdict:
        """The verdict of the subject of a name, or ``UnknownNameError``."""
        named = {verdict.subject: verdict for verdict in self._verdicts}
        if subject not in named:
            raise UnknownNameError.among("subject", subject, named)
        return named[subject]

    def __repr__(self) -> str:
        lines = [verdict.text(percent=self._percent) for verdict in self._verdicts]
        lines += ["Left out:", *(f"  {each}" for each in self.left_out)] if self.left_out else []
        return "\n".join(lines) or "No cells."

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pa.Table:
        """One row a subject."""
        rows = [
            {
                "subject": each.subject,
                "believed": each.believed,
                "verdict": each.verdict,
                "value": each.value,
                "contender": each.contender,
                "day": each.day,
                "units": each.units,
                "account": each.account,
                "effect": each.effect.estimate if each.effect else None,
                "lower": each.effect.lower if each.effect else None,
                "upper": each.effect.upper if each.effect else None,
                "says": each.says,
            }
            for each in self._verdicts
        ]
        return pa.Table.from_pylist(rows, schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("subject", "believed", "verdict", "value", "contender")),
        ("day", pa.date32()),
        ("units", pa.int64()),
        *((name, pa.float64()) for name in ("account", "effect", "lower", "upper")),
        ("says", pa.string()),
    ]
)


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
        if label not in known:
            raise UnknownNameError.among("subject", label, known)
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
    changes, states = _lived(context, evidence, horizon=horizon)
    reports = {
        Subject(persona=persona.persona, attribute=report.attribute): report
        for persona in persona_reports(context)
        for report in persona.attributes
    }
    versions = {version.id: version for version in context.versions()}
    return tuple(
        _verdict(
            reports[subject],
            label_of(subject),
            versions[subject.persona].standing(subject.attribute),
            tuple(change for change in changes if change.subject == subject),
            account=max(_accounts(states, subject).values()),
        )
        for subject in evidence.options
    )


def _lived(
    context: Context, evidence: CellEvidence, *, horizon: int
) -> tuple[list[Refinement], tuple[EvidenceState, ...]]:
    """Every day from the first cohort until the last is complete, in order: learn, refine, and fix the next bets."""
    store = context.store
    POLICIES.write_all(store, {name: dict(shares) for name, shares in evidence.policies.items()})
    known = evidence.cells.table
    CELLS.replace(store, {day: known.filter(pc.equal(known["outcome_day"], day)) for day in _distinct(known)})
    first, last = pc.min(known["cohort"]).as_py(), pc.max(known["cohort"]).as_py()
    adopt(context, first)
    states = opened_states(context.versions())
    write_entry(store, states, first)
    changes: list[Refinement] = []
    end = last + timedelta(days=horizon)
    for day in between(first, end):
        learned = cycle.learn(context, states, day)
        changes += cycle.refine(context, learned, day)
        states = closing.renewed(context, [state for state, _ in learned])
        write_entry(store, states, day + timedelta(days=1))
    closing.close(context, states, end)
    return changes, states


def _distinct(cells: pa.Table) -> list[date]:
    days: list[date] = cells["outcome_day"].unique().to_pylist()
    return days


def _accounts(states: Sequence[EvidenceState], subject: Subject) -> Mapping[str, float]:
    """The account of each challenger of a subject's value."""
    state = next(state for state in states if subject in state.panel.subjects)
    a = state.panel.index(subject)
    total = state.accounts.total()[a]
    return {
        option: float(total[k]) for k, option in enumerate(state.panel.options[a]) if k != int(state.panel.current[a])
    }


def _verdict(
    report: AttributeReport, label: str, standing: Standing, changes: tuple[Refinement, ...], *, account: float
) -> CellVerdict:
    last = next((change for change in reversed(changes) if change.verdict == "apply"), None)
    verdict: Verdict = "not yet known"
    if standing.value != report.believed:
        verdict = "corrected"
    elif last is not None and last.kind == "confirm":
        verdict = "confirmed"
    decided = None if verdict == "not yet known" else last
    return CellVerdict(
        subject=label,
        believed=report.believed,
        verdict=verdict,
        value=standing.value,
        contender=report.contender,
        day=decided.day if decided else None,
        units=decided.units if decided else report.units,
        account=decided.wealth if decided and decided.wealth is not None else account,
        effect=decided.effect if decided else report.effect,
        says=report.says,
        changes=changes,
    )
