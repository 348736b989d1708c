"""Parquet files and frames: whatever speaks Arrow, chunk by chunk, without copying it whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Sized
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from living_personas.domain.value import value
from living_personas.errors import IngestError, Location
from living_personas.sources.blocks import Block, BlockColumn
from living_personas.sources.file_or_body import Body
from living_personas.sources.opened_rows import Rows
from living_personas.sources.rows import Chunk, Row, Unreadable

__all__ = ["IPC", "frame_table", "open_frame", "open_ipc", "open_parquet"]

IPC = (b"ARROW1", b"\xff\xff\xff\xff")
"""How a file of Arrow's own format begins, and a stream."""

_MOST_BYTES = 1 << 26
"""So much of a file or frame is in memory at once, as it is unpacked."""
_UNREADABLE = (pa.ArrowException, OSError, ValueError, OverflowError)
"""What pyarrow raises over damaged data; names and values that are not UTF-8 are a ``ValueError``."""
_BITS = {32: pa.int32(), 64: pa.int64()}


def open_parquet(path: Path | Body, *, chunk: int) -> Rows:
    """The rows of a Parquet file, one row group in memory at a time.

    Raises
    ------
    IngestError
        If the file is not Parquet, or is cut off.
    """
    where = Location(file=str(path))
    try:
        with pq.ParquetFile(_bytes_of(path)) as file:
            schema, total = file.schema_arrow, file.metadata.num_rows
            groups = [file.metadata.row_group(place) for place in range(file.metadata.num_row_groups)]
            rows = _at_most(chunk, total, sum(group.total_byte_size for group in groups))
    except _UNREADABLE as error:
        raise _broken(path, error) from error
    _columns_once(schema, name=path.name, where=where)
    return Rows(
        name=path.name,
        columns=tuple(schema.names),
        chunks=lambda: _chunks(_file_batches(path, rows), rows),
        blocks=lambda: _blocks(_file_batches(path, rows), rows),
        total=total,
        where=where,
        narrow=_narrow(schema),
    )


def open_ipc(path: Path | Body, *, chunk: int) -> Rows:
    """The rows of Arrow's own format, as a file (Feather) or as a stream, one batch in memory at a time.

    Raises
    ------
    IngestError
        If it is not, or is cut off.
    """
    where = Location(file=str(path))
    try:
        with _ipc(path) as opened:
            schema = opened.schema
    except _UNREADABLE as error:
        raise _broken(path, error, "cannot be read as Arrow") from error
    _columns_once(schema, name=path.name, where=where)
    return Rows(
        name=path.name,
        columns=tuple(schema.names),
        chunks=lambda: _chunks(_ipc_batches(path), chunk),
        blocks=lambda: _blocks(_ipc_batches(path), chunk),
        where=where,
        narrow=_narrow(schema),
    )


def open_frame(frame: object, *, chunk: int) -> Rows:
    """The rows of anything with an Arrow capsule: a pandas, polars or pyarrow frame, a DuckDB relation, a stream.

    Raises
    ------
    IngestError
        If the object has no Arrow capsule.
    """
    reader = _reader(frame)
    _columns_once(reader.schema, name="frame", where=None)
    return Rows(
        name="frame",
        columns=tuple(reader.schema.names),
        chunks=lambda: _chunks(_frame_batches(reader), chunk),
        blocks=lambda: _blocks(_frame_batches(reader), chunk),
        total=_length(frame),
        again=False,
        narrow=_narrow(reader.schema),
    )


def frame_table(frame: object) -> pa.Table:
    """The whole of anything with an Arrow capsule, as one table.

    Raises
    ------
    IngestError
        If the object has no Arrow capsule, or its library fails while it is read.
    """
    reader = _reader(frame)
    _columns_once(reader.schema, name="frame", where=None)
    return pa.Table.from_batches(_frame_batches(reader), schema=reader.schema)


