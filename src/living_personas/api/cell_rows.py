"""A frame of sums, read row by row and checked: who met which option on which day, how many, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.domain.persona import EVER
from living_personas.domain.value import value
from living_personas.errors import InvalidCellsError, check_name
from living_personas.sources.arrow import frame_table

__all__ = ["WHOLE", "CellRow", "LeftOut", "Place", "label_of", "places_in_order", "read_cell_rows"]

WHOLE = Subject(persona="cells", attribute="option")
"""What sums are about where no column says it."""

ROUNDING = 1e-12
"""Share of a running total that floats may lose."""

Place = tuple[Subject, date, str, str]
"""One randomised comparison: its subject, day, stratum and policy."""


@value
class LeftOut:
    """What was left out of the evidence, and why; nothing of it was counted as zero."""

    subject: str
    why: str
    rows: int

    def __str__(self) -> str:
        return f"{self.subject}: {self.why} ({self.rows:,} rows)"


@value
class CellRow:
    """One row of the frame: the units of one option on one day, and their outcomes; None where a number is missing.

    ``total`` and ``total_sq`` are sums of the units' outcomes and of their squares: for successes both are their count.
    ``known`` is the day on which it became known; None when all outcomes were complete.
    """

    number: int
    subject: Subject
    option: str
    day: date
    known: date | None
    stratum: str
    policy: str
    n: float | None
    total: float | None
    total_sq: float | None
    share: float | None

    @property
    def place(self) -> Place:
        """The comparison that the row is part of."""
        return self.subject, self.day, self.stratum, self.policy

    def plus(self, other: CellRow) -> CellRow:
        """The sums of both; a number that is missing in one is missing."""
        return self._with([None if a is None or b is None else a + b for a, b in self._beside(other)])

    def since(self, other: CellRow) -> CellRow:
        """What came since an earlier row of running totals; what only rounding leaves is nothing."""
        return self._with(
            [
                None if a is None or b is None else 0.0 if abs(a - b) <= ROUNDING * abs(a) else a - b
                for a, b in self._beside(other)
            ]
        )

    def _beside(self, other: CellRow) -> Iterator[tuple[float | None, float | None]]:
        return zip((self.n, self.total, self.total_sq), (other.n, other.total, other.total_sq), strict=True)

    def _with(self, sums: Sequence[float | None]) -> CellRow:
        n, total, total_sq = sums
        return replace(self, n=n, total=total, total_sq=total_sq)


def label_of(subject: Subject) -> str:
    """What a subject is called: by the columns that the frame has.

    >>> label_of(Subject(persona="cells", attribute="headline")), label_of(Subject(persona="new", attribute="headline"))
    ('headline', 'new/headline')
    """
    parts = [subject.persona] * (subject.persona != WHOLE.persona)
    parts += [subject.attribute] * (subject.attribute != WHOLE.attribute)
    return "/".join(parts) or str(WHOLE)


def read_cell_rows(frame: object, *, is_value: bool) -> tuple[CellRow, ...]:
    """The rows of a frame, in its order.

    Raises
    ------
    IngestError
        If it is no frame.
    UnknownNameError
        If a column is missing.
    InvalidCellsError
        If a column, or a row, cannot be what its name says.
    """
    table = frame_table(frame)
    sums = ("sum", "sum_sq") if is_value else ("s", "s")
    _check_columns(table, ("day", "option", "n", *sums))
    n = _numbers(table, "n")
    total, total_sq = (_numbers(table, name) for name in sums)
    columns = zip(
        _texts(table, "persona", instead=WHOLE.persona),
        _texts(table, "attribute", instead=WHOLE.attribute),
        _texts(table, "option"),
        _days(table, "day"),
        _days(table, "outcome_day") if "outcome_day" in table.column_names else [None] * table.num_rows,
        _texts(table, "stratum", instead=""),
        _texts(table, "policy", instead=""),
        zip(n, total, total_sq, _numbers(table, "share"), strict=True),
        strict=True,
    )
    rows = tuple(
        CellRow(
            number=number,
            subject=Subject(persona=persona, attribute=attribute),
            option=option,
            day=day,
            known=known,
            stratum=stratum,
            policy=policy,
            n=numbers[0],
            total=numbers[1],
            total_sq=numbers[2],
            share=numbers[3],
        )
        for number, (persona, attribute, option, day, known, stratum, policy, numbers) in enumerate(columns, start=1)
    )
    _check_order(rows)
    return rows


def places_in_order(rows: Iterable[CellRow]) -> dict[Place, list[CellRow]]:
    """The rows of each comparison, in the frame's order."""
    found: dict[Place, list[CellRow]] = {}
    for row in rows:
        found.setdefault(row.place, []).append(row)
    return found


