"""What customers did since they entered, inside and outside the holdout, as it was last summed; and of what."""

from __future__ import annotations

from datetime import date

from living_personas.domain.value import value

__all__ = ["EntriesMade", "HoldoutSums", "SideSums"]


@value
class SideSums:
    """Sums over the customers who entered as a persona, on one side, by the names of ``Engine.since_entry``."""

    persona: str
    holdout: bool
    numbers: dict[str, float]


@value
class HoldoutSums:
    """All of them since the holdout began (None without one); ``made_of`` is another text when they may be others."""

    made_of: str
    since: date | None
    sides: tuple[SideSums, ...]


@value
class EntriesMade:
    """Of what the entries of a day were made, and since which day customers enter; ``made_of`` as of the sums."""

    made_of: str
    since: date
