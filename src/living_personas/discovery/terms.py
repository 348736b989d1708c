"""What a scorecard may add up: plain and capped columns, and rates that few exposures pull to the mean."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from living_personas.discovery.columns import Column, Count, Rate
from living_personas.discovery.sheet import Sheet, quoted
from living_personas.domain.value import value
from living_personas.stats.arrays import Floats

__all__ = ["Expression", "expressions", "significant"]


@value
class Expression:
    """A number of the rule language, and what it is for each customer (never NaN)."""

    text: str
    numbers: Floats


def expressions(sheet: Sheet) -> tuple[Expression, ...]:
    """About three expressions a column; what is capped grows no further, as logs would, which rules do not have."""
    return tuple(found for column in sheet.columns for found in _expressions(column, sheet) if np.ptp(found.numbers) > 0)


def significant(number: float, digits: int = 3) -> float:
    """A number with few digits, which is what the rule says and what is computed with.

    >>> significant(0.0123456), significant(1234.5)
    (0.0123, 1230.0)
    """
    return float(f"{number:.{digits}g}")


_COUNT_CAPS = (0.5, 0.9, 0.99)
_AMOUNT_CAPS = (0.5, 0.95)
_WORTH = 2.0
"""Exposures that the overall rate is worth: someone with one e-mail, opened, does not open all e-mails."""


def _expressions(column: Column, sheet: Sheet) -> Iterator[Expression]:
    if isinstance(column, Rate):
        yield from _of_rate(column, sheet)
    else:
        known = _known(column.name, sheet)
        yield from _capped(known, _COUNT_CAPS if isinstance(column, Count) else _AMOUNT_CAPS)


def _of_rate(rate: Rate, sheet: Sheet) -> Iterator[Expression]:
    hits, tried = sheet.numbers[rate.name], sheet.numbers[rate.of]
    both = ~np.isnan(hits) & ~np.isnan(tried)
    mean = significant(max(float(hits[both].sum() / max(tried[both].sum(), 1.0)), 1e-4))
    added = significant(_WORTH * mean)
    share = np.where(both, (hits + added) / (tried + _WORTH), mean)
    text = f"({quoted(rate.name)} + {added:g}) / ({quoted(rate.of)} + {_WORTH:g})"
    plain = Expression(text=f"({text})" if both.all() else f"coalesce({text}, {mean:g})", numbers=share)
    yield plain
    yield from _capped(plain, (0.5,))
    yield from _capped(_known(rate.name, sheet), (0.9,))
    yield from _capped(_known(rate.of, sheet), (0.9,))


def _known(name: str, sheet: Sheet) -> Expression:
    """The column, its median where nothing is known."""
    numbers = sheet.numbers[name]
    if not np.isnan(numbers).any():
        return Expression(text=quoted(name), numbers=numbers)
    median = significant(float(np.nanmedian(numbers)))
    filled = np.where(np.isnan(numbers), median, numbers)
    return Expression(text=f"coalesce({quoted(name)}, {median:g})", numbers=filled)


def _capped(plain: Expression, quantiles: tuple[float, ...]) -> Iterator[Expression]:
    caps = {significant(float(np.quantile(plain.numbers, each))) for each in quantiles}
    for cap in sorted(cap for cap in caps if cap > plain.numbers.min()):
        yield Expression(text=f"least({plain.text}, {cap:g})", numbers=np.minimum(plain.numbers, cap))


