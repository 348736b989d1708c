"""What a day's units are told apart by: the value of each column that was known of their customers before the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.breakdown import Bands
from living_personas.domain.head_count import SMALLEST
from living_personas.domain.settings import Feature
from living_personas.loop.context import Context
from living_personas.loop.fold import used_columns
from living_personas.loop.seen import features_of
from living_personas.loop.split_units import KnownThen, met_as
from living_personas.memory.breakdown_records import BANDS
from living_personas.refining.splits.menu import questions_about
from living_personas.rules.withheld import withheld
from living_personas.stats.arrays import Ints

__all__ = ["UNKNOWN", "PartValues", "asked_columns", "values_of"]

MOST_VALUES = 40
"""The commonest values of a column are counted each by itself, all others together."""

UNKNOWN = -1


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
    context: Context, units: pa.Table, day: date, known: KnownThen, asked: Mapping[str, str]
) -> Mapping[str, PartValues]:
    """What was known of the customers of a day's units before it, by column, in the order of the units.

    A value is told by its name where a crowd has it, and among the commonest.
    """
    table, rows = known.before(day), known.rows(_met_as(context, units, day), day)
    row = np.asarray(pc.fill_null(rows, table.num_rows).to_numpy(zero_copy_only=False), dtype=np.int64)
    found = {}
    for column, text in asked.items():
        each = _values(context, table, column, text)
        found[column] = PartValues(each.names, np.append(each.place, UNKNOWN)[row])
    return found


def _met_as(context: Context, units: pa.Table, day: date) -> pa.Array:
    """The id under which the customer of each unit met it."""
    found = units["customer"].combine_chunks()
    for attribute in units["attribute"].unique().to_pylist():
        mine = pc.equal(units["attribute"], attribute)
        ids = met_as(context, units.filter(mine), attribute, day, day)
        found = pc.replace_with_mask(found, mine.combine_chunks(), ids)
    return found


def _values(context: Context, table: pa.Table, column: str, text: str) -> PartValues:
    """What is known of every customer of a table."""
    values = table[column]
    if pa.types.is_floating(values.type) or pa.types.is_integer(values.type) or pa.types.is_decimal(values.type):
        return _in_bands(_bands(context, table, column, text), values)
    return _commonest(pc.cast(values, pa.string()))


def _in_bands(bands: Bands, values: pa.ChunkedArray) -> PartValues:
    numbers = np.asarray(pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    place = np.searchsorted(np.array(bands.edges, dtype=np.float64), numbers, side="right")
    return PartValues(bands.names, np.where(np.isnan(numbers), UNKNOWN, place))


def _bands(context: Context, table: pa.Table, column: str, text: str) -> Bands:
    """Where the numbers of a column are cut: at the quartiles of the first day on which they differ."""
    held = BANDS.read(context.store) or {}
    if column in held and held[column].asked == text:
        return held[column]
    asked = questions_about(table.select([column]))
    bands = Bands(asked=text, edges=tuple(sorted(each.than for each in asked if isinstance(each.than, float))))
    if bands.edges:
        BANDS.write(context.store, held | {column: bands})
    return bands


def _commonest(texts: pa.ChunkedArray) -> PartValues:
    counts = [each for each in pc.value_counts(texts).to_pylist() if each["values"] is not None]
    common = [each for each in counts if each["counts"] >= SMALLEST]
    common.sort(key=lambda each: (-each["counts"], each["values"]))
    names = tuple(str(each["values"]) for each in common[:MOST_VALUES])
    at = pc.fill_null(pc.index_in(texts, value_set=pa.array(names, pa.string())), len(names))
    place = pc.if_else(pc.is_valid(texts), at, pa.scalar(UNKNOWN, pa.int32()))
    return PartValues(names, np.asarray(place.to_numpy(zero_copy_only=False), dtype=np.int64))


def _feature_text(feature: Feature) -> str:
    return f"{feature.name}: {feature.sql} / {feature.of} / {feature.days_back}"
