"""What stays the same while a source is read, and what all events of one row share."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from living_personas.domain.settings import Source
from living_personas.domain.value import value
from living_personas.sources.roles import declared_columns, is_wide
from living_personas.sources.shares import Shares
from living_personas.sources.times import Clock

__all__ = ["Reading", "Who"]


@value
class Reading:
    """The mapping and the clock of a source; only the shares that were met grow.

    ``wide`` rows are one customer each, others one event each. ``typed`` is False where all values are text.
    ``columns`` are those that the source names.
    """

    source: Source
    zone: ZoneInfo
    clock: Clock
    shares: Shares | None
    typed: bool
    wide: bool
    columns: tuple[str, ...]

    @classmethod
    def of(cls, source: Source, *, zone: ZoneInfo, clock: Clock, shares: Shares | None, typed: bool) -> Reading:
        """The reading of a source."""
        columns = tuple(declared_columns(source))
        wide = is_wide(source)
        return cls(source=source, zone=zone, clock=clock, shares=shares, typed=typed, wide=wide, columns=columns)


@value
class Who:
    """Whose row it is and when it happened; ``id`` begins the message id of each of its events."""

    id: str
    customer: str
    also: str
    time: datetime
