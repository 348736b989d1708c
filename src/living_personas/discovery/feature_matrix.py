"""The customers as numbers: read once from a frame, checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.discovery.columns import Amount, Column, Count, Rate, needs
from living_personas.domain.counted import counted
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError, InvalidColumnError, InvalidRuleError, UnknownNameError
from living_personas.rules.column_names import quoted
from living_personas.rules.parse import parse
from living_personas.stats.arrays import Floats, Ints

__all__ = ["LEAST_CUSTOMERS", "NOBODY", "Sheet", "read_sheet", "why_unfit"]

LEAST_CUSTOMERS = 1_000
"""Below this many customers each half has too few to prove anything."""

NOBODY = "unmatched"
"""How the customers whom no persona holds are filed; NULL says the same."""

Numbers: TypeAlias = Mapping[str, Floats]


@value
class Sheet:
    """Customers in rows: their ids, their numbers (NaN where nothing is known), and who they are filed under.

    ``filed`` indexes ``personas``; -1 is nobody. ``known_days`` is for how long each has been known, 0 where it is not
    said: a count of last month's sessions says less of those who came last week.
    """

    customers: pa.Array
    columns: tuple[Column, ...]
    numbers: Numbers
    personas: tuple[str, ...]
    filed: Ints
    known_days: Floats
    protected: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.filed)

    def take(self, rows: Ints) -> Sheet:
        """These customers, in this order."""
        return Sheet(
            customers=self.customers.take(pa.array(rows)),
            columns=self.columns,
            numbers={name: numbers[rows] for name, numbers in self.numbers.items()},
            personas=self.personas,
            filed=self.filed[rows],
            known_days=self.known_days[rows],
            protected={name: trait.take(pa.array(rows)) for name, trait in self.protected.items()},
        )


def read_sheet(
    frame: object,
    *,
    columns: Sequence[Column],
    assigned: str,
    customer: str,
    known_days: str | None = None,
    protected: Sequence[str] = (),
    personas: Sequence[str] | None = None,
) -> Sheet:
    """The customers of any frame that speaks the Arrow capsule interface.

    With ``personas``, in order, the frame is a sample of customers who are filed under them, of whom it is known that
    their columns hold what their kinds can hold: in a sample alone a column may hold nothing.

    Raises
    ------
    InvalidColumnError
        If the frame cannot be read, or a column holds what its kind cannot hold.
    UnknownNameError
        If the frame lacks a column.
    InsufficientEvidenceError
        If there are fewer than ``LEAST_CUSTOMERS`` customers.
    """
    table = _table(frame)
    wanted = [name for column in columns for name in needs(column)]
    known = () if known_days is None else (known_days,)
    for name in (customer, assigned, *wanted, *known, *protected):
        if name not in table.column_names:
            raise UnknownNameError.among("column", name, table.column_names)
    _check_declared(columns, protected)
    _check_enough(table.num_rows)
    names, filed = _filed(table[assigned], personas)
    return Sheet(
        customers=_customers(table[customer], customer),
        columns=tuple(columns),
        numbers=_numbers(table, columns, are_checked=personas is None),
        personas=names,
        filed=filed,
        known_days=np.zeros(len(filed)) if known_days is None else _days(table[known_days], known_days),
        protected={name: _array(table[name]) for name in protected},
    )


def why_unfit(table: pa.Table, column: Column) -> str:
    """Why ``read_sheet`` would refuse a column of a table; empty if it would not.

    >>> why_unfit(pa.table({"spend": [-5.0, 20.0]}), Amount("spend"))
    "Column 'spend' holds -5.0."
    """
    try:
        _numbers(table, [column], are_checked=True)
    except InvalidColumnError as error:
        return error.message
    return ""


def _table(frame: object) -> pa.Table:
    try:
        return pa.table(frame)
    except (TypeError, ValueError, pa.ArrowInvalid) as error:
        raise InvalidColumnError(
            f"A {type(frame).__name__} is not a frame of customers.",
            hint="give a pandas, polars or pyarrow table, or anything else with an Arrow capsule.",
        ) from error


def _array(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _check_declared(columns: Sequence[Column], protected: Sequence[str]) -> None:
    names = [column.name for column in columns]
    if len(names) < 2:
        raise InvalidColumnError(
            f"Of the customers {counted(len(names), 'column is', 'columns are')} known to look at.",
            hint="a segment differs in two columns at least; give more.",
        )
    for name in names:
        if names.count(name) > 1:
            raise InvalidColumnError(f"Column {name!r} is given twice.", hint="give it once.")
    _check_sayable({name for column in columns for name in needs(column)})
    for column in columns:
        for name in needs(column):
            if name in protected:
                raise InvalidColumnError(
                    f"Column {name!r} is protected and is looked at.", hint="leave it out of `columns`."
                )


def _check_sayable(names: set[str]) -> None:
    """A segment is published as a rule, so a rule must be able to name what it was found in."""
    try:
        for name in names:
            parse(f"{quoted(name)} > 0")
        parse(" + ".join(map(quoted, sorted(names))) + " > 0")
    except InvalidRuleError as error:
        raise InvalidColumnError(
            f"A rule could not name the columns: {error.message}", hint=f"rename them; {error.hint}"
        ) from error


def _check_enough(n: int) -> None:
    if n < LEAST_CUSTOMERS:
        raise InsufficientEvidenceError(
            f"There are {n} customers.",
            hint=f"segments are looked for among {LEAST_CUSTOMERS:,} or more: {LEAST_CUSTOMERS - n:,} more are needed.",
        )


def _customers(column: pa.ChunkedArray, name: str) -> pa.Array:
    ids = _array(column)
    if ids.null_count:
        raise InvalidColumnError(f"{ids.null_count} customers have no id in {name!r}.", hint="leave those rows out.")
    distinct = pc.count_distinct(ids).as_py()
    if distinct < len(ids):
        raise InvalidColumnError(
            f"Column {name!r} names {len(ids) - distinct} customers again.", hint="give one row per customer."
        )
    return ids


def _filed(column: pa.ChunkedArray, given: Sequence[str] | None) -> tuple[tuple[str, ...], Ints]:
    names = pc.cast(_array(column), pa.string())
    here = sorted({str(name) for name in pc.unique(names).to_pylist()} - {"None", NOBODY}) if given is None else given
    personas = tuple(here)
    if not personas:
        raise InsufficientEvidenceError(
            "No customer is filed under a persona.",
            hint="novel is what no persona holds, so give the personas that there are in the `assigned` column.",
        )
    places = pc.fill_null(pc.index_in(names, value_set=pa.array(personas)), -1)
    return personas, np.asarray(places, dtype=np.int64)


def _numbers(table: pa.Table, columns: Sequence[Column], *, are_checked: bool) -> Numbers:
    found: dict[str, Floats] = {}
    for column in columns:
        for name in needs(column):
            if name not in found:
                found[name] = (_floats if are_checked else _as_floats)(table[name], name)
        if isinstance(column, Rate) and column.ratio:
            found[column.name] = _successes(column, found)
        if are_checked:
            _CHECKS[type(column)](column, found)
    return found


def _as_floats(column: pa.ChunkedArray, name: str) -> Floats:
    try:
        numbers = pc.cast(_array(column), pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidColumnError(
            f"Column {name!r} holds {column.type}, not numbers.", hint="give numbers; NULL where nothing is known."
        ) from error
    return np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def _floats(column: pa.ChunkedArray, name: str) -> Floats:
    floats = _as_floats(column, name)
    if np.isinf(floats).any():
        raise InvalidColumnError(f"Column {name!r} holds infinity.", hint="give finite numbers, NULL where unknown.")
    if (floats < 0).any():
        least = float(np.nanmin(floats))
        raise InvalidColumnError(
            f"Column {name!r} holds {least!r}.",
            hint="counts, rates and amounts start at 0; correct it or leave it out.",
        )
    if np.isnan(floats).all():
        raise InvalidColumnError(f"Column {name!r} holds nothing.", hint="leave it out.")
    return floats


def _days(column: pa.ChunkedArray, name: str) -> Floats:
    """Days that customers have been known; who is in the frame and has no day came today."""
    return np.nan_to_num(_floats(column, name), nan=0.0)


def _check_count(column: Column, numbers: dict[str, Floats]) -> None:
    _whole(column.name, numbers[column.name])


def _check_rate(column: Column, numbers: dict[str, Floats]) -> None:
    for name in needs(column):
        _whole(name, numbers[name])
    hits, tried = (numbers[name] for name in needs(column))
    above = int((hits > tried).sum())
    if above:
        raise InvalidColumnError(
            f"Rate {column.name!r} is above its denominator {needs(column)[1]!r} for {above} customers.",
            hint="both count the same occasions over the same days; correct the pair.",
        )


def _successes(rate: Rate, numbers: Numbers) -> Floats:
    """What a ratio counted."""
    found = numbers[rate.name] * numbers[rate.of]
    whole = np.round(found)
    if (np.abs(found - whole) > 1e-6 * np.maximum(numbers[rate.of], 1.0)).any():
        raise InvalidColumnError(
            f"Ratio {rate.name!r} times its denominator {rate.of!r} is not a whole number.",
            hint="give the ratio unrounded; a quotient that counts nothing is an Amount.",
        )
    return np.asarray(whole, dtype=np.float64)


def _check_amount(column: Column, numbers: dict[str, Floats]) -> None:
    if not (numbers[column.name] > 0).any():
        raise InvalidColumnError(f"Amount {column.name!r} is never above 0.", hint="leave it out.")


def _whole(name: str, numbers: Floats) -> None:
    odd = numbers[np.isfinite(numbers) & (numbers != np.round(numbers))]
    if odd.size:
        raise InvalidColumnError(
            f"Column {name!r} holds {float(odd[0])!r}, which is not a whole number.",
            hint="counts and both columns of a rate are whole; money, days and sizes are an Amount.",
        )


_CHECKS = {Count: _check_count, Rate: _check_rate, Amount: _check_amount}
