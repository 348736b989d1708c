"""``demo``: a simulated shop whose truth is known goes through the whole loop, and the story is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from living_personas.cli.failures import DONE, INTERRUPTED, say
from living_personas.cli.pasted import about
from living_personas.cli.screen import show, tell
from living_personas.cli.stage import Stage, staged
from living_personas.demo.drive import Drive
from living_personas.demo.ending import ending
from living_personas.demo.folder import REPORT, Made, cleared, mark
from living_personas.demo.outcome import alarmed, outcome, planted
from living_personas.demo.story import beginning, told
from living_personas.domain.event import Json
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import Report
from living_personas.errors import MissingExtraError
from living_personas.reporting.html import report_html
from living_personas.reporting.report import build_report, ledger_days
from living_personas.simulate.world import World
from living_personas.simulate.worlds import CUSTOMERS, DAYS, demo_spec, null_spec
from living_personas.workspace.text_file import write_text_atomically

__all__ = ["demo"]

Folder = Annotated[Path, Parameter(help="The folder to live in: a new one, or the one of an earlier demo.")]
Seed = Annotated[int, Parameter(help="Another seed tells another honest story.")]
Which = Annotated[Literal["demo", "null"], Parameter(help="The shop of the demo, or one with nothing to find.")]
Days = Annotated[int, Parameter(help="How many days to live; the plot needs most of the 120.")]
Customers = Annotated[int, Parameter(help="How many customers the shop has.")]
Form = Annotated[
    Literal["table", "json"], Parameter(name="--format", help="The story, or the outcome beside the truth.")
]


def demo(
    folder: Folder = Path("demo"),
    /,
    *,
    seed: Seed = 1,
    world: Which = "demo",
    days: Days = DAYS,
    customers: Customers = CUSTOMERS,
    form: Form = "table",
) -> int:
    """Live 120 days of a simulated shop, through the real loop, and leave the workspace to explore."""
    spec = (demo_spec if world == "demo" else null_spec)(seed, customers=customers, days=days)
    shop = World(spec)
    before = cleared(folder)
    if before is not None:
        say(_replaced(before, folder))
    drive = Drive(shop, folder)
    mark(drive, lived=0)
    changes: list[Refinement] = []
    with about(drive.root), staged() as stage:
        if not _lived(drive, stage, changes, aloud=form == "table"):
            return INTERRUPTED
    report = build_report(drive.context)
    found = planted(drive.context.store, shop.truth, drive.segments, report.personas)
    missing = _write_report(drive, report)
    if form == "json":
        data = outcome(
            report, shop.truth, spec=spec, segments=found, changes=changes, alarms=alarmed(drive.context.store)
        )
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
    else:
        _end(drive, report, found, missing)
    drive.context.store.close()
    return DONE


def _lived(drive: Drive, stage: Stage, changes: list[Refinement], *, aloud: bool) -> bool:
    """Live all days and tell them; False if somebody interrupted, and then the folder opens as it is."""
    spec, lived = drive.world.spec, 0
    try:
        if aloud:
            _begin(drive, stage)
        stage.at(0, spec.days, "the shop gets to know its customers")
        for day in drive.days():
            lived = day.number + 1
            for said in told(day, drive.context.personas, changes) if aloud else ():
                stage.tell(said.headline, label=f"day {lived:3}  ", bold=True)
                for line in said.below:
                    stage.tell(line, label=" " * 9)
            changes += (each for each in day.refinements if each.verdict == "apply")
            if day.adopted is not None:
                mark(drive, lived=lived)
            stage.at(lived, spec.days, f"day {lived} of {spec.days}")
    except KeyboardInterrupt:
        mark(drive, lived=lived)
        drive.context.store.close()
        say(f"interrupted after day {lived} of {spec.days}; what was learned by then is kept:")
        say(f"  personas report --workspace {drive.root.as_posix()}")
        say(f"Run `personas demo {drive.root.as_posix()} --seed {spec.seed}` again to live it from the first day.")
        return False
    mark(drive, lived=lived)
    return True


def _begin(drive: Drive, stage: Stage) -> None:
    spec = drive.world.spec
    personas, settings = drive.context.personas, drive.context.settings
    for text in beginning(personas, settings, customers=spec.customers, history=spec.history_days):
        if not text.startswith("- "):
            stage.tell()
        stage.tell(text.removeprefix("- "), label="  - " if text.startswith("- ") else "")
    stage.tell()


def _write_report(drive: Drive, report: Report) -> str:
    """Write the report with its plots; what to do instead if the plots cannot be drawn, else nothing."""
    try:
        page = report_html(report, goals=drive.goals, ledger=ledger_days(drive.context))
    except MissingExtraError as error:
        return error.in_sentences
    write_text_atomically(drive.root / REPORT, page)
    return ""


def _end(drive: Drive, report: Report, found: Sequence[Mapping[str, Json]], missing: str) -> None:
    page = ending(report, drive.world.truth, goals=drive.goals, found=found)
    tell("")
    show("table", lambda: page, lambda: "")
    tell(
        "", "Nothing was scripted: each sentence is a refinement, a segment or a figure of the workspace that is left:"
    )
    if missing:
        tell(f"  (no report with plots: {missing})")
    else:
        tell(f"  open {(drive.root / REPORT).as_posix()}  - the report, with its plots")
    tell(*(f"  {command:<58} - {why}" for command, why in _next(drive, report)))


def _next(drive: Drive, report: Report) -> list[tuple[str, str]]:
    """What to type next, on the workspace that is left."""
    place = f"--workspace {drive.root.as_posix()}"
    changed = next((p.persona for p in report.personas if p.version > 1), report.personas[0].persona)
    someone = drive.world.people.ids[0].as_py()
    return [
        (f"personas report {place}", "all that is believed, proven and unknown"),
        (f"personas log {place}", "every version, and why it came"),
        (f"personas diff {changed} {place}", "what evidence changed"),
        (f"personas discover list {place}", "who was found, and on what proof"),
        (f"personas decide {someone} {place}", "what to show this customer now"),
        (f"personas plan {place}", "how long each open question will take"),
        ("personas init acme", "begin with your own"),
    ]


def _replaced(before: Made, folder: Path) -> str:
    end = "" if before.lived == before.days else f", which stopped after day {before.lived} of {before.days},"
    return f"the demo in {folder.as_posix()} (world {before.world}, seed {before.seed}){end} is replaced"
