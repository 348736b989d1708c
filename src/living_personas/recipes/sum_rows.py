"""Files whose rows are sums, as those of an experiment by option and day: how many units, and what came of them."""

from __future__ import annotations

import re

from living_personas.domain.number_text import DecimalMark, number
from living_personas.domain.value import value
from living_personas.errors import BadValueError
from living_personas.recipes.first_rows import FirstRows

__all__ = ["SumRows", "sums_in"]

_UNITS = re.compile(
    r"\b(n|units|counts?|total|trials|impressions|(page)?views|sessions|visits|visitors|users|customers|people"
    r"|recipients|sends?|sent|delivered|exposures|exposed|reach|subjects)\b"
)
_SUCCESSES = re.compile(
    r"\b(s|success(es)?|click(s|ed)|conver(sions|ted)|orders|purchase[sd]|open(s|ed)|signups|leads|bookings"
    r"|subscriptions|unsubscribes|installs)\b"
)
_MEAN, _SPREAD = re.compile(r"\b(mean|avg|average)\b"), re.compile(r"\b(var|variance|std|sd|stddev|stdev)\b")
_MARKS: tuple[DecimalMark, DecimalMark] = (".", ",")
_ONE_PERSON = re.compile(
    r"\be? ?mail\b|^(customer|user|contact|subscriber|person|recipient)$"
    r"|\b(customer|user|contact|subscriber|person|member|client|visitor|profile|distinct|recipient)s? ?id\b"
)


@value
class SumRows:
    """The columns that say how many units a row counts, and what came of them; ``spread`` beside a mean."""

    units: str
    outcome: str
    spread: str = ""


def sums_in(rows: FirstRows) -> SumRows | None:
    """The sums that the rows of a file are, by the names and values of its columns; None where a row is one customer.

    >>> from pathlib import Path
    >>> row = {"headline": "A", "impressions": "3,052", "clicks": "150"}
    >>> sums_in(FirstRows(file=Path("f"), columns=tuple(row), rows=(row,), typed=False, whole=True))
    SumRows(units='impressions', outcome='clicks', spread='')
    """
    words = {column: re.sub(r"[\W_]+", " ", _apart(column)).strip().lower() for column in rows.columns}
    if any(map(_ONE_PERSON.search, words.values())) or any(_addresses(rows, column) for column in words):
        return None
    counts = {column: counted for column in words if (counted := _counts(rows, column))}
    units = [column for column in counts if _UNITS.search(words[column]) and max(counts[column]) > 1]
    for column in units:
        for other in counts:
            if _SUCCESSES.search(words[other]) and other != column and _at_most(counts, other, column):
                return SumRows(units=column, outcome=other)
    means = [column for column in words if _MEAN.search(words[column])]
    spreads = [column for column in words if _SPREAD.search(words[column])]
    return SumRows(units=units[0], outcome=means[0], spread=spreads[0]) if units and means and spreads else None


def _addresses(rows: FirstRows, column: str) -> bool:
    said = list(rows.values(column))
    return bool(said) and all(isinstance(each, str) and each.count("@") == 1 for each in said)


def _apart(name: str) -> str:
    """A name whose words begin with capitals, in words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _counts(rows: FirstRows, column: str) -> list[float]:
    """The whole numbers of a column that holds nothing else; none where a row has none."""
    for mark in _MARKS:
        try:
            found = [number(said, decimal=mark) for said in rows.values(column)]
        except BadValueError:
            continue
        if len(found) == len(rows.rows) and all(each >= 0 and each == int(each) for each in found):
            return found
    return []


def _at_most(counts: dict[str, list[float]], few: str, many: str) -> bool:
    return all(one <= other for one, other in zip(counts[few], counts[many], strict=True))
