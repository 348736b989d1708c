"""``simulate``: a world whose truth is known, as files that a workspace can ingest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from living_personas.cli.breaking import breakages_of, forgeries_of
from living_personas.cli.failures import say
from living_personas.cli.progress import watched
from living_personas.cli.screen import json_of, tell
from living_personas.demo.closed_loop import lived_in_loop
from living_personas.domain.batch import EventBatch
from living_personas.domain.value import value
from living_personas.loop.context import Progress
from living_personas.simulate.history_folder import TRUTH, FileForm, WorldFolder
from living_personas.simulate.policies import believed, drawn
from living_personas.simulate.spec import Family, WorldSpec
from living_personas.simulate.world import World
from living_personas.simulate.worlds import CUSTOMERS, WorldName, world_spec

__all__ = ["LIVED", "Simulated", "simulate"]

Policy = Literal["uniform", "believed", "living"]

LIVED = "lived"
"""The folder of the workspace that decided in a closed loop."""

Folder = Annotated[Path, Parameter(help="Where to write; the folder is new, or holds the same world half written.")]
Which = Annotated[WorldName, Parameter(help="The demo's shop, one with nothing to find, or a hypothesis world.")]
Customers = Annotated[int, Parameter(help="How many customers live in it.")]
Days = Annotated[int, Parameter(help="How many days, beside the 28 of history before them.")]
Seed = Annotated[int, Parameter(help="The same seed writes the same files.")]
FirstDay = Annotated[date | None, Parameter(help="The first day; 2026-01-05 unless given.")]
ByWhom = Annotated[
    Policy, Parameter(help="Options drawn alike, as people believe them, or by the loop that learns meanwhile.")
]
Breaks = Annotated[
    tuple[str, ...], Parameter(name="--break", help="KIND:FIRST-LAST[:WHAT], such as half:30-36; may be repeated.")
]
Forges = Annotated[
    tuple[str, ...], Parameter(name="--forge", help="ATTRIBUTE/OPTION:FIRST-LAST[:SHARE]; may be repeated.")
]
Kin = Annotated[Family | None, Parameter(help="How customers differ: gamma, or lognormal with heavier tails.")]
FilesAs = Annotated[FileForm, Parameter(name="--files", help="How rows are written.")]
Form = Annotated[Literal["table", "json"], Parameter(name="--format", help="How to say what was written.")]


@value
class Simulated:
    """What a simulation wrote, and how many days were there already."""

    folder: str
    world: str
    seed: int
    customers: int
    days: int
    days_held_before: int
    events: int
    exposures: int
    wrong_at_first: tuple[str, ...]
    planted: tuple[str, ...]


def simulate(
    folder: Folder = Path("world"),
    /,
    *,
    world: Which = "demo",
    customers: Customers = CUSTOMERS,
    days: Days = 120,
    seed: Seed = 1,
    first_day: FirstDay = None,
    policy: ByWhom = "uniform",
    breaks: Breaks = (),
    forges: Forges = (),
    family: Kin = None,
    files: FilesAs = "parquet",
    form: Form = "table",
) -> None:
    """Write the events and exposures of a simulated world, a workspace that can ingest them, and the truth."""
    spec = _spec(world, seed, customers=customers, days=days, first_day=first_day, family=family)
    spec = replace(spec, breakages=breakages_of(breaks, spec), forgeries=forgeries_of(forges, spec))
    written = WorldFolder(folder, spec, policy=policy, form=files)
    with watched() as told:
        found = _write(World(spec), written, policy=policy, told=told)
    if form == "json":
        tell(json_of(found, Simulated).rstrip())
    else:
        tell(*_said(found, written))


def _spec(
    world: WorldName, seed: int, *, customers: int, days: int, first_day: date | None, family: Family | None
) -> WorldSpec:
    spec = world_spec(world, seed, customers=customers, days=days)
    if first_day:
        spec = replace(spec, first_day=first_day)
    return replace(spec, family=family) if family else spec


def _write(world: World, written: WorldFolder, *, policy: Policy, told: Progress) -> Simulated:
    """Live the world to its end; days that are there already are lived, but not written again."""
    spec, truth = world.spec, world.truth
    written.put_truth(truth)
    held = events = exposures = 0
    for number, (day, batch) in enumerate(_lived(world, written.root, policy)):
        told(number, spec.history_days + spec.days, "days")
        if written.holds(day):
            held += 1
        else:
            written.put(batch, day)
        events += len(batch)
        exposures += batch.exposures.num_rows
    return Simulated(
        folder=str(written.root),
        world=spec.name,
        seed=spec.seed,
        customers=spec.customers,
        days=spec.days,
        days_held_before=held,
        events=events,
        exposures=exposures,
        wrong_at_first=tuple(f"{each.persona}/{each.attribute}" for each in truth.wrong_on(0)),
        planted=tuple(each.id for each in truth.segments),
    )


def _lived(world: World, root: Path, policy: Policy) -> Iterator[tuple[date, EventBatch]]:
    if policy == "living":
        say(f"the workspace that decides lives in {root / LIVED}: see it with `personas report --workspace`")
        yield from lived_in_loop(world, root / LIVED)
        return
    decide = drawn(world, shares=believed(world.spec) if policy == "believed" else None)
    for batch in world.history():
        yield batch.events["day"][0].as_py(), batch
    for day in world.days():
        yield day, world.live(day, decide)


def _said(found: Simulated, written: WorldFolder) -> list[str]:
    before = f" ({found.days_held_before} of the days were here already)" if found.days_held_before else ""
    rows = f"{found.events:,} events and {found.exposures:,} exposures of {found.customers:,} customers"
    wrong, hidden = ", ".join(found.wrong_at_first) or "nothing", ", ".join(found.planted) or "nobody"
    commands = [
        f"  personas ingest {folder}/* --source {source} --workspace {found.folder}"
        for source, folder in written.sources()
    ]
    return [
        f"{rows} in {found.folder}{before}",
        f"true of them (see {TRUTH}): wrong at first: {wrong}; hidden: {hidden}",
        "now let a workspace learn of them:",
        *commands,
        f"  personas run --workspace {found.folder}",
    ]
