"""Which events and channels were ever seen, which events browsers sent, and the features where none are declared."""

from __future__ import annotations

import json

import pyarrow.compute as pc

from living_personas.domain.batch import FROM_BROWSER, EventBatch
from living_personas.domain.settings import Feature
from living_personas.steps.parts import Parts
from living_personas.workspace.features import default_features

__all__ = ["browsers_sent", "features_of", "note_seen"]

SEEN = "seen"
"""The fact that holds the names of events and channels seen."""

MOST = 200
"""More names than this are noise: a client that puts ids into event names must not make a feature of each."""


def note_seen(parts: Parts, batch: EventBatch) -> None:
    """Remember the names of a batch's events and channels."""
    before = _seen(parts)
    browsers = batch.events.filter(pc.match_substring(batch.events["properties"], FROM_BROWSER))
    found = {"names": batch.events["name"], "channels": batch.events["channel"], "browsers": browsers["name"]}
    now = {kind: sorted({*before[kind], *column.unique().to_pylist()} - {""})[:MOST] for kind, column in found.items()}
    if now != before:
        parts.store.facts.set({SEEN: json.dumps(now, sort_keys=True).encode()})


def features_of(parts: Parts) -> tuple[Feature, ...]:
    """The declared features or, if there are none, useful ones for the events and channels seen."""
    if parts.settings.features:
        return parts.settings.features
    seen = _seen(parts)
    values = sorted({persona.goal.value for persona in parts.personas if persona.goal.value})
    return default_features(seen["names"], seen["channels"], values[0] if values else None)


def browsers_sent(parts: Parts) -> frozenset[str]:
    """The names of the events that came with a publishable key, and so may come from anybody."""
    return frozenset(_seen(parts)["browsers"])


def _seen(parts: Parts) -> dict[str, list[str]]:
    block = parts.store.facts.get(SEEN)
    found: dict[str, list[str]] = json.loads(block) if block else {}
    return {"names": [], "channels": [], "browsers": [], **found}
