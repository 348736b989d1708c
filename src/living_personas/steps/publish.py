"""Step 5: beliefs become tables of shares, and a snapshot is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from living_personas.deciding.allocate import shares
from living_personas.deciding.publish import next_snapshot, policy_table
from living_personas.domain.belief import Subject
from living_personas.domain.snapshot import PolicyTable, Snapshot
from living_personas.refining.ledger import Entry
from living_personas.stats.arrays import Floats
from living_personas.steps.learn import Books
from living_personas.steps.parts import Parts
from living_personas.steps.refine import KILLED
from living_personas.steps.tables import table_of

__all__ = ["publish_day"]


def publish_day(parts: Parts, books: Sequence[Books], entries: Sequence[Entry], *, day: date, begins: date) -> Snapshot:
    """Publish what to decide from ``day`` on, with new tables for epochs that begin on ``begins``.

    While the kill switch is on, and for pinned attributes, everybody gets the current value, at once.
    """
    fixed = _fixed(parts, books)
    before = parts.store.snapshots.latest()
    number = before.number + 1 if before else 1
    tables: dict[Subject, PolicyTable] = {}
    for each, entry in zip(books, entries, strict=True):
        table = _shares(each, entry, fixed)
        for a, subject in enumerate(each.panel.subjects):
            tables[subject] = policy_table(subject, table[a, : len(each.panel.options[a])], day=begins, snapshot=number)
    _keep_shares(parts, _as_table(books, tables, begins), begins)
    snapshot = next_snapshot(
        parts.versions(), settings=parts.settings, day=day, tables=tables, fixed=fixed, before=before
    )
    parts.store.snapshots.publish(snapshot)
    return snapshot


def _shares(books: Books, entry: Entry, fixed: frozenset[Subject]) -> Floats:
    panel = books.panel
    table = shares(entry.prob_best, mask=panel.mask, current=panel.current, pair=entry.pair)
    only = np.array([subject in fixed for subject in panel.subjects], dtype=bool)
    return np.where(only[:, None], panel.is_current, table)


def _fixed(parts: Parts, books: Sequence[Books]) -> frozenset[Subject]:
    """The subjects whose value a pin or the kill switch holds."""
    killed = parts.store.facts.get(KILLED) is not None
    versions = {version.id: version for version in parts.versions()}
    subjects = [subject for each in books for subject in each.panel.subjects]
    return frozenset(s for s in subjects if killed or versions[s.persona].standing(s.attribute, s.channel).pinned)


def _keep_shares(parts: Parts, shares: pa.Table, day: date) -> None:
    """Add the shares of a day's new tables to those that earlier snapshots gave the day: units may have met either."""
    held = table_of(parts.store.partitions.read("policies", day, day), shares.schema)
    parts.store.partitions.replace("policies", {day: pa.concat_tables([held.cast(shares.schema), shares])})


def _as_table(books: Sequence[Books], tables: dict[Subject, PolicyTable], day: date) -> pa.Table:
    options = {s: each.panel.options[a] for each in books for a, s in enumerate(each.panel.subjects)}
    rows = [
        {"day": day, "policy": table.policy, "option": option, "share": share}
        for subject, table in tables.items()
        for option, share in zip(options[subject], table.shares, strict=True)
    ]
    schema = [("day", pa.date32()), ("policy", pa.string()), ("option", pa.string()), ("share", pa.float64())]
    return pa.Table.from_pylist(rows, schema=pa.schema(schema))
