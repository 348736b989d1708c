"""A rule that people can read: a small decision tree on plain columns, with whatever it can do without taken away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Literal

import numpy as np

from living_personas.discovery.columns import Rate
from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.scorecard import f1
from living_personas.discovery.terms import significant
from living_personas.domain.value import value
from living_personas.rules.column_names import quoted
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["Plain", "Tree", "grow", "holds", "plain_columns"]


@value
class Condition:
    """A number of the rule language compared with a constant; NULL answers no."""

    column: int
    op: Literal[">=", "<", "="]
    bound: float


Path = tuple[Condition, ...]

_EVERYBODY: tuple[Path, ...] = ((),)


@value
class Tree:
    """Paths of conditions: a customer belongs who fulfils one of them."""

    texts: tuple[str, ...]
    paths: tuple[Path, ...]

    @property
    def rule(self) -> str:
        """The tree in the rule language; a path without conditions is everybody."""
        paths = [" and ".join(self._says(each) for each in path) or "true" for path in self.paths]
        return paths[0] if len(paths) == 1 else " or ".join(f"({path})" for path in paths)

    def _says(self, condition: Condition) -> str:
        return f"{self.texts[condition.column]} {condition.op} {condition.bound:.15g}"


@value
class Plain:
    """A number that people read as it stands, and what it is for each customer (NaN for NULL)."""

    text: str
    numbers: Floats


def plain_columns(sheet: Sheet) -> tuple[Plain, ...]:
    """What a readable rule may compare: counts, amounts, numerators, and rates where there was any exposure."""
    found: dict[str, Floats] = {}
    for column in sheet.columns:
        numbers, text = sheet.numbers[column.name], quoted(column.name)
        if isinstance(column, Rate):
            tried = sheet.numbers[column.of]
            ratio = numbers / np.where(tried > 0, tried, np.nan)
            found[text if column.ratio else f"{text} / {quoted(column.of)}"] = ratio
        if not (isinstance(column, Rate) and column.ratio):
            found[text] = numbers
    return tuple(Plain(text=text, numbers=numbers) for text, numbers in found.items())


def grow(columns: Sequence[Plain], members: Bools) -> Tree:
    """The shallowest tree of depth 2 to 4 that is nearly as good as the best of them, simplified; or everybody."""
    numbers = np.stack([column.numbers for column in columns], axis=1)
    cuts = [_cuts(numbers[:, each], members) for each in range(numbers.shape[1])]
    found = [_EVERYBODY, *(_simplified(_paths(numbers, members, cuts, each), numbers, members) for each in _DEPTHS)]
    quality = [f1(_fulfilled(paths, numbers), members) for paths in found]
    good = next(each for each, reached in enumerate(quality) if reached >= max(quality) - _WORTH_A_LEVEL)
    return Tree(texts=tuple(column.text for column in columns), paths=found[good])


def holds(tree: Tree, columns: Sequence[Plain]) -> Bools:
    """Who fulfils the tree."""
    return _fulfilled(tree.paths, np.stack([column.numbers for column in columns], axis=1))


_DEPTHS = (2, 3, 4)
_WORTH_A_LEVEL = 0.02
_WORTH_A_CONDITION = 0.01
_LEAST_LEAF = 20


def _met(condition: Condition, numbers: Floats) -> Bools:
    column = numbers[:, condition.column]
    if condition.op == "=":
        return np.asarray(column == condition.bound, dtype=np.bool_)
    return np.asarray(column >= condition.bound if condition.op == ">=" else column < condition.bound, dtype=np.bool_)


def _fulfilled(paths: Sequence[Path], numbers: Floats) -> Bools:
    nobody = np.zeros(len(numbers), dtype=np.bool_)
    everybody = np.ones(len(numbers), dtype=np.bool_)
    return reduce(
        np.logical_or,
        (reduce(np.logical_and, (_met(each, numbers) for each in path), everybody) for path in paths),
        nobody,
    )


def _cuts(column: Floats, members: Bools) -> Floats:
    """Bounds worth trying: quantiles of the members and of everybody, in few digits."""
    known = ~np.isnan(column)
    if not (known & members).any():
        return np.empty(0)
    steps = np.linspace(0.02, 0.98, 25)
    tried = np.concatenate([np.quantile(column[known & members], steps), np.quantile(column[known], steps)])
    whole = bool((column[known] == np.round(column[known])).all())
    bounds = np.ceil(tried) if whole else np.array([significant(float(each), 2) for each in tried])
    return np.unique(np.append(bounds, 1.0 if whole else []))


def _paths(numbers: Floats, members: Bools, cuts: Sequence[Floats], depth: int) -> tuple[Path, ...]:
    """Leaves by their share of members, purest first, for as long as F1 grows."""
    leaves = sorted(
        _leaves((), numbers, members, np.arange(len(members)), cuts=cuts, depth=depth), key=lambda leaf: -leaf[1]
    )
    best, chosen = 0.0, 0
    for count in range(1, len(leaves) + 1):
        reached = f1(_fulfilled([path for path, _ in leaves[:count]], numbers), members)
        if reached > best:
            best, chosen = reached, count
    return tuple(path for path, _ in leaves[: max(chosen, 1)])


def _leaves(
    path: Path, numbers: Floats, members: Bools, rows: Ints, *, cuts: Sequence[Floats], depth: int
) -> Iterator[tuple[Path, float]]:
    """All ends of the tree with their share of members; who is unknown to a split leaves the tree there."""
    share = float(members[rows].mean()) if len(rows) else 0.0
    split = _best_split(numbers, members, rows, cuts) if depth and 0 < share < 1 else None
    if split is None:
        yield path, share
        return
    column, bound = split
    for op in (">=", "<"):
        condition = Condition(column=column, op=op, bound=bound)
        below = rows[_met(condition, numbers[rows])]
        yield from _leaves((*path, condition), numbers, members, below, cuts=cuts, depth=depth - 1)


def _best_split(numbers: Floats, members: Bools, rows: Ints, cuts: Sequence[Floats]) -> tuple[int, float] | None:
    """The column and bound that leave the least impurity; what is unknown to the column counts as a third side."""
    inside = members[rows]
    best, found = _impurity(np.array([inside.sum()]), np.array([len(rows)]))[0] - 1e-9, None
    for column, bounds in enumerate(cuts):
        left = _left(numbers[rows, column], inside, bounds)
        if len(left) and left.min() < best:
            best, found = left.min(), (column, float(bounds[int(left.argmin())]))
    return found


def _left(values: Floats, inside: Bools, bounds: Floats) -> Floats:
    """Impurity left by each bound; infinite where a side would be too small."""
    known = ~np.isnan(values)
    place = np.searchsorted(bounds, values[known], side="right")
    total = _from_above(np.bincount(place, minlength=len(bounds) + 1))
    hits = _from_above(np.bincount(place, weights=inside[known], minlength=len(bounds) + 1))
    above, below = _impurity(hits[1:], total[1:]), _impurity(hits[0] - hits[1:], total[0] - total[1:])
    unknown = _impurity(inside.sum() - hits[:1], len(values) - total[:1])
    fewest = np.minimum(total[1:], total[0] - total[1:])
    return np.where(fewest >= _LEAST_LEAF, above + below + unknown, np.inf)


def _from_above(counts: Floats | Ints) -> Floats:
    return counts[::-1].cumsum()[::-1].astype(np.float64)


def _impurity(hits: Floats, total: Floats) -> Floats:
    """Gini's, times customers."""
    return np.asarray(hits * (1 - hits / np.maximum(total, 1)), dtype=np.float64)


