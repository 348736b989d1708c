"""How features and traits are spread over the customers, without anything about fewer than a crowd."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from living_personas.domain.head_count import SMALLEST
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import features_of
from living_personas.loop.known.ignoring import counted
from living_personas.loop.relations import filtered, sampled
from living_personas.memory.tables import CUSTOMERS
from living_personas.rules.tree import Kind
from living_personas.rules.withheld import withheld
from living_personas.stats.arrays import Floats

__all__ = ["Spread", "customers_sampled", "spreads"]

SAMPLED = 20_000
BINS, WORDS = 12, 6
_OURS = frozenset({"customer", "persona", "matches"})


@value
class Spread:
    """One feature or trait: its kind, the heights of its bins (0 to 1) between two ends, or its most frequent words.

    Bins and words of fewer than a crowd of those sampled are not told; ``known`` is the share of whom it is known.
    """

    name: str
    kind: Kind
    known: float = 0.0
    lower: float = 0.0
    upper: float = 0.0
    bins: tuple[float, ...] = ()
    words: tuple[str, ...] = ()


def spreads(context: Context) -> tuple[Spread, ...]:
    """The features and traits of the customers of the last closed day; none of those that are protected."""
    names, table = customers_sampled(context)
    return tuple(_spread(name, table) for name in names)


def customers_sampled(context: Context) -> tuple[list[str], pa.Table]:
    """The features and traits that may be told of, and some of the customers with them and their ``persona``."""
    relation = CUSTOMERS.newest(context.store)
    schema = _schema(context)
    left_out = withheld(context.settings, features_of(context)) | _OURS
    names = [name for name in schema.names if name not in left_out and not name.endswith("__of")]
    texts = [name for name in names if not pa.types.is_floating(schema.field(name).type)]
    return names, counted(sampled(relation, about=SAMPLED, also=[*texts, "persona"])) if names else pa.table({})


def _schema(context: Context) -> pa.Schema:
    return filtered(CUSTOMERS.newest(context.store), pa.compute.scalar(value=False)).schema


def _spread(name: str, table: pa.Table) -> Spread:
    column = table[name]
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return _numbers(name, np.asarray(column.to_numpy(), dtype=np.float64))
    if pa.types.is_boolean(column.type):
        return Spread(name=name, kind="boolean", known=_known(column))
    counts = Counter(each for each in column.to_pylist() if each is not None)
    words = tuple(str(word) for word, count in counts.most_common(WORDS) if count >= SMALLEST)
    return Spread(name=name, kind="text", known=_known(column), words=words)


def _known(column: pa.ChunkedArray) -> float:
    return 1 - column.null_count / len(column) if len(column) else 0.0


def _numbers(name: str, values: Floats) -> Spread:
    known = values[np.isfinite(values)]
    share = len(known) / len(values) if len(values) else 0.0
    if len(known) < 2 * SMALLEST:
        return Spread(name=name, kind="number", known=share)
    lower, upper = (float(f"{edge:.2g}") for edge in np.quantile(known, (0.02, 0.98)))
    if not lower < upper:
        return Spread(name=name, kind="number", known=share, lower=lower, upper=lower, bins=(1.0,))
    heights = np.histogram(np.clip(known, lower, upper), bins=BINS, range=(lower, upper))[0]
    told = np.where(heights >= SMALLEST, heights, 0)
    return Spread(
        name=name,
        kind="number",
        known=share,
        lower=lower,
        upper=upper,
        bins=tuple(float(height) for height in told / max(told.max(), 1)),
    )
