"""The same customers again and again: who changes groups where nothing changes, and how lives are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from living_personas.loop.segments.discovery import sighting
from living_personas.loop.segments.lives import known_segments, live
from living_personas.ports import Store
from living_personas.stats.arrays import Bools, Ints
from living_personas.stores.memory import MemoryStore
from worlds.customers import COLUMNS, World
from worlds.hard_customers import HardPlant
from worlds.moving_customers import DIES, JOINS, PARTS, months, parting_weeks, weeks

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
    panels = [_lived(weeks(CUSTOMERS, seed=seed, count=WEEKS), seed) for seed in range(SEED, SEED + count)]
    yield _switches(panels)
    dead = [
        each for panel in panels for each in panel.known if each.id in panel.ids["gifter"] and not panel.is_silent(each)
    ]
    in_time = sum(_day(each, "gone", "merged") <= _week(DIES + 2) for each in dead)
    yield wilson("ends told within two weeks", in_time, len(dead), bar=0.99, least=True)
    yield wilson("ended and still open", sum(each.state == "open" for each in dead), len(dead), bar=0.0)


def partings(count: int) -> Iterator[Figure]:
    """Panels of 12 weeks: a part of a group becomes another one, and comes back; whether it is told so, and in time."""
    panels = [_lived(parting_weeks(CUSTOMERS, seed=seed, count=WEEKS), seed) for seed in range(SEED, SEED + count)]
    yield _switches(panels)
    parts = [each for panel in panels for each in panel.known if each.id in panel.ids["gifter"]]
    yield wilson("panels in which the part is found", sum(bool(panel.ids["gifter"]) for panel in panels), count)
    split = sum(_day(each, "split") <= _week(PARTS + 2) for each in parts)
    yield wilson("splits told within two weeks", split, len(parts), bar=0.99, least=True)
    merged = sum(_week(JOINS) <= _day(each, "merged") <= _week(JOINS + 2) for each in parts)
    yield wilson("merges told within two weeks", merged, len(parts), bar=0.99, least=True)
    yield wilson("merged and still open", sum(each.state == "open" for each in parts), len(parts), bar=0.0)


@dataclass(frozen=True)
class _Panel:
    """What was known after some weeks, and under which ids each planted group was seen, in order."""

    known: tuple[Segment, ...]
    ids: Mapping[HardPlant, Sequence[str]]

    def is_silent(self, segment: Segment) -> bool:
        """Whether it was ever seen as the silent evaluators."""
        return segment.id in self.ids["silent"]


def _lived(worlds: Iterable[tuple[World, Mapping[HardPlant, Bools]]], seed: int) -> _Panel:
    """A panel that is searched once a week."""
    store = MemoryStore()
    ids: dict[HardPlant, list[str]] = {"silent": [], "gifter": []}
    for week, (world, here) in enumerate(worlds):
        found = searched(world.frame, seed=seed + week)
        kept = _kept(store, found, _week(week))
        for plant, planted in here.items():
            ids[plant] += [
                segment.id
                for segment, each in zip(kept, found.candidates, strict=True)
                if planted.any() and agreement(each, world.frame, planted) >= 0.5
            ]
    return _Panel(known=known_segments(store), ids=ids)


def _switches(panels: Sequence[_Panel]) -> Figure:
    seen = [ids for panel in panels for ids in panel.ids.values()]
    switched = sum(one != other for ids in seen for one, other in pairwise(ids))
    found_twice = sum(max(len(ids) - 1, 0) for ids in seen)
    return wilson("sightings under another id than the one before", switched, found_twice, bar=0.01)


def _week(number: int) -> date:
    return FIRST + timedelta(days=7 * number)


def _kept(store: Store, found: FoundSegments, day: date) -> tuple[Segment, ...]:
    return live(store, [sighting(each, day, None) for each in found.candidates], day)


def _day(segment: Segment, *kinds: str) -> date:
    return min((event.day for event in segment.life if event.kind in kinds), default=date.max)


def _factors(frame: pa.Table, seed: int) -> Ints:
    sheet = read_sheet(frame, columns=COLUMNS, assigned="persona", customer="customer")
    scores = normal_scores(sheet, rng=np.random.Generator(np.random.PCG64(seed)))
    return factors(scores, len(sheet.personas), seed)


STEADY = {
    "nothing changes (months)": Benchmark(unchanged, worlds=24, quick=6),
    "lives (panels)": Benchmark(lives, worlds=20, quick=1),
    "parts that come back (panels)": Benchmark(partings, worlds=20, quick=1),
}
