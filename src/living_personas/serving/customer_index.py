"""What is known of every customer, in memory: a look-up costs microseconds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.serving.mapped_arrays import mapped

__all__ = ["CustomerIndex", "pieces"]

PIECE = 1 << 14
"""So many texts become Python objects at a time: some 3 ms, for which no other thread of the process moves."""


class CustomerIndex:
    """The rows of a table by the id in one of its columns.

    Ids are found by their hash in a sorted array; each column is one array, in a file of ``folder`` if one is given.
    Nothing is a Python object until it is asked for, and requests go on while the arrays are made.
    """

    def __init__(self, table: pa.Table, *, by: str = "customer", folder: Path | None = None) -> None:
        ids = table[by].combine_chunks().cast(pa.large_string())
        hashes = np.concatenate([_NO_HASHES, *map(_hashed, pieces(ids))])
        order = np.argsort(hashes, kind="stable")
        self._ids = mapped(ids, folder)
        self._hashes = _seen(mapped(pa.array(hashes[order]), folder))
        self._rows = _seen(mapped(pa.array(order.astype(np.int32)), folder))
        self._columns = [(name, _reader(table[name], folder)) for name in table.column_names if name != by]

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, id_: str) -> dict[str, object] | None:
        """The other columns of the id's row by name; None if it has no row."""
        wanted = hash(id_)
        place = bisect_left(self._hashes, wanted)
        while place < len(self._hashes) and self._hashes[place] == wanted:
            row = self._rows[place]
            if self._ids[row].as_py() == id_:
                return {name: read(row) for name, read in self._columns}
            place += 1
        return None


def pieces(texts: pa.Array | pa.ChunkedArray) -> Iterator[list[str | None]]:
    """The texts as Python objects, a piece at a time, so that other threads have their turn between."""
    return (texts.slice(first, PIECE).to_pylist() for first in range(0, len(texts), PIECE))


_NO_HASHES = np.empty(0, np.int64)


def _hashed(ids: list[str | None]) -> npt.NDArray[np.int64]:
    return np.fromiter(map(hash, ids), np.int64, len(ids))


def _seen(numbers: pa.Array) -> memoryview:
    """The numbers of an array without NULLs, each a Python object when it is asked for."""
    found: memoryview = numbers.to_numpy(zero_copy_only=True).data
    return found


def _reader(column: pa.ChunkedArray, folder: Path | None) -> Callable[[int], object]:
    """How to read one value of a column."""
    flat = column.combine_chunks()
    if pa.types.is_floating(flat.type):
        return partial(_number, _seen(mapped(pc.fill_null(flat, float("nan")), folder)))
    if pa.types.is_string(flat.type) or pa.types.is_large_string(flat.type):
        coded = flat.dictionary_encode()
        codes = _seen(mapped(pc.fill_null(coded.indices, -1), folder))
        return partial(_text, codes, [*chain.from_iterable(pieces(coded.dictionary)), None])
    return partial(_any, mapped(flat, folder))


def _number(numbers: memoryview, row: int) -> float | None:
    found: float = numbers[row]
    return found if found == found else None  # noqa: PLR0124 - NaN, which stands for NULL, is not itself


def _text(codes: memoryview, texts: list[str | None], row: int) -> str | None:
    return texts[codes[row]]


def _any(column: pa.Array, row: int) -> object:
    return column[row].as_py()
