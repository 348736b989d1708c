"""What was measured of a day's feed, to tell whether it is sound."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.value import value

__all__ = ["Feed", "FeedOutcome"]


@value
class FeedOutcome:
    """Events of one name on a day: how many, a digest of whose and when, the share with a null, medians of numbers."""

    count: int
    digest: str
    nulls: float
    medians: Mapping[str, float]


@value
class Feed:
    """What was measured of a day: the outcomes that personas are judged by, rows by channel, decisions of several."""

    outcomes: Mapping[str, FeedOutcome]
    channels: Mapping[str, int]
    shared: int
    alarms: tuple[str, ...] = ()
