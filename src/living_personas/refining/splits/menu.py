"""The menu of a persona: at most 24 yes-or-no questions about what is known of customers before an exposure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.told_number import share_words
from living_personas.domain.value import value
from living_personas.errors import UnknownNameError, did_you_mean
from living_personas.rules.column_names import quoted
from living_personas.rules.rule_words import rule_words
from living_personas.stats.arrays import Bools, Floats

__all__ = ["MOST_QUESTIONS", "YesNoQuestion", "answers", "most_telling", "questions_about"]

MOST_QUESTIONS = 24
"""Pairs of so many questions are counted each day: 300, whatever the customers."""

COMMONEST = 4
LEAST_YES, MOST_YES = 0.04, 0.96
LEAST_CUSTOMERS = 10
"""Customers who share a text that is asked about: fewer could be told by it, and name somebody."""
QUARTILES = (0.25, 0.5, 0.75)
STRAYS = 0.03
"""How far the share of customers above a rounded cut may be from that above the exact one."""


@value
class YesNoQuestion:
    """A question about one column: whether it is true, at least a number, or a text.

    Whom nothing is known of answers no; ``unknown`` is their share.
    """

    column: str
    asks: Literal["true", "at least", "is"]
    than: float | str | None = None
    unknown: float = 0.0

    def rule(self, *, yes: bool) -> str:
        """Who answers so, in the rule language: everybody either yes or no.

        >>> YesNoQuestion(column="visits", asks="at least", than=3.0).rule(yes=False)
        '(visits >= 3) is not true'
        """
        return f"({self._condition()}) is true" if yes else f"({self._condition()}) is not true"

    def words(self, *, yes: bool) -> str:
        """The answer as people read it, with who is counted in it though nothing is known of them.

        >>> YesNoQuestion(column="visits", asks="at least", than=3.0, unknown=0.125).words(yes=False)
        'visits below 3 (or not known: 12 %)'
        """
        said = rule_words(self.rule(yes=yes))
        return said if yes or not self.unknown else f"{said.removesuffix(')')}: {share_words(self.unknown)})"

    def _condition(self) -> str:
        name = quoted(self.column)
        if isinstance(self.than, str):
            return f"{name} = '{self.than.replace(chr(39), 2 * chr(39))}'"
        return name if self.than is None else f"{name} >= {self.than:.15g}"


def questions_about(table: pa.Table, *, barred: Collection[str] = ()) -> tuple[YesNoQuestion, ...]:
    """Every question that the columns of a table allow, in their order.

    Parameters
    ----------
    table
        A row a customer, a column a feature or trait that is known before the exposure.
    barred
        Columns that nothing may be built on: protected traits, and what stands in for them.

    Returns
    -------
    Yes-or-no columns as they are, numbers cut at their quartiles, rounded so that they can be said, and the four
    commonest values of texts that at least 10 customers share; each answered yes by 4 to 96 % of the customers. Other
    columns (dates, lists) have none.

    Raises
    ------
    UnknownNameError
        If a barred column is none of the table's: a name that was misspelt would bar nothing.
    """
    missing = sorted(set(barred) - set(table.column_names))
    if missing:
        raise UnknownNameError(
            f"The barred column {missing[0]!r} is none of the columns there are.",
            hint=did_you_mean(missing[0], table.column_names),
        )
    open_ = [name for name in table.column_names if name not in barred]
    asked = [question for name in open_ for question in _about(name, table[name])]
    if not asked or not table.num_rows:
        return ()
    share = answers(asked, table).mean(0)
    return tuple(question for question, yes in zip(asked, share.tolist(), strict=True) if LEAST_YES <= yes <= MOST_YES)


def most_telling(questions: Sequence[YesNoQuestion], scores: Floats) -> tuple[YesNoQuestion, ...]:
    """The 24 questions with the highest past score, in the order in which they were asked."""
    kept = np.sort(np.argsort(-scores, kind="stable")[:MOST_QUESTIONS])
    return tuple(questions[at] for at in kept.tolist())


def answers(questions: Sequence[YesNoQuestion], table: pa.Table) -> Bools:
    """What each customer of a table answers, shape ``(n, M)``; of whom nothing is known, no."""
    columns = [np.asarray(_answered(each, table[each.column]), dtype=bool) for each in questions]
    return np.column_stack(columns) if columns else np.zeros((table.num_rows, 0), dtype=bool)


def _answered(question: YesNoQuestion, column: pa.ChunkedArray) -> Bools:
    if question.asks == "true":
        found = column
    elif question.asks == "at least":
        numbers = pc.cast(column, pa.float64())
        found = pc.and_(pc.greater_equal(numbers, question.than), pc.invert(pc.is_nan(numbers)))
    else:
        found = pc.equal(pc.cast(column, pa.string()), question.than)
    return np.asarray(pc.fill_null(found, fill_value=False).to_numpy(zero_copy_only=False), dtype=bool)


def _about(name: str, column: pa.ChunkedArray) -> Iterator[YesNoQuestion]:
    kind = column.type
    if pa.types.is_boolean(kind):
        yield YesNoQuestion(column=name, asks="true", unknown=_share_null(column))
    elif pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        numbers = np.asarray(pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
        yield from _cuts(name, numbers)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        yield from _texts(name, pc.cast(column, pa.string()))


def _cuts(name: str, numbers: Floats) -> Iterator[YesNoQuestion]:
    known = numbers[np.isfinite(numbers)]
    if not known.size:
        return
    unknown = float(np.isnan(numbers).mean())
    least = known.min()
    above = known[known > least]
    exact = [float(each) for each in np.quantile(known, QUARTILES) if each > least]
    if 0 < above.size < known.size * (1 - QUARTILES[0]):  # the first cut is at the least number: it tells nobody apart
        exact.append(float(above.min()))
    for cut in dict.fromkeys(_sayable(each, known) for each in sorted(exact)):
        yield YesNoQuestion(column=name, asks="at least", than=cut, unknown=unknown)


def _sayable(cut: float, known: Floats) -> float:
    """The shortest number that cuts nearly the same customers off."""
    above = float((known >= cut).mean())
    rounded = (float(f"{cut:.{digits}g}") for digits in range(1, 16))
    return next((each for each in rounded if abs(float((known >= each).mean()) - above) <= STRAYS), cut)


def _texts(name: str, column: pa.ChunkedArray) -> Iterator[YesNoQuestion]:
    counts = sorted(pc.value_counts(column).to_pylist(), key=lambda each: (-each["counts"], each["values"] or ""))
    known = [each["values"] for each in counts if each["values"] is not None and each["counts"] >= LEAST_CUSTOMERS]
    for text in known[:COMMONEST]:
        yield YesNoQuestion(column=name, asks="is", than=text, unknown=_share_null(column))


def _share_null(column: pa.ChunkedArray) -> float:
    return float(column.null_count / max(len(column), 1))
