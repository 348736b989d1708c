"""What became of a proposal about personas, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.upkeep import Upkeep, UpkeepEvent, UpkeepState

__all__ = ["event_sentence", "event_words"]


def event_words(found: Upkeep) -> tuple[str, ...]:
    """Everything that became of it, with its day, the oldest first."""
    return tuple(f"{event.day}: {event_sentence(event)}" for event in found.events)


def event_sentence(event: UpkeepEvent) -> str:
    """One thing that became of a proposal.

    >>> from datetime import date
    >>> event_sentence(UpkeepEvent(day=date(2026, 3, 2), state="applied", by="Dana"))
    'applied by Dana'
    """
    said = "opened again" if event.state == "open" and event.by else _SAID[event.state]
    return said + (f" by {event.by}" if event.by else "")


_SAID: Mapping[UpkeepState, str] = {
    "seen": "seen",
    "open": "proposed",
    "applied": "applied",
    "dismissed": "dismissed",
    "undone": "undone",
    "gone": "withdrawn, as nothing speaks for it any more",
}
