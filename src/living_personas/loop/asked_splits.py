"""Whether one value suits everybody in a persona: asked of its own units, by what was known before each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.domain.cell import GOAL
from living_personas.domain.persona import EVER, Attribute, PersonaVersion
from living_personas.domain.settings import denominator_of
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError, UnknownNameError
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.fold import judged, used_columns
from living_personas.loop.known_then import beginning
from living_personas.loop.lateness import waits_in_force
from living_personas.loop.learn import shares_of
from living_personas.loop.relations import filtered
from living_personas.loop.seen import features_of
from living_personas.loop.withheld import withheld
from living_personas.memory.tables import EVENTS, EXPOSURES, UNITS
from living_personas.refining.places import option_places
from living_personas.refining.splits.menu import MOST_QUESTIONS, YesNoQuestion, answers, most_telling, questions_about
from living_personas.refining.splits.replay import Batch, Replayed, replay, single_scores
from living_personas.rules.parse import Kind
from living_personas.stats.arrays import Bools

__all__ = ["AskedSplit", "ask_split"]

LEAST_DAYS, WEEK = 14, 7
"""Days whose outcomes are complete, before it is worth asking. The first week chooses what is asked, once and for all
looks, and is no evidence; what is known of customers is looked up anew at the beginning of each week."""


@value
class AskedSplit:
    """What a replay of an attribute's days came to, beside the questions that it asked and the days of its units."""

    subject: Subject
    options: tuple[str, ...]
    questions: tuple[YesNoQuestion, ...]
    first: date
    last: date
    found: Replayed


