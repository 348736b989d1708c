"""What a scorecard may add up: plain and capped columns, and rates that few exposures pull to the mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from living_personas.discovery.columns import Column, Count, Rate
from living_personas.discovery.feature_matrix import Sheet
from living_personas.domain.value import value
from living_personas.rules.column_names import quoted
from living_personas.stats.arrays import Floats

__all__ = ["Expression", "expressions", "significant"]


@value
class Expression:
    """A number of the rule language: a column, or a rate with ``added`` successes among ``_WORTH`` further trials.

    What is NULL is ``filled``; what is ``capped`` grows no further, as logs would, which rules do not have.
    """

    name: str
    of: str | None = None
    ratio: bool = False
    added: float = 0.0
    filled: float | None = None
    capped: float | None = None

    @property
    def text(self) -> str:
        """The expression in the rule language."""
        plain = f"{quoted(self.name)} * {quoted(self.of)}" if self.ratio and self.of is not None else quoted(self.name)
        if self.of is not None:
            plain = f"({plain} + {self.added:.15g}) / ({quoted(self.of)} + {_WORTH:g})"
        if self.filled is not None:
            plain = f"coalesce({plain}, {self.filled:.15g})"
        if self.capped is not None:
            return f"least({plain}, {self.capped:.15g})"
        return f"({plain})" if self.of is not None and self.filled is None else plain

    def numbers(self, sheet: Sheet) -> Floats:
        """What it is for each customer; NaN only where nothing is filled."""
        found = sheet.numbers[self.name]
        if self.of is not None:
            found = (found + self.added) / (sheet.numbers[self.of] + _WORTH)
        if self.filled is not None:
            found = np.where(np.isnan(found), self.filled, found)
        return found if self.capped is None else np.fmin(found, self.capped)


def expressions(sheet: Sheet) -> tuple[Expression, ...]:
    """About three expressions a column, with caps where these customers are."""
    candidates = dict.fromkeys(found for column in sheet.columns for found in _expressions(column, sheet))
    return tuple(found for found in candidates if np.ptp(found.numbers(sheet)) > 0)


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
        yield from _capped(
            _known(column.name, sheet), sheet, _COUNT_CAPS if isinstance(column, Count) else _AMOUNT_CAPS
        )


def _of_rate(rate: Rate, sheet: Sheet) -> Iterator[Expression]:
    hits, tried = sheet.numbers[rate.name], sheet.numbers[rate.of]
    both = ~np.isnan(hits) & ~np.isnan(tried)
    mean = significant(max(float(hits[both].sum() / max(tried[both].sum(), 1.0)), 1e-4))
    added = significant(_WORTH * mean)
    plain = Expression(name=rate.name, of=rate.of, ratio=rate.ratio, added=added, filled=None if both.all() else mean)
    yield plain
    yield from _capped(plain, sheet, (0.5,))
    if not rate.ratio:
        yield from _capped(_known(rate.name, sheet), sheet, (0.9,))
    yield from _capped(_known(rate.of, sheet), sheet, (0.9,))


def _known(name: str, sheet: Sheet) -> Expression:
    """The column, its median where nothing is known."""
    numbers = sheet.numbers[name]
    return Expression(name=name, filled=significant(float(np.nanmedian(numbers))) if np.isnan(numbers).any() else None)


def _capped(plain: Expression, sheet: Sheet, quantiles: tuple[float, ...]) -> Iterator[Expression]:
    numbers = plain.numbers(sheet)
    for cap in sorted({significant(float(np.quantile(numbers, each))) for each in quantiles}):
        if cap > numbers.min():
            yield replace(plain, capped=cap)
