"""Files of messages: read as the service reads them, and counted once with those that were sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.shop import hand
from living_personas.errors import IngestError
from living_personas.loop.recording.message_files import ingest_messages, protocol_of
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
    assert (read.stored, read.duplicate, read.quarantined, read.rows) == (0, 7, 0, len(SAID))
    assert events_of(served) == of_service
    assert sorted(row.reason for row in context.store.quarantine.rows()) == ["missing customer", "missing name"]


def test_a_bad_message_is_held_once_whichever_way_it_came(served: Served, tmp_path: Path) -> None:
    context = served.service.context
    first = ingest_messages(context, _file(tmp_path), "segment", received=NOON)
    assert (first.stored, first.quarantined) == (5, 2)
    assert [row.detail.rpartition(" (")[2] for row in context.store.quarantine.rows()] == ["row 5)", "row 6)"]
    for each in SAID[4:]:
        untyped = {key: said for key, said in each.items() if key != "type"}
        assert served.post(f"/v1/{each['type']}", untyped, key="secret").json()["quarantined"] == 0
    assert len(context.store.quarantine.rows()) == 2


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
    assert f"`personas ingest {path.as_posix()} --source segment --workspace {root.as_posix()}`" in said.out
    answer = personas("ingest", path, "--source", "segment", "--workspace", root)
    assert (answer.code, answer.out.splitlines()[0]) == (
        0,
        "calls.json: 7 received = 5 stored + 0 duplicate + 2 quarantined (of 6 rows)",
    )
    assert "0 stored" in personas("ingest", path, "--source", "segment", "--workspace", root).out


def test_quarantined_messages_are_told_what_can_be_done(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    personas = hand(capsys)
    root, path = tmp_path / "made", _file(tmp_path)
    personas("init", root, "--from", path)
    said = personas("ingest", path, "--source", "segment", "--workspace", root).out
    assert "mend the source" not in said
    assert "messages have no source to mend: mend what sends them or their file" in said
    assert "quarantine drop --source segment" in said
    with (root / "workspace.yaml").open("a") as settings:
        settings.write("nobody: {remove: ['null']}\n")
    again = personas("quarantine", "replay", "--source", "segment", "--workspace", root).out
    assert again.startswith("replayed: 2 received = 1 stored + 0 duplicate + 1 quarantined")
    assert "messages have no source to mend" in again


POSTHOG = {"uuid": "u-1", "event": "purchase", "timestamp": NOON.isoformat(), "properties": {"distinct_id": "u1"}}


@pytest.mark.parametrize(("protocol", "messages"), [("segment", SAID), ("posthog", [POSTHOG])])
@pytest.mark.parametrize("declared", ["", "a", "ab"])
def test_messages_without_a_source_are_told_how_they_are_read(
    protocol: str, messages: list[dict[str, Any]], declared: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    personas = hand(capsys)
    root, path = tmp_path / "made", tmp_path / "all calls.json"
    path.write_text("\n".join(map(json.dumps, messages)))
    personas("init", root)
    lines = [f"  {name}: {{customer: id_{name}, time: at_{name}, event: what_{name}}}\n" for name in declared]
    with (root / "workspace.yaml").open("a") as settings:
        settings.write(f"sources:\n{''.join(lines)}" if lines else "")
    command = f"personas ingest '{path.as_posix()}' --source {protocol} --workspace {root.as_posix()}"
    for asked in ("ingest", "check"):
        answer = personas(asked, path, "--workspace", root)
        assert (answer.code, f"`{command}`" in answer.err) == (1, True), answer.err
    assert f"`{command.replace('made', 'new')}`" in personas("init", tmp_path / "new", "--from", path).out
    assert personas("ingest", path, "--source", protocol, "--workspace", root).code == 0


def test_whole_requests_are_read_message_by_message(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    personas = hand(capsys)
    root, path = tmp_path / "made", tmp_path / "sent.json"
    bare = [{key: said for key, said in each.items() if key != "context"} for each in SAID]
    path.write_text(json.dumps({"batch": [*bare, 7], "context": {"locale": "de"}, "sentAt": NOON.isoformat()}))
    command = f"personas ingest {path.as_posix()} --source segment --workspace {root.as_posix()}"
    assert f"`{command}`" in personas("init", root, "--from", path).out
    said = personas("ingest", path, "--source", "segment", "--workspace", root).out
    assert "0 duplicate" in said
    assert "quarantined (of 1 row)" in said
    assert "unreadable row" in personas("quarantine", "list", "--source", "segment", "--workspace", root).out
    assert "0 stored" in personas("ingest", path, "--source", "segment", "--workspace", root).out
    path.write_text(json.dumps({"batch": ["a"], "id": 1}))
    assert "messages of" not in personas("init", tmp_path / "other", "--from", path).out


def test_the_goal_is_an_event_of_the_messages(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text(json.dumps({**SAID[1], "event": "Signed Up"}))
    said = hand(capsys)("init", tmp_path / "new", "--from", path).out
    assert "no row that was looked at" not in said
    assert "success: {event: Signed Up," in (tmp_path / "new/workspace.yaml").read_text()


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
