"""What the service could not record is replayed once it can be read."""

from __future__ import annotations

import json

from living_personas.domain.event import Quarantined
from living_personas.steps.messages import replay_messages
from living_personas.steps.record import keep
from steps.shops import noon, parts_of


def test_replaying_recovers_each_message_once() -> None:
    parts = parts_of()
    good = json.dumps({"type": "track", "event": "Bought", "userId": "u1", "messageId": "m1"})
    rows = [
        Quarantined(source="segment", row=0, reason="unreadable row", detail="", payload=text) for text in (good, "{")
    ]
    keep(parts, rows, received=noon(0))
    first = replay_messages(parts, "segment", received=noon(0))
    assert (first.received, first.stored, first.quarantined) == (2, 1, 1)
    keep(parts, rows, received=noon(0))
    again = replay_messages(parts, "segment", received=noon(1))
    assert (again.duplicate, again.stored, again.quarantined) == (1, 0, 1)
    assert parts.store.inbox.waiting() == 1
