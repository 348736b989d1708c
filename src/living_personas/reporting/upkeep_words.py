"""A proposal about personas and what became of it, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from living_personas.domain.names import named
from living_personas.domain.upkeep import Upkeep, UpkeepEvent, UpkeepState
from living_personas.reporting.life_words import Called
from living_personas.reporting.words import when_text

__all__ = ["event_sentence", "event_words", "proposal_words"]


def proposal_words(found: Upkeep, called: Called) -> str:
    """The proposal and what speaks for it, in a sentence without its end."""
    persona = named(called.persona(found.persona))
    asked = {
        "rule": f"give {persona} the rule `{found.proposed}`",
        "merge": f"let {persona} have the customers of {named(called.persona(found.other))}, too",
        "retire": f"retire {persona}",
    }[found.kind]
    return f"{asked}: {called.personas.told(found.why, found.persona)}"


def event_words(found: Upkeep, *, zone: tzinfo) -> tuple[str, ...]:
    """Everything that became of it, with its day or moment, the oldest first."""
    return tuple(f"{when_text(event, zone)}: {event_sentence(event)}" for event in found.events)


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
