"""Worlds without a difference: how many definitions are falsely corrected, however hard it is to see."""

from __future__ import annotations

from collections.abc import Iterator

from refinement.figures import Benchmark, Figure, share
from refinement.lived import SEED, Rates, lived, moving, people, static
from worlds.cells import CellWorld
from worlds.confounded import confounded
from worlds.nulls import HARD_NULLS, HardNull
from worlds.repeated import Counting, Regulars
from worlds.speed import Credit, Movers, Moves

YEAR, FEW_MONTHS, CUSTOMERS = 365, 150, 2000
IN_A_YEAR = "falsely corrected in a year"


def no_difference(rates: Rates) -> Benchmark:
    """A year without differences."""

    def run(count: int) -> Iterator[Figure]:
        false = sum(len(world.corrected) for world in lived(rates, worlds=count, days=YEAR))
        yield share(IN_A_YEAR, false, count, bar=0.05)

    return Benchmark(run, worlds=2000, quick=100)


def hard(null: HardNull) -> Benchmark:
    """A year of one of the hard worlds."""

    def run(count: int) -> Iterator[Figure]:
        world = CellWorld(people(count, options=null.options), null.supply(SEED)).run(YEAR)
        yield share(IN_A_YEAR, len(world.corrected), count, bar=0.05, by_bound=True)

    return Benchmark(run, worlds=200, quick=40)


def movers(moves: Moves, *, short: int | None = None) -> Benchmark:
    """Options that only move when people come or buy; ``short`` is a horizon too short for the slow one."""

    def corrected(credit: Credit, within: int, count: int) -> int:
        supply = Movers(moves, credit=credit, personas=count, customers=CUSTOMERS, within=within, seed=SEED)
        return len(CellWorld(people(count, days=within), supply).run(FEW_MONTHS).corrected)

    def run(count: int) -> Iterator[Figure]:
        few = max(count // 10, 2)
        yield share("falsely corrected", corrected("every unit", 7, count), count, bar=0.05, by_bound=True)
        latest = corrected("latest unit", 7, few)
        yield share("control: an outcome for the latest unit", latest, few, bar=0.05, side="must exceed")
        if short is not None:
            first = corrected("every unit", short, few)
            yield share(f"control: the first {short} days only", first, few, bar=0.05, side="must exceed")

    return Benchmark(run, worlds=200, quick=20)


def repeated(count: int) -> Iterator[Figure]:
    """Five exposures of one assignment, of customers who come again and differ."""

    def corrected(counting: Counting, worlds: int) -> int:
        supply = Regulars(counting, personas=worlds, seed=SEED)
        return len(CellWorld(people(worlds), supply).run(YEAR).corrected)

    yield share(IN_A_YEAR, corrected("assignment", count), count, bar=0.05, by_bound=True)
    few = max(count // 4, 2)
    yield share("control: each exposure is a unit", corrected("exposure", few), few, bar=0.05, side="must exceed")


def chosen_by_themselves(count: int) -> Iterator[Figure]:
    """Customers choose for themselves, those who buy more otherwise than the rest, and no shares are known."""
    for claimed in (False, True):
        false = len(confounded(personas=count, days=FEW_MONTHS, seed=SEED, claimed=claimed).corrected)
        if claimed:
            yield share("control: said to be drawn by chance", false, count, bar=0.05, side="must exceed")
        else:
            yield share("falsely corrected", false, count, bar=0.05)


STANDING = {
    "A/A static": no_difference(static(0.03, 0.03, 0.03, 0.03)),
    "A/A moving": no_difference(moving(0.03, 0.03, 0.03, 0.03)),
    **{f"null: {name}": hard(null) for name, null in HARD_NULLS.items()},
    "returns": movers("returns"),
    "away": movers("away"),
    "slow": movers("slow", short=3),
    "repeated customers": Benchmark(repeated, worlds=200, quick=40),
    "no shares known": Benchmark(chosen_by_themselves, worlds=200, quick=20),
}
