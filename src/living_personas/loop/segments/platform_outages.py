"""Whether tracking broke on one platform: a kind of event that ends on a day where others go on is an alarm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.candidate import Candidate
from living_personas.domain.outage import Outage
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.event_days.events_of import events_of
from living_personas.loop.event_days.seen import events_counted, features_of
from living_personas.loop.recording.event_fields import CHANNEL, event_fields
from living_personas.loop.segments.outages import LOOKED_BACK, silent_since
from living_personas.memory.search_records import OUTAGES
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["SampledOutage", "is_outage", "outage_alarms", "platform_outages"]

SAMPLE = 20_000
"""Customers whose events are looked at: an outage of 1 % of them is still of 200."""

LEAST_CUSTOMERS = 20
"""Customers who did something before it ended, at least: of fewer nothing is said."""

NEARLY_ALL = 0.9
"""Those of them who have not done it since, as a share."""

_MOST_OF_IT = 0.8
"""The share of a candidate's members whom an outage is about, from which it is the outage."""

_GOES_ON = 0.5
"""What is left of all other events of the same customers, as a share of the four weeks before."""
_BEFORE, _LATE = 28, 14
_MOST_VALUES = 50
_SAME_DAY = 3


@value
class SampledOutage:
    """An outage, with the customers whom it is about, of those who were looked at."""

    found: Outage
    about: pa.Array
    looked_at: pa.Array

    def holds(self, members: pa.Array) -> float:
        """The share of some customers, of those looked at, whom it is about."""
        here = members.filter(pc.is_in(members, value_set=self.looked_at))
        return (pc.mean(pc.cast(pc.is_in(here, value_set=self.about), pa.float64())).as_py() or 0.0) if here else 0.0


def platform_outages(context: Context, customers: pa.Array, day: date, *, seed: int = 0) -> tuple[SampledOutage, ...]:
    """Every kind of event that ended on one day, for everybody or where a field has one value, as of ``day``.

    The field is what the events say themselves (platform, device, app version, country, ... or their channel), and what
    most of the last events of their customer say; but for the channel, which is of an event: whose last ones are of one
    channel is who does nothing elsewhere of late. Other events of the same customers must go on, and the same kind must
    go on elsewhere. One outage that several fields tell is told by the one that tells it best.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    looked_at = customers.take(pa.array(np.sort(rng.permutation(len(customers))[:SAMPLE])))
    seen = _Seen.of(context, looked_at, day)
    if seen is None:
        return ()
    everybody = _Field("", ["everybody"], np.zeros(len(seen.customer), dtype=np.int64), np.zeros(len(looked_at), int))
    ended = list(_ended(seen, everybody, besides={}))
    over = {outage.events[0]: outage.since for outage, _ in ended}
    for field in seen.fields:
        ended += _ended(seen, field, besides=over)
    return tuple(
        SampledOutage(found=outage, about=looked_at.filter(pa.array(about)), looked_at=looked_at)
        for outage, about in _told_once(ended)
    )


def is_outage(context: Context, candidate: Candidate, outages: Sequence[SampledOutage]) -> bool:
    """Whether a candidate is who lost events in an outage: it is silent in them, and most of it is there."""
    silent = {each.column for each in candidate.differences if each.silent}
    asked = [events_counted(feature) or () for feature in features_of(context) if feature.name in silent]
    counted = frozenset().union(*asked)
    members = candidate.members["customer"].combine_chunks()
    return any(
        each.found.field and not counted.isdisjoint(each.found.events) and each.holds(members) >= _MOST_OF_IT
        for each in outages
    )


def outage_alarms(context: Context) -> tuple[str, ...]:
    """What had ended when segments were last looked for, but for kinds of events that people ended."""
    ended = context.settings.discovery.ended
    found = OUTAGES.read(context.store) or ()
    left = ((each, tuple(name for name in each.events if name not in ended)) for each in found)
    return tuple(str(replace(each, events=events)) for each, events in left if events)


class _Field(NamedTuple):
    """A field by its values: the place of that of each event, and of most last events of each customer; -1 is none."""

    name: str
    values: Sequence[str]
    event: Ints
    customer: Ints


@value
class _Seen:
    """The events of the customers looked at, in columns of numbers."""

    first: date
    days: int
    names: Sequence[str]
    name: Ints
    customer: Ints
    day: Ints
    fields: Sequence[_Field]
    customers: int

    @classmethod
    def of(cls, context: Context, looked_at: pa.Array, day: date) -> _Seen | None:
        first = day - LOOKED_BACK
        events = events_of(context, looked_at, first, day, columns=["name", "day", "channel", "properties"])
        if not events.num_rows:
            return None
        place = pc.index_in(events["customer"].combine_chunks(), value_set=looked_at.cast(pa.string()))
        customer = np.asarray(place, dtype=np.int64)
        names = events["name"].combine_chunks().dictionary_encode()
        on = events["day"].cast(pa.int32()).to_numpy().astype(np.int64) - (first - date(1970, 1, 1)).days
        late = on > (day - first).days - _LATE
        fields = event_fields(events).items()
        return cls(
            first=first,
            days=(day - first).days + 1,
            names=names.dictionary.to_pylist(),
            name=np.asarray(names.indices, dtype=np.int64),
            customer=customer,
            day=on,
            fields=[_field(name, column, customer, len(looked_at), late=late) for name, column in fields],
            customers=len(looked_at),
        )


def _field(name: str, column: pa.Array, customer: Ints, customers: int, *, late: Bools) -> _Field:
    """A field by its most frequent values, and which of them most of each customer's ``late`` events have."""
    counts = sorted(pc.value_counts(column.drop_null()).to_pylist(), key=lambda each: (-each["counts"], each["values"]))
    values = [each["values"] for each in counts[:_MOST_VALUES]]
    event = np.asarray(pc.fill_null(pc.index_in(column, value_set=pa.array(values, column.type)), -1), dtype=np.int64)
    weights = np.where(late, len(event) + 1.0, 1.0)  # who has not been here of late is who it was
    table = np.zeros((customers, len(values)))
    np.add.at(table, (customer[event >= 0], event[event >= 0]), weights[event >= 0])
    return _Field(name, values, event, np.where(table.any(1), table.argmax(1), -1))


