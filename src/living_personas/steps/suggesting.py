"""What somebody without a vote may say of a segment: a name; people decide."""

from __future__ import annotations

import json
from collections.abc import Mapping

from living_personas.domain.event import Json
from living_personas.errors import InvalidDecisionError
from living_personas.steps.discover import segment_named
from living_personas.steps.parts import Parts

__all__ = ["suggest_name", "suggested_names"]

SUGGESTED = "suggested_name/"
"""Facts of this prefix hold the names suggested for a segment, as JSON: who suggested which."""

MOST_NAMES = 5


def suggest_name(parts: Parts, segment: str, *, name: str, by: str) -> Mapping[str, str]:
    """Keep a name that somebody suggests for a segment; the names suggested so far, by who did."""
    known = segment_named(parts, segment)
    if not name.strip() or not name.isprintable():
        raise InvalidDecisionError(f"A segment cannot be called {name!r}.", hint="write some words on one line.")
    names = {**suggested_names(parts, known.id)}
    names.pop(by, None)
    names[by] = name.strip()
    newest = dict(list(names.items())[-MOST_NAMES:])
    parts.store.facts.set({SUGGESTED + known.id: json.dumps(newest).encode()})
    return newest


def suggested_names(parts: Parts, segment: str) -> Mapping[str, str]:
    """The names suggested for a segment, by who did."""
    block = parts.store.facts.get(SUGGESTED + segment)
    found: dict[str, Json] = json.loads(block) if block else {}
    return {by: str(name) for by, name in found.items()}
