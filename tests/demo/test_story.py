"""The demo's story, lived for real and compared with the truth; nothing in it is scripted."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from living_personas.demo.drive import DayOfStory, Drive
from living_personas.domain.persona import EVER
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec, null_spec
from living_personas.steps.learn import table_of

pytestmark = pytest.mark.slow


def corrections(days: list[DayOfStory]) -> list[tuple[str, str]]:
    """Subject and new value of every correction, in order."""
    return [
        (str(r.subject), r.new) for day in days for r in day.refinements if r.kind == "correct" and r.verdict == "apply"
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_wrong_assumption_and_the_silent_evaluator_are_found(seed: int, tmp_path: Path) -> None:
    drive = Drive(World(demo_spec(seed)), tmp_path / "story")
    days = list(drive.days())
    corrected = corrections(days)
    adopted = [segment for segment in drive.segments if segment.state == "adopted"]
    print(f"\nseed {seed}: corrected {corrected}, adopted {[(s.name, s.size) for s in adopted]}")
    assert ("budget-first-buyer/framing", "quality") in corrected
    assert not [subject for subject, _ in corrected if subject == "deal-hunter/offer"]
    (segment,) = adopted
    assert jaccard(drive, segment.id) >= 0.6
    answered = [new for subject, new in corrected if subject.startswith(segment.persona)]
    assert set(answered) <= {"in-product nudge"}


@pytest.mark.parametrize("seed", [1])
def test_where_there_is_nothing_to_find_nothing_is_said(seed: int, tmp_path: Path) -> None:
    drive = Drive(World(null_spec(seed)), tmp_path / "story")
    corrected = corrections(list(drive.days()))
    print(f"\nnull world, seed {seed}: corrected {corrected}, segments {[s.name for s in drive.segments]}")
    assert corrected == []
    assert [segment for segment in drive.segments if segment.state == "adopted"] == []


def jaccard(drive: Drive, segment: str) -> float:
    """How well the members of a segment agree with the customers who were planted."""
    kind = f"segment_{segment}"
    found = table_of(drive.parts.store.partitions.read(kind, EVER, EVER))["customer"].combine_chunks()
    (planted,) = drive.world.truth.segments
    both = pc.sum(pc.is_in(found, value_set=pa.array(planted.members))).as_py()
    return float(both / (len(found) + len(planted.members) - both))