def _check_columns(table: pa.Table, wanted: Sequence[str]) -> None:
    if "share" not in table.column_names:
        raise InvalidCellsError(
            "There is no column 'share', so the sums are observational: nothing can be decided from them.",
            hint="add `share`, the probability with which a unit was given the option, such as 0.5; "
            "if nobody drew the options at random, start an experiment.",
        )
    if "s" in wanted and "s" not in table.column_names and "sum" in table.column_names:
        raise InvalidCellsError(
            "The column 'sum' holds values, and nothing says how large one can be.",
            hint="pass `at_most`, the largest value that a unit could count for, fixed before the data came.",
        )
    for name in wanted:
        check_name("column", name, table.column_names)
    if not table.num_rows:
        raise InvalidCellsError("The frame has no rows.", hint="give a row for each day and option.")


def _texts(table: pa.Table, name: str, *, instead: str | None = None) -> list[str]:
    """A column as texts; ``instead`` stands where there is none."""
    if name not in table.column_names:
        return [instead or ""] * table.num_rows
    try:
        found = pc.cast(_whole(table[name]), pa.string()).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidCellsError(
            f"Column {name!r} holds {table[name].type}, not names.", hint="give a column of texts."
        ) from error
    for number, text in enumerate(found, start=1):
        if not text and instead is None:
            raise InvalidCellsError(f"Row {number} has no {name!r}.", hint=f"fill in {name!r}, or leave the row out.")
    return [text or instead or "" for text in found]


def _days(table: pa.Table, name: str) -> list[date]:
    column = _whole(table[name])
    kind, found = column.type, list[date | None]()
    if pa.types.is_temporal(kind):
        found = pc.cast(column, pa.date32(), safe=False).to_pylist()
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        found = [_day(text, name, number) for number, text in enumerate(column.to_pylist(), start=1)]
    else:
        raise InvalidCellsError(
            f"Column {name!r} holds {kind}, not days.", hint="give dates, or texts such as 2026-03-01."
        )
    days: list[date] = []
    for number, day in enumerate(found, start=1):
        if day is None or day < EVER:
            said = day.isoformat() if day else None
            raise InvalidCellsError(f"Row {number} has the {name} {said!r}.", hint=f"give a day from {EVER} on.")
        days.append(day)
    return days


def _day(text: str | None, name: str, number: int) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidCellsError(
            f"Row {number} has the {name} {text!r}, which is no day.", hint="write it as 2026-03-01."
        ) from error


def _numbers(table: pa.Table, name: str) -> list[float | None]:
    """A column as numbers; NULL and NaN are both missing."""
    try:
        found = pc.cast(_whole(table[name]), pa.float64(), safe=False).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidCellsError(
            f"Column {name!r} holds {table[name].type}, not numbers.", hint="give numbers; NULL where one is missing."
        ) from error
    for number, each in enumerate(found, start=1):
        if each is not None and math.isinf(each):
            raise InvalidCellsError(f"Row {number} has {name} = {each!r}.", hint="give finite numbers.")
    return [None if each is None or math.isnan(each) else each for each in found]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    whole: Any = column.combine_chunks()
    single = pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
    return single.dictionary_decode() if pa.types.is_dictionary(single.type) else single


def _check_order(rows: Sequence[CellRow]) -> None:
    """Each series of days goes on, and says a thing once."""
    last: dict[tuple[Subject, str, str, str], date] = {}
    seen: dict[tuple[Place, str, date | None], int] = {}
    for row in rows:
        series = (row.subject, row.option, row.stratum, row.policy)
        if row.day < last.get(series, row.day):
            raise InvalidCellsError(
                f"Row {row.number} is of {row.day}, after a row of {last[series]} of {row.option!r}.",
                hint="sort the frame by day.",
            )
        last[series] = row.day
        key = (row.place, row.option, row.known)
        if key in seen:
            raise InvalidCellsError(
                f"Rows {seen[key]} and {row.number} are both of {row.option!r} on {row.day}.",
                hint="add them up, or tell them apart by a column `stratum` (a campaign, a test) or `policy`.",
            )
        seen[key] = row.number
