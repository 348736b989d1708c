"""What a relation is, in memory or in Parquet files: only this room, engines and stores know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from living_personas.errors import StoreError
from living_personas.ports import Relation

__all__ = ["as_bytes", "column_names", "filtered", "row_count", "sampled", "table_of", "together"]

SMALL = 64 << 10
"""Bytes of a file that is kept in memory once it was read: a day's cells, not its events."""

_KEPT = 2048


def table_of(relation: Relation, schema: pa.Schema | None = None) -> pa.Table:
    """A relation in memory; no paths are no rows of ``schema``."""
    if _is_table(relation):
        return relation
    with _readable():
        tables = [_read(path) for path in relation]
    # Engines that write files themselves do not say of a column that nothing is missing in it.
    return pa.concat_tables(tables, promote_options="default") if tables else (schema or pa.schema([])).empty_table()


def filtered(
    relation: Relation,
    kept: pc.Expression | None = None,
    schema: pa.Schema | None = None,
    *,
    columns: Sequence[str] | None = None,
    most: int | None = None,
) -> pa.Table:
    """The rows for which an expression is true, in those ``columns`` that there are (all of ``schema``, or all).

    It reads no further than it needs, and for ``most`` rows only until there are as many.
    """
    data, named = _opened(relation), columns or (schema.names if schema is not None else None)
    if data is None:
        return (pa.schema([]) if schema is None else schema).empty_table()
    there = None if named is None else [name for name in named if name in data.schema.names]
    with _readable():
        return data.to_table(columns=there, filter=kept) if most is None else data.head(most, there, filter=kept)


def column_names(relation: Relation) -> tuple[str, ...]:
    """The columns of a relation; none if there are no paths."""
    data = _opened(relation)
    return () if data is None else tuple(data.schema.names)


def row_count(relation: Relation, kept: pc.Expression | None = None) -> int:
    """How many rows there are for which an expression is true; counted without holding them in memory."""
    data = _opened(relation)
    with _readable():
        return 0 if data is None else int(data.count_rows(filter=kept))


def together(relations: Sequence[Relation]) -> Relation:
    """Several relations as one; what one of them has no column for is missing in its rows."""
    if any(_is_table(each) for each in relations):
        return pa.concat_tables([table_of(each) for each in relations if each], promote_options="default")
    return tuple(path for each in relations for path in each)


def sampled(relation: Relation, *, about: int, also: Sequence[str]) -> pa.Table:
    """The columns of numbers, and others, of about so many rows, in order; the whole is never in memory."""
    data = _opened(relation)
    if data is None:
        return pa.table({})
    numbers = [each.name for each in data.schema if pa.types.is_floating(each.type)]
    with _readable():
        step, before, taken = max(1, data.count_rows() // about), 0, []
        for batch in data.to_batches(columns=[*numbers, *also]):
            first = -before % step
            taken.append(batch.take(pa.array(range(first, batch.num_rows, step), type=pa.int64())))
            before += batch.num_rows
    return pa.Table.from_batches(taken, schema=taken[0].schema)


def as_bytes(table: pa.Table) -> bytes:
    """The rows of a table as Arrow streams them: the same bytes for the same rows, to make a hash of."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


def _is_table(relation: Relation) -> bool:
    return isinstance(relation, pa.Table)


def _opened(relation: Relation) -> ds.Dataset | None:
    """A relation that can be looked at piece by piece; None if there are no paths."""
    if _is_table(relation):
        return ds.dataset(relation)
    with _readable():
        return ds.dataset(list(relation)) if relation else None


@contextmanager
def _readable() -> Iterator[None]:
    """What Arrow says of a file that it cannot read, as an error of the store: it names the file."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise StoreError(
            f"A file of the store cannot be read: {str(error).partition(chr(10))[0]}.",
            hint="`personas doctor --deep` says which are damaged, and what they can be made from again.",
        ) from error


def _read(path: str) -> pa.Table:
    found = Path(path).stat()
    if found.st_size > SMALL:
        return _read_file(path)
    return _read_small(path, found.st_ino, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=_KEPT)
def _read_small(path: str, _inode: int, _modified: int, _size: int) -> pa.Table:
    """A small file, read once for as long as it is the same one."""
    return _read_file(path)


def _read_file(path: str) -> pa.Table:
    # One file each, read whole: as a data set of one, each took eight times as long.
    return pq.ParquetFile(path).read(use_threads=False)
