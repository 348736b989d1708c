"""Ten demos and ten shops with nothing to find, lived in full; what is promised is promised of the ten together."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from living_personas.demo.drive import Drive
from living_personas.demo.outcome import alarmed, outcome, planted
from living_personas.reporting.report import build_report
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec, null_spec

pytestmark = pytest.mark.slow

SEEDS = range(1, 11)
WRONG = ("budget-first-buyer", "framing")
RIGHT = ("deal-hunter", "offer")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "ten-worlds"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("world", ["demo", "null"])
def test_a_world_is_lived_to_its_end(world: str, seed: int, shared: Path, tmp_path: Path) -> None:
    found = lived(world, seed, tmp_path)
    assert len(found["beliefs"]) == 4
    (shared / f"{world}-{seed}.json").write_text(json.dumps(found))


def test_nine_of_ten_demos_find_what_was_planted(shared: Path, tmp_path: Path) -> None:
    worlds = [known("demo", seed, shared, tmp_path) for seed in SEEDS]
    print("\n" + "\n".join(map(row, worlds)))
    assert sum("quality" in corrections(each, *WRONG) for each in worlds) >= 9
    assert sum(bool(corrections(each, *RIGHT)) for each in worlds) <= 1
    assert sum(agreement(each) >= 0.6 for each in worlds) >= 9


def test_nine_of_ten_shops_without_anything_claim_nothing(shared: Path, tmp_path: Path) -> None:
    worlds = [known("null", seed, shared, tmp_path) for seed in SEEDS]
    print("\n" + "\n".join(map(row, worlds)))
    assert sum(not corrected(each) for each in worlds) >= 9
    assert sum(not each["segments"] for each in worlds) >= 9


def test_the_watch_on_the_feed_leaves_sound_days_alone(shared: Path, tmp_path: Path) -> None:
    worlds = [known(world, seed, shared, tmp_path) for world in ("demo", "null") for seed in SEEDS]
    alarms, days = [each for world in worlds for each in world["alarms"]], sum(world["days"] for world in worlds)
    print(f"\n{len(alarms)} false alarms on {days} days: {alarms}")
    assert len(alarms) <= days / 100


def known(world: str, seed: int, shared: Path, tmp_path: Path) -> Any:
    """The outcome that some worker wrote down, or else lives now."""
    file = shared / f"{world}-{seed}.json"
    return json.loads(file.read_text()) if file.exists() else lived(world, seed, tmp_path)


@cache
def lived(world: str, seed: int, folder: Path) -> Any:
    """The outcome of a world that is lived to its end."""
    spec = (demo_spec if world == "demo" else null_spec)(seed)
    drive = Drive(World(spec), folder / f"{world}-{seed}")
    changes = [each for day in drive.days() for each in day.refinements if each.verdict == "apply"]
    report = build_report(drive.context)
    truth = drive.world.truth
    found = planted(drive.context.store, truth, drive.segments, report.personas)
    alarms = alarmed(drive.context.store)
    drive.context.store.close()
    return outcome(report, truth, spec=spec, segments=found, changes=changes, alarms=alarms)


def corrected(found: Any) -> list[str]:
    return [f"{c['persona']}/{c['attribute']}" for c in found["changes"] if c["kind"] == "correct"]


def corrections(found: Any, persona: str, attribute: str) -> list[str]:
    mine = [c for c in found["changes"] if (c["persona"], c["attribute"], c["kind"]) == (persona, attribute, "correct")]
    return [c["new"] for c in mine]


def agreement(found: Any) -> float:
    """The best Jaccard index of an adopted segment with the silent evaluators."""
    return max((each["jaccard"] or 0.0 for each in found["segments"] if each["state"] == "adopted"), default=0.0)


def row(found: Any) -> str:
    days = [(c["attribute"], c["kind"], c["new"], c["number"]) for c in found["changes"]]
    again = [flip["corrected_again"] for flip in found["flips"]]
    segments = [(each["name"], each["state"], each["jaccard"]) for each in found["segments"]]
    return f"{found['world']} {found['seed']:2}: changes {days}; flips corrected on {again}; segments {segments}"
