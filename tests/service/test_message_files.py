"""Files of messages: read as the service reads them, and counted once with those that were sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.shop import hand
from living_personas.errors import IngestError
from living_personas.loop.message_files import ingest_messages, protocol_of
from living_personas.testing.expect import refuses
from service.shop import NOON, Served, track
from service.test_events import events_of

MESSAGES: list[dict[str, Any]] = [
    {"type": "identify", "messageId": "m1", "userId": "u1", "traits": {"plan": "pro"}},
    track("m2", context={"campaign": {"name": "deal"}}),
    {"type": "page", "name": "Home", "messageId": "m3", "anonymousId": "a1", "properties": []},
    {"type": "alias", "messageId": "m4", "userId": "u1", "previousId": "a2"},
    {"type": "track", "event": "", "messageId": "m5", "userId": "u1"},
    {"type": "track", "event": "Seen", "messageId": "m6", "userId": "null"},
]
SAID = [{"timestamp": NOON.isoformat(), **each} for each in MESSAGES]


def _file(root: Path) -> Path:
    path = root / "calls.json"
    path.write_text("\n".join(json.dumps(each) for each in SAID))
    return path


def test_a_file_brings_what_the_messages_bring_that_are_sent(served: Served, tmp_path: Path) -> None:
    sent = served.post("/v1/batch", {"batch": SAID}, key="secret").json()
    assert (sent["stored"], sent["quarantined"]) == (4, 2)
    of_service = events_of(served)
    context = served.service.context
    read = ingest_messages(context, _file(tmp_path), "segment", received=NOON)
    assert read.balanced
    assert (read.stored, read.duplicate, read.quarantined, read.rows) == (0, 5, 2, len(SAID))
    assert events_of(served) == of_service
    assert {row.reason for row in context.store.quarantine.rows()} == {"missing name", "missing customer"}


def test_rows_that_are_no_messages_are_refused(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("id,at\n1,2026-01-01\n")
    with refuses(IngestError, "orders.csv", "messageId"):
        ingest_messages(served.service.context, path, "segment", received=NOON)
    assert protocol_of(served.service.context, "shop") is None


def test_init_says_how_messages_come_in(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    personas = hand(capsys)
    root, path = tmp_path / "made", _file(tmp_path)
    said = personas("init", root, "--from", path)
    assert f"`personas ingest {path.as_posix()} --source segment`" in said.out
    answer = personas("ingest", path, "--source", "segment", "--workspace", root)
    assert (answer.code, answer.out.splitlines()[0]) == (
        0,
        "calls.json: 7 received = 5 stored + 0 duplicate + 2 quarantined (of 6 rows)",
    )
    assert "0 stored" in personas("ingest", path, "--source", "segment", "--workspace", root).out


def test_rows_of_a_source_that_is_called_like_a_protocol_are_replayed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The recipes of Segment's tables and of PostHog's exports are called so."""
    personas = hand(capsys)
    head = "id,anonymous_id,user_id,event,event_text,received_at,sent_at,original_timestamp,timestamp"
    at = "2026-11-02 10:00:00"
    path, root = tmp_path / "tracks.csv", tmp_path / "made"
    path.write_text(f"{head}\n1,,u1,paid,Paid,{at},{at},{at},{at}\n2,,guest,paid,Paid,{at},{at},{at},{at}\n")
    personas("init", root, "--from", path)
    assert "1 quarantined" in personas("ingest", path, "--source", "segment", "--workspace", root).out
    settings = root / "workspace.yaml"
    settings.write_text(settings.read_text() + "nobody: {remove: [guest]}\n")
    said = personas("quarantine", "replay", "--source", "segment", "--workspace", root).out
    assert said.startswith("replayed: 1 received = 1 stored + 0 duplicate + 0 quarantined")
