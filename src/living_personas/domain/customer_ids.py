"""Whole columns of customer ids: Arrow looks at all rows, Python only at those that are not plainly an id."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.customer_id import EXACT_BITS, LONGEST_ID, NOBODY, canonical_id, customer_id
from living_personas.domain.raw import distinct, flat, laid_out
from living_personas.errors import BadValueError

__all__ = ["canonical_ids", "customer_ids", "spelled"]

_Read: TypeAlias = tuple[pa.StringArray, pa.StringArray]
_Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
_Places: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]

_EXACT = {16: 11, 32: 24, 64: EXACT_BITS}
"""Bits of a whole number that a float of so many bits holds exactly."""
_NOTHING = pa.nulls(1, pa.string())[0]
_ADDRESS = "^[^@]+@[^@]+[.][^@]+$"
_FROM_FLOAT = "^(0|-?[1-9][0-9]{0,14})[.](?:00?|0000+)$"
"""What a float wrote into text, if it is surely below 2^53; three zeros may be thousands."""
_OPENS = np.zeros(256, np.bool_)
_OPENS[np.frombuffer(b"{$%*[<='", np.uint8)] = True
"""What a field of a template begins with, and a guard against spreadsheets: rare in ids, and left to Python."""


def customer_ids(column: pa.Array | pa.ChunkedArray, *, nobody: frozenset[str] = NOBODY) -> _Read:
    """``customer_id`` of every row: the ids, and why there is none; each is NULL where the other is not.

    Narrow floats lose their digits sooner: ``float`` from 2^24 on, ``halffloat`` from 2^11 on.

    >>> ids, why = customer_ids(pa.array(["u1", "NULL", "2.0", "1E+11"]))
    >>> ids.to_pylist(), why.to_pylist()
    (['u1', None, '2', None], [None, 'missing customer', None, 'bad customer'])
    """
    ids = flat(column)
    kind = ids.type
    if pa.types.is_dictionary(kind):
        return _by_rows(customer_ids(ids.dictionary, nobody=nobody), ids.indices)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _of_texts(ids.cast(pa.string()), nobody)
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        return _of_plain(ids.cast(pa.string()), nobody)
    if pa.types.is_floating(kind):
        return _of_floats(ids, nobody)
    return _one_by_one(ids, nobody)


def canonical_ids(column: pa.Array | pa.ChunkedArray) -> pa.StringArray:
    """``canonical_id`` of every row of ids that were read; NULL stays NULL.

    >>> canonical_ids(pa.array(["Ann@Example.com", "U1", None])).to_pylist()
    ['ann@example.com', 'U1', None]
    """
    ids = flat(column)
    if pa.types.is_dictionary(ids.type):
        return canonical_ids(ids.dictionary).take(ids.indices)
    ids = ids.cast(pa.string())
    if not pc.any(pc.match_substring(ids, "@")).as_py():
        return ids
    addresses = pc.fill_null(pc.match_substring_regex(ids, _ADDRESS), fill_value=False)
    lower = pc.if_else(addresses, pc.ascii_lower(ids), ids)
    foreign = pc.and_(addresses, pc.invert(pc.string_is_ascii(lower)))
    if not foreign.true_count:
        return lower
    values, rows = distinct(ids.filter(foreign))
    return pc.replace_with_mask(lower, foreign, pa.array([canonical_id(str(id_)) for id_ in values]).take(rows))


def spelled(column: pa.Array | pa.ChunkedArray) -> pa.BooleanArray:
    """Which ids are not in their canonical form.

    >>> spelled(pa.array(["Ann@Example.com", "U1"])).to_pylist()
    [True, False]
    """
    ids = flat(column)
    return pc.not_equal(ids, canonical_ids(ids))


def _of_plain(texts: pa.StringArray, nobody: frozenset[str]) -> _Read:
    """Texts that need no mending: they are ids, or name nobody."""
    words = pa.array(sorted({"", *nobody}), pa.string())
    missing = pc.or_(pc.is_null(texts), pc.is_in(pc.ascii_lower(texts), value_set=words))
    if not missing.true_count:
        return texts, pa.nulls(len(texts), pa.string())
    return pc.if_else(missing, _NOTHING, texts), pc.if_else(missing, "missing customer", _NOTHING)


def _of_texts(texts: pa.StringArray, nobody: frozenset[str]) -> _Read:
    odd, numeric = _odd(texts)
    if numeric.any():
        whole = pc.fill_null(pc.match_substring_regex(texts, _FROM_FLOAT), fill_value=False)
        texts = pc.if_else(whole, pc.replace_substring_regex(texts, "[.]0+$", ""), texts)
        odd |= numeric & ~whole.to_numpy(zero_copy_only=False)
    ids, why = _of_plain(texts, nobody)
    if not odd.any():
        return ids, why
    mask = pa.array(odd)
    mended, refused = _one_by_one(texts.filter(mask), nobody)
    return pc.replace_with_mask(ids, mask, mended), pc.replace_with_mask(why, mask, refused)


def _of_floats(numbers: pa.FloatingPointArray, nobody: frozenset[str]) -> _Read:
    found = np.asarray(numbers.to_numpy(zero_copy_only=False), np.float64)
    whole = (np.abs(found) < 2.0 ** _EXACT[numbers.type.bit_width]) & (np.trunc(found) == found)
    digits = pa.array(np.where(whole, found, 0).astype(np.int64), mask=~whole).cast(pa.string())
    ids, why = _of_plain(digits, nobody)
    return ids, pc.if_else(pa.array(whole | np.isnan(found)), why, "bad customer")


def _one_by_one(column: pa.Array, nobody: frozenset[str]) -> _Read:
    values, rows = distinct(column)
    read = [_read(value, nobody) for value in values]
    return _by_rows(
        (pa.array([id_ for id_, _ in read], pa.string()), pa.array([why for _, why in read], pa.string())), rows
    )


def _read(said: object, nobody: frozenset[str]) -> tuple[str | None, str | None]:
    try:
        return customer_id(said, nobody=nobody), None
    except BadValueError as error:
        return None, error.reason


def _by_rows(read: _Read, rows: pa.Array) -> _Read:
    ids, why = (each.take(rows) for each in read)
    return ids, pc.if_else(pc.and_(pc.is_null(ids), pc.is_null(why)), "missing customer", why)


def _odd(texts: pa.StringArray) -> tuple[_Mask, _Mask]:
    """Rows that Python must read (blanks, controls, more than ASCII, too long), and rows like a number with a mark."""
    ends, data = laid_out(texts)
    begins, ends = ends[:-1], ends[1:]
    odd = ends - begins > LONGEST_ID
    odd[_rows_with(data - np.uint8(0x21) > 0x7E - 0x21, ends)] = True  # below "!" it wraps around
    some = np.flatnonzero(ends > begins)
    odd[some[_OPENS[data[begins[some]]]]] = True
    some = some[data[begins[some]] <= ord("9")]  # a digit or a sign; an address begins with a letter
    some = some[data[ends[some] - 1] - np.uint8(ord("0")) <= 9]
    numeric, dotted = np.zeros((2, len(texts)), np.bool_)
    numeric[some] = True
    if len(some):
        dotted[_rows_with((data == ord(".")) | (data == ord("+")) | (data == ord(",")), ends)] = True
    return odd, numeric & dotted


def _rows_with(marked: _Mask, ends: _Places) -> _Places:
    """The rows in which a byte is marked, each once."""
    return np.unique(np.searchsorted(ends, np.flatnonzero(marked), side="right"))
