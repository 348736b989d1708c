"""``demo``: a simulated shop whose truth is known goes through the whole loop, and the story is told."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from living_personas.cli.progress import watched
from living_personas.cli.screen import tell
from living_personas.demo.drive import Drive
from living_personas.demo.story import ending, outcome, sentences
from living_personas.domain.refinement import Refinement
from living_personas.errors import InvalidDecisionError
from living_personas.reporting.report import build_report
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec, null_spec

__all__ = ["demo"]

Folder = Annotated[Path, Parameter(help="The folder to live in; it must not exist.")]
Seed = Annotated[int, Parameter(help="Another seed tells another honest story.")]
Which = Annotated[Literal["demo", "null"], Parameter(help="The shop of the demo, or one with nothing to find.")]
Form = Annotated[
    Literal["table", "json"], Parameter(name="--format", help="The story, or the outcome beside the truth.")
]


def demo(folder: Folder = Path("story"), /, *, seed: Seed = 1, world: Which = "demo", form: Form = "table") -> None:
    """Live 120 days of a simulated shop, through the real loop, and leave the workspace to explore."""
    if folder.exists():
        raise InvalidDecisionError(f"There is something at {str(folder)!r} already.", hint="name another folder.")
    spec = demo_spec(seed) if world == "demo" else null_spec(seed)
    drive = Drive(World(spec), folder)
    changes: list[Refinement] = []
    with watched() as told:
        for day in drive.days():
            told(day.number + 1, spec.days, "days")
            changes += (refinement for refinement in day.refinements if refinement.verdict == "apply")
            for sentence in sentences(day, drive.goals) if form == "table" else ():
                tell(f"day {day.number + 1:3}  {sentence}")
    report = build_report(drive.parts)
    if form == "json":
        found = outcome(report, drive.world.truth, drive.segments, changes)
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    tell("", "At the end, beside what was true all along:", *ending(report, drive.world.truth), "")
    tell(f"Explore it: personas report --workspace {folder}; personas discover list --workspace {folder}")
