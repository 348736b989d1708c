"""Tables that somebody else fills: what was loaded since they were last read is recorded, and what came late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pyarrow as pa

from living_personas.domain.counted import counted
from living_personas.domain.event import Receipt
from living_personas.domain.settings import Source
from living_personas.domain.source_table import DayBegun, SourceTable, TableRead
from living_personas.errors import IngestError
from living_personas.loop.context import Context
from living_personas.loop.recording.ingest import ingest_rows
from living_personas.memory.table_records import DAYS_BEGUN, TABLES_READ
from living_personas.sources.arrow import open_frame
from living_personas.sources.opened_rows import Rows
from living_personas.sources.roles import EVERYTHING, check_source, declared_columns
from living_personas.table_port import LoadedTable, LoadingDay

__all__ = ["read_table", "read_tables"]

_AT_ONCE = 200_000
"""Rows that are recorded in one transaction; a day that has more is gone on with, part by part, if interrupted."""


def read_tables(context: Context, *, now: datetime) -> Mapping[str, Receipt]:
    """Record what is new in the tables of all sources; what became of the rows, by source.

    Raises
    ------
    IngestError
        If a table cannot be read: what of it was recorded until then stays recorded.
    """
    tables = [source for source in context.settings.sources if source.table is not None]
    return {source.name: read_table(context, source, received=now) for source in tables}


def read_table(context: Context, source: Source, *, received: datetime, whole: bool = False) -> Receipt:
    """Record the rows of a source's table that were loaded since it was last read.

    Days of loading are compared by their number of rows: one that has another than it had, as rows came late or under
    an old time, is read again. Only those of the ``overlap`` before the last row are, unless ``whole``. Rows that are
    ahead of the clock are read, and again each time until it reaches them. How far a day was read is written down in
    the transaction that records its last rows; what is read again adds nothing, by its message id. A day that was
    interrupted is read in parts, and those that were recorded to their end are not read again.

    Raises
    ------
    IngestError
        If the table cannot be read, its columns are not what the source says, or rows of it were recorded with ids
        of another column.
    """
    table = source.table
    if table is None:
        raise IngestError(
            f"The source {source.name!r} is no table.",
            hint="name the files that hold its rows: `personas ingest FILE`.",
        )
    with context.table(table) as opened:
        columns = _columns(source, table, opened)
        newest = _newest(table, opened)
        if newest is None:
            return Receipt()
        reading = _Reading(context, source, table, opened, columns, received=received)
        return reading.until(min(newest, received.astimezone(UTC)), ahead=newest > received, whole=whole)


class _Reading:
    """One look at a table: what is read of it, and how far it is then."""

    def __init__(
        self,
        context: Context,
        source: Source,
        table: SourceTable,
        opened: LoadedTable,
        columns: Sequence[str],
        *,
        received: datetime,
    ) -> None:
        self._context, self._source, self._table, self._opened = context, source, table, opened
        self._columns, self._received = columns, received
        known, ids = TABLES_READ.read(context.store, source.name), _ids(source)
        for noted in (known, DAYS_BEGUN.read(context.store, source.name)):
            if noted and table.is_of(noted.of) and noted.ids not in ("", ids):
                raise _renumbered(source, table, noted.ids)
        begun = known if known and known.of == table.identity else TableRead(of=table.identity)
        self._read = replace(begun, ids=ids)
        self._part_of = _column_of(source.message_id or "", columns)

    def until(self, through: datetime, *, ahead: bool, whole: bool) -> Receipt:
        """Read what was loaded until a moment, and what is ``ahead`` of it."""
        total = self._interrupted()
        begun = self._read
        since = None if whole or begun.through is None else (begun.through - self._table.overlap).date()
        days = self._opened.loading_days(
            self._table.updated_at, since=since, before=begun.through, through=max(through, begun.through or through)
        )
        self._forget(since, {day.day for day in days})
        for day in days:
            came_late = day.before != begun.rows.get(day.day, 0)
            if came_late or day.rows > day.before:
                total += self._day(day, after=None if came_late else begun.through)
        if ahead:
            rows = self._rows("ahead of the clock", None, after=through)
            total += ingest_rows(self._context, rows, self._source, received=self._received)
        return total

    def _day(self, day: LoadingDay, *, after: datetime | None) -> Receipt:
        """Read the rows of a day that are later than ``after``; then it is known how many it has."""
        last = max(day.newest, self._read.through or day.newest)
        done = replace(self._read, through=last, rows={**self._read.rows, day.day: day.rows})
        new = day.rows - (day.before if after else 0)
        if new > _AT_ONCE:
            self._begin(DayBegun(of=done.of, ids=done.ids, day=day.day, after=after, through=day.newest))
        rows = self._rows(f"loaded on {day.day}", new, day=day.day, after=after, through=day.newest)
        receipt = ingest_rows(
            self._context, rows, self._source, received=self._received, at_end=lambda: self._note(done)
        )
        self._read = done
        return receipt

    def _interrupted(self) -> Receipt:
        """Read what is missing of the day at which the last look was interrupted."""
        begun, total = DAYS_BEGUN.read(self._context.store, self._source.name), Receipt()
        if begun is None or begun.of != self._read.of:
            return total
        day, after, through, by = begun.day, begun.after, begun.through, self._table.updated_at
        there = self._opened.parts(self._part_of, by=by, day=day, after=after, through=through)
        for number, (part, size) in enumerate(there.items(), start=1):
            if begun.parts.get(part) != size:
                begun = replace(begun, parts={**begun.parts, part: size})
                which, one = f"loaded on {day}, part {number} of {len(there)}", (self._part_of, part)
                rows = self._rows(which, size, day=day, after=after, through=through, part=one)
                total += ingest_rows(
                    self._context, rows, self._source, received=self._received, at_end=partial(self._begin, begun)
                )
        before = self._read.rows.get(day, 0) if after else 0
        sizes = {**self._read.rows, day: before + sum(there.values())}
        self._read = replace(self._read, through=max(through, self._read.through or through), rows=sizes)
        self._note(self._read)
        return total

    def _rows(
        self,
        which: str,
        total: int | None,
        *,
        day: date | None = None,
        after: datetime | None = None,
        through: datetime | None = None,
        part: tuple[str, str] | None = None,
    ) -> Rows:
        by = self._table.updated_at
        found = self._opened.rows(self._columns, by=by, day=day, after=after, through=through, part=part)
        schema = pa.schema([self._opened.schema.field(name) for name in self._columns])
        reader = pa.RecordBatchReader.from_batches(schema, _as(schema, found))
        rows = open_frame(reader, chunk=_AT_ONCE)
        where = self._table.where.get("table")
        return replace(rows, name=f"{self._table.name} {which}", where=where, total=total, numbered=False)

    def _forget(self, since: date | None, there: set[date]) -> None:
        """Days whose rows are gone from the table are new if they come again."""
        gone = [day for day in self._read.rows if day not in there and (since is None or day >= since)]
        if gone:
            left = {day: rows for day, rows in self._read.rows.items() if day not in gone}
            self._read = replace(self._read, rows=left)
            self._note(self._read)

    def _begin(self, begun: DayBegun) -> None:
        DAYS_BEGUN.write(self._context.store, self._source.name, begun)

    def _note(self, done: TableRead) -> None:
        with self._context.store.commit():
            TABLES_READ.write(self._context.store, self._source.name, done)
            DAYS_BEGUN.write(self._context.store, self._source.name, None)


def _column_of(name: str, columns: Sequence[str]) -> str:
    """The column that holds what is named, perhaps inside an object; without a name the first."""
    parts = name.split(".")
    heads = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((head for head in heads if head in columns), columns[0])


def _ids(source: Source) -> str:
    """What message ids are made of, as workspace.yaml says it."""
    return f"message_id: {source.message_id}" + (f", explode: {source.explode}" if source.explode else "")


def _renumbered(source: Source, table: SourceTable, before: str) -> IngestError:
    return IngestError(
        f"Rows of {table.name!r} were recorded with ids of `{before}`, and now it is `{_ids(source)}`: "
        "those that are read again would count twice.",
        hint=f"put `{before}` back under the source {source.name!r}; other ids need a workspace that begins anew.",
        where=table.where.get("table"),
    )


def _columns(source: Source, table: SourceTable, opened: LoadedTable) -> list[str]:
    """The columns of the table that the source needs.

    Raises
    ------
    IngestError
        If it names one that is not there.
    """
    names = tuple(opened.schema.names)
    check_source(
        source,
        Rows(
            name=table.name,
            columns=names,
            chunks=lambda: iter(()),
            blocks=lambda: iter(()),
            where=table.where.get("table"),
        ),
    )
    named = declared_columns(source)
    heads = {".".join(parts[:n]) for parts in (name.split(".") for name in named) for n in range(1, len(parts))}
    heads |= {name.removesuffix(f".{EVERYTHING}") for name in source.properties}
    travels = EVERYTHING in source.properties
    return [name for name in names if name in named or name in heads or (travels and name != table.updated_at)]


def _newest(table: SourceTable, opened: LoadedTable) -> datetime | None:
    """When the newest row was loaded.

    Raises
    ------
    IngestError
        If rows do not say when they were loaded: nobody would see that they are new.
    """
    if missing := opened.without(table.updated_at):
        rows, hold = counted(missing, "row"), "holds" if missing == 1 else "hold"
        raise IngestError(
            f"{rows} of {table.name!r} {hold} no time in {table.updated_at!r}: they would never be read.",
            hint="fill in what is empty, infinite or before the year 1000, or name a view of the table that does.",
            where=table.where.get("updated_at"),
        )
    return opened.newest(table.updated_at)


def _as(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    return (batch.cast(schema) for batch in batches)
