"""Rows without some customers: what is about them is gone, what is about others no longer names them."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.event import Json
from living_personas.domain.forgotten import ERASED, is_sure
from living_personas.ports import Holding

__all__ = ["Named"]

_write = json.JSONEncoder(ensure_ascii=False).encode  # as `domain.batch` writes properties


class Named:
    """Some ids, looked for in tables and their texts."""

    def __init__(self, ids: Collection[str]) -> None:
        self.ids = frozenset(ids)
        self.column = pa.array(sorted(self.ids), pa.string())
        self._sure = sorted(filter(is_sure, self.ids))
        written = {_write(id_)[1:-1] for id_ in self._sure}
        self._quoting = sorted(each for each in written if '"' in each)
        self._written = pa.array(sorted(written), pa.string())

    def without(self, table: pa.Table, holding: Holding) -> pa.Table | None:
        """The rows of a table that are about others, in which none of the ids is named; None if that is all of it."""
        theirs = self._any(table, holding.owners)
        kept = table.filter(pc.invert(theirs)) if pc.any(theirs).as_py() else table
        for name in holding.beside:
            kept = _emptied(kept, name, self.column, pa.scalar(""))
        for name in holding.texts if self._sure else ():
            kept = self._replaced(kept, name)
        for name in _open_texts(kept, holding) if self._sure else ():
            kept = _emptied(kept, name, pa.array(self._sure, pa.string()), pa.scalar(None, pa.string()))
        return None if kept is table else kept

    def left(self, table: pa.Table, holding: Holding) -> pa.Table:
        """The rows of a table that are about others, in which none of the ids is named."""
        found = self.without(table, holding)
        return table if found is None else found

    def columns(self, schema: pa.Schema, holding: Holding) -> list[str]:
        """The columns in which they may be."""
        asked = (*holding.owners, *holding.beside, *(holding.texts if self._sure else ()))
        return [*(name for name in asked if name in schema.names), *_open_texts(schema.empty_table(), holding)]

    def _any(self, table: pa.Table, columns: Collection[str]) -> pa.ChunkedArray:
        found = [pc.fill_null(pc.is_in(table[name], value_set=self.column), fill_value=False) for name in columns]
        return reduce(pc.or_, found, pa.chunked_array([np.zeros(table.num_rows, np.bool_)]))

    def _replaced(self, table: pa.Table, name: str) -> pa.Table:
        """The texts, JSON objects, in which ids that are whole values are values no more."""
        rows = self._texts_with(table[name])
        if not rows:
            return table
        texts = table[name].to_pylist()
        for row in rows:
            texts[row] = _write(self._cleaned(json.loads(texts[row])))
        place = table.schema.get_field_index(name)
        return table.set_column(place, table.schema.field(name), pa.array(texts, table.schema.field(name).type))

    def _texts_with(self, column: pa.ChunkedArray) -> list[int]:
        """The rows in which a text between two quotes is one of the ids."""
        if not len(column):
            return []
        parts = pc.split_pattern(column.combine_chunks(), pattern='"')
        named = pc.is_in(pc.list_flatten(parts), value_set=self._written)
        rows = set(pc.list_parent_indices(parts).filter(named).to_pylist())
        for each in self._quoting:  # the marks inside of it are no ends
            rows.update(np.flatnonzero(pc.match_substring(column, each)).tolist())
        return sorted(rows)

    def _cleaned(self, said: Json) -> Json:
        if isinstance(said, dict):
            return {self._word(name): self._cleaned(each) for name, each in said.items()}
        if isinstance(said, list):
            return [self._cleaned(each) for each in said]
        return self._word(said) if isinstance(said, str) else said

    def _word(self, said: str) -> str:
        return ERASED if said in self._sure else said


def _open_texts(table: pa.Table, holding: Holding) -> list[str]:
    """The columns of texts that people name."""
    known = {*holding.owners, *holding.beside, *holding.texts}
    fields = table.schema if holding.is_open else ()
    return [each.name for each in fields if pa.types.is_string(each.type) and each.name not in known]


def _emptied(table: pa.Table, name: str, ids: pa.Array, empty: pa.Scalar) -> pa.Table:
    """The table with nothing where a column holds one of the ids."""
    there = pc.is_in(table[name], value_set=ids)
    if not pc.any(there).as_py():
        return table
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name), pc.if_else(there, empty, table[name]))
