"""The units that splits are asked of: what each met, whether it won, and what was known of its customer before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.cell import GOAL
from living_personas.domain.persona import Attribute, PersonaVersion
from living_personas.domain.settings import Feature, denominator_of
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.events_of import linked
from living_personas.loop.fold import judged, used_columns
from living_personas.loop.known_before import known_before
from living_personas.loop.known_then import beginning
from living_personas.loop.learn import shares_of
from living_personas.loop.relations import filtered
from living_personas.loop.seen import features_of
from living_personas.memory.tables import EVENTS, EXPOSURES, UNITS
from living_personas.refining.places import option_places
from living_personas.refining.splits.menu import MOST_QUESTIONS, YesNoQuestion, answers, most_telling, questions_about
from living_personas.refining.splits.replay import Batch, single_scores
from living_personas.rules.parse import Kind
from living_personas.rules.withheld import withheld
from living_personas.stats.arrays import Bools

__all__ = [
    "WEEK",
    "KnownThen",
    "SplitUnits",
    "batch_of",
    "corrections_of",
    "first_questions",
    "met_as",
    "open_names",
    "split_units",
]


WEEK = 7
"""The first days choose what is asked, once and for all looks, and are no evidence."""


def first_questions(
    context: Context,
    attribute: Attribute,
    units: SplitUnits,
    known: KnownThen,
    *,
    begun: date,
    barred: Collection[str] = (),
) -> tuple[YesNoQuestion, ...]:
    """What is asked of an attribute, by the customers of its first week from the day ``begun`` on.

    Later looks must not ask otherwise. Nothing ``barred`` is asked about, nor what the workspace protects.
    """
    protected, following = withheld(context.settings, features_of(context)), begun + timedelta(days=WEEK)
    asked = _menu(units, known, following, barred=set(barred) - protected, protected=protected)
    if len(asked) <= MOST_QUESTIONS:
        return asked
    early = [batch_of(units, asked, day, known, begun) for day in between(begun, following - timedelta(days=1))]
    return most_telling(asked, single_scores(early, options=len(attribute.options)))


def _menu(
    units: SplitUnits, known: KnownThen, day: date, *, barred: Collection[str], protected: Collection[str]
) -> tuple[YesNoQuestion, ...]:
    """What is asked, by the customers who had units before a day: later looks must not ask otherwise."""
    came = known.rows(units.table.filter(pc.less(units.table["cohort"], pa.scalar(day)))["met_as"].unique(), day)
    about = known.before(day).take(came.drop_null()).drop_columns(["customer"])
    return questions_about(
        about.drop_columns([name for name in about.column_names if name in protected]), barred=barred
    )


_KEPT = 3
"""Days of which it is kept what was known: days follow each other."""


class KnownThen:
    """What was known of customers when a span of days began, and who was who then, each looked up once.

    Whoever is linked to another id later is still whom it was when it came: a link may be what an option brought about.
    Everything is looked up, or the features and traits of some ``names`` only.
    """

    def __init__(self, context: Context, *, names: Collection[str] | None = None) -> None:
        self.context = context
        self.names = names
        self.tables: dict[date, tuple[pa.Table, pa.Table]] = {}

    @cached_property
    def _features(self) -> tuple[Feature, ...]:
        return tuple(each for each in features_of(self.context) if self.names is None or each.name in self.names)

    @cached_property
    def _traits(self) -> Mapping[str, Kind]:
        known = _traits(self.context)
        if self.names is None:
            return known
        features = {feature.name for feature in self._features}
        return {name: known.get(name, "text") for name in sorted(self.names) if name not in features}

    def before(self, day: date) -> pa.Table:
        """Features and traits of every customer, as they were known before ``day``."""
        return self._looked_up(day)[0]

    def rows(self, ids: pa.Array | pa.ChunkedArray, day: date) -> pa.Array:
        """The rows of that table which belong to some ids; null for those of whom nothing was known."""
        table, links = self._looked_up(day)
        return pc.index_in(linked(ids, links), value_set=table["customer"].combine_chunks())

    def _looked_up(self, day: date) -> tuple[pa.Table, pa.Table]:
        if day not in self.tables:
            while len(self.tables) >= _KEPT:
                del self.tables[min(self.tables)]
            context = self.context
            features = self._features
            links = context.store.inbox.links(before=beginning(context, day))
            table = known_before(
                context, day, asked=context.engine, features=features, traits=self._traits, links=links
            )
            table = table.drop_columns([denominator_of(each.name) for each in features if each.of is not None])
            self.tables[day] = table, links
        return self.tables[day]


def open_names(context: Context) -> frozenset[str]:
    """The features and traits that may be asked about: those that are known, but for what is protected."""
    features = features_of(context)
    known = frozenset(feature.name for feature in features) | _traits(context).keys()
    return known - withheld(context.settings, features)


def _traits(context: Context) -> Mapping[str, Kind]:
    """The traits that rules use, by the kinds they use them as, and all others that are declared, as texts."""
    settings, features = context.settings, {feature.name for feature in features_of(context)}
    declared = (*settings.traits, *(trait for source in settings.sources for trait in source.traits))
    _, used = used_columns(context)
    texts: dict[str, Kind] = {name: "text" for name in declared if name not in features}
    return dict(sorted({**texts, **used}.items()))


class SplitUnits(NamedTuple):
    """Units (``met_as``: under which id, ``option`` by its place, ``policy``, ``cohort``, ``won``), and the shares."""

    table: pa.Table
    shares: Mapping[str, Sequence[float]]


def split_units(
    context: Context, version: PersonaVersion, attribute: Attribute, *, first: date, last: date, closed: date
) -> SplitUnits:
    """The attribute's units of some days whose shares are known, and whether the goal of each came by ``closed``."""
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
            "met_as": met_as(context, units, attribute.name, first, last),
            "option": at,
            "won": won,
            **{name: units[name] for name in ("policy", "cohort")},
        }
    )
    known = pc.is_in(table["policy"], value_set=pa.array(list(shares), pa.string()))
    return SplitUnits(table=table.filter(pc.and_(known, pc.is_valid(table["option"]))), shares=shares)


def met_as(context: Context, units: pa.Table, attribute: str, first: date, last: date) -> pa.Array:
    """The id under which the customer of each unit of an attribute met it, before any link."""
    exposures = filtered(
        EXPOSURES.read(context.store, first, last), pc.field("attribute") == attribute, EXPOSURES.schema
    )
    key = _occasion(linked(exposures["customer"], context.store.inbox.links()), exposures)
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


def batch_of(units: SplitUnits, asked: tuple[YesNoQuestion, ...], day: date, known: KnownThen, then: date) -> Batch:
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


def corrections_of(context: Context, version: PersonaVersion, attribute: Attribute) -> Iterator[date]:
    """The days on which the value of everybody became another one."""
    history = context.store.versions.history(version.id)
    for before, after in pairwise(history):
        old, new = (
            {s.channel: s.value for s in each.standings if s.attribute == attribute.name} for each in (before, after)
        )
        if old and new and old != new:
            yield max(s.since for s in after.standings if s.attribute == attribute.name)
