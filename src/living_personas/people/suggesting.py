"""What somebody without a vote may say of a segment: a name; people decide."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.legible import check_legible
from living_personas.loop.context import Context
from living_personas.loop.segments.adopting import LONGEST_NAME
from living_personas.loop.segments.discovery import segment_named
from living_personas.memory.records import SUGGESTED_NAMES

__all__ = ["suggest_name", "suggested_names"]

MOST_NAMES = 5


def suggest_name(context: Context, segment: str, *, name: str, by: str) -> Mapping[str, str]:
    """Keep a name that somebody suggests for a segment; the names suggested so far, by who did."""
    known = segment_named(context.store, segment)
    called = check_legible(" ".join(name.split()), what="The name of the segment", longest=LONGEST_NAME)
    names = {**suggested_names(context, known.id)}
    names.pop(by, None)
    names[by] = called
    newest = dict(list(names.items())[-MOST_NAMES:])
    SUGGESTED_NAMES.write(context.store, known.id, newest)
    return newest


def suggested_names(context: Context, segment: str) -> Mapping[str, str]:
    """The names suggested for a segment, by who did."""
    return SUGGESTED_NAMES.read(context.store, segment) or {}
