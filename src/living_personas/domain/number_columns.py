"""Whole columns of numbers: Arrow reads what machines wrote, Python the distinct values of the rest."""

from __future__ import annotations

from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.number_text import MACHINE, DecimalMark, number
from living_personas.domain.raw import distinct, flat, is_absent
from living_personas.errors import BadValueError

__all__ = ["numbers_of"]

_Read: TypeAlias = tuple[pa.DoubleArray, pa.BooleanArray]

_WITHOUT_DOUBT: dict[DecimalMark | None, str] = {
    None: f"^({MACHINE}|{MACHINE.replace('[.]', ',')})$",
    ".": r"^-?([0-9]+|[0-9]*[.][0-9]+)$",
    ",": r"^-?([0-9]+|[0-9]*,[0-9]+)$",
}
_NOTHING = pa.scalar(None, pa.string())


def numbers_of(column: pa.Array | pa.ChunkedArray, *, decimal: DecimalMark | None = None) -> _Read:
    """``number`` of every row, and which rows hold something that cannot be read.

    What is missing (NULL, a blank text) is NULL and not refused; what is refused is NULL, too: neither is 0.

    >>> values, refused = numbers_of(pa.array(["12.5", "29,90 €", "1.029", "", None]))
    >>> values.to_pylist(), refused.to_pylist()
    ([12.5, 29.9, None, None, None], [False, False, True, False, False])
    """
    said = flat(column)
    kind = said.type
    if pa.types.is_dictionary(kind):
        values, refused = numbers_of(said.dictionary, decimal=decimal)
        return values.take(said.indices), pc.fill_null(refused.take(said.indices), fill_value=False)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _of_texts(said.cast(pa.string()), decimal)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return _of_numbers(said.cast(pa.float64(), safe=False))
    if pa.types.is_decimal(kind):
        return _of_numbers(said.cast(pa.string()).cast(pa.float64()))  # directly, the last bit would be rounded wrongly
    return _one_by_one(said, decimal)


def _of_texts(texts: pa.StringArray, decimal: DecimalMark | None) -> _Read:
    plain = pc.fill_null(pc.match_substring_regex(texts, _WITHOUT_DOUBT[decimal]), fill_value=False)
    machine = pc.replace_substring(pc.if_else(plain, texts, _NOTHING), ",", ".")
    values, refused = _of_numbers(machine.cast(pa.float64()))
    odd = pc.and_not(pc.is_valid(texts), plain)
    if not odd.true_count:
        return values, refused
    mended, unread = _one_by_one(texts.filter(odd), decimal)
    return pc.replace_with_mask(values, odd, mended), pc.replace_with_mask(refused, odd, unread)


def _of_numbers(values: pa.DoubleArray) -> _Read:
    """Infinite and not-a-number are no answers."""
    refused = pc.fill_null(pc.invert(pc.is_finite(values)), fill_value=False)
    return (pc.if_else(refused, pa.scalar(None, pa.float64()), values) if refused.true_count else values), refused


def _one_by_one(column: pa.Array, decimal: DecimalMark | None) -> _Read:
    values, rows = distinct(column)
    read = [_read(value, decimal) for value in values]
    numbers = pa.array([found for found, _ in read], pa.float64())
    return numbers.take(rows), pa.array([refused for _, refused in read], pa.bool_()).take(rows)


def _read(said: object, decimal: DecimalMark | None) -> tuple[float | None, bool]:
    if is_absent(said) and not isinstance(said, float):
        return None, False
    try:
        return number(said, decimal=decimal), False
    except BadValueError:
        return None, True
