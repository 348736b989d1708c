"""How the members of a persona are spread beside all customers, without anything about fewer than a crowd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.head_count import head_count, head_share
from living_personas.domain.persona import Persona
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.relations import filtered
from living_personas.memory.tables import CUSTOMERS
from living_personas.reporting.crowd import enough
from living_personas.reporting.spreads import BINS, WORDS, Spread

__all__ = ["MemberSpread", "member_spreads"]

MOST = 12
"""Traits and features that are shown of a persona."""


@value
class MemberSpread:
    """One trait or feature of the members: bins between two ends, or the most frequent words with their shares.

    ``bins`` are shares of the members whose value is known, in whole groups, ``everybody`` the heights of the same bins
    of all customers; what lies beyond an end is in the bin at that end. Bins and words of fewer than a crowd are 0, or
    left out. ``known`` is the number of members of whom it is known, in whole groups.
    """

    name: str
    known: int
    lower: float = 0.0
    upper: float = 0.0
    bins: tuple[float, ...] = ()
    everybody: tuple[float, ...] = ()
    words: tuple[tuple[str, float], ...] = ()


def member_spreads(context: Context, persona: Persona, spreads: Sequence[Spread]) -> tuple[MemberSpread, ...]:
    """Its traits first, then what the workspace knows of customers, as long as enough members are known.

    Parameters
    ----------
    spreads
        How all customers are spread, without what is protected.
    """
    traits = [trait.name for trait in persona.traits]
    order = sorted(spreads, key=lambda each: traits.index(each.name) if each.name in traits else len(traits))
    asked = {each.name: each for each in order if len(each.bins) > 1 or each.words}
    relation = CUSTOMERS.newest(context.store)
    table = filtered(relation, pc.field("persona") == persona.id, columns=[*asked])
    found = (_member_spread(asked[name], table[name]) for name in asked if name in table.column_names)
    return tuple([each for each in found if each is not None][:MOST])


def _member_spread(spread: Spread, column: pa.ChunkedArray) -> MemberSpread | None:
    known = column.drop_null()
    if spread.kind != "text":
        return _numbers(spread, np.asarray(known.to_numpy(), dtype=np.float64))
    if not enough(len(known)):
        return None
    counts = Counter(known.to_pylist())
    shares = [(str(word), head_share(count / len(known), of=len(known))) for word, count in counts.most_common(WORDS)]
    words = tuple((word, share) for word, share in shares if share is not None)
    return MemberSpread(name=spread.name, known=head_count(len(known)) or 0, words=words) if words else None


def _numbers(spread: Spread, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> MemberSpread | None:
    known = values[np.isfinite(values)]
    if not enough(len(known)):
        return None
    between = np.clip(known, spread.lower, spread.upper)
    counts = np.histogram(between, bins=BINS, range=(spread.lower, spread.upper))[0]
    shares = [head_share(count / len(known), of=len(known)) or 0.0 for count in counts.tolist()]
    return MemberSpread(
        name=spread.name,
        known=head_count(len(known)) or 0,
        lower=spread.lower,
        upper=spread.upper,
        bins=tuple(shares),
        everybody=spread.bins,
    )
