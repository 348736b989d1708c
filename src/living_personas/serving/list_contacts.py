"""Whether the customers of a list may be contacted now: asked once for all whose clocks and contacts are alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import pyarrow as pa

from living_personas.deciding.contact_rules import delivery, zone_of
from living_personas.domain.contact import TIME_ZONE, ContactPolicy
from living_personas.domain.listed import ANSWER_SCHEMA
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.serving.contacts import Moment, contacted, moments_of

__all__ = ["ListContacts", "answers_of", "contacts_of"]

_Moments: TypeAlias = tuple[Moment, ...]
_CONTACTS = pa.schema([("customer", pa.string()), ("contacts", pa.int64())])
_KEYED = pa.schema([("zone", pa.string()), ("contacts", pa.int64()), *ANSWER_SCHEMA])


@value
class ListContacts:
    """What customers lately met and did, under a policy (None: nothing is held back).

    ``kinds`` are the different ones, the first being nothing; ``customers`` says which of them is whose.
    """

    policy: ContactPolicy | None
    kinds: Sequence[_Moments]
    customers: pa.Table

    @property
    def zones(self) -> bool:
        """Whether it matters which clock a customer lives by."""
        return self.policy is not None and self.policy.quiet_hours is not None


def contacts_of(
    context: Context, *, at: datetime, channel: str, known_by: Callable[[pa.ChunkedArray], pa.ChunkedArray]
) -> ListContacts:
    """The contacts and events that the policy looks at on a channel; equal ones for equal mailings."""
    policy = context.settings.contact
    if policy is None or channel not in policy.channels:
        return ListContacts(policy=None, kinds=((),), customers=_CONTACTS.empty_table())
    numbers: dict[_Moments, int] = {(): 0}
    found = {
        customer: numbers.setdefault(moments, len(numbers))
        for customer, moments in _moments(context, policy, at=at, known_by=known_by).items()
    }
    columns = [pa.array(found, pa.string()), pa.array(found.values(), pa.int64())]
    return ListContacts(policy=policy, kinds=tuple(numbers), customers=pa.table(columns, schema=_CONTACTS))


def answers_of(context: Context, contacts: ListContacts, keys: pa.Table, *, at: datetime, channel: str) -> pa.Table:
    """What the policy says of each ``zone`` and kind of ``contacts`` that customers of the list have."""
    rows = []
    for zone, number in zip(keys["zone"].to_pylist(), keys["contacts"].to_pylist(), strict=True):
        clock = zone_of({TIME_ZONE: zone}, otherwise=context.zone)
        met = contacted(contacts.kinds[number])
        said = delivery(contacts.policy, at=at, channel=channel, clock=clock, contacted=met)
        rows.append({"deliver": said.deliver, "hold_until": said.hold_until, "held_for": said.reason})
    found = pa.Table.from_pylist(rows, schema=ANSWER_SCHEMA)
    return pa.table([keys["zone"], keys["contacts"], *found.columns], schema=_KEYED)


def _moments(
    context: Context, policy: ContactPolicy, *, at: datetime, known_by: Callable[[pa.ChunkedArray], pa.ChunkedArray]
) -> Mapping[str, _Moments]:
    rows = moments_of(context.store, policy, at=at)
    columns = (known_by(rows["customer"]), rows["name"], rows["key"], rows["time"])
    found: dict[str, list[Moment]] = {}
    for customer, name, key, time in zip(*(column.to_pylist() for column in columns), strict=True):
        found.setdefault(customer, []).append((name, key, time))
    # Which decision it was matters only within a customer: without it, all of one mailing are asked for once.
    return {
        customer: tuple(
            (name, "" if name else str(number), time)
            for number, (name, _, time) in enumerate(sorted(_firsts(mine), key=lambda each: each[2]))
        )
        for customer, mine in found.items()
    }


def _firsts(moments: Sequence[Moment]) -> Sequence[Moment]:
    """One moment a decision: its first."""
    first: dict[tuple[str, str], Moment] = {}
    for moment in sorted(moments, key=lambda each: each[2]):
        first.setdefault(moment[:2], moment)
    return list(first.values())
