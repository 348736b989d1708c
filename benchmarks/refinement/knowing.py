"""How long until it is known that another option is better, or better by enough, or that the believed one is best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from living_personas.reporting.changes import size_words
from refinement.figures import Benchmark, Figure, quantile, share
from refinement.lived import SEED, UNITS, lived, people, static
from worlds.cells import CellWorld
from worlds.delays import Answering


def difference(
    *rates: float,
    worlds: int,
    days: int,
    bar: float | None = None,
    worth_changing: float = 0.0,
    units: int = UNITS,
    quick: int = 100,
    right: float | None = None,
) -> Benchmark:
    """The last option is better: units until that is known, and how often another is chosen.

    ``right`` is the least share of worlds that are to find it.
    """

    def run(count: int) -> Iterator[Figure]:
        best, known, wrong = f"o{len(rates) - 1}", list[float](), 0
        for world in lived(
            static(*rates),
            worlds=count,
            days=days,
            options=len(rates),
            units=units,
            worth_changing=worth_changing,
            until_corrected=True,
        ):
            known += ((world.days_to_correct() - 1) * units).tolist()
            wrong += sum(found.new != best for found in world.corrected.values())
        yield quantile("units, median", known, 0.5, bar=bar)
        yield quantile("units, nine in ten", known, 0.9)
        yield share("wrong option", wrong, count, bar=0.01)
        if right is not None:
            found = int(np.isfinite(known).sum()) - wrong
            yield share(f"right option, within {days} days", found, count, bar=right, side="at least")

    return Benchmark(run, worlds, quick)


def small_but_real(count: int) -> Iterator[Figure]:
    """2.0 v 2.4 % where 30 % more would be worth changing: nothing changes, and it is said to be real but small."""
    changed = small = 0
    for world in lived(static(0.02, 0.024), worlds=count, days=100, options=2, worth_changing=0.3):
        changed += sum(found.grade == "proven" for found in world.corrected.values())
        every = {
            each.subject.persona for each in world.context.store.refinements.all() if each.grade == "real but small"
        }
        small += len(every)
    yield share("changed though not worth it", changed, count, bar=0.05)
    yield share("said to be real but small, within 100 days", small, count)


def confirmed(count: int) -> Iterator[Figure]:
    """The believed option is better than all others: days until that is proven, and what is changed all the same."""
    days, false = list[float](), 0
    for world in lived(static(0.04, 0.03, 0.03, 0.03), worlds=count, days=150):
        found = [world.confirmed.get(each.id) for each in world.personas]
        days += [each.units / UNITS if each is not None else np.inf for each in found]
        false += len(world.corrected)
    yield quantile("days, median", days, 0.5, bar=70)
    yield share("falsely corrected", false, count, bar=0.05)


def falsely_confirmed(count: int) -> Iterator[Figure]:
    """Another option is as good as the believed one: how often it is called the best within a year."""
    false = sum(len(world.confirmed) for world in lived(static(0.04, 0.04, 0.03, 0.03), worlds=count, days=365))
    yield share("falsely confirmed in a year", false, count, bar=0.05)


def by_the_week(within: int, *, bar: float) -> Benchmark:
    """2 v 3 % on the visit, an option for a week, and .2 % who buy on each day of the horizon anyway: days."""

    def run(count: int) -> Iterator[Figure]:
        rates = np.array([0.02, 0.02, 0.02, 0.03])
        supply = Answering(rates, np.ones(4), within=within + 6, at_once=1.0, base=0.002, seed=SEED)
        weekly = [
            replace(each, attributes=(replace(each.attributes[0], assign="week"),))
            for each in people(count, days=within)
        ]
        world = CellWorld(weekly, supply).run(150, until_all_corrected=True)
        yield quantile("days, median", world.days_to_correct(), 0.5, bar=bar)

    return Benchmark(run, worlds=200, quick=50)


def words(count: int) -> Iterator[Figure]:
    """What is said of a correction whose printed interval holds 0, between two options and among four."""
    silent = said = every = 0
    for rates in ((0.03, 0.04), (0.03, 0.03, 0.03, 0.04)):
        for world in lived(static(*rates), worlds=count, days=150, options=len(rates), until_corrected=True):
            goals = {each.id: each.goal for each in world.personas}
            every += len(world.corrected)
            for found in world.corrected.values():
                if found.effect is None or not found.effect.excludes_zero:
                    silent += 1
                    said += "by how much: not yet known" in size_words(found, goals[found.subject.persona])
    yield share("corrections whose interval holds 0", silent, every)
    yield share('of these, "by how much: not yet known"', said, silent, bar=1.0, side="at least")


KNOWING = {
    "3 v 4 %": difference(0.03, 0.03, 0.03, 0.04, worlds=1000, days=150, bar=16_000),
    "2.0 v 2.4 %": difference(0.02, 0.02, 0.02, 0.024, worlds=500, days=300, bar=62_000, quick=60),
    "3 v 4 %, K = 8": difference(*[0.03] * 7, 0.04, worlds=500, days=200, bar=24_000),
    "5 v 6 %": difference(0.05, 0.05, 0.05, 0.06, worlds=500, days=200, bar=25_000),
    "10 v 11 %, 500 a day": difference(0.1, 0.1, 0.1, 0.11, worlds=500, days=300, units=500, quick=60, right=0.9),
    "100 a day, 3 v 5 %": difference(0.03, 0.03, 0.03, 0.05, worlds=500, days=365, units=100),
    "worth changing 2 %, 2.0 v 2.4 %": difference(
        0.02, 0.02, 0.02, 0.024, worlds=300, days=400, bar=70_000, worth_changing=0.02, quick=60
    ),
    "worth changing 2 %, 3 v 4 %": difference(
        0.03, 0.03, 0.03, 0.04, worlds=500, days=150, bar=21_000, worth_changing=0.02
    ),
    "worth changing 30 %, 2.0 v 2.4 %": Benchmark(small_but_real, worlds=100, quick=8),
    "4 v 3, 3, 3 %: confirmed": Benchmark(confirmed, worlds=500, quick=60),
    "4, 4 v 3, 3 %: confirmed": Benchmark(falsely_confirmed, worlds=500, quick=40),
    "weekly, within 7 days": by_the_week(7, bar=50),
    "weekly, within 3 days": by_the_week(3, bar=36),
    "weekly, within 1 day": by_the_week(1, bar=31),
    "words of corrections": Benchmark(words, worlds=300, quick=50),
}
