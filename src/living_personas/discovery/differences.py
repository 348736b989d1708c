"""In what members differ from a persona, column by column; columns tied by arithmetic count as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from living_personas.discovery.columns import Amount, Column, Count, Rate
from living_personas.discovery.feature_matrix import Sheet
from living_personas.domain.candidate import Difference
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = [
    "DIFFERS",
    "deviations",
    "differences",
    "from_personas",
    "own_deviations",
    "silent_columns",
    "spread_within",
    "untied",
    "within",
]

DIFFERS = 0.8
"""Standard deviations from which a column differs."""


def deviations(
    scores: Floats, members: Bools, acts_like: Ints, *, n_personas: int, silent: Bools | None = None
) -> tuple[int, Floats]:
    """The nearest persona, and how far members are from the others who act like it in each column.

    By who ``acts_like`` a persona, not by who is filed there: of a small persona the most may be filed wrongly, and a
    part of it would differ from those who are not of it.

    Nearest in the columns that are not ``silent``: one that lost its events must not choose whom members are like. In
    standard deviations within the personas: those of the nearest alone would be tiny where all its customers are the
    same in something, and everybody else would seem nearer.
    """
    found = from_personas(scores, members, acts_like, n_personas)
    far = found(scores[members].mean(0)[None])[0]
    nearest = int((far[:, _speaking(silent, scores.shape[1])] ** 2).sum(1).argmin())
    return nearest, far[nearest]


def own_deviations(scores: Floats, members: Bools, acts_like: Ints, *, n_personas: int, silent: Bools) -> Floats:
    """How far members are on average from the persona that each of them is most like, in the columns not ``silent``.

    Of customers who merely lost some events nothing is left: each does all else as its own persona. Zero in the
    ``silent`` columns.
    """
    speaking = _speaking(silent, scores.shape[1])
    far = from_personas(scores, members, acts_like, n_personas)(scores[members])[:, :, speaking]
    own = (far**2).sum(2).argmin(1)
    found = np.zeros(scores.shape[1])
    found[speaking] = far[np.arange(len(far)), own].mean(0)
    return found


def within(scores: Floats, filed: Ints) -> Floats:
    """Scores as deviations from the mean of all who are filed alike."""
    groups, place = np.unique(filed, return_inverse=True)
    means = np.stack([scores[place == each].mean(0) for each in range(len(groups))])
    return np.asarray(scores - means[place], dtype=np.float64)


def spread_within(scores: Floats, acts_like: Ints) -> Floats:
    """Standard deviations of the columns within the personas; never next to none."""
    return np.asarray(np.maximum(within(scores, acts_like).std(0), _LEAST_SPREAD), dtype=np.float64)


def untied(scores: Floats, filed: Ints, columns: Sequence[int]) -> list[int]:
    """Those of the columns, in this order, that the ones before them do not already say.

    A column is tied when the others explain four fifths of how it varies inside the personas: sessions of four and of
    twelve weeks, or recency, gap and share, which one follows from the other two.
    """
    inside = within(scores, filed)
    kept: list[int] = []
    for column in columns:
        if not kept or _explained(inside[:, kept], inside[:, column]) < _TIED:
            kept.append(column)
    return kept


def silent_columns(sheet: Sheet, members: Bools) -> Bools:
    """Columns in which nine in ten members have nothing: no event, no success, no amount."""
    return np.array([_nothing(column, sheet, members) >= _SILENT for column in sheet.columns])


def differences(sheet: Sheet, members: Bools, *, nearest: int, deviation: Floats) -> tuple[Difference, ...]:
    """What differs, the most telling first."""
    persona = (sheet.filed == nearest) & ~members
    silent = silent_columns(sheet, members)
    order = np.argsort(-np.abs(deviation), kind="stable")
    return tuple(
        Difference(
            column=sheet.columns[each].name,
            kind=_kind(sheet.columns[each]),
            deviations=round(float(deviation[each]), 3),
            members=_mean(sheet.columns[each], sheet, members),
            persona=_mean(sheet.columns[each], sheet, persona),
            silent=bool(silent[each]),
            means=sheet.columns[each].means,
        )
        for each in order
        if abs(deviation[each]) >= DIFFERS
    )


_TIED = 0.8
_SILENT = 0.9
_LEAST_SPREAD = 0.05


def _speaking(silent: Bools | None, n_columns: int) -> Ints:
    """The columns that say something; all, where none does."""
    speaking = np.arange(n_columns) if silent is None else np.flatnonzero(~silent)
    return speaking if len(speaking) else np.arange(n_columns)


def from_personas(scores: Floats, members: Bools, acts_like: Ints, n_personas: int) -> Callable[[Floats], Floats]:
    """How far points are from each persona's other customers, shape ``(points, personas, columns)``."""
    spread = spread_within(scores, acts_like)
    others = [scores[(acts_like == persona) & ~members] for persona in range(n_personas)]
    means = np.stack([each.mean(0) if len(each) else np.full(scores.shape[1], np.inf) for each in others])
    return lambda points: np.asarray((points[:, None] - means) / spread, dtype=np.float64)


def _explained(known: Floats, column: Floats) -> float:
    """Share of a column's variance that a linear combination of others explains."""
    weights, *_ = np.linalg.lstsq(known, column, rcond=None)
    return float(1 - ((column - known @ weights) ** 2).sum() / max((column**2).sum(), 1e-12))


def _nothing(column: Column, sheet: Sheet, members: Bools) -> float:
    numbers = sheet.numbers[column.name][members]
    if isinstance(column, Rate):
        numbers = numbers[sheet.numbers[column.of][members] > 0]
    return float((~(numbers > 0)).mean()) if len(numbers) else 1.0


def _mean(column: Column, sheet: Sheet, rows: Bools) -> float:
    """A plain mean of what is known; of a rate, successes over trials."""
    numbers = sheet.numbers[column.name][rows]
    if isinstance(column, Rate):
        tried = sheet.numbers[column.of][rows]
        known = ~np.isnan(numbers) & (tried > 0)
        return float(numbers[known].sum() / max(tried[known].sum(), 1.0))
    if isinstance(column, Amount):
        numbers = numbers[numbers > 0]
    known_numbers = numbers[~np.isnan(numbers)]
    return float(known_numbers.mean()) if len(known_numbers) else 0.0


def _kind(column: Column) -> Literal["count", "rate", "amount"]:
    if isinstance(column, Count):
        return "count"
    return "rate" if isinstance(column, Rate) else "amount"
