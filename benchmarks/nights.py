"""What a night costs late in a workspace's life beside early in it: seconds of processor, by step of the loop.

    python benchmarks/nights.py [--customers 5000] [--early 31] [--late 91] [--drawn] [--folder DIR]

The demo's world lives under the decisions of the loop, with a holdout; each day is recorded and closed by the same
cycle as anywhere. With --drawn it lives under an experiment of its own instead, from the first day on and without a
holdout. The nights of a week that ends on each of the two days are compared, as some things are done once a week. With
a folder a run that was interrupted goes on; nights that it did not see are not in its figures.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from spent import Spent, steps_timed

from living_personas.demo.closed_loop import lived_in_loop
from living_personas.demo.drive import ONE_DAY, Drive, noon
from living_personas.domain.batch import EventBatch
from living_personas.loop import cycle
from living_personas.loop.closing import closed_through
from living_personas.loop.recording.record import record, register_policies
from living_personas.simulate.policies import drawn
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec

BAR = 1.2
WEEK = 7
STEPS = ("fold", "learn", "refine", "publish", "keep_worth", "count_parts")
WHOLE = "run"
"""The names of a cycle's steps in ``loop/cycle.py``, and of the cycle itself."""


def main() -> int:
    """Print the table; 1 where the bar is missed."""
    asked = _options()
    spent: Spent = {}
    nights: defaultdict[int, Spent] = defaultdict(dict)
    with ExitStack() as stack:
        stack.enter_context(steps_timed(spent, cycle, (*STEPS, WHOLE)))
        folder = asked.folder or Path(stack.enter_context(TemporaryDirectory()))
        world = World(demo_spec(asked.seed, customers=asked.customers, days=asked.late))
        for day in _drawn(world, folder / "shop") if asked.drawn else _decided(world, folder / "shop"):
            number = (day - world.spec.first_day).days + 1
            nights[number] = spent.copy()
            spent.clear()
            sys.stderr.write(f"\rday {number} of {asked.late}  ")
    sys.stderr.write("\n")
    early, late = (_a_night(nights, last) for last in (asked.early, asked.late))
    sys.stdout.write(f"| {asked.customers:,} customers, a night | day {asked.early} | day {asked.late} | ratio |\n")
    sys.stdout.write("|---|---|---|---|\n")
    for name in (*STEPS, WHOLE):
        ratio = late[name] / max(early[name], 1e-9)
        sys.stdout.write(f"| {_said(name)} | {early[name]:.2f} s | {late[name]:.2f} s | {ratio:.2f} |\n")
    missed = late[WHOLE] > BAR * early[WHOLE]
    sys.stdout.write(f"bar {BAR}: {'MISSED' if missed else 'met'}\n")
    return int(missed)


def _decided(world: World, root: Path) -> Iterator[date]:
    """Each day that the world lived under the decisions of the loop, after its night; the history's days, too."""
    return (day for day, _ in lived_in_loop(world, root))


def _drawn(world: World, root: Path) -> Iterator[date]:
    """Each day that the world lived under options drawn by known shares, after its night."""
    context, decide = Drive(world, root).context, drawn(world)
    for day in world.days():
        batch = world.live(day, decide)
        if (closed_through(context) or day - ONE_DAY) < day:
            register_policies(context, _shares(batch))
            record(context, batch, received=noon(day))
            cycle.run(context, now=noon(day + ONE_DAY), owner="nights", until=day)
        yield day
    context.store.close()


def _shares(batch: EventBatch) -> dict[str, dict[str, float]]:
    """The share of each option, by policy, of a day's exposures."""
    names = ["policy", "option", "propensity"]
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for policy, option, share in zip(*batch.exposures.group_by(names).aggregate([]).to_pydict().values(), strict=True):
        found[policy][option] = share
    return found


def _a_night(nights: defaultdict[int, Spent], last: int) -> Spent:
    """The mean night of the week that ends on a day, by step."""
    week = [nights[number] for number in range(last - WEEK + 1, last + 1) if WHOLE in nights[number]]
    return {name: sum(night.get(name, 0.0) for night in week) / max(len(week), 1) for name in (*STEPS, WHOLE)}


def _said(name: str) -> str:
    return "all of it" if name == WHOLE else name.replace("_", " ")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--early", type=int, default=31)
    parser.add_argument("--late", type=int, default=91)
    parser.add_argument("--drawn", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
