"""Lines of CSV that repeat the header, as where several exports were written one behind the other: they are no rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.raw import bare, bare_texts
from living_personas.sources.delimited_columns import Part
from living_personas.sources.rows import Unreadable

__all__ = ["RepeatedHeader"]


class RepeatedHeader:
    """Leaves lines that are the header once more out of what is read, and counts them, each time from the beginning.

    A header of one column is no row of names: its word may be a value.
    """

    def __init__(self, header: Sequence[str]) -> None:
        self._header = [bare(name) for name in header] if len(header) > 1 else []
        self.count = 0

    def left_out(self, records: Iterator[list[str] | Unreadable]) -> Iterator[list[str] | Unreadable]:
        """The records after the header."""
        self.count = 0
        next(records)
        return (record for record in records if not self._is(record))

    def left_out_of_parts(self, parts: Iterator[Part]) -> Iterator[Part]:
        """The parts without it: what follows the header, in columns or record by record."""
        self.count = 0
        for part in parts:
            yield self._of_table(part) if isinstance(part, pa.Table) else [each for each in part if not self._is(each)]

    def _is(self, record: list[str] | Unreadable) -> bool:
        found = not isinstance(record, Unreadable) and bool(self._header) and [*map(bare, record)] == self._header
        self.count += found
        return found

    def _of_table(self, table: pa.Table) -> pa.Table:
        if not self._header or not self._header[0]:
            return table
        first = table.column(0)
        near = pc.indices_nonzero(pc.fill_null(pc.match_substring(first, self._header[0]), fill_value=False))
        places = near.filter(pc.equal(bare_texts(first.take(near)), self._header[0])).to_pylist()
        rows = [[column[place].as_py() or "" for column in table.columns] for place in places]
        left = [place for place, row in zip(places, rows, strict=True) if self._is(row)]
        if not left:
            return table
        kept = pc.invert(pc.is_in(pa.array(range(table.num_rows)), value_set=pa.array(left)))
        return table.filter(kept)
