"""Whom we contacted lately: what a contact policy looks at, of everybody or of some ids, from one reading."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.deciding.contact_rules import NOBODY_ASKED
from living_personas.domain.batch import EventBatch
from living_personas.domain.contact import Contacted, ContactPolicy
from living_personas.loop.relations import filtered
from living_personas.memory.tables import EVENTS, EXPOSURES
from living_personas.ports import Store
from living_personas.serving.counting import NOTHING

__all__ = ["MOMENTS", "Moment", "contacted", "moments_in", "moments_of"]

_TIME = pa.timestamp("us", tz="UTC")

MOMENTS = pa.schema(
    [pa.field("customer", pa.string()), pa.field("name", pa.string()), pa.field("key", pa.string()), ("time", _TIME)]
)
"""One row a moment: of a contact (``name`` is empty, ``key`` its decision), or of an event with a cool-down."""

Moment: TypeAlias = tuple[str, str, datetime]
"""Name, key and time."""


def moments_of(
    store: Store, policy: ContactPolicy | None, *, at: datetime, ids: Collection[str] | None = None
) -> pa.Table:
    """The sealed moments (``MOMENTS``) that matter at a moment, of these ids or of everybody."""
    if policy is None or not policy.reach:
        return MOMENTS.empty_table()
    first, last = _days(policy, at)
    kept = pc.field("time") > pa.scalar(at - policy.reach, _TIME)
    if ids is not None:
        kept &= pc.field("customer").isin(pa.array(sorted(ids), pa.string()))
    events = pc.field("name").isin(pa.array(_events(policy), pa.string()))
    channels = pc.field("channel").isin(pa.array(policy.channels, pa.string()))
    return moments_in(
        EventBatch(
            events=filtered(EVENTS.read(store, first, last), kept & events, EVENTS.schema),
            exposures=filtered(EXPOSURES.read(store, first, last), kept & channels, EXPOSURES.schema),
        ),
        policy,
    )


def moments_in(batch: EventBatch, policy: ContactPolicy) -> pa.Table:
    """The moments of some events: contacts that showed something, one a decision, and events with a cool-down."""
    met, done = batch.exposures, batch.events
    shown = pc.invert(pc.is_in(pc.utf8_lower(met["option"]), value_set=pa.array(sorted(NOTHING))))
    met = met.filter(pc.and_(shown, pc.is_in(met["channel"], value_set=pa.array(policy.channels, pa.string()))))
    key = pc.if_else(pc.equal(met["decision_id"], ""), met["message_id"], met["decision_id"])
    met = pa.table([met["customer"], pa.array([""] * len(met), pa.string()), key, met["time"]], MOMENTS.names)
    done = done.filter(pc.is_in(done["name"], value_set=pa.array(_events(policy), pa.string())))
    done = done.select(["customer", "name", "message_id", "time"]).rename_columns(MOMENTS.names)
    return pa.concat_tables([met.cast(MOMENTS), done.cast(MOMENTS)])


def contacted(moments: Collection[Moment]) -> Contacted:
    """What one customer met and did, whichever of its ids it was, and however often it was told."""
    if not moments:
        return NOBODY_ASKED
    met: dict[str, datetime] = {}
    happened: dict[str, set[datetime]] = {}
    for name, key, time in moments:
        if name:
            happened.setdefault(name, set()).add(time)
        else:
            met[key] = min(met.get(key, time), time)
    return Contacted(
        met=tuple(sorted(met.values())),
        happened={name: tuple(sorted(times)) for name, times in happened.items()} or None,
    )


def _events(policy: ContactPolicy) -> list[str]:
    return sorted({each.event for each in policy.cool_downs})


def _days(policy: ContactPolicy, at: datetime) -> tuple[date, date]:
    """The local days, in any time zone, that hold the moments which matter; and all days after them."""
    return (at - policy.reach).astimezone(UTC).date() - timedelta(days=1), date.max
