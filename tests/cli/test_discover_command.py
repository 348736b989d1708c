"""Segments as they are typed: listed with what holds them back, adopted, undone, dismissed."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from cli.shop import Typed
from discovery.made import a_segment, candidate
from living_personas.domain.candidate import FoundSegments
from living_personas.loop.closing import closed_through
from living_personas.loop.segments import discovery
from living_personas.loop.segments.lives import live
from living_personas.wiring import open_context


def seen(workspace: Path, days: int) -> date:
    """A search so many days before the last closed one, which saw one group of customers; that day."""
    files, context = open_context(workspace)
    with closing(context.store):
        closed = closed_through(context)
        assert closed is not None
        day, near = closed - timedelta(days=days), files.personas[-1].id
        found = replace(a_segment(), nearest=near, who="true", first_seen=day, last_seen=day)
        live(context.store, [(found, pa.table({"customer": [f"c{n}" for n in range(100)]}))], day)
    return day


def test_a_segment_is_listed_adopted_and_undone(personas: Typed, learned: Path) -> None:
    settings = learned / "workspace.yaml"
    settings.write_text(settings.read_text() + "discovery: {adopt: auto}\n")
    assert "segments are adopted by evidence" in " ".join(personas("check", "--workspace", learned).out.split())
    seen(learned, 0)
    listed = " ".join(personas("discover", "list", "--workspace", learned).out.split())
    assert "Not adopted by evidence: the searches of a week have not all found it yet." in listed
    before = sorted(path.name for path in (learned / "personas").iterdir())
    name = json.loads(personas("discover", "list", "--format", "json", "--workspace", learned).out)[0]["name"]
    renamed = personas("discover", "rename", "s1", "--name", "Night owls", "--workspace", learned)
    assert renamed.out == f"renamed: {name} is called 'Night owls' now.\n"
    again = personas("discover", "rename", "s1", "--name", name, "--workspace", learned)
    listed = " ".join(personas("discover", "list", "--workspace", learned).out.split())
    assert (again.code, f"it was renamed by Dana (it was called '{name}')" in listed) == (0, True)
    assert personas("discover", "adopt", "s1", "--workspace", learned).code == 0
    assert sorted({path.name for path in (learned / "personas").iterdir()} - {*before}) == ["heavy-product-use.yaml"]
    rehearsed = personas("discover", "undo", "s1", "--dry-run", "--workspace", learned)
    assert (rehearsed.code, (learned / "personas" / "heavy-product-use.yaml").exists()) == (0, True)
    assert personas("discover", "undo", "s1", "--workspace", learned).code == 0
    assert sorted(path.name for path in (learned / "personas").iterdir()) == before
    again = personas("discover", "undo", "s1", "--workspace", learned)
    assert (again.code, "personas discover reopen s1" in " ".join(again.err.split())) == (1, True)
    (told,) = json.loads(personas("discover", "list", "--format", "json", "--workspace", learned).out)
    assert [event["kind"] for event in told["life"]] == ["renamed", "renamed", "adopted", "undone"]
    assert told["state"] == "dismissed"
    reopened = personas("discover", "reopen", "s1", "--workspace", learned)
    assert (reopened.code, personas("discover", "reopen", "s1", "--workspace", learned).code) == (0, 1)
    dismissed = personas("discover", "dismiss", "s1", "--workspace", learned)
    assert "personas discover reopen s1" in " ".join(dismissed.out.split())
    (told,) = json.loads(personas("discover", "list", "--format", "json", "--workspace", learned).out)
    assert [event["kind"] for event in told["life"]] == [
        "renamed",
        "renamed",
        "adopted",
        "undone",
        "reopened",
        "dismissed",
    ]


def test_a_search_adopts_what_it_finds_again_and_says_how_to_take_it_back(
    personas: Typed, learned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search itself is tested elsewhere: here it sees the group of a week ago."""
    settings = learned / "workspace.yaml"
    settings.write_text(settings.read_text() + "discovery: {adopt: auto}\n")
    seen(learned, 7)
    found = replace(candidate([f"c{n}" for n in range(100)]), assignment="true")
    there = FoundSegments(candidates=(found,), rejected=(), looked_at=2_000, splits=8)
    monkeypatch.setattr(discovery, "find_segments", lambda *_args, **_more: there)
    rehearsed = personas("discover", "--dry-run", "--workspace", learned)
    assert (rehearsed.code, (learned / "personas" / "heavy-product-use.yaml").exists()) == (0, False)
    typed = personas("discover", "--workspace", learned)
    assert "(adopted by evidence; seen" in " ".join(typed.out.split())
    assert "personas discover undo s1" in typed.err
    assert (learned / "personas" / "heavy-product-use.yaml").exists()
    assert "adopted by evidence as persona" in " ".join(personas("digest", "--workspace", learned).out.split())
