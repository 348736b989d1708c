"""The same customers again and again: who changes groups where nothing changes, and how lives are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
from refinement.figures import Benchmark, Figure, mean

from finding.counting import SEED, agreement, holds, searched, wilson
from finding.peers import aligned, factors, missing
from living_personas.discovery.feature_matrix import read_sheet
from living_personas.discovery.scores import normal_scores
from living_personas.domain.candidate import FoundSegments
from living_personas.domain.segment import Segment
from living_personas.loop.discovery import sighting
from living_personas.loop.lives import known_segments, live
from living_personas.ports import Store
from living_personas.stats.arrays import Ints
from living_personas.stores.memory import MemoryStore
from worlds.customers import COLUMNS
from worlds.hard_customers import HardPlant
from worlds.moving_customers import DIES, months, weeks

__all__ = ["STEADY"]

CUSTOMERS = 10_000
FIRST = date(2026, 3, 2)
WEEKS = 12


def unchanged(count: int) -> Iterator[Figure]:
    """``count`` monthly searches where nothing changes: the share of customers in another group than the month before.

    Their group is the segment that holds them, or else the persona that they are filed under; NMF's is their factor.
    APG reports 18.7 % a month.
    """
    ours: list[float] = []
    others: list[float] = []
    before: Ints | None = None
    factor: Ints | None = None
    store = MemoryStore()
    for month, world in enumerate(months(CUSTOMERS, share=0.06, seed=SEED, count=count)):
        found = searched(world.frame, seed=SEED + month)
        kept = _kept(store, found, FIRST + timedelta(days=28 * month))
        group = np.asarray(world.frame["persona"].to_pylist(), dtype=object)
        for segment, candidate in zip(kept, found.candidates, strict=True):
            group[holds(world.frame, candidate)] = segment.id
        _, now = np.unique(group.astype(str), return_inverse=True)
        names = np.unique(group.astype(str))
        numbers = np.array([hash(name) % 2**31 for name in names])[now]
        if before is not None:
            ours.append(float((numbers != before).mean()))
        before = numbers
        if not missing():
            other = _factors(world.frame, SEED)
            other = other if factor is None else aligned(factor, other)
            if factor is not None:
                others.append(float((other != factor).mean()))
            factor = other
    yield mean("switching a month", np.array(ours), bar=0.187)
    yield wilson("months with another segment than one", sum(each > 0.02 for each in ours), len(ours))
    if others:
        yield mean("switching a month, NMF", np.array(others))


def lives(count: int) -> Iterator[Figure]:
    """Panels of 12 weeks: one group grows, another comes and ends; whether each has one id and is told in time."""
    switched = told = open_ = ended = found_twice = 0
    for seed in range(SEED, SEED + count):
        store = MemoryStore()
        ids: dict[HardPlant, list[str]] = {"silent": [], "gifter": []}
        for week, (world, here) in enumerate(weeks(CUSTOMERS, seed=seed, count=WEEKS)):
            found = searched(world.frame, seed=seed + week)
            kept = _kept(store, found, FIRST + timedelta(days=7 * week))
            for plant, planted in here.items():
                ids[plant] += [
                    segment.id
                    for segment, each in zip(kept, found.candidates, strict=True)
                    if planted.any() and agreement(each, world.frame, planted) >= 0.5
                ]
        switched += sum(one != other for seen in ids.values() for one, other in pairwise(seen))
        found_twice += sum(max(len(seen) - 1, 0) for seen in ids.values())
        known = known_segments(store)
        dead = [each for each in known if each.id in ids["gifter"] and each.id not in ids["silent"]]
        ended += len(dead)
        open_ += sum(each.state == "open" for each in dead)
        told += sum(_day(each, "gone", "merged") <= FIRST + timedelta(days=7 * (DIES + 2)) for each in dead)
    yield wilson("sightings under another id than the one before", switched, found_twice, bar=0.01)
    yield wilson("ends told within two weeks", told, ended, bar=0.99, least=True)
    yield wilson("ended and still open", open_, ended, bar=0.0)


def _kept(store: Store, found: FoundSegments, day: date) -> tuple[Segment, ...]:
    return live(store, [sighting(each, day, None) for each in found.candidates], day, whole=True)


def _day(segment: Segment, *kinds: str) -> date:
    return min((event.day for event in segment.life if event.kind in kinds), default=date.max)


def _factors(frame: pa.Table, seed: int) -> Ints:
    sheet = read_sheet(frame, columns=COLUMNS, assigned="persona", customer="customer")
    scores = normal_scores(sheet, rng=np.random.Generator(np.random.PCG64(seed)))
    return factors(scores, len(sheet.personas), seed)


STEADY = {
    "nothing changes (months)": Benchmark(unchanged, worlds=24, quick=6),
    "lives (panels)": Benchmark(lives, worlds=20, quick=1),
}
