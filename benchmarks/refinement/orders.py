"""Goals of values: what a cap fixed before the day promises and costs."""

from __future__ import annotations

from collections.abc import Iterator

from refinement.figures import Benchmark, Figure, ratio_of_means, share
from refinement.lived import SEED
from worlds.values import ValueWorld

GOOD_CAP, TEN_TIMES = 390.0, 3_900.0


def false_caps(count: int) -> Iterator[Figure]:
    """Log-normal orders without a difference: a cap of earlier days, and one that was chosen after the day was seen."""
    fixed, chosen = (
        round(
            ValueWorld(count, at_most=4_000.0, lift=1.0, seed=SEED, after_the_fact=after).run(120).false_share * count
        )
        for after in (False, True)
    )
    yield share("falsely corrected in 120 days", fixed, count, bar=0.05)
    yield share("control: the cap that suits the challenger", chosen, count, bar=0.05, side="must exceed")


def ten_times_too_high(count: int) -> Iterator[Figure]:
    """3 % buy, 20 % more of them with the better option: units by those of a good cap."""
    good, high, static = (
        ValueWorld(count, at_most=at_most, lift=1.2, seed=seed, frozen=frozen).run(400).units
        for at_most, seed, frozen in ((GOOD_CAP, SEED, True), (TEN_TIMES, SEED + 1, True), (TEN_TIMES, SEED + 2, False))
    )
    yield ratio_of_means("a cap ten times too high: units, times", high, good, bar=1.5)
    yield ratio_of_means("control: no cap of the day", static, good, bar=1.5, side="must exceed")


ORDERS = {
    "revenue, caps and no difference": Benchmark(false_caps, worlds=400, quick=100),
    "revenue, a cap ten times too high": Benchmark(ten_times_too_high, worlds=200, quick=60),
}
