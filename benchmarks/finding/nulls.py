"""Worlds in which there is nothing new: whatever is published is false."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from refinement.figures import Benchmark, Figure

from finding.counting import SEED, agreement, searched, wilson
from living_personas.discovery.density_gap import valley
from living_personas.discovery.find import find_segments
from living_personas.simulate.worlds import null_spec
from worlds.customers import FAMILIES, NULLS, customers
from worlds.hard_customers import HARD_NULLS, misfiled, nothing_new
from worlds.shop_looks import looks

__all__ = ["NULL_WORLDS", "nothing_found"]

CUSTOMERS = 10_000
FAMILIES_OF_NULLS = (*NULLS, *HARD_NULLS, "shop")
PERSONA_MISFILED = (0.15, 0.30)


def nothing_found(count: int) -> Iterator[Figure]:
    """The share of worlds of each kind in which something is published, and that of all."""
    every = [0, 0]
    for kind in FAMILIES_OF_NULLS:
        false = sum(_published(kind, SEED + number) for number in range(count))
        every = [every[0] + false, every[1] + count]
        yield wilson(f"{kind}: false", false, count, bar=0.05, judged="lower")
    yield wilson("all: false", every[0], every[1], bar=0.03, judged="upper")


def personas_found(count: int) -> Iterator[Figure]:
    """Personas of 5 to 13 %, 15 to 30 % filed wrongly: how often one of them is published as new."""
    false = splits = 0
    for number in range(count):
        low, high = PERSONA_MISFILED
        wrong = low + (high - low) * (number % 11) / 10
        world = misfiled(CUSTOMERS, seed=SEED + number, wrong=wrong)
        found = searched(world.frame, seed=SEED + number).candidates
        mine = [each for each in found if agreement(each, world.frame, world.planted) >= _THE_SAME]
        splits += any(each.review for each in mine)
        false += any(not each.review for each in mine)
    yield wilson("published as new", false, count, bar=0.02)
    yield wilson("asked about as half of a persona", splits, count)


_THE_SAME = 0.5


def _published(kind: str, seed: int) -> bool:
    if kind == "shop":
        return _published_in_a_shop(seed)
    if kind in NULLS:
        frame = customers(FAMILIES[seed % 2], CUSTOMERS, seed=seed, kind=next(n for n in NULLS if n == kind)).frame
    else:
        frame = nothing_new(next(n for n in HARD_NULLS if n == kind), CUSTOMERS, seed=seed).frame
    return bool(searched(frame, seed=seed, known_days="known" if kind == "newcomers" else None).candidates)


def _published_in_a_shop(seed: int) -> bool:
    """The simulated shop without a hidden segment, with real features and customers who keep coming."""
    with tempfile.TemporaryDirectory() as root:
        ((table, columns, _),) = looks(null_spec(seed), Path(root), days=[70])
        found = find_segments(table, columns=columns, assigned="persona", known_days="known__days", seed=seed)
    return bool(found.candidates)


def one_hump(count: int) -> Iterator[Figure]:
    """How often the valley alone sees two humps in one that was cut: where customers are few, it is a weak check."""
    for n in (500, 2_000, 10_000):
        points = np.random.Generator(np.random.PCG64(n)).normal(size=(count, n))
        cuts = [_CUTS[number % len(_CUTS)] for number in range(count)]
        seen = sum(valley(row[row > cut], row[row <= cut]) <= _VALLEY for row, cut in zip(points, cuts, strict=True))
        yield wilson(f"seen among {n:,} held-out customers", seen, count)


_CUTS = (0.5, 1.0, 1.3, 1.6)
_VALLEY = 0.92

NULL_WORLDS = {
    "nothing to find": Benchmark(nothing_found, worlds=75, quick=2),
    "a small persona": Benchmark(personas_found, worlds=60, quick=6),
    "one hump cut in two (the valley alone)": Benchmark(one_hump, worlds=240, quick=240),
}
