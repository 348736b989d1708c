"""What became of each event of a request, in words and in the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from living_personas.domain.event import Event, Quarantined
from living_personas.domain.stranger import said_id
from living_personas.http.metrics import FATES
from living_personas.http.service import Service
from living_personas.http.writer import Written
from living_personas.loop.recording.too_late import TOO_LATE

__all__ = ["FATES_SCHEMA", "answer_with_receipts"]

Fate = Literal["stored", "duplicate", "quarantined", "refused", "ignored"]

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
    written: Written | None,
    *,
    also: Mapping[str, object] | None = None,
) -> bytes:
    """The JSON that answers a request: ``read`` is what it held, a bad row or the events of one call each.

    What was not ``written`` came from a robot.
    """
    events = [*(_ignored(read) if written is None else _fates(read, written))]
    counts = Counter(event["fate"] for event in events)
    fates = {fate: counts[fate] for fate in FATES}
    service.metrics.count(fates)
    body = {"success": True, "received": len(events), **fates, "events": events, **(also or {})}
    return msgspec.json.encode(body)


def _ignored(read: Sequence[Quarantined | Sequence[Event]]) -> Iterator[dict[str, str]]:
    fate: Fate = "ignored"
    for each in read:
        yield {"message_id": _id_of(each), "fate": fate, "reason": "robot"}


def _fates(read: Sequence[Quarantined | Sequence[Event]], written: Written) -> Iterator[dict[str, str]]:
    stored, held = _with_refused(written.stored, written.refused), _with_refused(written.held, written.refused_rows)
    late = iter(written.late or [False] * len(written.stored))
    for each in read:
        found = [next(held)] if isinstance(each, Quarantined) else [next(stored) for _ in each]
        is_new, refused = found[0]
        is_late = not isinstance(each, Quarantined) and [next(late) for _ in each].count(True) > 0
        if refused:
            yield {"message_id": _id_of(each), "fate": "refused", "reason": refused}
        elif isinstance(each, Quarantined):
            fate: Fate = "quarantined" if is_new else "duplicate"
            yield {"message_id": _id_of(each), "reason": each.reason, "detail": _sayable(each.detail), "fate": fate}
        elif is_late:
            yield {"message_id": _id_of(each), "reason": TOO_LATE, "fate": "quarantined"}
        else:
            yield {"message_id": _id_of(each), "fate": "stored" if is_new else "duplicate"}


def _with_refused(new: Sequence[bool], refused: Sequence[str]) -> Iterator[tuple[bool, str]]:
    """Whether each was new, and why it was refused; most often none was, and nothing says so."""
    return zip(new, refused or [""] * len(new), strict=True)


def _id_of(each: Quarantined | Sequence[Event]) -> str:
    return _sayable(said_id(each.message_id if isinstance(each, Quarantined) else each[0].message_id))


def _sayable(text: str) -> str:
    """What is no Unicode, such as half of a surrogate pair, is kept in quarantine and cannot be said in an answer."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
