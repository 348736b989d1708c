"""What policies that choose for each customer miss in the same worlds; they promise nothing and keep no floors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from refinement.figures import Benchmark, Figure, mean

from living_personas.stats.arrays import Bools, Floats, Ints
from splits.made import made
from splits.regret import DAYS, PLACES, per_100k
from worlds.responses import Rates

LIBRARY = "sklearn"
WIDTH = 0.05
"""How many standard errors of a linear probability LinUCB adds, times the spread of an outcome at 3 % (.17)."""

Chosen = Callable[[Bools], Ints]


def missing() -> str:
    """Why the forest is left out; empty if it is not."""
    return "" if find_spec(LIBRARY) else "the forest is left out: scikit-learn is not installed."


class Linear:
    """A ridge regression for each option on the answers, told outcomes at the end of each day.

    ``bonus`` standard errors are added to each estimate, or, with None, a draw from its posterior chooses.
    """

    def __init__(self, options: int, generator: np.random.Generator, *, bonus: float | None) -> None:
        self.generator, self.bonus = generator, bonus
        self.precision = np.tile(np.eye(25), (options, 1, 1))
        self.summed = np.zeros((options, 25))

    def choose(self, answers: Bools) -> Ints:
        """An option for each unit of a day."""
        x = _with_one(answers)
        cov = np.linalg.inv(self.precision)
        weight = np.einsum("kij,kj->ki", cov, self.summed)
        if self.bonus is None:
            root = np.linalg.cholesky(cov)
            drawn = self.generator.standard_normal((len(x), *weight.shape))
            noise = np.einsum("nj,kji,nki->nk", x, root, drawn)
            return np.asarray((x @ weight.T + np.sqrt(0.03 * 0.97) * noise).argmax(1))
        error = np.sqrt(np.einsum("ni,kij,nj->nk", x, cov, x))
        return np.asarray((x @ weight.T + self.bonus * error).argmax(1))

    def learn(self, answers: Bools, option: Ints, won: Bools) -> None:
        """A day's units and outcomes."""
        x = _with_one(answers)
        for k in range(len(self.summed)):
            rows = x[option == k]
            self.precision[k] += rows.T @ rows
            self.summed[k] += rows.T @ won[option == k]


class Forest:
    """One random forest on answers and option, grown anew each week; a tenth of the units is drawn evenly."""

    def __init__(self, options: int, generator: np.random.Generator) -> None:
        self.options, self.generator, self.days = options, generator, 0
        self.seen: list[tuple[Floats, Bools]] = []
        self.forest: Any = None

    def choose(self, answers: Bools) -> Ints:
        """An option for each unit of a day."""
        even = self.generator.integers(0, self.options, len(answers))
        if self.forest is None:
            return np.asarray(even)
        said = [self.forest.predict(self._rows(answers, np.full(len(answers), k))) for k in range(self.options)]
        best = np.argmax(said, axis=0)
        return np.where(self.generator.random(len(answers)) < 0.1, even, best)

    def learn(self, answers: Bools, option: Ints, won: Bools) -> None:
        """A day's units and outcomes."""
        self.seen.append((self._rows(answers, option), won))
        self.days += 1
        if self.days % 7 == 0:
            made_of = import_module(f"{LIBRARY}.ensemble").RandomForestRegressor
            seed = int(self.generator.integers(2**31))
            self.forest = made_of(n_estimators=30, min_samples_leaf=200, random_state=seed)
            rows, won_all = (np.concatenate(part) for part in zip(*self.seen, strict=True))
            self.forest.fit(rows, won_all)

    def _rows(self, answers: Bools, option: Ints) -> Floats:
        return np.column_stack([answers, option[:, None] == np.arange(self.options)]).astype(np.float64)


def _with_one(answers: Bools) -> Floats:
    return np.column_stack([np.ones(len(answers)), answers]).astype(np.float64)


def regret(
    rates: Rates, options: int, policy: Callable[[np.random.Generator], Any]
) -> Callable[[int], Iterator[Figure]]:
    """What a policy misses, of 100,000 units."""

    def run(count: int) -> Iterator[Figure]:
        lost = np.zeros(count)
        for seed in range(count):
            world = made(seed, rates)
            chooser = policy(world.rng)
            for day in range(DAYS):
                come = world.day(day)
                option = chooser.choose(come.answers)
                _, won = world.drawn(come, np.eye(options)[option])
                lost[seed] += (come.rates.max(1) - come.rates[np.arange(len(option)), option]).sum()
                chooser.learn(come.answers, option, won)
        yield mean("lost successes per 100,000 units", np.array([per_100k(each) for each in lost]))

    return run


def policies(options: int) -> dict[str, Callable[[np.random.Generator], Any]]:
    """Each policy by its name."""
    found: dict[str, Callable[[np.random.Generator], Any]] = {
        "LinUCB": lambda generator: Linear(options, generator, bonus=WIDTH),
        "LinTS": lambda generator: Linear(options, generator, bonus=None),
    }
    return found if missing() else found | {"forest": lambda generator: Forest(options, generator)}


OTHER_POLICIES = {
    f"regret, {name}, {other}": Benchmark(regret(rates, options, policy), worlds=100, quick=20)
    for name, (rates, options, _) in PLACES.items()
    for other, policy in policies(options).items()
}