def _ended(seen: _Seen, field: _Field, *, besides: Mapping[str, date]) -> Iterator[tuple[Outage, Bools]]:
    """What ended where the field has one value, and goes on elsewhere; with the customers whom it is about.

    ``besides`` are the events that ended for everybody: it is not this field then.
    """
    for number, name in enumerate(seen.names):
        of_name = seen.name == number
        of_customers = () if field.name == CHANNEL else (field.customer[seen.customer[of_name]],)
        for where in (field.event[of_name], *of_customers):
            by_day = _by_day(where, seen.day[of_name], len(field.values), seen.days)
            for place in np.flatnonzero(by_day.sum(1) > 0).tolist():
                end = silent_since(by_day[place])
                if end is None or (field.name and not _goes_on(by_day.sum(0) - by_day[place], end)):
                    continue
                since = seen.first + timedelta(days=end)
                share, about = _of_whom(seen, of_name, field, place, end)
                if share >= NEARLY_ALL and besides.get(name) != since:
                    of = field.values[place]
                    yield Outage(events=(name,), field=field.name, of=of, since=since, share=share), about


def _by_day(places: Ints, days: Ints, values: int, many: int) -> Floats:
    """How many events there are of each value on each day."""
    known = places >= 0
    return np.bincount(places[known] * many + days[known], minlength=values * many).reshape(values, many).astype(float)


def _goes_on(counts: Floats, end: int) -> bool:
    """Whether events come on after a day as they did in the four weeks before."""
    before = counts[max(end - _BEFORE, 0) : end]
    return bool(before.sum() > 0 and counts[end:].mean() >= _GOES_ON * before.mean())


def _go_on(by_kind: Floats, end: int) -> bool:
    """Whether all kinds of events together come on, each counted for no more than it came before.

    So a kind that begins, such as a mailing, makes nobody active who has stopped doing all else.
    """
    before, after = by_kind[:, max(end - _BEFORE, 0) : end].mean(1), by_kind[:, end:].mean(1)
    return bool(before.sum() > 0 and np.minimum(before, after).sum() >= _GOES_ON * before.sum())


def _of_whom(seen: _Seen, of_name: Bools, field: _Field, place: int, end: int) -> tuple[float, Bools]:
    """The share of the customers who did it in the four weeks before who have not since, and all whom it is about.

    0 where they are too few, or where they do nothing else any more either.
    """
    mine = field.customer == place
    before = (seen.day >= end - _BEFORE) & (seen.day < end)
    did, did_since = (_whose(seen, of_name & days) & mine for days in (before, seen.day >= end))
    others = ~of_name & mine[seen.customer]
    by_kind = _by_day(seen.name[others], seen.day[others], len(seen.names), seen.days)
    if did.sum() < LEAST_CUSTOMERS or not _go_on(by_kind, end):
        return 0.0, mine
    return float(1 - did_since[did].mean()), mine


def _whose(seen: _Seen, rows: Bools) -> Bools:
    return np.bincount(seen.customer[rows], minlength=seen.customers) > 0


def _told_once(ended: Sequence[tuple[Outage, Bools]]) -> Iterator[tuple[Outage, Bools]]:
    """One outage for all events that ended where and when one did, and for all fields that tell of the same."""
    rest = sorted(ended, key=lambda each: (-each[0].share, int(each[1].sum()), each[0].field, each[0].of))
    while rest:
        first, about = rest[0]
        same = [each for each in rest if _is_same(each, rest[0])]
        here = [each for each, _ in same if (each.field, each.of) == (first.field, first.of)]
        names = tuple(sorted({each.events[0] for each in here}))
        yield replace(first, events=names, share=round(min(each.share for each in here), 4)), about
        rest = [each for each in rest if not any(each is other for other in same)]


def _is_same(one: tuple[Outage, Bools], other: tuple[Outage, Bools]) -> bool:
    near = abs((one[0].since - other[0].since).days) <= _SAME_DAY
    both, either = int((one[1] & other[1]).sum()), int((one[1] | other[1]).sum())
    return near and 2 * both >= either
