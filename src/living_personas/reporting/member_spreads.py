"""How a persona's members differ from everybody: small distributions, in which no bar stands for fewer than a crowd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.head_count import SMALLEST, head_share
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.reporting.spreads import customers_sampled
from living_personas.stats.arrays import Floats

__all__ = ["MemberSpread", "Slice", "member_spreads"]

FEWEST_BINS, MOST_BINS, MEMBERS_A_BIN = 3, 7, 120
"""Bins of one spread: as many as leave most of them a crowd."""

TO = "\N{EN DASH}"

DIFFERS = 0.1
"""Standard deviations from which on a mean is worth showing beside everybody's; traits are shown in any case."""


@value
class Slice:
    """Some values, and the share of members and of everybody who have them; None where they are fewer than a crowd."""

    label: str
    members: float | None
    everybody: float | None


@value
class MemberSpread:
    """One feature or trait: its slices in order."""

    name: str
    slices: tuple[Slice, ...]


def member_spreads(context: Context, persona: str, *, traits: Sequence[str], most: int = 4) -> tuple[MemberSpread, ...]:
    """The traits of a persona and what else its members differ in most, next to everybody; ``most`` in all.

    What is protected is not looked at. Of fewer than two crowds nothing is told.
    """
    names, table = customers_sampled(context)
    if "persona" not in table.column_names:
        return ()
    theirs = pc.fill_null(pc.equal(table["persona"], persona), fill_value=False).to_numpy()
    if theirs.sum() < 2 * SMALLEST:
        return ()
    differing = sorted((-_distance(table[name], theirs), name) for name in names if name not in traits)
    wanted = [*(name for name in traits if name in names), *(name for far, name in differing if far <= -DIFFERS)]
    found = (_spread(name, table[name], theirs) for name in wanted)
    told = [each for each in found if sum(s.members is not None for s in each.slices) > 1]
    return tuple(told[:most])


def _spread(name: str, column: pa.ChunkedArray, theirs: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> MemberSpread:
    if not pa.types.is_floating(column.type):
        return MemberSpread(name=name, slices=_words(column, theirs))
    values = _numbers(column)
    known = np.isfinite(values)
    members, everybody = values[known & theirs], values[known]
    if len(members) < SMALLEST:
        return MemberSpread(name=name, slices=())
    edges, labels = _edges(members, everybody)
    counts = [np.histogram(np.clip(each, edges[0], edges[-1]), bins=edges)[0] for each in (members, everybody)]
    rows = zip(labels, *counts, strict=True)
    return MemberSpread(
        name=name,
        slices=tuple(
            Slice(label=label, members=_share(int(m), len(members)), everybody=_share(int(e), len(everybody)))
            for label, m, e in rows
        ),
    )


def _words(column: pa.ChunkedArray, theirs: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[Slice, ...]:
    """The most frequent words of members."""
    every = column.to_pylist()
    everybody = Counter(str(each) for each in every if each is not None)
    members = Counter(str(each) for each, mine in zip(every, theirs, strict=True) if mine and each is not None)
    of_members, of_all = members.total(), everybody.total()
    return tuple(
        Slice(label=word, members=_share(count, of_members), everybody=_share(everybody[word], of_all))
        for word, count in members.most_common(MOST_BINS)
        if count >= SMALLEST
    )


def _edges(members: Floats, everybody: Floats) -> tuple[Floats, list[str]]:
    """The ends of bins between the ends that hold nearly everybody, and what they are called."""
    lower, upper = (float(f"{edge:.2g}") for edge in np.quantile(everybody, (0.02, 0.98)))
    upper = upper if upper > lower else lower + 1
    bins = int(np.clip(len(members) // MEMBERS_A_BIN, FEWEST_BINS, MOST_BINS))
    whole = bool(np.all(everybody == np.round(everybody)))
    if not whole:
        edges = np.linspace(lower, upper, bins + 1)
        ends = [f"{float(f'{edge:.2g}'):g}" for edge in edges]
        return edges, [f"{first}{TO}{last}" for first, last in pairwise(ends)]
    step = int(np.ceil((upper - lower + 1) / bins))
    starts = np.arange(lower, upper + 1, step)
    labels = [f"{start:g}" if step == 1 else f"{start:g}{TO}{start + step - 1:g}" for start in starts]
    return np.append(starts, starts[-1] + step) - 0.5, [*labels[:-1], f"{starts[-1]:g}+"]


def _distance(column: pa.ChunkedArray, theirs: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """By how many standard deviations the members' mean is not everybody's; 0 of what has no mean."""
    if not pa.types.is_floating(column.type):
        return 0.0
    values = _numbers(column)
    known = np.isfinite(values)
    if (known & theirs).sum() < SMALLEST or values[known].std() == 0:
        return 0.0
    return float(abs(values[known & theirs].mean() - values[known].mean()) / values[known].std())


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _share(count: int, of: int) -> float | None:
    return head_share(count / of, of=of) if of else None