def _simplified(paths: tuple[Path, ...], numbers: Floats, members: Bools) -> tuple[Path, ...]:
    """The same tree with one bound a side, without the conditions and paths that are not worth reading."""
    kept = tuple(dict.fromkeys(_tightest(path) for path in paths))
    while shorter := list(_shorter(kept)):
        best = max(shorter, key=lambda each: _readable(each, numbers, members))
        if _readable(best, numbers, members) < _readable(kept, numbers, members):
            break
        kept = best
    return tuple(tuple(_zero(each, numbers) for each in path) for path in kept)


def _readable(paths: tuple[Path, ...], numbers: Floats, members: Bools) -> float:
    """F1, less a little for every condition that people have to read."""
    return f1(_fulfilled(paths, numbers), members) - _WORTH_A_CONDITION * sum(map(len, paths))


def _shorter(paths: tuple[Path, ...]) -> Iterator[tuple[Path, ...]]:
    for place, path in enumerate(paths):
        others = (*paths[:place], *paths[place + 1 :])
        if others:
            yield others
        if len(path) > 1:
            for drop in range(len(path)):
                yield (*paths[:place], (*path[:drop], *path[drop + 1 :]), *paths[place + 1 :])


def _tightest(path: Path) -> Path:
    """Of several bounds on one side of a column only the tightest says anything."""
    tight: dict[tuple[int, str], Condition] = {}
    for each in path:
        known = tight.get((each.column, each.op))
        if known is None or (each.bound > known.bound) == (each.op == ">="):
            tight[each.column, each.op] = each
    return tuple(tight.values())


def _zero(condition: Condition, numbers: Floats) -> Condition:
    """Below 1, of whole numbers, is 0."""
    column = numbers[:, condition.column]
    whole = bool((np.isnan(column) | (column == np.round(column))).all())
    if condition.op == "<" and condition.bound == 1 and whole:
        return Condition(column=condition.column, op="=", bound=0.0)
    return condition
