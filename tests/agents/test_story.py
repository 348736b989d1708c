"""An agent that has nothing but the tools answers what a person would ask of a workspace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from agents.conversation import on_a_pipe, said, service_of, talk
from living_personas.demo.drive import Drive
from living_personas.demo.outcome import jaccard
from living_personas.mcp.framing import unframed
from living_personas.simulate.spec import PersonaSpec
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec


@dataclass(frozen=True)
class Findings:
    """Which assumption was wrong, how sure, since when; who nobody thought of; what to test next."""

    wrong: dict[str, Any]
    unknown: list[tuple[str, str]]
    silent: dict[str, Any]
    next_test: tuple[str, tuple[str, ...]]


async def investigate(client: Client, state: str = "open") -> Findings:
    """Ask as an agent would, knowing no id beforehand; ``state`` is that of the segment."""
    changes = (await said(client, "what_changed", since="365d", detail=True))["changes"]
    (corrected,) = [each for each in changes if each["kind"] == "correct"]
    evidence = await said(client, "get_evidence", persona=corrected["persona"], attribute=corrected["attribute"])
    unknown = []
    people = await said(client, "list_personas", detail=True)
    for row in people["personas"]:
        persona = await said(client, "get_persona", persona=row["persona"], detail=True)
        unknown += [
            (unframed(persona["persona"]), unframed(each["attribute"]))
            for each in persona["beliefs"]
            if each["part"] in ("leaning", "unknown")  # as the digest counts what is still unknown
        ]
    (segment,) = (await said(client, "list_segments", state=state))["segments"]
    first = segment["first_test"]
    return Findings(
        wrong={
            "persona": unframed(corrected["persona"]),
            "since": corrected["day"],
            "sure": evidence["decision"]["interval"],
            "old": unframed(corrected["old"]),
            "new": unframed(corrected["new"]),
            "prob_best": evidence["belief"]["prob_best"],
        },
        unknown=unknown,
        silent={"rule": unframed(segment["rule"]), "n": segment["n"], "returned": segment["returned"]},
        next_test=(unframed(first["attribute"]), tuple(map(unframed, first["options"]))),
    )


def test_an_agent_finds_out_what_was_wrong_and_what_to_do_next(shop: Path) -> None:
    found = talk(service_of(shop), investigate)
    assert (found.wrong["persona"], found.wrong["old"], found.wrong["new"]) == ("regular", "discount", "quality")
    assert found.wrong["since"].startswith("2026-03-0")
    assert found.wrong["sure"][0] > 0
    assert found.wrong["prob_best"] > 0.95
    assert "email_opened_90d = 0" in found.silent["rule"]
    assert found.next_test == ("channel", ("in-product nudge", "e-mail", "nothing"))


@pytest.mark.slow
def test_an_agent_tells_the_story_of_a_world_that_it_did_not_see(tmp_path: Path) -> None:
    """Four weeks of the demo's shop with a stronger effect, in which a segment is adopted; nothing is scripted."""
    spec = demo_spec(1, customers=8_000, days=28)
    drive = Drive(World(replace(spec, personas=tuple(map(_stronger, spec.personas)))), tmp_path / "lived")
    assert [day.adopted.id for day in drive.days() if day.adopted]
    (planted,), (segment,) = drive.world.truth.segments, drive.segments
    assert jaccard(drive.context.store, segment, planted) >= 0.6
    drive.context.store.close()
    found = on_a_pipe(tmp_path / "lived", partial(investigate, state="adopted"))
    print(f"\n{found}")
    assert (found.wrong["persona"], found.wrong["old"], found.wrong["new"]) == (
        "budget-first-buyer",
        "discount",
        "quality",
    )
    assert found.wrong["sure"][0] > 0
    assert ("curious-explorer", "content") in found.unknown
    assert "features_used_28d" in found.silent["rule"]
    assert 0 <= segment.size - found.silent["n"] < 50
    assert "in-product nudge" in found.next_test[1]


def _stronger(persona: PersonaSpec) -> PersonaSpec:
    """The same persona, to whom quality matters more: found out in days, not in weeks."""
    preferences = tuple(
        replace(each, options=tuple(replace(o, odds=4.0) if o.name == "quality" else o for o in each.options))
        for each in persona.preferences
    )
    return replace(persona, preferences=preferences)
