"""Step 5: beliefs become tables of shares, and a snapshot is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from living_personas.deciding.allocate import shares
from living_personas.deciding.next_snapshot import next_snapshot, policy_table
from living_personas.domain.belief import Subject
from living_personas.domain.snapshot import PolicyTable, Snapshot
from living_personas.loop.context import Context
from living_personas.loop.learning.learn import EvidenceState
from living_personas.loop.relations import table_of
from living_personas.loop.splits.part_policies import part_policies
from living_personas.memory.people_records import KILLED
from living_personas.memory.tables import SHARES
from living_personas.refining.ledger import Entry
from living_personas.stats.arrays import Floats

__all__ = ["fixed_subjects", "option_shares", "publish_day", "shares_met"]


def publish_day(
    context: Context, states: Sequence[EvidenceState], entries: Sequence[Entry], *, day: date, begins: date
) -> Snapshot:
    """Publish what to decide from ``day`` on, with new tables for epochs that begin on ``begins``.

    While the kill switch is on, and for pinned attributes, everybody gets the current value, at once.
    """
    fixed = fixed_subjects(context, states)
    before = context.store.snapshots.latest()
    number = before.number + 1 if before else 1
    parts = part_policies(context, states, entries, fixed=fixed)
    tables: dict[Subject, PolicyTable] = {}
    for each, entry in zip(states, entries, strict=True):
        table = option_shares(each, entry, fixed)
        for a, subject in enumerate(each.panel.subjects):
            part, whole = parts.get(subject), table[a, : len(each.panel.options[a])]
            tables[subject] = policy_table(
                subject,
                whole if part is None else part.outside,
                day=begins,
                snapshot=number,
                inside=None if part is None else part.inside,
            )
    _keep_shares(context, _as_table(states, tables, begins), begins)
    snapshot = next_snapshot(
        context.versions(), settings=context.settings, day=day, tables=tables, fixed=fixed, before=before
    )
    context.store.snapshots.publish(snapshot)
    return snapshot


def option_shares(state: EvidenceState, entry: Entry, fixed: frozenset[Subject]) -> Floats:
    """The share of each option, shape ``(A, K)``; subjects that are ``fixed`` give all to their value."""
    panel = state.panel
    best, pair = entry.prob_best, entry.tested
    table = shares(best, mask=panel.mask, current=panel.current, pair=pair, proven=panel.proven)
    only = np.array([subject in fixed for subject in panel.subjects], dtype=bool)
    return np.where(only[:, None], panel.is_current, table)


def shares_met(state: EvidenceState, entry: Entry, fixed: frozenset[Subject], *, published: Snapshot | None) -> Floats:
    """The share of each option among those who meet it next, shape ``(A, K)``: that of the newest table in use.

    An option that is kept for ever is drawn from the table that its definition began with. What is not published yet
    has the shares that it will be published with.
    """
    found = option_shares(state, entry, fixed).copy()
    held = {
        Subject(persona=persona.persona, attribute=each.attribute, channel=each.channel): each
        for persona in (published.personas if published is not None else ())
        for each in persona.attributes
    }
    for a, subject in enumerate(state.panel.subjects):
        options, known = state.panel.options[a], held.get(subject)
        if known is not None and known.options == options and known.tables:
            found[a, : len(options)] = known.tables[-1].shares
    return found


def fixed_subjects(context: Context, states: Sequence[EvidenceState]) -> frozenset[Subject]:
    """The subjects whose value a pin or the kill switch holds."""
    killed = KILLED.read(context.store) is not None
    versions = {version.id: version for version in context.versions()}
    subjects = [subject for each in states for subject in each.panel.subjects]
    return frozenset(s for s in subjects if killed or versions[s.persona].standing(s.attribute, s.channel).pinned)


def _keep_shares(context: Context, shares: pa.Table, day: date) -> None:
    """Add the shares of a day's new tables to those that earlier snapshots gave the day: units may have met either."""
    held = table_of(SHARES.read(context.store, day, day), SHARES.schema)
    SHARES.replace(context.store, {day: pa.concat_tables([held.cast(SHARES.schema), shares])})


def _as_table(states: Sequence[EvidenceState], tables: dict[Subject, PolicyTable], day: date) -> pa.Table:
    options = {s: each.panel.options[a] for each in states for a, s in enumerate(each.panel.subjects)}
    rows = [
        {"day": day, "policy": policy, "option": option, "share": share}
        for subject, table in tables.items()
        for policy, shares in table.by_policy.items()
        for option, share in zip(options[subject], shares, strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=SHARES.schema)
