"""The units that splits are asked of: what each met, whether it won, and what was known of its customer before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.cell import GOAL
from living_personas.domain.persona import Attribute, PersonaVersion
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.event_days.events_of import linked
from living_personas.loop.event_days.seen import features_of
from living_personas.loop.folding.fold import judged
from living_personas.loop.folding.known_of_units import KnownOfUnits
from living_personas.loop.learning.learn import shares_of
from living_personas.loop.relations import filtered
from living_personas.memory.tables import EVENTS, EXPOSURES, UNITS
from living_personas.refining.places import option_places
from living_personas.refining.splits.menu import MOST_QUESTIONS, YesNoQuestion, answers, most_telling, questions_about
from living_personas.refining.splits.replay import Batch, single_scores
from living_personas.rules.withheld import withheld
from living_personas.stats.arrays import Bools

__all__ = [
    "WEEK",
    "SplitUnits",
    "batch_of",
    "corrections_of",
    "first_questions",
    "met_as",
    "split_units",
]


WEEK = 7
"""The first days choose what is asked, once and for all looks, and are no evidence."""


def first_questions(
    context: Context,
    attribute: Attribute,
    units: SplitUnits,
    known: KnownOfUnits,
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
    units: SplitUnits, known: KnownOfUnits, day: date, *, barred: Collection[str], protected: Collection[str]
) -> tuple[YesNoQuestion, ...]:
    """What is asked, by the customers who had units before a day: later looks must not ask otherwise."""
    early = units.table.filter(pc.less(units.table["cohort"], pa.scalar(day)))
    table, came = known.about(early["met_as"].unique(), day)
    about = table.take(came.drop_null()).drop_columns(["customer"])
    return questions_about(
        about.drop_columns([name for name in about.column_names if name in protected]), barred=barred
    )


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


def batch_of(units: SplitUnits, asked: tuple[YesNoQuestion, ...], day: date, known: KnownOfUnits, then: date) -> Batch:
    """The units of a day, beside what was known of their customers before ``then``."""
    today = units.table.filter(pc.equal(units.table["cohort"], pa.scalar(day)))
    policies = sorted(set(today["policy"].to_pylist()))
    of_policy = {name: place for place, name in enumerate(policies)}
    shares = np.array([units.shares[name] for name in policies], dtype=np.float64)
    width = len(next(iter(units.shares.values()), ()))
    table, rows = known.about(today["met_as"], then)
    return Batch(
        answers=_answers(rows, asked, table),
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
