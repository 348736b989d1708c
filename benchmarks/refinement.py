"""What corrections cost and promise, on the production path: cells in, decisions out (docs/explanation/evidence.md).

Prints a table in Markdown, each figure with its 95 % interval and its bar, then the same as JSON. `--quick` lives a
tenth of the worlds; `--only NAME` one benchmark, and may be repeated.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from scipy.stats import beta, binom

from living_personas.domain.cell import Cells
from living_personas.domain.persona import Persona
from living_personas.domain.settings import Promise, Settings
from living_personas.domain.snapshot import Snapshot
from living_personas.stats.arrays import Floats
from worlds.adversary import false_corrections
from worlds.cells import FIRST, CellWorld, drawn, persona

SIDE_BY_SIDE = 250
UNITS = 1000
SEED = 20261101
Rates = Callable[[int], Floats]


@dataclass(frozen=True)
class Figure:
    """One measured number with its 95 % interval, of so many worlds, and the bar that it is to keep."""

    benchmark: str
    figure: str
    value: float
    lower: float
    upper: float
    worlds: int
    bar: float | None = None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """Whether the figure keeps its bar; as good as told apart where the interval reaches over it."""
        if self.bar is None:
            return ""
        kept = self.value >= self.bar if self.at_least else self.value <= self.bar
        return "kept" if kept else "missed"


def static(*rates: float) -> Rates:
    """The same success rates every day."""
    return lambda _day: np.array(rates)


def moving(*rates: float) -> Rates:
    """Weekly ups and downs of 50 % on a trend that doubles in a year."""
    return lambda day: np.array(rates) * (1 + 0.5 * np.sin(2 * np.pi * day / 7)) * (1 + day / 365)


def waving(*rates: float) -> Rates:
    """Weekly ups and downs of 50 %, without a trend."""
    return lambda day: np.array(rates) * (1 + 0.5 * np.sin(2 * np.pi * day / 7))


def flipping(first: Sequence[float], then: Sequence[float], *, on: int) -> Rates:
    """What is best changes on a day."""
    return lambda day: np.array(then if day >= on else first)


def main() -> None:
    """Run the benchmarks that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the worlds, within ten minutes")
    parser.add_argument("--only", action="append", choices=sorted(BENCHMARKS), default=[])
    parser.add_argument("--json", type=Path, help="also write the figures into this file")
    asked = parser.parse_args()
    sys.stdout.write("| benchmark | figure | value | 95 % interval | worlds | bar | |\n|---|---|---|---|---|---|---|\n")
    figures: list[Figure] = []
    for name, benchmark in BENCHMARKS.items():
        if asked.only and name not in asked.only:
            continue
        for figure in benchmark(name, 10 if asked.quick else 1):
            figures.append(figure)
            sys.stdout.write(_line(figure))
            sys.stdout.flush()
    text = json.dumps([asdict(figure) | {"verdict": figure.verdict} for figure in figures])
    sys.stdout.write(f"\n{text}\n")
    if asked.json:
        asked.json.write_text(text)


def _line(figure: Figure) -> str:
    bar = "" if figure.bar is None else f"{'>=' if figure.at_least else '<='} {figure.bar:g}"
    value, low, high = (f"{number:,.4g}" for number in (figure.value, figure.lower, figure.upper))
    cells = (figure.benchmark, figure.figure, value, f"{low} to {high}", str(figure.worlds), bar, figure.verdict)
    return f"| {' | '.join(cells)} |\n"


def _lived(
    rates: Rates,
    *,
    worlds: int,
    days: int,
    options: int = 4,
    worth_changing: float = 0.0,
    until_corrected: bool = False,
) -> Iterator[CellWorld]:
    """Worlds of one attribute each, side by side, some hundred at a time."""
    names = tuple(f"o{k}" for k in range(options))
    for first in range(0, worlds, SIDE_BY_SIDE):
        people = [
            _worth(persona(f"p{i:04d}", options=names), worth_changing)
            for i in range(first, min(worlds, first + SIDE_BY_SIDE))
        ]
        world = CellWorld(people, drawn(rates, units_a_day=UNITS, seed=SEED + first))
        yield world.run(days, until_all_corrected=until_corrected)


