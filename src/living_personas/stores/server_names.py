"""Whom events name that no browser sent, and the message ids of those that browsers sent."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import FROM_BROWSER
from living_personas.domain.customer_id import canonical_id
from living_personas.domain.stranger import browser_id

__all__ = ["browser_ids", "names_in"]


def names_in(events: pa.Table) -> frozenset[str]:
    """The ids, in canonical form, that some events (``EVENT_SCHEMA``) name which no browser sent."""
    browsers = pc.match_substring(events["properties"], FROM_BROWSER)
    kept = events.filter(pc.invert(browsers)) if pc.any(browsers).as_py() else events
    ids = {id_ for name in ("customer", "also") for id_ in kept[name].unique().to_pylist()}
    return frozenset(map(canonical_id, ids - {""}))


def browser_ids(events: pa.Table) -> pa.ChunkedArray:
    """The message ids of events that browsers sent before these had a space of their own, as they are there."""
    sent = events.filter(pc.match_substring(events["properties"], FROM_BROWSER))["message_id"].to_pylist()
    return pa.chunked_array([pa.array(list(map(browser_id, sent)), pa.string())])
