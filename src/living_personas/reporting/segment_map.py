"""Customers as a map by what they do: like near like, and no mark of fewer than a crowd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from living_personas.domain.head_count import SMALLEST
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import features_of
from living_personas.loop.known.ignoring import counted
from living_personas.loop.relations import sampled
from living_personas.memory.tables import CUSTOMERS
from living_personas.rules.rule_words import column_words
from living_personas.rules.withheld import withheld
from living_personas.stats.arrays import Floats, Ints

__all__ = ["Mark", "SegmentMap", "map_of", "segment_map"]

SAMPLED = 20_000
MOST_MARKS = 300


@value
class Mark:
    """Some customers who do much the same: where they are on average, how many were sampled, who most of them are."""

    x: float
    y: float
    customers: int
    persona: str


@value
class SegmentMap:
    """Marks in two directions, each named by the features that it tells apart most."""

    marks: tuple[Mark, ...]
    across: str
    up: str
    sampled: int


def segment_map(context: Context) -> SegmentMap | None:
    """The map of the newest customers table; None while too few customers or features are known.

    What is protected takes no part in it.
    """
    table = sampled(CUSTOMERS.newest(context.store), about=SAMPLED, also=["persona"])
    left_out = withheld(context.settings, features_of(context)) | {"persona"}
    fields = [name for name in table.column_names if name not in left_out and not name.endswith("__of")]
    if not fields:
        return None
    table = counted(table)
    if table.num_rows < 2 * SMALLEST:
        return None
    columns = np.column_stack([_column(table[name]) for name in fields])
    return map_of(columns, names=fields, personas=table["persona"].to_pylist())


def map_of(columns: Floats, *, names: Sequence[str], personas: Sequence[str]) -> SegmentMap | None:
    """The map of customers with these features.

    Parameters
    ----------
    columns
        One row per customer, one column per name; NaN where nothing is known. Shape ``(n, m)``.
    personas
        The persona of each customer.

    Returns
    -------
    Marks of at least ``SMALLEST`` customers each; None if no feature differs between customers.
    """
    ranks = np.column_stack([_ranks(column) for column in columns.T])
    differs = ranks.std(0) > 0
    if differs.sum() < 2:
        return None
    ranks, names = ranks[:, differs], [name for name, keep in zip(names, differs, strict=True) if keep]
    scaled = (ranks - ranks.mean(0)) / ranks.std(0)
    _, vectors = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    axes = vectors[:, [-1, -2]]
    axes = axes * np.where(axes.sum(0) < 0, -1.0, 1.0)
    places = np.asarray(scaled @ axes, dtype=np.float64)
    least = max(SMALLEST, len(places) // MOST_MARKS)
    marks = [_mark(places, leaf, personas) for leaf in _leaves(places, np.arange(len(places)), least)]
    across, up = (_direction(axes[:, axis], names) for axis in (0, 1))
    return SegmentMap(marks=tuple(marks), across=across, up=up, sampled=len(places))


def _column(values: pa.ChunkedArray) -> Floats:
    return np.asarray(values.to_numpy(), dtype=np.float64)


def _ranks(column: Floats) -> Floats:
    """Mean ranks between 0 and 1; what is not known is in the middle."""
    known = ~np.isnan(column)
    out = np.full(len(column), 0.5)
    _, place, count = np.unique(column[known], return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    out[known] = ((ends - count / 2) / max(known.sum(), 1))[place]
    return out


def _leaves(places: Floats, rows: Ints, least: int) -> Iterator[Ints]:
    """Halve the customers along the wider direction while both halves are a crowd."""
    if len(rows) < 2 * least:
        yield rows
        return
    here = places[rows]
    ordered = rows[np.argsort(here[:, int(np.ptp(here, axis=0).argmax())], kind="stable")]
    middle = len(ordered) // 2
    yield from _leaves(places, ordered[:middle], least)
    yield from _leaves(places, ordered[middle:], least)


def _mark(places: Floats, rows: Ints, personas: Sequence[str]) -> Mark:
    x, y = places[rows].mean(0)
    most = Counter(personas[row] for row in rows).most_common(1)[0][0]
    return Mark(x=round(float(x), 2), y=round(float(y), 2), customers=len(rows), persona=most)


def _direction(weights: Floats, names: Sequence[str]) -> str:
    """The two features that weigh most, each with the way it points."""
    top = np.argsort(-np.abs(weights))[:2]
    return ", ".join(f"{'more' if weights[i] > 0 else 'less'} {column_words(names[i])}" for i in top)
