"""Whether one value suits everybody, asked day by day: a day's units are played, and what they teach steers the next.

The bets on a day are fixed before it and never rewritten. What its units came to is counted once their outcomes are
known, and again where late data change them; then the days since are played again from the last state before them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.domain.persona import Attribute, PersonaVersion, Standing
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.event_days.lateness import waits_in_force
from living_personas.loop.event_days.retired import events_from
from living_personas.loop.folding.known_of_units import KnownOfUnits, known_of_units, open_names
from living_personas.loop.relations import row_count
from living_personas.loop.splits.split_ledger import (
    bets_of,
    counted_day,
    days_counted,
    forget_counted,
    is_counted,
    keep_bets,
    keep_counted,
)
from living_personas.loop.splits.split_units import (
    WEEK,
    batch_of,
    corrections_of,
    first_questions,
    split_units,
)
from living_personas.memory.split_records import SPLIT_QUESTIONS, SPLITS
from living_personas.memory.tables import UNITS
from living_personas.ports import Store
from living_personas.refining.accounts import decay_of
from living_personas.refining.apply import PARTING
from living_personas.refining.places import option_places
from living_personas.refining.splits.kept_split import KeptSplit
from living_personas.refining.splits.split_bets import PartRows
from living_personas.refining.splits.split_day import PlacedBets, corrected, learned, opened_day, played

__all__ = [
    "AskedAttribute",
    "asked_attributes",
    "forget_split_days",
    "is_sound",
    "last_parted",
    "learn_splits",
    "newest_split",
]

ONE_DAY = timedelta(days=1)
STATES_KEPT = 35
"""For so many days the state of one day a week is kept: late data play again from there, or from the first day."""


@value
class AskedAttribute:
    """An attribute that is asked for splits, and after how many days its units are complete.

    ``asked`` is the first day whose units may tell.
    """

    version: PersonaVersion
    attribute: Attribute
    wait: int
    asked: date

    @property
    def subject(self) -> Subject:
        """What is asked about: in all channels."""
        return Subject(persona=self.version.id, attribute=self.attribute.name)

    @property
    def standing(self) -> Standing:
        """Where the attribute stands."""
        return self.version.standing(self.attribute.name)


def last_parted(context: Context, subject: Subject) -> date | None:
    """The last day on which a persona was split by an attribute, or such a part was merged again; None if it never was.

    What was won before is spent: it is asked anew from the day after.
    """
    found = [each for each in context.store.refinements.all() if each.kind in PARTING and each.verdict == "apply"]
    parts = {each.split.persona for each in found if each.split is not None and each.subject == subject}
    return max((each.day for each in found if each.subject == subject or each.subject.persona in parts), default=None)


def asked_attributes(context: Context) -> Iterator[AskedAttribute]:
    """Every attribute that is asked for splits, unless it has one already."""
    if all(attribute.splits == "off" for persona in context.personas for attribute in persona.attributes):
        return
    waits, versions = waits_in_force(context.store), context.versions()
    parted = {(each.persona.split_of, owned.name) for each in versions for owned in each.persona.attributes}
    for version in versions:
        for attribute in version.persona.attributes:
            if attribute.splits != "off" and (version.id, attribute.name) not in parted:
                standing = version.standing(attribute.name)
                spent = last_parted(context, Subject(persona=version.id, attribute=attribute.name))
                yield AskedAttribute(
                    version=version,
                    attribute=attribute,
                    wait=waits(version.persona, attribute),
                    asked=standing.asked if spent is None else max(standing.asked, spent + ONE_DAY),
                )


def learn_splits(context: Context, day: date) -> tuple[tuple[AskedAttribute, KeptSplit], ...]:
    """Play and learn from all units whose outcomes are complete at the end of ``day``; the states after it."""
    every = list(asked_attributes(context))
    names = open_names(context) if every else frozenset()
    with known_of_units(context) as known:
        found = [(asked, _learned(context, asked, known, day=day, names=names)) for asked in every]
    return tuple((asked, kept) for asked, kept in found if kept is not None)


def _learned(
    context: Context, asked: AskedAttribute, known: KnownOfUnits, *, day: date, names: Collection[str]
) -> KeptSplit | None:
    """The state of an attribute after ``day``, if it has begun."""
    through = day - timedelta(days=asked.wait)
    before = newest_split(context.store, asked.subject)
    kept = before if before is not None and is_sound(asked, before, names=names) else None
    kept = kept or _begun(context, asked, known, before, through=through)
    if kept is None:
        return None
    corrections = set(corrections_of(context, asked.version, asked.attribute))
    for each in between(kept.through + ONE_DAY, through):
        kept = _lived(context, asked, kept, each, known, is_corrected=each + ONE_DAY in corrections)
        _keep(context.store, asked.subject, kept)
    return kept


def forget_split_days(context: Context, changed: Sequence[date]) -> None:
    """Forget what was counted of units whose outcomes late data changed, and the states after them."""
    for asked in asked_attributes(context):
        wait = timedelta(days=asked.wait)
        days = [
            day
            for day in days_counted(context.store, asked.subject)
            if any(day <= each <= day + wait for each in changed)
        ]
        for day in days:
            forget_counted(context.store, asked.subject, day)
        if days:
            gone = {name: None for name, on in _states(context.store, asked.subject) if on >= min(days)}
            SPLITS.write_all(context.store, gone)


def newest_split(store: Store, subject: Subject) -> KeptSplit | None:
    """The newest state of a subject's splits, if there is one."""
    names = [name for name, _ in _states(store, subject)]
    return SPLITS.read(store, names[-1]) if names else None


