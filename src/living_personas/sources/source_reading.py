"""What stays the same while a source is read, and what all events of one row share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from living_personas.domain.settings import Source
from living_personas.domain.value import value
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse
from living_personas.sources.intake import Intake
from living_personas.sources.roles import declared_columns, is_wide
from living_personas.sources.row_ids import RowIds
from living_personas.sources.rows import Row
from living_personas.sources.shares import Shares
from living_personas.sources.times import Clock

__all__ = ["SourceReading", "Who"]


@value
class SourceReading:
    """The mapping and the clock of a source; only the shares that were met, and the rows that were told apart, grow.

    ``wide`` rows are one customer each, others one event each. ``typed`` is False where all values are text.
    ``columns`` are those that the source names. ``counts`` says whether a row is to be read at all.
    """

    source: Source
    zone: ZoneInfo
    clock: Clock
    intake: Intake
    shares: Shares | None
    typed: bool
    ids: RowIds
    narrow: Mapping[str, Callable[[float], object]]
    wide: bool
    columns: tuple[str, ...]
    counts: Callable[[Row], bool | None] | None

    @classmethod
    def of(
        cls,
        source: Source,
        *,
        zone: ZoneInfo,
        clock: Clock,
        intake: Intake,
        shares: Shares | None,
        typed: bool,
        ids: RowIds,
        narrow: Mapping[str, Callable[[float], object]],
    ) -> SourceReading:
        """The reading of a source."""
        return cls(
            source=source,
            zone=zone,
            clock=clock,
            intake=intake,
            shares=shares,
            typed=typed,
            ids=ids,
            narrow=narrow,
            wide=is_wide(source),
            columns=tuple(declared_columns(source)),
            counts=compile_rule(parse(source.where)) if source.where else None,
        )


@value
class Who:
    """Whose row it is and when it happened; ``id`` begins the message id of each of its events."""

    id: str
    customer: str
    also: str
    time: datetime
