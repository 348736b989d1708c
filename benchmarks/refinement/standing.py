"""Worlds without a difference: how many definitions are falsely corrected, however hard it is to see."""

from __future__ import annotations

from collections.abc import Iterator

from refinement.figures import Benchmark, Figure, share
from refinement.lived import Rates, lived, moving, static

__all__ = ["STANDING"]


def no_difference(rates: Rates) -> Benchmark:
    """A year without differences."""

    def run(count: int) -> Iterator[Figure]:
        false = sum(len(world.corrected) for world in lived(rates, worlds=count, days=365))
        yield share("falsely corrected in a year", false, count, bar=0.05)

    return Benchmark(run, worlds=2000, quick=100)


STANDING = {
    "A/A static": no_difference(static(0.03, 0.03, 0.03, 0.03)),
    "A/A moving": no_difference(moving(0.03, 0.03, 0.03, 0.03)),
}
