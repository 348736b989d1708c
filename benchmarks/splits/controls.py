"""Rules that lack what keeps the promise; each must claim splits that are not there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from refinement.figures import Benchmark, Figure, quantile, share

from living_personas.refining.splits.leaf_search import differences
from living_personas.refining.splits.leaves import LEAST_SHARE
from living_personas.stats.thompson import Score
from splits.made import YEAR, lives_in, made
from splits.nothing_there import flipping
from worlds.responses import same_for_all
from worlds.split_life import ALPHA, Life, Lives

MUST_EXCEED = 0.9
SURE = 1.645
"""Standard deviations at which somebody who looks for splits is 95 % sure that an option is better in a part."""


def mining(count: int) -> Iterator[Figure]:
    """A leaf, looked for each week, whose parts prefer two options with 95 % each: no option has any effect."""
    lives = lives_in(
        lambda seed: made(seed, same_for_all(0.03, 0.03)),
        count,
        days=YEAR,
        begin=lambda worlds: Lives(worlds, options=2, mode="even", corrects=False, evening=_mined),
        until=lambda life: life.noted > 0,
    )
    found = sorted(life.noted if life.noted > 0 else np.inf for life in lives)
    hits = sum(day < np.inf for day in found)
    yield share("control: naive mining, once a week", hits, count, bar=MUST_EXCEED, side="must exceed")
    yield quantile("days until it finds something, median", found, 0.5)


def without_minimum(count: int) -> Iterator[Figure]:
    """The account against one option instead of the smallest of all: only a main effect is there."""
    lives = list(
        lives_in(
            lambda seed: made(seed, same_for_all(0.03, 0.04)),
            count,
            days=YEAR,
            begin=lambda worlds: Lives(worlds, options=2, mode="even", corrects=False, evening=_largest),
        )
    )
    yield share("false claims, the smallest account", sum(life.claimed < np.inf for life in lives), count, bar=0.05)
    hits = sum(life.noted >= -np.log(ALPHA) for life in lives)
    yield share("control: without the minimum", hits, count, bar=MUST_EXCEED, side="must exceed")


def flips(count: int) -> Iterator[Figure]:
    """What is best flips for everybody, and the search forgets: only accounts that allow a flip see no split in it."""
    for allowed, name in ((1, "false claims, one flip allowed"), (0, "control: no flip allowed")):
        lives = lives_in(
            lambda seed: made(seed, flipping(0.04, 0.03)),
            count,
            days=YEAR,
            begin=lambda worlds, allowed=allowed: Lives(  # type: ignore[misc]
                worlds, options=2, mode="even", corrects=False, forgets=True, flips=allowed
            ),
            until=lambda life, allowed=allowed: allowed == 0 and life.claimed < np.inf,  # type: ignore[misc]
        )
        hits = sum(life.claimed < np.inf for life in lives)
        yield share(
            name, hits, count, bar=0.05 if allowed else MUST_EXCEED, side="at most" if allowed else "must exceed"
        )


def _mined(day: int, life: Life) -> None:
    """Note the first day on which some leaf's parts seem to want two options."""
    if day % 7 or life.noted > 0:
        return
    search = life.state.search
    difference, variance = differences(Score(u=search.u, v=search.v))
    z = difference / np.sqrt(variance)
    inside, outside = z[:, 0], np.swapaxes(z[:, 1], -1, -2)
    wants_two = (np.minimum(inside, outside) >= SURE).any((-1, -2))
    large = search.units.min(1) >= LEAST_SHARE * search.units.sum(1)
    if (wants_two & large).any():
        life.noted = day


def _largest(_day: int, life: Life) -> None:
    """Note the most that the account against any one option ever held."""
    life.noted = max(life.noted, float(life.state.accounts.claim[0].max()))


CONTROLS = {
    "mining": Benchmark(mining, worlds=100, quick=40),
    "one account": Benchmark(without_minimum, worlds=100, quick=40),
    "a flip, and a search that forgets": Benchmark(flips, worlds=100, quick=40),
}
