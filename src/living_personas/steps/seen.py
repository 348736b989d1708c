"""Which events and channels were ever seen, and the features that a workspace has when it declares none."""

from __future__ import annotations

import json

from living_personas.domain.batch import EventBatch
from living_personas.domain.settings import Feature
from living_personas.steps.parts import Parts
from living_personas.workspace.features import default_features

__all__ = ["features_of", "note_seen"]

SEEN = "seen"
"""The fact that holds the names of events and channels seen."""

MOST = 200
"""More names than this are noise: a client that puts ids into event names must not make a feature of each."""


def note_seen(parts: Parts, batch: EventBatch) -> None:
    """Remember the names of a batch's events and channels."""
    before = _seen(parts)
    now = {
        kind: sorted({*before[kind], *batch.events[column].unique().to_pylist()} - {""})[:MOST]
        for kind, column in (("names", "name"), ("channels", "channel"))
    }
    if now != before:
        parts.store.facts.set({SEEN: json.dumps(now, sort_keys=True).encode()})


def features_of(parts: Parts) -> tuple[Feature, ...]:
    """The declared features or, if there are none, useful ones for the events and channels seen."""
    if parts.settings.features:
        return parts.settings.features
    seen = _seen(parts)
    values = sorted({persona.goal.value for persona in parts.personas if persona.goal.value})
    return default_features(seen["names"], seen["channels"], values[0] if values else None)


def _seen(parts: Parts) -> dict[str, list[str]]:
    block = parts.store.facts.get(SEEN)
    found: dict[str, list[str]] = json.loads(block) if block else {"names": [], "channels": []}
    return found
