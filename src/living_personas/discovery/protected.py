"""Whether a segment is a protected trait by another name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtr

from living_personas.discovery.feature_matrix import Sheet
from living_personas.domain.head_count import head_words
from living_personas.domain.names import named
from living_personas.domain.told_number import share_words, with_minus
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats

__all__ = ["STANDS_IN", "stands_in_for"]

STANDS_IN = 0.5
"""Standard deviations that members may differ by in a protected trait; fifty members stray by .14 of chance."""

_CHANCE = 0.01
"""How often a segment that has nothing to do with a trait may seem to: a rare value is .5 sd off in one of fifty."""

_LEAST_KNOWN = 20
"""Members, and others, of whom a trait is known at least: of fewer nothing can be told."""

_MOST_VALUES = 50
_PARTS = 5


@value
class _Distance:
    """How far members are off in one respect, and how often that is so by chance."""

    what: str
    deviations: float
    chance: float
    """1 where they are not off far enough to ask."""


def stands_in_for(sheet: Sheet, members: Bools) -> tuple[str, ...]:
    """A reason for review for each protected trait in which members differ from the others, or that nobody can tell.

    A number differs by its mean or by the share of one of its fifths, any other trait by the share of one of its
    values; in standard deviations, and by more than chance would.
    """
    reasons = ((name, _reason(trait, members)) for name, trait in sheet.protected.items())
    return tuple(f"it may stand in for {named(name)}: {reason}" for name, reason in reasons if reason)


def _reason(trait: pa.Array, members: Bools) -> str:
    known = np.asarray(pc.is_valid(trait), dtype=np.bool_)
    inside, outside = int((known & members).sum()), int((known & ~members).sum())
    if min(inside, outside) < _LEAST_KNOWN:
        return f"it is known of {head_words(inside)} members and {head_words(outside)} others, too few to tell."
    there, held = trait.filter(pa.array(known)), members[known]
    numbers = _numbers(there)
    found = list(_by_number(numbers, held) if numbers is not None else _by_value(pc.cast(there, pa.string()), held))
    off = [each for each in found if abs(each.deviations) >= STANDS_IN and each.chance * len(found) <= _CHANCE]
    if off:
        worst = max(off, key=lambda each: abs(each.deviations))
        return f"members differ by {with_minus(f'{worst.deviations:+.1f}')} deviations{worst.what}."
    if numbers is None and (told := _told(there)) < 0.5:
        return f"its {_MOST_VALUES} most frequent values are {share_words(told)} of all, too few to tell."
    return ""


def _numbers(trait: pa.Array) -> Floats | None:
    """A trait as numbers, if all that it says is one, or a day; else None."""
    if pa.types.is_boolean(trait.type):
        return None
    for kind in (pa.float64(), pa.timestamp("s")):
        try:
            numbers = pc.cast(trait, kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            continue
        floats = np.asarray(numbers if kind == pa.float64() else pc.cast(numbers, pa.int64()), dtype=np.float64)
        return floats if np.isfinite(floats).all() else None
    return None


def _by_number(numbers: Floats, members: Bools) -> Iterator[_Distance]:
    """The mean, and the share of each fifth: who is in the middle has the mean of all."""
    distance = _distance(numbers, members)
    inside = int(members.sum())
    deviation = np.sqrt(1 / inside + 1 / (len(members) - inside))
    yield _Distance(what="", deviations=distance, chance=float(2 * ndtr(-abs(distance) / deviation)))
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, _PARTS + 1)))
    parts = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, max(len(edges) - 2, 0))
    for part in np.unique(parts):
        held = numbers[parts == part]
        yield _share(f" in the share of {held.min():g} to {held.max():g}", parts == part, members)


def _by_value(texts: pa.Array, members: Bools) -> Iterator[_Distance]:
    for each in _frequent(texts):
        yield _share(f" in the share of {named(each)}", np.asarray(pc.equal(texts, each), dtype=np.bool_), members)


def _frequent(texts: pa.Array) -> list[str]:
    counts = sorted(pc.value_counts(texts).to_pylist(), key=lambda each: (-each["counts"], each["values"]))
    return [str(each["values"]) for each in counts[:_MOST_VALUES]]


def _told(trait: pa.Array) -> float:
    """The share of the values that are looked at."""
    texts = pc.cast(trait, pa.string())
    return float(pc.mean(pc.cast(pc.is_in(texts, value_set=pa.array(_frequent(texts))), pa.float64())).as_py())


def _share(what: str, has: Bools, members: Bools) -> _Distance:
    """How far the share of those who have something is off among members: by chance it is hypergeometric."""
    from scipy.stats import hypergeom  # noqa: PLC0415 - half a second to import

    deviations = _distance(has.astype(np.float64), members)
    if abs(deviations) < STANDS_IN:
        return _Distance(what=what, deviations=deviations, chance=1.0)
    both, all_of_it, inside = int((has & members).sum()), int(has.sum()), int(members.sum())
    as_many = hypergeom(len(members), all_of_it, inside)
    chance = 2 * min(float(as_many.sf(both - 1)), float(as_many.cdf(both)))
    return _Distance(what=what, deviations=deviations, chance=chance)


def _distance(numbers: Floats, members: Bools) -> float:
    spread = float(numbers.std())
    return float((numbers[members].mean() - numbers[~members].mean()) / spread) if spread else 0.0
