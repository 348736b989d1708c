"""Successes that 100,000 units miss in 200 days, with splits in each mode and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from refinement.figures import Benchmark, Figure, mean

from living_personas.stats.arrays import Floats
from splits.made import REVERSED, lives_in, made
from worlds.responses import Rates, same_for_all
from worlds.split_life import Lives, Mode

DAYS, UNITS = 200, 1000

PLACES: dict[str, tuple[Rates, int, float]] = {
    "K = 2, reversed in 30 %": (REVERSED["K = 2, leaf 30 %"][0], 2, 195.0),
    "K = 3, reversed in 30 %": (REVERSED["K = 3, leaf 30 %"][0], 3, 270.0),
}
"""Rates, options, and the bar of what may be missed."""


def per_100k(lost: float) -> float:
    """What was missed in all days, of 100,000 units."""
    return lost * 100_000 / (DAYS * UNITS)


def missed(rates: Rates, *, options: int, mode: Mode, count: int) -> Floats:
    """What each world missed, of 100,000 units."""
    lives = lives_in(
        lambda seed: made(seed, rates), count, days=DAYS, begin=lambda worlds: Lives(worlds, options=options, mode=mode)
    )
    return np.array([per_100k(life.lost) for life in lives])


def regret(name: str, mode: Mode) -> Callable[[int], Iterator[Figure]]:
    """What one mode misses; the bar is that of splits which are proposed."""
    rates, options, bar = PLACES[name]

    def run(count: int) -> Iterator[Figure]:
        lost = missed(rates, options=options, mode=mode, count=count)
        yield mean(f"lost successes per 100,000 units, splits: {mode}", lost, bar=bar if mode == "propose" else None)

    return run


def nothing_lost(count: int) -> Iterator[Figure]:
    """Where there is only a main effect, looking for splits must not cost anything; judged by the lower 99 % bound.

    The same worlds are lived with and without looking: the interval is that of the differences.
    """
    rates = same_for_all(0.03, 0.04, 0.03)
    off, on = (missed(rates, options=3, mode=mode, count=count) for mode in ("off", "propose"))
    yield mean("lost successes per 100,000 units, splits: off", off)
    yield mean("lost successes per 100,000 units, splits: propose", on)
    paired = on - off
    more = float(paired.mean())
    error = float(paired.std(ddof=1) / np.sqrt(count)) if count > 1 else np.inf
    yield Figure(
        "what looking costs",
        more,
        more - 1.96 * error,
        more + 1.96 * error,
        count,
        bar=0.0,
        judged=more - 2.33 * error,
    )


REGRET = {
    **{
        f"regret, {name}, splits: {mode}": Benchmark(regret(name, mode), worlds=100, quick=20)
        for name in PLACES
        for mode in ("off", "propose", "follow")
    },
    "regret, main effect": Benchmark(nothing_lost, worlds=100, quick=20),
}
