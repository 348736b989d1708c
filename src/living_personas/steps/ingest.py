"""Files and frames are recorded chunk by chunk, so that a load can be interrupted and run again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from living_personas.domain.event import Quarantined, Receipt
from living_personas.domain.settings import Source
from living_personas.errors import IngestError, UnknownNameError
from living_personas.sources.frames import open_rows
from living_personas.sources.read import read
from living_personas.sources.read import replay as map_again
from living_personas.steps.parts import Parts
from living_personas.steps.record import POLICY, complete_through, keep, record_events, register_policies

__all__ = ["ingest", "replay", "source_named"]


def ingest(
    parts: Parts, data: str | Path | object, *, received: datetime, source: str = "", seed: int | None = None
) -> Receipt:
    """Record the rows of a file or frame as one of the workspace's sources maps them.

    Parameters
    ----------
    data
        A path (CSV, JSONL, Parquet, also gzipped), or any frame that speaks the Arrow capsule interface.
    source
        The source's name; may be left out if there is only one.
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
    mapping = source_named(parts, source)
    total = Receipt()
    rows = open_rows(data)
    done = 0
    for loaded in read(rows, mapping, zone=parts.zone, seed=seed, policies=logged_policies(parts)):
        register_policies(parts, loaded.policies)
        total += record_events(parts, loaded.events, received=received) + keep(
            parts, loaded.quarantined, received=received
        )
        if mapping.complete and loaded.last is not None:
            complete_through(parts, mapping.name, loaded.last)
        done += loaded.rows
        parts.progress(done, rows.total or done, f"rows of {rows.name}")
    return total


def replay(parts: Parts, *, received: datetime, source: str, seed: int | None = None) -> Receipt:
    """Map the quarantined rows of a source again, after its mapping was mended, and record those that pass."""
    mapping = source_named(parts, source)
    held = parts.store.quarantine.rows(source=mapping.name)
    loaded = map_again(held, mapping, zone=parts.zone, seed=seed, policies=logged_policies(parts))
    register_policies(parts, loaded.policies)
    recorded = record_events(parts, loaded.events, received=received)
    still = {(row.row, row.payload) for row in loaded.quarantined}
    mended: list[Quarantined] = [row for row in held if (row.row, row.payload) not in still]
    parts.store.quarantine.release(mended)
    return recorded + Receipt(received=len(still), quarantined=len(still))


def source_named(parts: Parts, name: str) -> Source:
    """The source of this name; the only one if no name is given."""
    known = {source.name: source for source in parts.settings.sources}
    if not name and len(known) == 1:
        return next(iter(known.values()))
    if not name:
        raise IngestError(
            f"The workspace has {len(known)} sources.",
            hint=f"name one with --source: {', '.join(sorted(known))}."
            if known
            else "declare one under `sources:` in workspace.yaml.",
        )
    if name not in known:
        raise UnknownNameError.among("source", name, known)
    return known[name]


def logged_policies(parts: Parts) -> Mapping[str, Mapping[str, float]]:
    """The shares of all logged policies."""
    blocks = {key: parts.store.facts.get(key) for key in parts.store.facts.keys(POLICY)}
    return {key.removeprefix(POLICY): json.loads(block) for key, block in blocks.items() if block}
