"""Rows in columns: what a reader of columns looks at all at once, and a row reader one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa

from living_personas.domain.value import value
from living_personas.sources.rows import BadRowError, Row, Unreadable

__all__ = ["Block", "BlockColumn", "Mask", "Places", "ReadValues", "mask_of"]

T = TypeVar("T")

Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
"""One yes or no for each row."""
Places: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
"""Rows by their place in the block, from 0."""

_BITS = {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}


@value
class ReadValues(Generic[T]):
    """What was read of a column's distinct values; None where one could not be read (``bad``), or says nothing.

    ``rows`` says for each row which of them it holds.
    """

    values: Sequence[T | None]
    bad: Mask
    rows: Places

    @property
    def bad_rows(self) -> Mask:
        """The rows whose value could not be read."""
        return self.bad[self.rows] if self.bad.any() else np.zeros(len(self.rows), np.bool_)

    def taken(self, kind: pa.DataType) -> pa.Array:
        """The answers row by row."""
        return pa.array(self.values, kind).take(pa.array(self.rows))


class BlockColumn:
    """One column of a block: its distinct values, and which of them each row holds.

    Parameters
    ----------
    said
        The values, of which ``to_pylist`` gives what the row reader would be given; or, where they are of kinds that
        one array cannot hold, the distinct ones and which of them each row holds.

    >>> column = BlockColumn(pa.array(["a", None, "a"]))
    >>> column.values, column.rows.tolist()
    (['a', None], [0, 1, 0])
    """

    def __init__(self, said: pa.Array | tuple[list[object], Places]) -> None:
        self._coded = said if isinstance(said, tuple) else None
        self.array = None if isinstance(said, tuple) else _plain(said)

    def __len__(self) -> int:
        return len(self.rows) if self.array is None else len(self.array)

    @property
    def is_text(self) -> bool:
        """Whether each value is a text, or missing."""
        return self.array is not None and bool(pa.types.is_string(self.array.type) or pa.types.is_null(self.array.type))

    @property
    def is_number(self) -> bool:
        """Whether each value is a number of the processor's, or missing."""
        kind = None if self.array is None else self.array.type
        return kind is not None and bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))

    @property
    def texts(self) -> pa.StringArray:
        """The values of a column of texts."""
        return pa.array([], pa.string()) if self.array is None else self.array.cast(pa.string())

    @property
    def values(self) -> list[object]:
        """The distinct values as the row reader is given them."""
        return self._numbered[0]

    @property
    def rows(self) -> Places:
        """Which of the distinct values each row holds."""
        return self._numbered[1]

    @cached_property
    def _numbered(self) -> tuple[list[object], Places]:
        return self._coded or _numbered(self.array)

    def only(self, mask: Mask) -> BlockColumn:
        """The column of some rows."""
        if self.array is not None:
            return BlockColumn(self.array.filter(pa.array(mask)))
        some, rows = np.unique(self.rows[mask], return_inverse=True)
        return BlockColumn(([self.values[place] for place in some], rows))

    def each(self, read: Callable[[object], T | None]) -> ReadValues[T]:
        """What ``read`` makes of each distinct value; what it refuses as a bad row is ``bad``."""
        bad = np.zeros(len(self.values), np.bool_)
        answers: list[T | None] = []
        for place, said in enumerate(self.values):
            try:
                answers.append(read(said))
            except BadRowError:
                answers.append(None)
                bad[place] = True
        return ReadValues(values=answers, bad=bad, rows=self.rows)


@value
class Block:
    """Some rows of a file or frame, one after the other.

    ``first`` is the number of the first. ``columns`` are None if not all of the rows can be said in columns. ``take``
    gives rows by their places as dictionaries. ``unreadable`` are those, by place, that could not be taken apart: in
    columns they hold nothing.
    """

    first: int
    size: int
    columns: Mapping[str, BlockColumn] | None
    take: Callable[[Sequence[int]], list[Row | Unreadable]]
    unreadable: Mapping[int, Unreadable] = field(default_factory=dict)

    def column(self, name: str | None) -> BlockColumn:
        """A column; one that holds nothing if there is none of this name."""
        found = self.columns.get(name) if self.columns and name is not None else None
        return BlockColumn(pa.nulls(self.size)) if found is None else found


def mask_of(array: pa.Array) -> Mask:
    """A column of yes and no, without NULL, as numpy has it."""
    found: Mask = array.to_numpy(zero_copy_only=False)
    return found


def _plain(array: pa.Array) -> pa.Array:
    """The column in a type of which each value has one place, and texts are texts."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    return array.cast(pa.string()) if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) else array


def _numbered(array: pa.Array) -> tuple[list[object], Places]:
    """The distinct values, and which of them each row holds; where Arrow cannot tell them apart, all values."""
    kind = array.type
    wide = kind.bit_width if pa.types.is_floating(kind) else 0
    try:
        coded = (array.view(_BITS[wide]) if wide else array).dictionary_encode(null_encoding="encode")
    except pa.ArrowNotImplementedError:  # lists, objects, types of an extension
        return list(array.to_pylist()), np.arange(len(array))
    values = coded.dictionary.view(kind) if wide else coded.dictionary  # by their bits: -0.0 is not 0.0
    return list(values.to_pylist()), coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
