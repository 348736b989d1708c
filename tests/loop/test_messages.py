"""What the service could not record is replayed once it can be read."""

from __future__ import annotations

import json

import pytest

from living_personas.domain.event import Quarantined
from living_personas.loop.recording.messages import replay_messages
from living_personas.loop.recording.record import record
from loop.shops import context_of, noon


@pytest.mark.promise("P5")
def test_replaying_recovers_each_message_once() -> None:
    context = context_of()
    good = json.dumps({"type": "track", "event": "Bought", "userId": "u1", "messageId": "m1"})
    rows = [
        Quarantined(source="segment", row=0, reason="unreadable row", detail="", payload=text) for text in (good, "{")
    ]
    record(context, (), rows, received=noon(0))
    first = replay_messages(context, "segment", received=noon(0))
    assert (first.received, first.stored, first.quarantined) == (2, 1, 1)
    record(context, (), rows, received=noon(0))
    again = replay_messages(context, "segment", received=noon(1))
    assert (again.duplicate, again.stored, again.quarantined) == (1, 0, 1)
    assert context.store.inbox.waiting() == 1