def is_sound(asked: AskedAttribute, kept: KeptSplit, *, names: Collection[str]) -> bool:
    """Whether a state is about what is asked now, and all its questions are about ``names`` that are open still."""
    return (
        kept.asked == asked.asked
        and tuple(map(asked.attribute.called, kept.options)) == asked.attribute.options
        and all(question.column in names for question in kept.questions)
    )


def _begun(
    context: Context, asked: AskedAttribute, known: KnownOfUnits, before: KeptSplit | None, *, through: date
) -> KeptSplit | None:
    """The state before the first bet, once the outcomes of a first week are complete and there is what to ask."""
    question = asked.standing.asked
    is_same = before is not None and question <= before.asked
    since = max(asked.asked, events_from(context.store), date.min if before is None else before.through + ONE_DAY)
    begun, name = _first_day(context.store, asked.subject, since), str(asked.subject)
    if begun is None or (through - begun).days < WEEK - 1:
        return None
    if SPLIT_QUESTIONS.read(context.store, name) == () and (through - begun).days % WEEK != WEEK - 1:
        return None  # there was nothing to ask: it is looked up again once a week
    last = begun + timedelta(days=WEEK - 1)
    units = split_units(
        context, asked.version, asked.attribute, first=begun, last=last, closed=last + timedelta(days=asked.wait)
    )
    questions = first_questions(context, asked.attribute, units, known, begun=begun)
    SPLIT_QUESTIONS.write(context.store, name, questions)
    if not questions:
        return None
    kept = KeptSplit.first_day(
        questions,
        options=asked.attribute.options,
        asked=asked.asked,
        begun=begun,
        through=last,
        times=before.times + 1 if before is not None and is_same else 0,
    )
    SPLITS.write_all(context.store, {name: None for name, _ in _states(context.store, asked.subject)})
    _keep(context.store, asked.subject, kept)
    return kept


def _first_day(store: Store, subject: Subject, since: date) -> date | None:
    """The first day with units of a subject that were drawn by shares."""
    about = (pc.field("persona") == subject.persona) & (pc.field("attribute") == subject.attribute)
    drawn = about & (pc.field("policy") != "") & ~pc.field("holdout")
    days = (day for day in UNITS.days(store) if day >= since)
    return next((day for day in days if row_count(UNITS.read(store, day, day), drawn)), None)


