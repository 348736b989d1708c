"""Files and frames are recorded chunk by chunk, so that a load can be interrupted and run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from living_personas.domain.event import Quarantined, Receipt
from living_personas.domain.settings import Source
from living_personas.loop.context import Context
from living_personas.loop.event_days.lateness import note_brought
from living_personas.loop.recording.legacy_row_ids import RowsBefore, has_rows_before
from living_personas.loop.recording.record import complete_through, record
from living_personas.loop.recording.source_choice import source_for, source_named
from living_personas.loop.recording.value_reading import has_earliest, intake_of, note_earliest
from living_personas.memory.records import POLICIES, ROWS_TOLD_BY, TIMES_SAID
from living_personas.sources.frames import open_source
from living_personas.sources.opened_rows import Rows
from living_personas.sources.read import Loaded, read, times_said
from living_personas.sources.read import replay as map_again
from living_personas.sources.roles import telling_columns

__all__ = ["ingest", "ingest_rows", "replay"]


def ingest(
    context: Context, data: str | Path | object, *, received: datetime, source: str = "", seed: int | None = None
) -> Receipt:
    """Record the rows of a file or frame as one of the workspace's sources maps them.

    Parameters
    ----------
    data
        A path (CSV, JSONL, Parquet, also gzipped), or any frame that speaks the Arrow capsule interface.
    source
        The source's name; may be left out if there is only one, or a file has the columns of only one.
    seed
        Shuffles the days of a source that spreads its rows over days.

    Returns
    -------
    What became of every event and bad row: received = stored + duplicate + quarantined.

    Raises
    ------
    IngestError
        If the file or mapping is no use at all; bad rows go to quarantine instead.
    """
    mapping = source_for(context, data, source)
    return ingest_rows(
        context,
        open_source(data, mapping),
        mapping,
        received=received,
        seed=seed,
    )


def _nothing() -> None:
    """What is done at the end of a file."""


def ingest_rows(
    context: Context,
    rows: Rows,
    mapping: Source,
    *,
    received: datetime,
    seed: int | None = None,
    at_end: Callable[[], None] = _nothing,
) -> Receipt:
    """As ``ingest``, of rows that are open; ``at_end`` is called in the transaction that records the last of them."""
    loads, before = _begun(context, rows, mapping, received=received, seed=seed)
    total, done, said = Receipt(), 0, TIMES_SAID.read(context.store, mapping.name) or {}
    for loaded, is_last in _to_the_last(loads):
        with context.store.commit():
            batch = before.found_again(loaded.batch) if before else loaded.batch
            bad = loaded.quarantined if rows.numbered else [replace(each, row=0) for each in loaded.quarantined]
            total += record(context, batch, bad, received=received, policies=loaded.policies).receipt
            note_brought(context, mapping.name, batch.events)
            if mapping.complete and loaded.last is not None:
                complete_through(context, mapping.name, loaded.last)
            dated = {"days": loaded.days, "moments": loaded.moments, "midnights": loaded.midnights}
            TIMES_SAID.write(context.store, mapping.name, {kind: said.get(kind, 0) + n for kind, n in dated.items()})
            if is_last:
                at_end()
        done += loaded.rows
        total += Receipt(rows=loaded.rows)
        context.progress(done, rows.total or done, f"rows of {rows.name}")
    if not done:
        at_end()
    return total + Receipt(headers=rows.repeated)


def _to_the_last(loads: Iterator[Loaded]) -> Iterator[tuple[Loaded, bool]]:
    """Each chunk, and whether it is the last."""
    held = next(loads, None)
    for loaded in loads:
        if held is not None:
            yield held, False
        held = loaded
    if held is not None:
        yield held, True


def _begun(
    context: Context, rows: Rows, source: Source, *, received: datetime, seed: int | None
) -> tuple[Iterator[Loaded], RowsBefore | None]:
    """The chunks of a file, and how rows of before are found; what the first file of all shows is written down."""
    policies = logged_policies(context)

    def reads(told_by: Sequence[str] | None) -> Iterator[Loaded]:
        intake = intake_of(context, received=received)
        return read(rows, source, zone=context.zone, seed=seed, policies=policies, intake=intake, told_by=told_by)

    told_by = ROWS_TOLD_BY.read(context.store, source.name)
    loads = reads(told_by)
    with context.store.commit():
        before = RowsBefore(context, source) if has_rows_before(context, source) else None
        if told_by is None:
            ROWS_TOLD_BY.write(context.store, source.name, sorted(telling_columns(source, rows.columns)))
    if source.time.column is None or has_earliest(context):
        return loads, before
    if rows.again:
        note_earliest(
            context, times_said(rows, source, zone=context.zone, intake=intake_of(context, received=received))
        )
        return reads(ROWS_TOLD_BY.read(context.store, source.name)), before
    first = next(loads, None)
    note_earliest(context, [first.times] if first else [])
    return (chain([first], loads) if first else loads), before


def replay(context: Context, *, received: datetime, source: str, seed: int | None = None) -> Receipt:
    """Map the quarantined rows of a source again, after its mapping was mended, and record those that pass."""
    mapping = source_named(context, source)
    held = context.store.quarantine.rows(source=mapping.name)
    loaded = map_again(
        held,
        mapping,
        zone=context.zone,
        seed=seed,
        policies=logged_policies(context),
        intake=intake_of(context, received=received),
    )
    still = {(row.row, row.payload) for row in loaded.quarantined}
    mended: list[Quarantined] = [row for row in held if (row.row, row.payload) not in still]
    known = {(row.row, row.payload) for row in held}
    new = [row for row in loaded.quarantined if (row.row, row.payload) not in known]  # elements of a row of before
    with context.store.commit():
        note_brought(context, mapping.name, loaded.batch.events)
        context.store.quarantine.release(mended)  # first, so that there is room for what is left of them
        recorded = record(context, loaded.batch, new, received=received, policies=loaded.policies)
    left = len(still & known)
    return recorded.receipt + Receipt(received=left, quarantined=left)


def logged_policies(context: Context) -> Mapping[str, Mapping[str, float]]:
    """The shares of all logged policies."""
    return POLICIES.all(context.store)
