"""Whether a segment is an outage: what its members did until a day, and none of them has done since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from living_personas.domain.candidate import Candidate
from living_personas.domain.names import named
from living_personas.domain.settings import Feature
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import features_of
from living_personas.memory.tables import EVENTS
from living_personas.stats.arrays import Floats

__all__ = ["LOOKED_BACK", "fell_silent", "silent_since"]

LOOKED_BACK = timedelta(days=180)
"""Days of events in which an end is looked for."""

_LEAST_DAYS, _LEAST_EVENTS = 7, 50
"""Days on each side of the end, and events before it, from which an end is one."""
_LEFT = 0.02
"""The rate after the end, as a share of the one before: an outage leaves nothing, people stop one by one."""
_EXPECTED = 20.0
"""Events that would have come after the end: what is done every other day, or by a few, pauses for a week by chance."""
_LONGER = 2
"""Times the longest pause before, from which a silence is not one more of them."""
_WINDOW_AROUND = 3
"""Days around the start of a feature's window in which an end says nothing: members were chosen as silent in it."""


def fell_silent(context: Context, candidate: Candidate, day: date) -> tuple[str, ...]:
    """A reason for review for each kind of event that the members all ceased to do on the same day."""
    silent = {each.column for each in candidate.differences if each.silent}
    features = [feature for feature in features_of(context) if feature.name in silent]
    first = day - LOOKED_BACK
    counted = context.engine.daily_events(
        EVENTS.read(context.store, first, day), links=context.store.inbox.links(), customers=candidate.members
    )
    return tuple(dict.fromkeys(_ended(features, _by_day(counted, first, day), first, day)))


def silent_since(counts: Floats) -> int | None:
    """The first of the days on which something that was done every day has ended at once; None if it has not.

    >>> silent_since(np.array([9.0, 11, 10, 9, 10, 12, 10, 0, 0, 0, 0, 0, 0, 0]))
    7
    >>> silent_since(np.linspace(12, 0, 30)) is None
    True
    """
    begun = np.flatnonzero(counts > 0)
    if not len(begun):
        return None
    counts = counts[begun[0] :]
    total = np.cumsum(counts)
    for end in range(len(counts) - _LEAST_DAYS, _LEAST_DAYS - 1, -1):
        before, after, left = total[end - 1], total[-1] - total[end - 1], len(counts) - end
        level = counts[end - _LEAST_DAYS : end].mean()
        steady = level >= before / end / 2 and counts[end - 1] >= level / 4
        if steady and before >= _LEAST_EVENTS and level * left >= _EXPECTED and after / left <= _LEFT * level:
            return int(begun[0] + end) if left >= _LONGER * _longest_pause(counts[:end], level) else None
    return None


def _longest_pause(counts: Floats, level: float) -> int:
    """The most days in line on which next to nothing came, before the end: what comes in bursts has not ended yet."""
    loud = np.flatnonzero(counts > _LEFT * level)
    return int(np.diff(loud, prepend=-1).max() - 1) if len(loud) else len(counts)


def _ended(features: list[Feature], counts: Mapping[str, Floats], first: date, day: date) -> Iterator[str]:
    for feature in features:
        window = None if feature.days_back is None else (day - first).days - feature.days_back
        for name in (each for each in counts if f"'{each}'" in feature.sql):
            end = silent_since(counts[name])
            if end is not None and (window is None or abs(end - window) > _WINDOW_AROUND):
                since = first + timedelta(days=end)
                last = since - timedelta(days=1)
                yield f"an outage? until {last} its members did {named(name)} every day, and none has since"


def _by_day(counted: pa.Table, first: date, day: date) -> dict[str, Floats]:
    """How many events of each name there are on each day from the first to the last; what came first is first."""
    found: dict[str, Floats] = {}
    for row in counted.to_pylist():
        counts = found.setdefault(row["name"], np.zeros((day - first).days + 1))
        counts[(row["day"] - first).days] = row["n"]
    return found
