"""What must work at once works with a typo in a file: the kill switch, keys, people; and quarantine is let go of."""

from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path

import pytest

from cli.shop import Typed
from living_personas.domain.event import Quarantined, QuarantineReason
from living_personas.memory.people_records import KILLED
from living_personas.wiring import open_store


@pytest.fixture
def mistyped(learned: Path) -> Path:
    """The shop, learned, with a typo in one persona file."""
    file = learned / "personas" / "regular.yaml"
    file.write_text(file.read_text().replace("options: [", "options: ["[:-1] + "{["))
    return learned


def test_a_typo_in_a_persona_file_stops_none_of_them(
    personas: Typed, mistyped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ("--workspace", mistyped)
    assert personas("report", *where).code == 1
    for command in (("keys", "create", "secret"), ("keys", "list"), ("keys", "revoke", "k1"), ("people", "list")):
        assert personas(*command, *where).code == 0, command
    monkeypatch.setattr("sys.stdin", io.StringIO("a sentence is good\n"))
    assert personas("people", "add", "Dana", *where).code == 0
    assert personas("people", "remove", "Dana", *where).code == 0
    rehearsed = personas("kill", "on", "--dry-run", *where)
    assert (rehearsed.code, "dry run" in rehearsed.err) == (0, True)
    with closing(open_store(mistyped)) as store:
        before = store.snapshots.latest()
        assert before is not None
        assert KILLED.read(store) is None
        assert personas("kill", "on", *where).code == 0
        held = store.snapshots.latest()
        assert held is not None
        assert held.number == before.number + 1
        assert [each.persona for each in held.personas] == [each.persona for each in before.personas]
        for persona in held.personas:
            for attribute in persona.attributes:
                (table,) = attribute.tables
                assert sorted(table.shares) == [0.0, 1.0]  # everybody gets the present value
        assert personas("kill", "off", *where).code == 0
        assert KILLED.read(store) is None


def test_a_folder_that_is_no_workspace_gets_no_store(personas: Typed, tmp_path: Path) -> None:
    for command in (("keys", "list"), ("people",), ("kill", "on"), ("quarantine", "list")):
        refused = personas(*command, "--workspace", tmp_path)
        assert (refused.code, "There is no workspace" in refused.err) == (1, True)
    assert not list(tmp_path.iterdir())


def test_what_nobody_will_mend_is_let_go_of(personas: Typed, mistyped: Path) -> None:
    kinds: tuple[tuple[str, QuarantineReason], ...] = (("segment", "unreadable row"), ("orders", "bad number"))
    rows = [
        Quarantined(source=source, row=number, reason=reason, detail="d", payload=f"{source}{number}", message_id="")
        for number in range(1_300)
        for source, reason in kinds
    ]
    with closing(open_store(mistyped)) as store:
        store.quarantine.put(rows)
    where = ("--workspace", mistyped)
    assert personas("quarantine", "drop", *where).code == 1
    unknown = personas("quarantine", "drop", "--source", "segmnt", *where)
    assert (unknown.code, "segment" in unknown.err) == (1, True)
    assert (
        personas("quarantine", "drop", "--source", "segment", "--dry-run", *where).out
        == "1,300 rows would be dropped\n"
    )
    gone = personas("quarantine", "drop", "--source", "segment", *where).out
    assert gone == "dropped 1,300 rows; 1,300 are left in quarantine\n"
    listed = json.loads(personas("quarantine", "list", "--format", "json", "--limit", "5000", *where).out)
    assert {row["source"] for row in listed} == {"orders"}
    assert personas("quarantine", "drop", "--reason", "bad number", *where).out.startswith("dropped 1,300 rows; 0 ")
