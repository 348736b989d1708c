"""A segment becomes a persona: a file that people can read and edit, and version 1 at the next cycle."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from living_personas.domain.persona import Persona
from living_personas.domain.segment import Segment
from living_personas.errors import InvalidDecisionError
from living_personas.loop.context import Context
from living_personas.loop.discovery import drafted_persona, settle_segment
from living_personas.loop.lives import confirmed
from living_personas.loop.seen import features_of
from living_personas.ports import Store
from living_personas.rules.withheld import uses_protected
from living_personas.workspace.persona_text import persona_text
from living_personas.workspace.text_file import write_text_atomically

__all__ = ["adopt_segment", "born", "dismiss_segment", "rename_segment"]

LONGEST_NAME = 80
"""Characters of a segment's name."""


def born(seen: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The segments whose birth is believed without a person: found for a week by every search, nothing to look at."""
    return tuple(s for s in seen if s.state == "open" and confirmed(s) and not s.review)


def adopt_segment(context: Context, segment: Segment, *, root: Path, day: date, by: str) -> Persona:
    """Write the segment's persona file below ``root``, and remember that it was adopted.

    Raises
    ------
    InvalidDecisionError
        If it was adopted or dismissed before, or was found by what is protected since.
    """
    _check_open(segment)
    _check_unprotected(context, segment)
    persona = drafted_persona(context, segment, day=day)
    write_text_atomically(root / "personas" / f"{persona.id}.yaml", persona_text(persona))
    settle_segment(context.store, segment, state="adopted", by=by, persona=persona.id)
    return persona


def dismiss_segment(store: Store, segment: Segment, *, by: str) -> Segment:
    """Remember that a segment is of no use; it keeps its id when it is seen again."""
    _check_open(segment)
    return settle_segment(store, segment, state="dismissed", by=by)


def rename_segment(store: Store, segment: Segment, *, name: str) -> Segment:
    """The segment under a name that people gave it; it keeps the name when it is seen again."""
    _check_open(segment)
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or not called.isprintable():
        raise InvalidDecisionError(f"{name!r} is no name for a segment.", hint=f"use 1 to {LONGEST_NAME} characters.")
    return settle_segment(store, replace(segment, name=called), state="open", by="")


def _check_unprotected(context: Context, segment: Segment) -> None:
    used = uses_protected(context.settings, features_of(context), segment.who)
    if used:
        raise InvalidDecisionError(
            f"Segment {segment.id!r} was found by {', '.join(map(repr, used))}, which is protected now.",
            hint="dismiss it, or look again: `personas discover` finds what can be said without it.",
        )


def _check_open(segment: Segment) -> None:
    if segment.state == "gone":
        raise InvalidDecisionError(
            f"Segment {segment.id!r} is gone: it was last found on {segment.last_seen}.",
            hint="see `personas discover list`; it comes back by itself when it is found again.",
        )
    if segment.state != "open":
        raise InvalidDecisionError(
            f"Segment {segment.id!r} was {segment.state} by {segment.decided_by}.",
            hint="see `personas discover list`.",
        )
