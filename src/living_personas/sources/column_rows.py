"""The rows of a block that count, and what tells them apart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.rules.parse import parse
from living_personas.sources.blocks import Block, BlockColumn, Mask, Places
from living_personas.sources.column_values import bare_in, sizes_of
from living_personas.sources.roles import EVERYTHING
from living_personas.sources.row_ids import plain_text
from living_personas.sources.source_reading import SourceReading
from living_personas.sources.values import LARGEST

__all__ = ["combined", "counted", "fits_columns", "ids_by_content", "too_large"]


_FEW = 1 << 20
"""So many combinations are numbered by a table, more by sorting."""


def fits_columns(block: Block, reading: SourceReading) -> bool:
    """Whether nothing that the source names lies inside objects: what does, differs from row to row."""
    source = reading.source
    if block.columns is None or any(name.endswith(f".{EVERYTHING}") for name in source.properties):
        return False
    # Only the reader of rows takes columns, and arrays apart.
    if source.columns or source.explode or (source.exposure and source.exposure.holdout):
        return False
    dotted = [name for name in reading.columns if "." in name]
    return not any(head in block.columns for name in dotted for head in _heads(name))


def counted(block: Block, reading: SourceReading) -> Mask:
    """The rows that the source wants; what could not be taken apart goes to quarantine in any case."""
    if reading.counts is None or not reading.source.where:
        return np.ones(block.size, np.bool_)
    names = [name for name, _ in parse(reading.source.where).columns]
    columns = [block.column(name) for name in names]
    first, rows = combined(columns, block.size)
    counts = np.array(
        [
            bool(
                reading.counts(
                    {name: column.values[column.rows[place]] for name, column in zip(names, columns, strict=True)}
                )
            )
            for place in first.tolist()
        ],
        np.bool_,
    )
    found: Mask = counts[rows]
    found[list(block.unreadable)] = True
    return found


def combined(columns: Iterable[BlockColumn], size: int) -> tuple[Places, Places]:
    """The first row of each combination of values, and which combination each row holds."""
    rows = np.zeros(size, np.int64)
    first = np.zeros(min(size, 1), np.int64)
    kinds = 1
    for column in columns:
        first, rows = _numbered(rows * len(column.values) + column.rows, kinds * len(column.values))
        kinds = len(first)
    return first, rows


def _numbered(codes: Places, most: int) -> tuple[Places, Places]:
    """The first row of each code below ``most``, and the number of the code of each row."""
    if most > _FEW:
        _, first, rows = np.unique(codes, return_index=True, return_inverse=True)
        return first, rows
    begins = np.full(most, -1, np.int64)
    begins[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # of several rows the last that is written is the first
    used = begins >= 0
    return begins[used], (np.cumsum(used) - 1)[codes]


def ids_by_content(block: Block, wanted: Mask, reading: SourceReading) -> list[str]:
    """The ids of the rows that are wanted, in order, made of what they say."""
    said = [_said(block.column(name), name) for name in reading.ids.columns]
    whole = pc.binary_join_element_wise("", *said, "", null_handling="skip") if said else pa.repeat("", block.size)
    texts: list[bytes] = whole.cast(pa.binary()).to_pylist()
    for place, row in block.unreadable.items():
        texts[place] = row.raw.encode("utf-8", "surrogatepass")
    return list(map(reading.ids.of_bytes, texts if wanted.all() else compress(texts, wanted)))


def too_large(block: Block, travelling: Iterable[str], reading: SourceReading) -> Mask:
    """The rows whose used values are together larger than an event may be."""
    total = np.zeros(block.size, np.int64)
    for name in dict.fromkeys([*reading.columns, *travelling]):
        total += sizes_of(block.column(name))
    found: Mask = total > LARGEST
    return found


def _said(column: BlockColumn, name: str) -> pa.StringArray:
    """What ``RowIds`` makes of a column; NULL where it says nothing."""
    plain = bare_in(pc.fill_null(column.texts, "")) if column.is_text else None
    texts = column.each(_bytes_of).taken(pa.binary()).view(pa.string()) if plain is None else plain
    sizes = pc.utf8_length(texts).cast(pa.string())
    whole = pc.binary_join_element_wise(f"{name}:", sizes, ":", texts, ";", "")
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), whole)


def _bytes_of(said: object) -> bytes:
    """A value as ``RowIds`` writes it; half of a surrogate pair, which no text of Arrow's may hold, is three bytes."""
    return plain_text(said).encode("utf-8", "surrogatepass")


def _heads(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]
