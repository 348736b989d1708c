"""Arrow columns as PostgreSQL's binary arrays: many rows are a few parameters of one statement, in one round trip.

An array is its number of dimensions, whether anything is missing, the type of its elements, how many there are and the
number of the first; then of each element the length and the bytes (``array_send`` in PostgreSQL's source).
"""

from __future__ import annotations

import struct
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import psycopg
import pyarrow as pa
from psycopg.adapt import Dumper
from psycopg.pq import Format

from living_personas.domain.raw import flat, laid_out

__all__ = ["BinaryArray", "binary_array", "know_binary_arrays"]

_Ints: TypeAlias = npt.NDArray[np.int64]
_Bytes: TypeAlias = npt.NDArray[np.uint8]

_MISSING = -1
"""The length of an element that is not there."""


class BinaryArray(bytes):
    """An array as it travels; each class below is one type of the server's."""

    __slots__ = ()
    element: int
    array: int


class _Texts(BinaryArray):
    element, array = 25, 1009


class _Whole(BinaryArray):
    element, array = 20, 1016


class _Fractions(BinaryArray):
    element, array = 701, 1022


class _YesNo(BinaryArray):
    element, array = 16, 1000


def binary_array(column: pa.ChunkedArray) -> BinaryArray:
    r"""A column as an array.

    Texts become ``text[]``; whole numbers, days and moments (in their own unit) ``bigint[]``; other numbers ``double
    precision[]``; yes and no ``boolean[]``.

    >>> binary_array(pa.chunked_array([["x"]]))[-5:]
    b'\x00\x00\x00\x01x'
    """
    kind, lengths, body = _elements(column)
    sizes = np.maximum(lengths, 0) + 4
    ends = np.cumsum(sizes)
    elements = np.empty(int(sizes.sum()), np.uint8)
    is_length = np.zeros(len(elements), np.bool_)
    is_length[(ends - sizes)[:, np.newaxis] + np.arange(4)] = True
    elements[is_length] = lengths.astype(">i4").view(np.uint8)
    elements[~is_length] = body
    head = struct.pack(">iiiii", 1, bool(column.null_count), kind.element, len(lengths), 1)
    return kind(head + elements.tobytes())


def know_binary_arrays(raw: psycopg.Connection[tuple[object, ...]]) -> None:
    """Let a connection take them as parameters."""
    for kind in (_Texts, _Whole, _Fractions, _YesNo):
        raw.adapters.register_dumper(kind, type(f"{kind.__name__}Dumper", (_AsItIs,), {"oid": kind.array}))


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: BinaryArray) -> bytes:
        return obj


def _elements(column: pa.ChunkedArray) -> tuple[type[BinaryArray], _Ints, _Bytes]:
    """What a column is an array of, the length of each element, and the bytes of all, one behind the other."""
    held = flat(column.drop_null())
    if pa.types.is_string(held.type):
        kind: type[BinaryArray] = _Texts
        ends, body = laid_out(held)
        sizes = np.diff(ends)
    else:
        kind, numbers = _numbers(held)
        sizes, body = np.full(len(numbers), numbers.itemsize, np.int64), numbers.view(np.uint8)
    if not column.null_count:
        return kind, sizes, body
    lengths = np.full(len(column), _MISSING, np.int64)
    lengths[column.is_valid().to_numpy()] = sizes
    return kind, lengths, body


def _numbers(column: pa.Array) -> tuple[type[BinaryArray], npt.NDArray[np.generic]]:
    if pa.types.is_boolean(column.type):
        return _YesNo, column.cast(pa.uint8()).to_numpy()
    if pa.types.is_floating(column.type):
        return _Fractions, column.to_numpy().astype(">f8")
    whole = column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
    return _Whole, whole.cast(pa.int64()).to_numpy().astype(">i8")
