"""One customer's history: what it was shown, when, why, and what came of it. Each look is written down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pyarrow as pa

from living_personas.deciding.next_snapshot import snapshot_of
from living_personas.domain.duration_text import duration_text
from living_personas.domain.goal import GOAL, Goal
from living_personas.domain.persona import Persona, PersonaVersion
from living_personas.domain.told_number import amount_words, share_words
from living_personas.domain.value import value
from living_personas.errors import UnknownNameError
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.folding.fold import judged
from living_personas.loop.folding.unit_outcomes import UnitOutcome, unit_outcomes
from living_personas.loop.forgetting import ids_of, note_act, read_ids
from living_personas.loop.person_data import rows_of
from living_personas.memory.tables import EVENTS, EXPOSURES, MEMBERSHIPS, UNITS

__all__ = ["MOST", "CountedEvent", "CustomerHistory", "ShownOption", "customer_history"]

MOST = 200
"""Options, and events, that are told, newest first; an export has all."""


@value
class ShownOption:
    """One option that the customer was shown; ``version`` is the persona's, None if it is not known.

    ``share`` is the chance by which the option was drawn, None if it was decided elsewhere.
    """

    at: datetime
    channel: str
    persona: str
    name: str
    version: int | None
    attribute: str
    option: str
    label: str
    epoch: str
    share: float | None
    held_out: bool
    why: str
    outcome: str


@value
class CountedEvent:
    """One event that a goal or a guardrail counts, with its value if a goal asks for one."""

    at: datetime
    name: str
    channel: str
    value: str


@value
class CustomerHistory:
    """What is known of one customer. Of one who was erased, or never known, all is empty: nobody can tell them apart.

    ``ids`` are those of its own under which it was seen. ``persona`` is where it belongs today, ``since`` then;
    ``left_out`` counts what is older than what is told.
    """

    asked: str
    ids: tuple[str, ...]
    persona: str
    since: date | None
    events: int
    shown: tuple[ShownOption, ...]
    happened: tuple[CountedEvent, ...]
    left_out: int


def customer_history(context: Context, asked: str | int, *, by: str, at: datetime) -> CustomerHistory:
    """What one customer was shown and what came of it, under all of its ids, newest first.

    Who looked, and when, is written down; not at whom.

    Parameters
    ----------
    asked
        Any id of the customer.
    by, at
        Who looks, and when, with a time zone.

    Raises
    ------
    BadValueError
        If a text is no id.
    """
    [id_] = read_ids(context, [str(asked)])
    seal_waiting(context)
    ids, _ = ids_of(context, [id_])
    note_act(context, "looked at", by=by, at=at, customers=1)
    rows = partial(rows_of, context, ids=ids)
    exposures = sorted(rows(EXPOSURES).to_pylist(), key=lambda row: (row["time"], row["attribute"]), reverse=True)
    events = rows(EVENTS)
    shown = _Shown(context, rows(UNITS), events)
    happened = tuple(_happened(context, events))
    member = next(iter(rows(MEMBERSHIPS).to_pylist()), None)
    return CustomerHistory(
        asked=id_,
        ids=tuple(sorted(ids.intersection([*events["customer"].to_pylist(), *(row["customer"] for row in exposures)]))),
        persona=shown.name(member["persona"]) if member else "",
        since=member["since"] if member else None,
        events=events.num_rows,
        shown=tuple(shown.told(row) for row in exposures[:MOST]),
        happened=happened[:MOST],
        left_out=max(len(exposures) - MOST, 0) + max(len(happened) - MOST, 0),
    )


class _Shown:
    """What there is to know about exposures: personas, snapshots, units and their outcomes."""

    def __init__(self, context: Context, units: pa.Table, events: pa.Table) -> None:
        self._context = context
        self._newest: Mapping[str, PersonaVersion] = {v.id: v for v in context.store.versions.latest()}
        self._personas: Mapping[str, Persona] = {each.id: judged(context, each) for each in context.personas}
        self._closed = closed_through(context)
        self._versions: dict[int, Mapping[str, int]] = {}
        found: Sequence[Mapping[str, UnitOutcome]] = (
            unit_outcomes(context, units, events, through=self._closed)
            if self._closed
            else [{} for _ in range(units.num_rows)]
        )
        pairs = zip(units.to_pylist(), found, strict=True)
        self._units = {(unit["attribute"], unit["epoch"]): (unit, came) for unit, came in pairs}

    def name(self, persona: str) -> str:
        """What people call a persona."""
        return self._newest[persona].persona.name if persona in self._newest else persona

    def told(self, row: Mapping[str, object]) -> ShownOption:
        """An exposure, in words."""
        attribute, option, policy = str(row["attribute"]), str(row["option"]), str(row["policy"])
        unit, _ = self._units.get((attribute, str(row["epoch"])), ({}, {}))
        persona = str(row["persona"] or unit.get("persona", ""))  # who decides elsewhere need not say as whom
        at = _moment(row["time"])
        share = row["propensity"] if isinstance(row["propensity"], float) else None
        return ShownOption(
            at=self._local(at),
            channel=str(row["channel"]),
            persona=persona,
            name=self.name(persona),
            version=1 if row["holdout"] else self._version(persona, policy),
            attribute=attribute,
            option=option,
            label=self._label(persona, attribute, option),
            epoch=str(row["epoch"]),
            share=share,
            held_out=bool(row["holdout"]),
            why=_why(share, held_out=bool(row["holdout"])),
            outcome=self._outcome(attribute, str(row["epoch"]), at),
        )

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._context.zone)

    def _version(self, persona: str, policy: str) -> int | None:
        """The version of the persona in the snapshot in which a policy began."""
        number = snapshot_of(policy)
        if number is None:
            return None
        if number not in self._versions:
            try:
                held = self._context.store.snapshots.get(number).personas
            except UnknownNameError:
                held = ()
            self._versions[number] = {each.persona: each.version for each in held}
        return self._versions[number].get(persona)

    def _label(self, persona: str, attribute: str, option: str) -> str:
        attributes = self._newest[persona].persona.attributes if persona in self._newest else ()
        return next((each.label(each.called(option)) for each in attributes if each.name == attribute), option)

    def _outcome(self, attribute: str, epoch: str, at: datetime) -> str:
        """What came of the occasion that an exposure belongs to."""
        unit, came = self._units.get((attribute, epoch), (None, {}))
        if unit is None:
            day = self._local(at).date()
            waits = self._closed is None or day > self._closed
            return "its day is not closed yet" if waits else "does not count as evidence"
        first = _moment(unit["time"])
        if first < at:
            return f"the same occasion as on {self._local(first):%Y-%m-%d %H:%M}"
        persona = self._personas.get(unit["persona"])
        if persona is None or GOAL not in came:
            return "not counted yet" if persona is not None else "its persona is gone"
        ends = self._local(first + persona.goal.within)
        return _goal_words(came[GOAL], persona.goal, ends=ends, open_=self._is_open(ends))

    def _is_open(self, ends: datetime) -> bool:
        if self._closed is None:
            return True
        return ends > datetime.combine(self._closed + timedelta(days=1), time.min, tzinfo=self._context.zone)


def _goal_words(came: UnitOutcome, goal: Goal, *, ends: datetime, open_: bool) -> str:
    if came.happened:
        return f"{goal.event}: {amount_words(came.value, 12)} of {goal.value}" if goal.is_value else goal.event
    if open_:
        return f"no {goal.event} yet; open until {ends:%Y-%m-%d %H:%M}"
    return f"no {goal.event} within {duration_text(goal.within)}"


def _why(share: float | None, *, held_out: bool) -> str:
    if held_out:
        return "held out: shown what was believed at first"
    if share is None:
        return "decided elsewhere: by which chance is not known"
    if share == 1:
        return "everybody was to be shown it"
    return f"drawn by chance: {share_words(share, 1)} were to be shown it"


def _happened(context: Context, events: pa.Table) -> Iterator[CountedEvent]:
    """The events that a goal or a guardrail counts, newest first."""
    counted = {name for persona in context.personas for name in (persona.goal.event, *_guarded(persona))}
    values = {persona.goal.event: persona.goal.value for persona in context.personas if persona.goal.value}
    for row in sorted(events.to_pylist(), key=lambda row: row["time"], reverse=True):
        if row["name"] in counted:
            said = json.loads(row["properties"]).get(values.get(row["name"], ""), "")
            yield CountedEvent(
                at=_moment(row["time"]).astimezone(context.zone),
                name=row["name"],
                channel=row["channel"],
                value=str(said) if said != "" else "",
            )


def _guarded(persona: Persona) -> Iterator[str]:
    return (guardrail.event for guardrail in persona.guardrails)


def _moment(at: object) -> datetime:
    if not isinstance(at, datetime):
        raise TypeError
    return at if at.tzinfo else at.replace(tzinfo=UTC)
