"""What became of each event of a request, in words and in the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from living_personas.domain.event import Event, Quarantined
from living_personas.http.metrics import FATES
from living_personas.http.service import Service
from living_personas.http.writer import Written

__all__ = ["FATES_SCHEMA", "answer_with_receipts"]

Fate = Literal["stored", "duplicate", "quarantined", "refused"]

FATES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["success", "received", *FATES, "events"],
    "properties": {
        "success": {"type": "boolean", "const": True},
        **{name: {"type": "integer", "minimum": 0} for name in ("received", *FATES)},
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["message_id", "fate"],
                "properties": {
                    "message_id": {"type": "string"},
                    "fate": {"enum": list(FATES)},
                    "reason": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def answer_with_receipts(
    service: Service,
    read: Sequence[Quarantined | Sequence[Event]],
    written: Written,
    *,
    also: Mapping[str, object] | None = None,
) -> bytes:
    """The JSON that answers a request: ``read`` is what it held, a bad row or the events of one call each."""
    stored, held = iter(written.stored), iter(written.held)
    events: list[dict[str, str]] = []
    for each in read:
        if isinstance(each, Quarantined):
            fate: Fate = "quarantined" if next(held) else "duplicate"
            said = {"message_id": _sayable(each.message_id), "reason": each.reason, "detail": _sayable(each.detail)}
            events.append({**said, "fate": fate})
        else:
            [is_new, *_] = [next(stored) for _ in each]
            events.append({"message_id": each[0].message_id, "fate": "stored" if is_new else "duplicate"})
    counts = Counter(event["fate"] for event in events)
    fates = {fate: counts[fate] for fate in FATES}
    service.metrics.count(fates)
    body = {"success": True, "received": len(events), **fates, "events": events, **(also or {})}
    return msgspec.json.encode(body)


def _sayable(text: str) -> str:
    """What is no Unicode, such as half of a surrogate pair, is kept in quarantine and cannot be said in an answer."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
