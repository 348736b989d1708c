"""What is known of every customer, in memory: a look-up costs microseconds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.steps.members import CUSTOMERS
from living_personas.steps.parts import Parts
from living_personas.steps.tables import table_of

__all__ = ["Known", "customers_mark", "load_known"]

_NOT_TRAITS = ("customer", "matches")
_EMPTY = pa.schema([("customer", pa.string())])


class Known:
    """Features and traits by id: of the customer itself, or of whom the id was found to be.

    Ids are found by their hash in a sorted array; each column is one array. Nothing is a Python object until it is
    asked for.
    """

    def __init__(self, customers: pa.Table, links: pa.Table) -> None:
        ids, rows = _ids(customers, links)
        hashes = np.fromiter(map(hash, ids.to_pylist()), np.int64, len(ids))
        order = np.argsort(hashes, kind="stable")
        self._hashes = np.ascontiguousarray(hashes[order]).data
        self._rows = rows[order].astype(np.int32)
        self._ids = ids.take(pa.array(order))
        self._columns = [(name, _reader(customers[name])) for name in customers.column_names if name not in _NOT_TRAITS]

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, customer: str) -> dict[str, object]:
        """What is known by name; empty if nothing is."""
        wanted = hash(customer)
        place = bisect_left(self._hashes, wanted)
        while place < len(self._hashes) and self._hashes[place] == wanted:
            if self._ids[place].as_py() == customer:
                row = int(self._rows[place])
                return {name: read(row) for name, read in self._columns}
            place += 1
        return {}


def load_known(parts: Parts) -> Known:
    """What was known when stock was last taken, with the links as they are now."""
    days = parts.store.partitions.days(CUSTOMERS)
    if not days:
        return Known(_EMPTY.empty_table(), parts.store.inbox.links())
    table = table_of(parts.store.partitions.read(CUSTOMERS, days[-1], days[-1]))
    return Known(table, parts.store.inbox.links())


def customers_mark(parts: Parts) -> object:
    """Something that is another whenever stock was taken anew, and cheap to ask for."""
    days = parts.store.partitions.days(CUSTOMERS)
    if not days:
        return None
    relation = parts.store.partitions.read(CUSTOMERS, days[-1], days[-1])
    return relation if isinstance(relation, tuple) else id(relation)


def _ids(customers: pa.Table, links: pa.Table) -> tuple[pa.Array, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Every id that leads to a row, and the row: customers by their own, and the ids that are linked to one."""
    own = customers["customer"].combine_chunks().cast(pa.large_string())
    places = pc.index_in(links["customer"].combine_chunks().cast(pa.large_string()), value_set=own)
    found = pc.is_valid(places)
    linked = links["id"].combine_chunks().cast(pa.large_string()).filter(found)
    rows = np.concatenate([np.arange(len(own)), places.filter(found).to_numpy(zero_copy_only=False)])
    return pa.concat_arrays([own, linked]), rows.astype(np.int64)


def _reader(column: pa.ChunkedArray) -> Callable[[int], object]:
    """How to read one value of a column."""
    flat = column.combine_chunks()
    if pa.types.is_floating(flat.type):
        numbers = np.array(pc.fill_null(flat, float("nan")).to_numpy(zero_copy_only=False)).data
        return partial(_number, numbers)
    if pa.types.is_string(flat.type) or pa.types.is_large_string(flat.type):
        coded = flat.dictionary_encode()
        codes = np.array(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)).data
        return partial(_text, codes, [*coded.dictionary.to_pylist(), None])
    return partial(_any, flat)


def _number(numbers: memoryview, row: int) -> float | None:
    found: float = numbers[row]
    return found if found == found else None  # noqa: PLR0124 - NaN, which stands for NULL, is not itself


def _text(codes: memoryview, texts: list[str | None], row: int) -> str | None:
    return texts[codes[row]]


def _any(column: pa.Array, row: int) -> object:
    return column[row].as_py()