def _reader(frame: object) -> pa.RecordBatchReader:
    if isinstance(frame, pa.RecordBatchReader):
        return frame  # what fails while it is read is told as what it is
    source: Any = frame
    if hasattr(source, "__arrow_c_stream__"):
        return _stream(source)
    if hasattr(source, "__arrow_c_array__"):
        batch = pa.record_batch(source)
        return pa.RecordBatchReader.from_batches(batch.schema, [batch])
    kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
    raise IngestError(
        f"A {kind} cannot be read as rows.",
        hint="give a frame that speaks Arrow (pandas, polars, pyarrow, a DuckDB relation); "
        "a lazy frame needs `.collect()` first.",
    )


def _stream(frame: Any) -> pa.RecordBatchReader:
    try:
        return pa.RecordBatchReader.from_stream(frame)
    except Exception as error:  # the library behind a frame may raise anything of its own, such as a failed query
        raise _failed(error) from error


def _frame_batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    except _UNREADABLE as error:
        raise _failed(error) from error


def _length(frame: Any) -> int | None:
    """How many rows a frame has, if it knows: a DuckDB relation would have to run its query."""
    for found in (getattr(frame, "num_rows", None), getattr(frame, "height", None)):
        if isinstance(found, int):
            return found
    index = getattr(frame, "index", None)
    return len(index) if isinstance(index, Sized) else None


def _file_batches(path: Path | Body, chunk: int) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(_bytes_of(path)) as file:
            yield from file.iter_batches(batch_size=chunk)
    except _UNREADABLE as error:
        raise _broken(path, error) from error


def _ipc(path: Path | Body) -> pa.RecordBatchFileReader | pa.RecordBatchStreamReader:
    source = pa.BufferReader(path.data) if isinstance(path, Body) else pa.memory_map(str(path))
    is_file = source.read(len(IPC[0])) == IPC[0]
    source.seek(0)
    return (pa.ipc.open_file if is_file else pa.ipc.open_stream)(source)


def _ipc_batches(path: Path | Body) -> Iterator[pa.RecordBatch]:
    try:
        with _ipc(path) as opened:
            if isinstance(opened, pa.RecordBatchFileReader):
                yield from map(opened.get_batch, range(opened.num_record_batches))
            else:
                yield from opened
    except _UNREADABLE as error:
        raise _broken(path, error, "cannot be read as Arrow") from error


def _bytes_of(path: Path | Body) -> object:
    return pa.BufferReader(path.data) if isinstance(path, Body) else path


