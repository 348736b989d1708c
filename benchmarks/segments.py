"""Are segments found where there are some, and invented where there are none? Worlds that hide some, or nobody.

    python benchmarks/segments.py [--worlds 201] [--folder build/segments] [--processes 2] [--customers 10000]

Every world is lived for eleven weeks, its options drawn by a die: what customers do unasked is the same whatever is
decided for them, and only their orders answer it. Features, personas and discovery are the real ones. It is looked
for segments on two days a week apart; one that is seen on both and needs nobody's eye is published, as the loop does.
The answers are kept in the folder: interrupted, it is run again and goes on; those of other code are not used.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cached import Answer, answered, code_of
from refinement.figures import share_words

from living_personas.domain.segment import Segment
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.loop.context import Context
from living_personas.loop.relations import table_of
from living_personas.loop.segments.automatic_adoption import born
from living_personas.loop.segments.discovery import discover
from living_personas.memory.tables import SEGMENT_MEMBERS
from living_personas.simulate.policies import drawn
from living_personas.simulate.workspace_files import workspace_files
from living_personas.simulate.world import World
from living_personas.simulate.worlds import HypothesisKind, hypothesis_spec
from living_personas.stores.memory import MemoryStore
from living_personas.workspace.files import read_workspace

STORIES = ("static", "moving", "flipping")
LOOKS = (70, 77)
FOUND = 0.6
"""Members' Jaccard with the planted customers from which a segment is the planted one."""


def search(story: HypothesisKind, seed: int, *, customers: int) -> Answer:
    """Live a world until the last look, and compare what is published with what was planted."""
    began = time.process_time()
    world = World(hypothesis_spec(story, seed, customers=customers))
    with tempfile.TemporaryDirectory() as folder:
        context = _context(world, Path(folder))
    sightings, looking = [], 0.0
    for number, day in _lived(world, context):
        if number in LOOKS:
            looked = time.process_time()
            sightings.append(discover(context, day, seed=number))
            looking += time.process_time() - looked
            if not sightings[-1]:  # what is published was seen twice, so a second look changes nothing
                break
    planted = _planted(world)
    published = [_agreement(context, segment, planted) for segment in born(sightings[-1])]
    return {
        "family": world.spec.family,
        "planted": len(planted),
        "seen": [[_described(context, segment, planted) for segment in seen] for seen in sightings],
        "published": published,
        "living": round(time.process_time() - began - looking, 1),
        "looking": round(looking, 1),
    }


def _context(world: World, folder: Path) -> Context:
    """A workspace in memory that knows of the world what its people do."""
    for name, text in workspace_files(world.spec).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    files = read_workspace(folder)
    return Context(
        store=MemoryStore(), engine=DuckDBEngine(threads=1), settings=files.settings, personas=files.personas
    )


def _lived(world: World, context: Context) -> Iterator[tuple[int, date]]:
    """Each day after its events were put where the engine reads them."""
    for batch in world.history():
        context.store.partitions.replace("events", {batch.events["day"][0].as_py(): batch.events})
    decide = drawn(world)
    for number, day in enumerate(list(world.days())[: LOOKS[-1] + 1]):
        context.store.partitions.replace("events", {day: world.live(day, decide).events})
        yield number, day


def _planted(world: World) -> pa.Array:
    """The planted customers who have come by the last look."""
    here = world.people.ids.filter(pa.array(world.people.arrives <= LOOKS[-1]))
    members = [segment.members for segment in world.truth.segments]
    planted = pa.concat_arrays(members) if members else pa.array([], pa.string())
    return planted.filter(pc.is_in(planted, value_set=here))


def _agreement(context: Context, segment: Segment, planted: pa.Array) -> float:
    """The Jaccard index of a segment's members and the planted customers."""
    members = table_of(SEGMENT_MEMBERS.of(segment.id).all(context.store))["customer"].combine_chunks()
    both = pc.sum(pc.is_in(members, value_set=planted)).as_py() or 0
    return round(both / max(len(members) + len(planted) - both, 1), 4)


def _described(context: Context, segment: Segment, planted: pa.Array) -> Answer:
    return {
        "id": segment.id,
        "name": segment.name,
        "size": segment.size,
        "jaccard": _agreement(context, segment, planted),
        "review": list(segment.review),
    }


def main() -> None:
    """Print what was found and what was invented, by story, as a Markdown table."""
    options = _options()
    file = options.folder / f"segments-{options.customers}.jsonl"
    asked = [(STORIES[number % 3], options.seed + number) for number in range(options.worlds)]
    code = code_of(Path(__file__), Path(__file__).parents[1] / "src" / "living_personas")
    find = partial(search, customers=options.customers)
    answers = answered(file, asked, find, code=code, processes=options.processes)
    columns = {**{story: _of(answers, story) for story in STORIES}, "all": answers}
    heading = f"{options.worlds} worlds, {options.customers:,} customers, looks on days {LOOKS[0]} and {LOOKS[1]}"
    sys.stdout.write(f"| {heading} | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}\n")
    for label, figure in _FIGURES:
        sys.stdout.write(f"| {label} | {' | '.join(figure(column) for column in columns.values())} |\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=201)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=8_000)
    parser.add_argument("--folder", type=Path, default=Path("build/segments"))
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def _of(answers: Sequence[Answer], story: str) -> list[Answer]:
    return [answer for answer in answers if answer["story"] == story]


def _hidden(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer["planted"]]


def _nobody_hidden(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if not answer["planted"]]


def _found(answer: Answer) -> bool:
    return any(each >= FOUND for each in answer["published"])


def _invented(answer: Answer) -> bool:
    return any(each < FOUND for each in answer["published"])


def _share(answers: Sequence[Answer], hit: Callable[[Answer], bool]) -> str:
    return share_words(sum(map(hit, answers)), len(answers))


def _median_agreement(answers: Sequence[Answer]) -> str:
    best = [max(answer["published"]) for answer in _hidden(answers) if _found(answer)]
    return f"{np.median(best):.2f}" if best else "-"


def _seconds(answers: Sequence[Answer]) -> str:
    return ", ".join(f"{np.mean([a[name] for a in answers]):.0f}" for name in ("living", "looking")) if answers else "-"


_FIGURES: tuple[tuple[str, Callable[[Sequence[Answer]], str]], ...] = (
    ("hidden segments found", lambda answers: _share(_hidden(answers), _found)),
    ("... and their members' Jaccard index, median", _median_agreement),
    ("worlds without one in which one was invented", lambda answers: _share(_nobody_hidden(answers), _invented)),
    ("worlds with one in which another was invented", lambda answers: _share(_hidden(answers), _invented)),
    ("seconds of CPU for a world: living, looking", _seconds),
)


if __name__ == "__main__":
    main()
