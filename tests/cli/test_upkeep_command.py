"""Proposals about personas, as they are typed: listed, heard of in the digest, applied, undone, dismissed."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from cli.shop import Typed
from discovery.made import a_retirement
from living_personas.loop.closing import closed_through
from living_personas.memory.search_records import UPKEEP
from living_personas.wiring import open_context


def proposed(workspace: Path, persona: str) -> Path:
    """A proposal to retire a persona; its file."""
    files, context = open_context(workspace)
    with closing(context.store):
        day = closed_through(context)
        assert day is not None
        UPKEEP.write(context.store, "u1", a_retirement(persona, files.persona(persona).who, day=day))
    return Path(files.where(persona).file)


def test_a_proposal_is_heard_of_applied_undone_and_dismissed(personas: Typed, learned: Path) -> None:
    path = proposed(learned, "newcomer")
    before = path.read_text()
    digest = personas("digest", "--workspace", learned).out
    assert "`personas upkeep apply u1`" in " ".join(digest.split())
    assert "Retire 'Newcomer'" in " ".join(personas("upkeep", "--workspace", learned).out.split())
    rehearsed = personas("upkeep", "apply", "u1", "--dry-run", "--workspace", learned)
    assert (rehearsed.code, path.read_text()) == (0, before)
    assert personas("upkeep", "apply", "u1", "--workspace", learned).code == 0
    assert not path.exists()
    assert personas("upkeep", "dismiss", "u1", "--workspace", learned).code == 1
    assert personas("upkeep", "undo", "u1", "--workspace", learned).code == 0
    assert path.read_text() == before
    (told,) = json.loads(personas("upkeep", "--format", "json", "--workspace", learned).out)
    assert [event["state"] for event in told["events"]] == ["open", "applied", "undone"]
    assert personas("upkeep", "undo", "u2", "--workspace", learned).code == 1
    assert personas("upkeep", "reopen", "u1", "--workspace", learned).code == 0
    assert personas("upkeep", "reopen", "u1", "--workspace", learned).code == 1
    assert "opened again by" in " ".join(personas("upkeep", "--workspace", learned).out.split())
    assert personas("upkeep", "dismiss", "u1", "--workspace", learned).code == 0


def test_where_nothing_is_proposed_nothing_is_needed(personas: Typed, learned: Path) -> None:
    assert "The personas need nothing." in personas("upkeep", "--workspace", learned).out
