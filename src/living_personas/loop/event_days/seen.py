"""Which events and channels were ever seen, which events browsers sent, and the features where none are declared."""

from __future__ import annotations

import json
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import UNVOUCHED_MARKS, EventBatch
from living_personas.domain.money import LEFT_OUT
from living_personas.domain.raw import flat, laid_out
from living_personas.domain.settings import Feature
from living_personas.loop.context import Context
from living_personas.memory.records import LEFT_OUT_VALUES, NAMES_SEEN
from living_personas.ports import Store
from living_personas.workspace.default_features import default_features

__all__ = ["KNOWN_DAYS", "browsers_sent", "features_of", "names_seen", "note_left_out", "note_seen"]

KNOWN_DAYS = Feature(name="known__days", sql="max(age_days)", unit="days")
"""For how long a customer has been known: counts are compared among customers who were there for as long."""

MOST = 200
"""More names than this are noise: a client that puts ids into event names must not make a feature of each."""


def note_seen(context: Context, batch: EventBatch) -> None:
    """Remember the names of a batch's events and channels."""
    before = _seen(context.store)
    unvouched = pa.concat_tables([_holding(batch.events, mark) for mark in UNVOUCHED_MARKS])
    found = {"names": batch.events["name"], "channels": batch.events["channel"], "browsers": unvouched["name"]}
    now = {kind: sorted({*before[kind], *column.unique().to_pylist()} - {""})[:MOST] for kind, column in found.items()}
    if now != before:
        NAMES_SEEN.write(context.store, dict(sorted(now.items())))


def note_left_out(context: Context, events: pa.Table) -> None:
    """Count the values of new events that do not count, as they are in another currency."""
    texts = _holding(events, f'"{LEFT_OUT}": ')["properties"]
    if len(texts):
        said = Counter(str(json.loads(text).get(LEFT_OUT)) for text in texts.to_pylist())
        before = Counter(LEFT_OUT_VALUES.read(context.store) or {})
        LEFT_OUT_VALUES.write(context.store, dict(sorted((before + said).items())[:MOST]))


def features_of(context: Context) -> tuple[Feature, ...]:
    """The declared features or, if there are none, useful ones for the events and channels seen."""
    if context.settings.features:
        return context.settings.features
    seen = _seen(context.store)
    values = sorted({persona.goal.value for persona in context.personas if persona.goal.value})
    value = values[0] if values else None
    return default_features(seen["names"], seen["channels"], value, means=context.settings.means)


def browsers_sent(store: Store) -> frozenset[str]:
    """The names of the events that came with a publishable key, and so may come from anybody, or from agents."""
    return frozenset(_seen(store)["browsers"])


def names_seen(store: Store) -> tuple[str, ...]:
    """The names of events that ever came."""
    return tuple(_seen(store)["names"])


def _seen(store: Store) -> dict[str, list[str]]:
    return {"names": [], "channels": [], "browsers": [], **(NAMES_SEEN.read(store) or {})}


def _holding(events: pa.Table, text: str) -> pa.Table:
    """The events in whose properties a text stands; most often it stands nowhere, which all bytes at once tell."""
    if text.encode() not in laid_out(flat(events["properties"]))[1].tobytes():
        return events.slice(0, 0)
    return events.filter(pc.match_substring(events["properties"], text))