def _lived(
    context: Context, asked: AskedAttribute, kept: KeptSplit, day: date, known: KnownOfUnits, *, is_corrected: bool
) -> KeptSplit:
    """The state after the units of a day: its bets are played, it teaches, and what is bet next is fixed."""
    options, places = asked.attribute.options, option_places(asked.attribute.options, asked.attribute.was)
    placed = bets_of(context.store, asked.subject, day, places=places, options=len(options))
    if not is_counted(context.store, asked.subject, day):
        _count(context, asked, kept, _Bet(day, placed), known)
    counted = counted_day(
        context.store, asked.subject, day, places=places, options=options, questions=len(kept.questions)
    )
    rows = PartRows.none(len(options)) if counted is None else counted.rows
    state = played(kept.state, None if counted is None else placed, rows)
    if is_corrected:
        state = corrected(state)
    if counted is not None:
        recent = _kept_of_recent(context, kept, day)
        state = learned(state, kept.leaves, units=counted.units, successes=counted.successes, kept=recent)
    opened = opened_day(state)
    if opened is not None:
        following = day + timedelta(days=asked.wait + 1)
        keep_bets(context.store, asked.subject, following, opened.placed, options=options)
    return replace(kept, through=day, state=state, options=options)


class _Bet(NamedTuple):
    """What was bet on a day, if anything was."""

    day: date
    placed: PlacedBets | None


def _count(context: Context, asked: AskedAttribute, kept: KeptSplit, bet: _Bet, known: KnownOfUnits) -> None:
    """Count what the units of a day came to, in the engine, and keep it; nothing if there are none."""
    day, closed = bet.day, bet.day + timedelta(days=asked.wait)
    units = split_units(context, asked.version, asked.attribute, first=day, last=day, closed=closed)
    if not units.table.num_rows:
        return
    batch = batch_of(units, kept.questions, day, known, day)
    everybody = np.ones(len(batch.option), dtype=bool)
    inside = everybody if bet.placed is None else kept.leaves.holds(bet.placed.leaf, batch.answers)
    answered = {f"q{place}": pa.array(batch.answers[:, place]) for place in range(len(kept.questions))}
    named = pa.array(asked.attribute.options, pa.string()).take(pa.array(batch.option))
    table = pa.table({"option": named, "inside": inside, "success": batch.won, **answered})
    pairs = context.engine.pair_cells(table, questions=list(answered))
    parts = table.select(["inside", "option", "success"]).append_column("policy", units.table["policy"])
    counts = parts.group_by(_PART_KEY).aggregate([("success", "count"), ("success", "sum")])
    counts = counts.rename_columns([*_PART_KEY, "n", "s"]).sort_by([(name, "ascending") for name in _PART_KEY])
    keep_counted(context.store, asked.subject, day, parts=counts, pairs=pairs)


_PART_KEY = ["inside", "policy", "option"]


def _kept_of_recent(context: Context, kept: KeptSplit, day: date) -> float:
    """What a day leaves of the scores that steer what is shown: as for corrections."""
    days = max((day - kept.begun).days - WEEK, 1)
    pace = kept.state.search.units[0].sum() / days
    return float(decay_of(np.array([pace]), context.settings.half_life_days)[0])


def _states(store: Store, subject: Subject) -> list[tuple[str, date]]:
    """The names of a subject's states, and after which day each is."""
    named = (name.rpartition("/") for name in SPLITS.names(store))
    found = [(f"{of}/{day}", date.fromisoformat(day)) for of, _, day in named if of == str(subject)]
    return sorted(found, key=lambda each: each[1])


def _keep(store: Store, subject: Subject, kept: KeptSplit) -> None:
    """Keep a state beside the first one and those of a day a week, and forget what is too old to play again from."""
    first = kept.begun + timedelta(days=WEEK - 1)
    old = {
        name: None
        for name, day in _states(store, subject)
        if day != first and (day.toordinal() % WEEK or (kept.through - day).days > STATES_KEPT)
    }
    SPLITS.write_all(store, {**old, f"{subject}/{kept.through}": kept})
