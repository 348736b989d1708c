"""What is kept of a customer is told whole: every row that the store has of it, and none of anybody else."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from figures import tell
from living_personas.domain.segment import Segment
from living_personas.errors import BadValueError
from living_personas.loop.context import Context
from living_personas.loop.forgetting import erase
from living_personas.loop.person_data import as_lines, export_person
from living_personas.memory.holdings import HOLDINGS
from living_personas.memory.people_records import PRIVACY_ACTS
from living_personas.memory.records import SEGMENTS
from memory.planted import DEVICE, ID, NOON, OTHER, plant

pytestmark = pytest.mark.long

FOUND = Segment(
    id="s1", name="early", state="open", first_seen=NOON.date(), last_seen=NOON.date(), size=1, share=0.5,
    nearest="buyer", who="plan = 'pro'", f1=1.0, explanation="plan = 'pro'", explanation_f1=1.0, returned=9, splits=10,
    differs=(), proof=(), attribute="framing", options=("a", "b"), why="",
)  # fmt: skip
"""The segment whose members are planted."""

AFTER = NOON + timedelta(days=4, hours=2)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    root: Path = tmp_path_factory.mktemp("kept") / "shop"
    context = plant(root)
    SEGMENTS.write(context.store, "s1", FOUND)
    return context


@pytest.mark.promise("P22")
def test_it_is_as_much_as_an_erasure_takes_away(context: Context) -> None:
    """Plant, export, erase, compare: what goes is what was told."""
    found = export_person(context, DEVICE, by="Dana", at=AFTER)
    told = Counter(next((h.kind for h in HOLDINGS if h.holds(each.of)), each.of) for each in found)
    assert {holding.kind for holding in HOLDINGS} <= told.keys()
    assert all(each.row.get("customer") != OTHER for each in found)
    lines = [json.loads(line) for line in as_lines(found)]
    assert {"of": "memberships", "customer": ID, "persona": "buyer", "since": "2026-11-20"} in lines
    bought = [line for line in lines if line["of"] == "events" and line["name"] == "Order Completed"]
    assert [line["message_id"] for line in bought] == [f"bought-{day}" for day in range(5)]
    assert [act.kind for act in PRIVACY_ACTS.all(context.store).values()] == ["exported"]
    gone = erase(context, [ID], now=AFTER, by="Dana", owner="tests").rows
    beside = {"email/clicks", "note"}  # of a note the text goes: that there was one stays
    assert dict(gone) == {kind: count for kind, count in told.items() if kind not in beside}
    assert {told[kind] for kind in beside} == {1}
    assert export_person(context, ID, by="Dana", at=AFTER) == ()
    tell(f"{sum(told.values())} rows of {len(told)} kinds told; {sum(gone.values())} erased, all of them among those")


def test_an_id_that_names_nobody_is_refused(context: Context) -> None:
    with pytest.raises(BadValueError, match="names nobody"):
        export_person(context, "guest", by="Dana", at=AFTER)