def _at_most(rows: int, total: int, size: int) -> int:
    """How many rows of a file of so many bytes may be in memory at once."""
    return max(1, min(rows, _MOST_BYTES * total // size)) if size else rows


def _blocks(batches: Iterator[pa.RecordBatch], size: int) -> Iterator[Block]:
    first = 1
    for batch in batches:
        rows = _at_most(size, batch.num_rows, batch.nbytes)
        for start in range(0, batch.num_rows, rows):
            part = batch.slice(start, rows)
            yield Block(first=first, size=part.num_rows, columns=_columns(part), take=partial(_taken, part))
            first += part.num_rows


def _columns(batch: pa.RecordBatch) -> dict[str, BlockColumn] | None:
    """The columns, if Python can hold every one of their values: a row with another one is no row."""
    found = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            plain = _plain(column)
            _check(plain)
            found[name] = BlockColumn(plain)
        except _UNREADABLE:
            values = _values(column)
            if any(isinstance(said, _Unheld) for said in values):
                return None
            found[name] = BlockColumn((values, np.arange(len(values))))
    return found


def _check(column: pa.Array) -> None:
    """Raise what reading a column would raise."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column.validate(full=True)
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        for end in pc.min_max(column).values():
            end.as_py()
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        column.to_pylist()


def _taken(batch: pa.RecordBatch, places: Sequence[int]) -> list[Row | Unreadable]:
    if len(places) == batch.num_rows:
        return _rows(batch)
    try:
        return _rows(batch.take(pa.array(places, pa.int64())))
    except pa.ArrowNotImplementedError:  # texts as views cannot be taken
        return [row for place in places for row in _rows(batch.slice(place, 1))]


def _chunks(batches: Iterator[pa.RecordBatch], size: int) -> Iterator[Chunk]:
    first = 1
    for batch in batches:
        for start in range(0, batch.num_rows, size):
            part = batch.slice(start, size)
            yield first, _rows(part)
            first += part.num_rows


def _rows(batch: pa.RecordBatch) -> list[Row | Unreadable]:
    names = batch.schema.names
    try:
        columns = [_plain(column).to_pylist() for column in batch.columns]
    except _UNREADABLE:
        held = [_values(column) for column in batch.columns]
        return [_row(dict(zip(names, row, strict=True))) for row in zip(*held, strict=True)]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _row(row: Row) -> Row | Unreadable:
    for name, said in row.items():
        if isinstance(said, _Unheld):
            held = {name: said for name, said in row.items() if not isinstance(said, _Unheld)}
            return Unreadable(raw=repr(held), detail=f"column {name!r} cannot be read: {said.detail}")
    return row


@value
class _Unheld:
    """A value that Python cannot hold, such as a text that is no UTF-8, and why."""

    detail: str


def _values(column: pa.Array) -> list[object]:
    """The values of a column; one that Python cannot hold must not take the others with it."""
    try:
        return list(_plain(column).to_pylist())
    except _UNREADABLE:
        return [_value(column.slice(place, 1)) for place in range(len(column))]


def _value(single: pa.Array) -> object:
    try:
        return _plain(single).to_pylist()[0]
    except _UNREADABLE as error:
        return _far_time(single) or _Unheld(detail=str(error))


def _far_time(single: pa.Array) -> str:
    """A time outside Python's calendar as databases write it (infinity, the year 30000); empty if it is none."""
    kind = single.type
    if pa.types.is_date(kind):
        unit = "D" if pa.types.is_date32(kind) else "ms"
    elif pa.types.is_timestamp(kind):
        unit = kind.unit
    else:
        return ""
    bits = kind.bit_width
    (found,) = single.view(_BITS[bits]).to_pylist()
    if abs(found) == (1 << (bits - 1)) - 1:
        return "infinity" if found > 0 else "-infinity"
    (moment,) = np.array([found], f"M8[{unit}]")
    return f"{moment}{'Z' if pa.types.is_timestamp(kind) and kind.tz else ''}"


def _plain(column: pa.Array) -> pa.Array:
    """The column in types that have one Python value each: microseconds, UTC."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", tz="UTC" if kind.tz else None), safe=False)
    if pa.types.is_date64(kind):
        return column.cast(pa.date32())
    return column


def _narrow(schema: pa.Schema) -> dict[str, Callable[[float], object]]:
    """The columns of floats that hold fewer digits than Python's, with their types: ids lose theirs sooner there."""
    kinds = {pa.float32(): np.float32, pa.float16(): np.float16}
    return {each.name: kinds[each.type] for each in schema if each.type in kinds}


def _columns_once(schema: pa.Schema, *, name: str, where: Location | None) -> None:
    twice = [column for column in schema.names if schema.names.count(column) > 1]
    if twice:
        raise IngestError(f"{name!r} has two columns named {twice[0]!r}.", hint="rename one of them.", where=where)


def _broken(path: Path | Body, error: Exception, what: str = "is not readable Parquet") -> IngestError:
    return IngestError(
        f"The file {path.name!r} {what}: {str(error).splitlines()[0]}",
        hint="export or download it again; rows recorded so far are safe to record again.",
        where=Location(file=str(path)),
    )


def _failed(error: Exception) -> IngestError:
    return IngestError(
        f"The frame cannot be read as Arrow: {str(error).splitlines()[0]}",
        hint="a column must hold one kind of value: cast it, or check the query that the frame runs.",
    )
