"""Worlds in which there is nothing new: whatever is published is false."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import process_time

import numpy as np
from refinement.figures import Benchmark, Figure

from finding.counting import SEED, agreement, searched, wilson
from finding.kept import worlds
from living_personas.discovery.density_gap import valley
from living_personas.discovery.find import find_segments
from living_personas.simulate.worlds import null_spec
from worlds.customers import FAMILIES, NULLS, customers
from worlds.hard_customers import HARD_NULLS, misfiled, nothing_new
from worlds.shop_looks import looks

CUSTOMERS = 10_000
FAMILIES_OF_NULLS = (*NULLS, *HARD_NULLS, "shop")
PERSONA_MISFILED = (0.15, 0.30)


def nothing_found(count: int) -> Iterator[Figure]:
    """The share of worlds of each kind in which something is published, and that of all."""
    asked = [(kind, SEED + number) for number in range(count) for kind in FAMILIES_OF_NULLS]  # all kinds go on together
    found = worlds("nothing to find", asked, published)
    for kind in FAMILIES_OF_NULLS:
        false = sum(each["false"] == 1 for each in found if each["story"] == kind)
        yield wilson(f"{kind}: false", false, count, bar=0.05, judged="lower")
    yield wilson("all: false", sum(each["false"] == 1 for each in found), len(found), bar=0.03, judged="upper")


def published(kind: str, seed: int) -> Mapping[str, object]:
    """Whether anything is published in a world of this kind, and the seconds of one core that it took."""
    began = process_time()
    return {"false": int(_published(kind, seed)), "seconds": round(process_time() - began, 1)}


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
    """How often the valley alone sees two humps in one that was cut, by either bar of the gate."""
    for n in (500, 2_000, 10_000):
        points = np.random.Generator(np.random.PCG64(n)).normal(size=(count, n))
        cuts = [_CUTS[number % len(_CUTS)] for number in range(count)]
        found = [valley(row[row > cut], row[row <= cut]) for row, cut in zip(points, cuts, strict=True)]
        for bar in _VALLEYS:
            yield wilson(f"valley of {bar} among {n:,} held-out customers", sum(each <= bar for each in found), count)


_CUTS = (0.5, 1.0, 1.3, 1.6)
_VALLEYS = (0.85, 0.97)

NULL_WORLDS = {
    "nothing to find": Benchmark(nothing_found, worlds=75, quick=2),
    "a small persona": Benchmark(personas_found, worlds=60, quick=6),
    "one hump cut in two (the valley alone)": Benchmark(one_hump, worlds=240, quick=240),
}