def _worth(person: Persona, worth_changing: float) -> Persona:
    attributes = tuple(replace(attribute, worth_changing=worth_changing) for attribute in person.attributes)
    return replace(person, attributes=attributes)


def no_difference(rates: Rates, *, worlds: int) -> Callable[[str, int], Iterator[Figure]]:
    """A year without differences: how many definitions are falsely corrected."""

    def run(name: str, fewer: int) -> Iterator[Figure]:
        count = max(worlds // fewer, 100)
        false = sum(len(world.corrected) for world in _lived(rates, worlds=count, days=365))
        yield _share(name, "false corrections in a year", false, count, bar=0.05)

    return run


def difference(
    *rates: float, worlds: int, days: int, bar: float, worth_changing: float = 0.0
) -> Callable[[str, int], Iterator[Figure]]:
    """The last option is better: units until that is known, and how often another one is chosen."""

    def run(name: str, fewer: int) -> Iterator[Figure]:
        count, best = max(worlds // fewer, 100), f"o{len(rates) - 1}"
        known: list[float] = []
        wrong = 0
        for world in _lived(
            static(*rates),
            worlds=count,
            days=days,
            options=len(rates),
            worth_changing=worth_changing,
            until_corrected=True,
        ):
            known += ((world.days_to_correct() - 1) * UNITS).tolist()
            wrong += sum(found.new != best for found in world.corrected.values())
        yield _median(name, "units, median", known, bar=bar)
        yield _quantile(name, "units, nine in ten", known, 0.9)
        yield _share(name, "wrong option", wrong, count, bar=0.01)

    return run


def flip(name: str, fewer: int) -> Iterator[Figure]:
    """What is best changes on day 180: days until the value follows, and corrections that were wrong."""
    on, count = 180, max(400 // fewer, 100)
    rates = flipping((0.04, 0.03, 0.03, 0.03), (0.03, 0.03, 0.03, 0.04), on=on)
    days: list[float] = []
    wrong = negative = 0
    for world in _lived(rates, worlds=count, days=on + 120):
        for person in world.personas:
            found = world.corrected.get(person.id)
            good = found is not None and found.new == "o3" and (found.day - FIRST).days >= on
            days.append((found.day - FIRST).days + 1 - on if found is not None and good else np.inf)
            wrong += found is not None and not good
            negative += found is not None and found.effect is not None and found.effect.estimate < 0
    yield _median(name, "days, median", days, bar=30)
    yield _quantile(name, "days, nine in ten", days, 0.9)
    yield _share(name, "wrong corrections", wrong, count, bar=0.01)
    yield _share(name, "effect shown with the wrong sign", negative, count)


def regret(rates: Rates, *, bar: float, worlds: int = 200) -> Callable[[str, int], Iterator[Figure]]:
    """Successes that 100,000 units lose against the best option of their day; 750 where options are drawn evenly."""

    def run(name: str, fewer: int) -> Iterator[Figure]:
        count = max(worlds // fewer, 100)
        lost = np.zeros(count)
        supply = drawn(rates, units_a_day=UNITS, seed=SEED)

        def counting(number: int, day: date, snapshot: Snapshot) -> Cells:
            cells = supply(number, day, snapshot)
            units = np.asarray(cells.table.sort_by([("persona", "ascending"), ("option", "ascending")])["n"].to_numpy())
            now = rates(number)
            lost[:] += units.reshape(count, -1) @ (now.max() - now)
            return cells

        CellWorld([persona(f"p{i:04d}") for i in range(count)], counting).run(100_000 // UNITS)
        yield _mean(name, "lost successes per 100,000 units", lost, bar=bar)

    return run


def adversary(name: str, fewer: int) -> Iterator[Figure]:
    """Nominations and pauses by an adversary who uses earlier days only: 12 options, ten of them better."""
    count = max(600 // fewer, 150)
    for bar, rule in ((0.065, "own account"), (None, "sum over options")):
        false = false_corrections(replicates=count, rule="own" if rule == "own account" else "sum", seed=SEED)
        yield _share(name, f"false corrections, bar on the {rule}", false, count, bar=bar)


def many(promise: Promise, *, worlds: int = 20) -> Callable[[str, int], Iterator[Figure]]:
    """300 attributes for 90 days, 30 of them wrong by 30 %: wrong changes, and wrong beliefs that are changed."""

    def run(name: str, fewer: int) -> Iterator[Figure]:
        count = max(worlds // fewer, 2)
        rates = np.full((300, 4), 0.03)
        rates[:30, 3] *= 1.3
        wrong, found = np.zeros(count), np.zeros(count)
        for place in range(count):
            settings = Settings(name="world", salt="a salt for worlds", holdout=0.0, promise=promise)
            people = [persona(f"p{i:04d}") for i in range(300)]
            supply = drawn(lambda _day: rates, units_a_day=MANY_UNITS, seed=SEED + place)
            world = CellWorld(people, supply, settings=settings).run(90)
            right = sum(name < "p0030" and each.new == "o3" for name, each in world.corrected.items())
            wrong[place] = (len(world.corrected) - right) / max(len(world.corrected), 1)
            found[place] = right / 30
        limit = 0.02 if promise == "all" else None
        yield _mean(name, "wrong among all changes (FDR)", wrong, bar=limit)
        yield _mean(name, "wrong beliefs found (power)", found, bar=0.77 if promise == "all" else None, at_least=True)

    return run


MANY_UNITS = 400
"""Units a day of each of 300 attributes: so many that a promise for each finds about .87 of the wrong beliefs."""


def _share(name: str, figure: str, hits: int, worlds: int, *, bar: float | None = None) -> Figure:
    """A share with its Clopper-Pearson interval."""
    low = float(beta.ppf(0.025, hits, worlds - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, worlds - hits)) if hits < worlds else 1.0
    return Figure(name, figure, hits / worlds, low, high, worlds, bar)


def _median(name: str, figure: str, values: Sequence[float], *, bar: float) -> Figure:
    return replace(_quantile(name, figure, values, 0.5), bar=bar)


def _quantile(name: str, figure: str, values: Sequence[float], share: float) -> Figure:
    """A quantile with the interval that its order statistics give."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    low, high = (int(np.clip(binom.ppf(p, ordered.size, share), 0, ordered.size - 1)) for p in (0.025, 0.975))
    middle = int(np.ceil(share * ordered.size)) - 1
    return Figure(name, figure, float(ordered[middle]), float(ordered[low]), float(ordered[high]), ordered.size)


def _mean(name: str, figure: str, values: Floats, *, bar: float | None, at_least: bool = False) -> Figure:
    half = 1.96 * float(values.std(ddof=1)) / np.sqrt(values.size)
    middle = float(values.mean())
    return Figure(name, figure, middle, middle - half, middle + half, values.size, bar, at_least)


FLIP_OF_REGRET = flipping((0.04, 0.03, 0.03, 0.03), (0.03, 0.03, 0.03, 0.04), on=50)

BENCHMARKS: dict[str, Callable[[str, int], Iterator[Figure]]] = {
    "A/A static": no_difference(static(0.03, 0.03, 0.03, 0.03), worlds=2000),
    "A/A moving": no_difference(moving(0.03, 0.03, 0.03, 0.03), worlds=2000),
    "3 v 4 %": difference(0.03, 0.03, 0.03, 0.04, worlds=1000, days=150, bar=16_000),
    "2.0 v 2.4 %": difference(0.02, 0.02, 0.02, 0.024, worlds=500, days=300, bar=62_000),
    "3 v 4 %, K = 8": difference(*[0.03] * 7, 0.04, worlds=500, days=200, bar=24_000),
    "flip": flip,
    "regret static": regret(static(0.03, 0.03, 0.03, 0.04), bar=153 * 1.1),
    "regret moving": regret(waving(0.03, 0.03, 0.03, 0.04), bar=157 * 1.1),
    "regret flip": regret(FLIP_OF_REGRET, bar=293 * 1.1),
    "adversary": adversary,
    "300 attributes, each": many("each"),
    "300 attributes, all": many("all"),
    "worth changing 2 %, 2.0 v 2.4 %": difference(
        0.02, 0.02, 0.02, 0.024, worlds=300, days=400, bar=70_000, worth_changing=0.02
    ),
    "worth changing 2 %, 3 v 4 %": difference(
        0.03, 0.03, 0.03, 0.04, worlds=500, days=150, bar=21_000, worth_changing=0.02
    ),
}

if __name__ == "__main__":
    main()