def ask_split(context: Context, subject: Subject, closed: date, *, barred: Collection[str] = ()) -> AskedSplit:
    """Ask of all complete days since the attribute's present question whether one option suits everybody.

    Nothing is kept and nothing changes: the days are played again, each by bets on what was complete before it.

    Parameters
    ----------
    subject
        A persona and one of its attributes, in all channels.
    closed
        The last closed day.
    barred
        Features and traits that nothing may be built on, beside those that the workspace protects, and what is
        computed from these.

    Raises
    ------
    UnknownNameError
        If there is no such persona, attribute or barred column.
    InsufficientEvidenceError
        If too few days are complete, the goal counts values, or nothing is known of customers before.
    """
    version, attribute = _about(context, subject)
    wait = waits_in_force(context.store)(version.persona, attribute)
    last = closed - timedelta(days=wait)
    units = _units(context, version, attribute, last=last, closed=closed)
    begun = min(units.table["cohort"].to_pylist(), default=last)
    days = list(between(begun, last)) if units.table.num_rows else []
    if len(days) < LEAST_DAYS:
        raise InsufficientEvidenceError(
            f"{subject}: it takes {LEAST_DAYS} days whose outcomes are complete, and there are {len(days)}.",
            hint="`personas run` closes days that are over; ask again later.",
        )
    known = _Known(context)
    protected = withheld(context.settings, features_of(context))
    asked = _menu(units, known, days[WEEK], barred=set(barred) - protected, protected=protected)
    if not asked:
        raise InsufficientEvidenceError(
            "Nothing that could be asked about was known of customers before the second week.",
            hint="declare features or traits in workspace.yaml that tell 4 to 96 % of the customers apart.",
        )
    if len(asked) > MOST_QUESTIONS:
        early = [_batch(units, asked, day, known, days[0]) for day in days[:WEEK]]
        asked = most_telling(asked, single_scores(early, options=len(attribute.options)))
    batches = [
        _batch(units, asked, day, known, days[number // WEEK * WEEK])
        for number, day in enumerate(days)
        if number >= WEEK
    ]
    corrections = {(each - days[WEEK]).days - 1 for each in _corrections(context, version, attribute)}
    found = replay(batches, alpha=context.alpha, wait=wait + 1, corrections=corrections)
    return AskedSplit(
        subject=subject, options=attribute.options, questions=asked, first=days[WEEK], last=last, found=found
    )


def _about(context: Context, subject: Subject) -> tuple[PersonaVersion, Attribute]:
    """The persona and attribute that are asked about."""
    version = next((each for each in context.versions() if each.id == subject.persona), None)
    if version is None:
        raise UnknownNameError.among("persona", subject.persona, [each.id for each in context.versions()])
    attribute = version.persona.attribute(subject.attribute)
    if judged(context, version.persona).goal.is_value:
        raise InsufficientEvidenceError(
            f"The goal of {subject.persona!r} counts values, and splits are asked of yes or no only.",
            hint="ask it of a persona whose goal names an event and no `value`.",
        )
    return version, attribute


def _menu(
    units: _Units, known: _Known, day: date, *, barred: Collection[str], protected: Collection[str]
) -> tuple[YesNoQuestion, ...]:
    """What is asked, by the customers who had units before a day: later looks must not ask otherwise."""
    came = known.rows(units.table.filter(pc.less(units.table["cohort"], pa.scalar(day)))["met_as"].unique(), day)
    about = known.before(day).take(came.drop_null()).drop_columns(["customer"])
    return questions_about(
        about.drop_columns([name for name in about.column_names if name in protected]), barred=barred
    )


class _Known:
    """What was known of customers when a span of days began, and who was who then, each looked up once.

    Whoever is linked to another id later is still whom it was when it came: a link may be what an option brought about.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.tables: dict[date, tuple[pa.Table, pa.Table]] = {}

    def before(self, day: date) -> pa.Table:
        """Features and traits of every customer, as they were known before ``day``."""
        return self._looked_up(day)[0]

    def rows(self, ids: pa.Array | pa.ChunkedArray, day: date) -> pa.Array:
        """The rows of that table which belong to some ids; null for those of whom nothing was known."""
        table, links = self._looked_up(day)
        return pc.index_in(_linked(ids, links), value_set=table["customer"].combine_chunks())

    def _looked_up(self, day: date) -> tuple[pa.Table, pa.Table]:
        if day not in self.tables:
            context = self.context
            features = features_of(context)
            links = context.store.inbox.links(before=beginning(context, day))
            table = context.engine.features(
                day,
                events=EVENTS.read(context.store, EVER, day - timedelta(days=1)),
                links=links,
                features=features,
                traits=_traits(context),
            )
            table = table.drop_columns([denominator_of(each.name) for each in features if each.of is not None])
            self.tables[day] = table, links
        return self.tables[day]


def _linked(ids: pa.Array | pa.ChunkedArray, links: pa.Table) -> pa.Array:
    """Whose ids these are."""
    plain = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    at = pc.index_in(plain, value_set=links["id"].combine_chunks())
    return pc.coalesce(links["customer"].combine_chunks().take(at), plain)


def _traits(context: Context) -> Mapping[str, Kind]:
    """The traits that rules use, by the kinds they use them as, and all others that are declared, as texts."""
    settings, features = context.settings, {feature.name for feature in features_of(context)}
    declared = (*settings.traits, *(trait for source in settings.sources for trait in source.traits))
    _, used = used_columns(context)
    texts: dict[str, Kind] = {name: "text" for name in declared if name not in features}
    return dict(sorted({**texts, **used}.items()))


class _Units(NamedTuple):
    """Units (``met_as``: under which id, ``option`` by its place, ``policy``, ``cohort``, ``won``), and the shares."""

    table: pa.Table
    shares: Mapping[str, Sequence[float]]


def _units(context: Context, version: PersonaVersion, attribute: Attribute, *, last: date, closed: date) -> _Units:
    """The attribute's units whose shares are known, and whether the goal of each came, as cells count it."""
    first = max(standing.asked for standing in version.standings if standing.attribute == attribute.name)
    about = (pc.field("persona") == version.id) & (pc.field("attribute") == attribute.name)
    units = filtered(UNITS.read(context.store, first, last), about, UNITS.schema)
    numbers = pa.array([str(number) for number in range(units.num_rows)], pa.string())
    place = units.schema.get_field_index("stratum")
    cells = context.engine.fold(
        first,
        closed,
        units=units.set_column(place, units.schema.field(place), numbers),
        events=EVENTS.read(context.store, first, closed),
        links=context.store.inbox.links(),
        personas=[judged(context, version.persona)],
    )
    goal = cells.table.filter(pc.and_(pc.equal(cells.table["metric"], GOAL), pc.greater(cells.table["s"], 0)))
    won = pc.is_in(numbers, value_set=goal["stratum"].combine_chunks())
    places = option_places(attribute.options, attribute.was)
    named = pa.array(list(places), pa.string())
    at = pa.array(list(places.values()), pa.int64()).take(
        pc.index_in(units["option"].combine_chunks(), value_set=named)
    )
    shares = {
        policy: _in_order(found, places, len(attribute.options))
        for policy, found in shares_of(context.store, cells).items()
    }
    table = pa.table(
        {
            "met_as": _met_as(context, units, attribute, first, last),
            "option": at,
            "won": won,
            **{name: units[name] for name in ("policy", "cohort")},
        }
    )
    known = pc.is_in(table["policy"], value_set=pa.array(list(shares), pa.string()))
    return _Units(table=table.filter(pc.and_(known, pc.is_valid(table["option"]))), shares=shares)


def _met_as(context: Context, units: pa.Table, attribute: Attribute, first: date, last: date) -> pa.Array:
    """The id under which each unit's customer met it, before any link."""
    exposures = filtered(
        EXPOSURES.read(context.store, first, last), pc.field("attribute") == attribute.name, EXPOSURES.schema
    )
    key = _occasion(_linked(exposures["customer"], context.store.inbox.links()), exposures)
    at = pc.index_in(_occasion(units["customer"].combine_chunks(), units), value_set=key)
    return pc.coalesce(exposures["customer"].combine_chunks().take(at), units["customer"].combine_chunks())


def _occasion(customers: pa.Array, rows: pa.Table) -> pa.Array:
    """A text for whose occasion a row is, and when it was met."""
    time = rows["time"].combine_chunks().cast(pa.int64()).cast(pa.string())
    return pc.binary_join_element_wise(customers, rows["epoch"].combine_chunks(), time, "\n")


def _in_order(named: Mapping[str, float], places: Mapping[str, int], options: int) -> list[float]:
    row = [0.0] * options
    for name, share in named.items():
        if name in places:
            row[places[name]] += share
    return row


def _batch(units: _Units, asked: tuple[YesNoQuestion, ...], day: date, known: _Known, then: date) -> Batch:
    """The units of a day, beside what was known of their customers before ``then``."""
    today = units.table.filter(pc.equal(units.table["cohort"], pa.scalar(day)))
    policies = sorted(set(today["policy"].to_pylist()))
    of_policy = {name: place for place, name in enumerate(policies)}
    shares = np.array([units.shares[name] for name in policies], dtype=np.float64)
    width = len(next(iter(units.shares.values()), ()))
    return Batch(
        answers=_answers(known.rows(today["met_as"], then), asked, known.before(then)),
        option=np.asarray(today["option"].to_numpy(), dtype=np.int64),
        won=np.asarray(today["won"].to_numpy(zero_copy_only=False), dtype=bool),
        stratum=np.array([of_policy[name] for name in today["policy"].to_pylist()], dtype=np.int64),
        shares=shares.reshape(-1, width),
    )


def _answers(rows: pa.Array, asked: tuple[YesNoQuestion, ...], known: pa.Table) -> Bools:
    """What the customers of some ``rows`` answer; of whom nothing was known, no."""
    nobody = np.zeros((1, len(asked)), dtype=bool)
    place = np.asarray(pc.fill_null(rows, known.num_rows).to_numpy(zero_copy_only=False), dtype=np.int64)
    return np.concatenate([answers(asked, known), nobody])[place]


def _corrections(context: Context, version: PersonaVersion, attribute: Attribute) -> Iterator[date]:
    """The days on which the value of everybody became another one."""
    history = context.store.versions.history(version.id)
    for before, after in pairwise(history):
        old, new = (
            {s.channel: s.value for s in each.standings if s.attribute == attribute.name} for each in (before, after)
        )
        if old and new and old != new:
            yield max(s.since for s in after.standings if s.attribute == attribute.name)
