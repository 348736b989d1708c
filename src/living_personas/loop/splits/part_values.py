"""What a day's units are told apart by: the value of each column that was known of their customers before them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.breakdown import Bands
from living_personas.domain.event import IDENTIFY
from living_personas.domain.head_count import SMALLEST
from living_personas.domain.settings import Feature
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import features_of
from living_personas.loop.folding.fold import used_columns
from living_personas.loop.folding.known_of_units import KnownOfUnits
from living_personas.loop.known.empty_history import empty_history
from living_personas.loop.known.said import Word, words_in
from living_personas.loop.relations import filtered
from living_personas.loop.splits.split_units import met_as
from living_personas.memory.split_records import BANDS
from living_personas.memory.tables import EVENTS
from living_personas.refining.splits.menu import questions_about
from living_personas.rules.coercion import coerce
from living_personas.rules.parse import Kind
from living_personas.rules.withheld import withheld
from living_personas.stats.arrays import Ints

__all__ = ["UNKNOWN", "PartValues", "asked_columns", "values_of"]

MOST_VALUES = 40
"""The commonest values of a column are counted each by itself, all others together."""

UNKNOWN = -1

_MOST_CUT_BY = 40_000
"""So many customers say where numbers are cut: all, or a sample."""


class PartValues(NamedTuple):
    """The value of each unit by its place among ``names``: that after the last is all others, ``UNKNOWN`` not known."""

    names: tuple[str, ...]
    place: Ints


def asked_columns(context: Context) -> Mapping[str, str]:
    """The columns that effects are looked at by, each with a text that is another one where its values may be."""
    features = {feature.name: feature for feature in features_of(context)}
    hidden = withheld(context.settings, features.values())
    _, kinds = used_columns(context)
    return {
        name: _feature_text(features[name]) if name in features else f"{name}: {kinds.get(name, 'text')}"
        for name in context.settings.breakdowns
        if name not in hidden
    }


def values_of(
    context: Context, units: pa.Table, day: date, known: KnownOfUnits, asked: Mapping[str, str]
) -> Mapping[str, PartValues]:
    """What was known of the customers of a day's units, by column, in the order of the units.

    That is what was known before the day; of traits, what they said earlier on it counts, too. A value is told by its
    name where a crowd had it before the day, and among the commonest.
    """
    met = _met_as(context, units, day)
    table, rows = known.about(met, day)
    row = np.asarray(pc.fill_null(rows, table.num_rows).to_numpy(zero_copy_only=False), dtype=np.int64)
    features = [feature for feature in features_of(context) if feature.name in asked]
    nothing = empty_history(features)
    kinds = {name: _kind(table[name]) for name in asked if name not in nothing}
    heard = _heard(context, day, met, units["time"], kinds)
    found = {}
    for column, text in asked.items():
        is_number = _kind(table[column]) == "number"
        told = _Numbers(_bands(context, known, day, column, text)) if is_number else _commonest(known, day, column)
        of_nobody = pa.array([nothing.get(column)], table[column].type)
        place = np.append(told.places(table[column]), told.places(pa.chunked_array([of_nobody])))[row]
        if said := heard.get(column):
            place[[*said]] = told.places(pa.chunked_array([pa.array([*said.values()], table[column].type)]))
        found[column] = PartValues(told.names, place)
    return found


def _met_as(context: Context, units: pa.Table, day: date) -> pa.Array:
    """The id under which the customer of each unit met it."""
    found = units["customer"].combine_chunks()
    for attribute in units["attribute"].unique().to_pylist():
        mine = pc.equal(units["attribute"], attribute)
        ids = met_as(context, units.filter(mine), attribute, day, day)
        found = pc.replace_with_mask(found, mine.combine_chunks(), ids)
    return found


def _kind(values: pa.ChunkedArray) -> Kind:
    if pa.types.is_boolean(values.type):
        return "boolean"
    return "number" if pa.types.is_floating(values.type) else "text"


def _heard(
    context: Context, day: date, met: pa.Array, times: pa.ChunkedArray, kinds: Mapping[str, Kind]
) -> Mapping[str, Mapping[int, object]]:
    """The last word of each trait that was said on the day before a unit, under the id that met it: by the unit."""
    if not kinds:
        return {}
    speaks = (pc.field("name") == IDENTIFY) & pc.field("customer").isin(met.unique())
    events = filtered(EVENTS.read(context.store, day, day), speaks, EVENTS.schema)
    words: defaultdict[str, list[Word]] = defaultdict(list)
    for word in sorted(words_in(events, kinds.__contains__, parts=kinds), key=lambda each: each.moment):
        if coerce(word.said, kinds[word.name]) is not None:
            words[word.customer].append(word)
    found: defaultdict[str, dict[int, object]] = defaultdict(dict)
    spoke = pc.indices_nonzero(pc.is_in(met, value_set=pa.array(words, pa.string())))
    ids, micros = met.take(spoke).to_pylist(), times.cast(pa.int64()).take(spoke).to_pylist()
    for unit, customer, moment in zip(spoke.to_pylist(), ids, micros, strict=True):
        for word in words[customer]:
            if word.micros <= moment:
                found[word.name][unit] = coerce(word.said, kinds[word.name])
    return found


class _Texts(NamedTuple):
    """Texts that are told by their names, in this order."""

    names: tuple[str, ...]

    def places(self, values: pa.ChunkedArray) -> Ints:
        texts = _texts(values)
        at = pc.fill_null(pc.index_in(texts, value_set=pa.array(self.names, pa.string())), len(self.names))
        place = pc.if_else(pc.is_valid(texts), at, pa.scalar(UNKNOWN, pa.int32()))
        return np.asarray(place.to_numpy(zero_copy_only=False), dtype=np.int64)


class _Numbers(NamedTuple):
    """Numbers in bands."""

    bands: Bands

    @property
    def names(self) -> tuple[str, ...]:
        return self.bands.names

    def places(self, values: pa.ChunkedArray) -> Ints:
        numbers = np.asarray(pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
        place = np.searchsorted(np.array(self.bands.edges, dtype=np.float64), numbers, side="right")
        return np.where(np.isnan(numbers), UNKNOWN, place)


def _texts(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values as texts; an empty one says nothing."""
    texts = pc.cast(values, pa.string())
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _bands(context: Context, known: KnownOfUnits, day: date, column: str, text: str) -> Bands:
    """Where the numbers of a column are cut: at the quartiles of the first day on which they differ."""
    held = BANDS.read(context.store) or {}
    if column in held and held[column].asked == text:
        return held[column]
    asked = questions_about(known.some(day, most=_MOST_CUT_BY).select([column]))
    bands = Bands(asked=text, edges=tuple(sorted(each.than for each in asked if isinstance(each.than, float))))
    if bands.edges:
        BANDS.write(context.store, held | {column: bands})
    return bands


def _commonest(known: KnownOfUnits, day: date, column: str) -> _Texts:
    """The values of a column that a crowd of all customers had before a day, and of these the commonest."""
    told = known.values(column, day, least=SMALLEST)
    common = sorted(
        zip(told["n"].to_pylist(), told["value"].to_pylist(), strict=True), key=lambda each: (-each[0], each[1])
    )
    return _Texts(tuple(value for _, value in common if value)[:MOST_VALUES])


def _feature_text(feature: Feature) -> str:
    return f"{feature.name}: {feature.sql} / {feature.of} / {feature.days_back}"
