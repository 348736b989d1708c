"""What is protected finds no segment, names none, and is offered to nobody who writes a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from living_personas.domain.candidate import FoundSegments
from living_personas.domain.event import IDENTIFY, Event
from living_personas.domain.segment import Segment
from living_personas.domain.settings import Feature
from living_personas.errors import InvalidDecisionError
from living_personas.loop.context import Context
from living_personas.loop.cycle import run
from living_personas.loop.recording.record import record
from living_personas.loop.segments import discovery
from living_personas.loop.segments.adopting import adopt_segment
from living_personas.loop.segments.discovery import discover
from living_personas.mcp.drafting import draft_text
from living_personas.mcp.framing import Frame
from living_personas.memory.records import SEGMENTS
from living_personas.reporting.segment_map import segment_map
from living_personas.rules.withheld import uses_protected, withheld
from loop.searches import looked_at
from loop.shops import DAY_ZERO, PERSONA, SETTINGS, context_of, morning_after, noon

FEATURES = (
    Feature(name="bought", sql="count(*) filter (where name = 'Bought')"),
    Feature(name="looked", sql="count(*) filter (where name = 'Looked')"),
    Feature(name="womens", sql="count(*) filter (where \"property.sex\" = 'f')", of="count(*)"),
    Feature(name="shoe_size", sql="max(size)"),
)
GUARDED = replace(SETTINGS, features=FEATURES, traits=("sex",), protected=("sex", "shoe_size"))
PERSONA_OF_ALL = replace(PERSONA, who="bought + looked + womens + shoe_size >= 0")


@pytest.fixture(scope="module")
def shop() -> Context:
    """1,200 customers of whom every second said who she is."""
    context = context_of(PERSONA_OF_ALL, settings=GUARDED)
    rng = np.random.Generator(np.random.PCG64(1))
    events = []
    for number in range(1_200):
        done = ["Bought"] * int(1 + rng.poisson(2)) + ["Looked"] * int(1 + rng.poisson(3))
        sex = "f" if number % 2 else "m"
        events += [
            Event(message_id=f"{number}.{i}", customer=f"c{number}", name=name, time=noon(0),
                  properties={"sex": sex, "size": float(number % 9)})
            for i, name in enumerate(done)
        ]  # fmt: skip
        said = {"sex": sex}
        events.append(
            Event(message_id=f"{number}.s", customer=f"c{number}", name=IDENTIFY, time=noon(0), properties=said)
        )
    record(context, events, received=noon(0))
    run(context, now=morning_after(0), owner="tests")
    return context


def test_features_that_are_computed_from_what_is_protected_are_protected_too() -> None:
    assert withheld(GUARDED, FEATURES) == {"sex", "womens", "womens__of", "shoe_size", "shoe_size__of"}
    assert withheld(SETTINGS, FEATURES) == frozenset()
    assert uses_protected(GUARDED, FEATURES, "womens > 0.5 and bought > 1") == ("womens",)
    assert uses_protected(GUARDED, FEATURES, "bought > 1 or looked = 0") == ()


def test_it_is_in_the_table_as_it_was_said_and_among_no_columns(shop: Context) -> None:
    table, columns = looked_at(shop, DAY_ZERO)
    assert {column.name for column in columns} == {"bought", "looked"}
    assert sorted(table["sex"].unique().to_pylist()) == ["f", "m"]


def test_the_search_is_told_what_is_protected(shop: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one call of the loop and of `personas discover`; what it does with it is in tests/discovery."""
    told: list[object] = []

    def listening(frame: object, **said: object) -> FoundSegments:
        told.append(said["protected"])
        return FoundSegments(candidates=(), rejected=(), looked_at=0, splits=0)

    monkeypatch.setattr(discovery, "find_segments", listening)
    discover(shop, DAY_ZERO)
    assert told == [["sex", "shoe_size", "womens", "womens__of"]]


def test_a_segment_of_before_that_was_found_by_it_becomes_no_persona(shop: Context, tmp_path: Path) -> None:
    found = Segment(
        id="s1", name="large feet", state="open", first_seen=DAY_ZERO, last_seen=DAY_ZERO + timedelta(days=7), size=90,
        share=0.08, nearest=PERSONA.id, who="shoe_size > 7", f1=0.9, explanation="shoe_size > 7", explanation_f1=0.9,
        returned=9, splits=10, differs=(), proof=(), attribute="framing", options=("a", "b"), why="", review=(),
    )  # fmt: skip
    SEGMENTS.write(shop.store, found.id, found)
    with pytest.raises(InvalidDecisionError, match="'shoe_size', which is protected"):
        adopt_segment(shop, found, root=tmp_path, day=DAY_ZERO, by="Dana")


def test_neither_the_map_nor_an_agent_that_drafts_a_rule_hears_of_it(shop: Context) -> None:
    everything = replace(shop, settings=replace(GUARDED, protected=()))
    for context, is_told in ((shop, False), (everything, True)):
        drafted = draft_text(context, Frame(boundary="x"))
        assert ("shoe_size" in drafted.split("An example")[0]) == is_told
        seen = segment_map(context)
        assert seen is not None
        assert ("shoe" in seen.across + seen.up or "womens" in seen.across + seen.up) == is_told
