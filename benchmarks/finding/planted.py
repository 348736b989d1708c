"""Planted groups: how often each is found, how well its words say it to customers nobody has seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from time import process_time

import numpy as np
import pyarrow as pa
from cached import Answer
from refinement.figures import Benchmark, Figure, quantile

from finding.counting import SEED, agreement, searched, wilson
from finding.kept import worlds
from living_personas.discovery.explain import say
from living_personas.discovery.feature_matrix import read_sheet
from living_personas.discovery.scorecard import f1
from living_personas.domain.candidate import Candidate
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse
from living_personas.stats.arrays import Bools, Floats
from worlds.customers import COLUMNS, World
from worlds.hard_customers import HardPlant, Planted, planted_groups

FOUND = 0.5
"""Members' Jaccard from which a group is found."""
SAYABLE = 0.8
"""The F1 of a scorecard that knows the members, below which practically nothing finds a group."""
FRESH = 4_000
"""Customers whom the search has not seen, for the words."""


@dataclass(frozen=True)
class Row:
    """What is planted: the groups, each with a share of so many customers, and the recall that is asked for."""

    plants: tuple[HardPlant, ...]
    customers: int
    share: tuple[float, float]
    bar: float | None

    def world(self, number: int) -> Planted:
        """The world of a number, of the customers that are searched and then of fresh ones."""
        share = self.share[0] + (self.share[1] - self.share[0]) * (number % 9) / 8
        return planted_groups(self.plants, self.customers + FRESH, share=share, seed=SEED + number)


def figures_of(name: str, count: int) -> Iterator[Figure]:
    """Recall of the groups, what is published besides, and F1 of scorecard and tree on fresh customers."""
    found = worlds(name, [(name, SEED + number) for number in range(count)], looked_for)
    groups = [group for world in found for group in groups_of(world)]
    there = [group for group in groups if group.found]
    could = [group for group in groups if group.ceiling >= SAYABLE]
    yield wilson("found at Jaccard .5", len(there), len(groups), bar=_ROWS[name].bar, least=True)
    sayable = f"found, of those that a scorecard can say (F1 {SAYABLE})"
    yield wilson(sayable, sum(group.found for group in could), len(could))
    besides = sum(world["besides"] == 1 for world in found)
    yield wilson("worlds with another published", besides, count, bar=0.05, judged="lower")
    if there:
        yield quantile("F1 of the scorecard, median", [group.scorecard for group in there], 0.5)
        yield quantile("F1 of the tree, median", [group.tree for group in there], 0.5)


@dataclass(frozen=True)
class Group:
    """What became of a planted group: the best Jaccard index, and how well its words say it to fresh customers.

    ``ceiling`` is the F1 of a scorecard that knows the members.
    """

    jaccard: float
    ceiling: float
    scorecard: float = 0.0
    tree: float = 0.0

    @property
    def found(self) -> bool:
        """Whether a candidate is the group."""
        return self.jaccard >= FOUND


def groups_of(world: Answer) -> list[Group]:
    """The planted groups of a world that was searched."""
    kept = world["groups"]
    return [Group(**each) for each in kept] if isinstance(kept, list) else []


def looked_for(name: str, seed: int) -> Mapping[str, object]:
    """What a search of a world came to: its groups, whether something else was published, and seconds of one core."""
    began, row = process_time(), _ROWS[name]
    everybody, groups = row.world(seed - SEED)
    seen = everybody.frame.slice(0, row.customers)
    candidates = searched(seen, seed=seed).candidates
    alike = np.array([[agreement(c, seen, group[: row.customers]) for group in groups] for c in candidates])
    became = [
        _became(candidates, alike[:, place] if len(candidates) else np.zeros(0), group, everybody, row.customers)
        for place, group in enumerate(groups)
    ]
    return {
        "groups": [asdict(each) for each in became],
        "besides": int(any(each.max() < FOUND for each in alike)),
        "seconds": round(process_time() - began, 1),
    }


def _became(candidates: Sequence[Candidate], alike: Floats, group: Bools, everybody: World, n: int) -> Group:
    best = float(alike.max()) if len(alike) else 0.0
    ceiling = _ceiling(everybody.frame.slice(0, n), group[:n])
    if best < FOUND:
        return Group(jaccard=best, ceiling=ceiling)
    fresh = World(frame=everybody.frame.slice(n), planted=group[n:])
    words = candidates[int(alike.argmax())]
    card, tree = (_f1(each.rule, fresh) for each in (words.by_scorecard, words.explanation))
    return Group(jaccard=best, ceiling=ceiling, scorecard=card, tree=tree)


def _ceiling(frame: pa.Table, members: Bools) -> float:
    """How well a scorecard says the group that knows its members, on the half that it was not made from."""
    sheet = read_sheet(frame, columns=COLUMNS, assigned="persona", customer="customer")
    return say(sheet, members, made_from=np.arange(0, len(sheet), 2)).by_scorecard.f1


def _f1(rule: str, world: World) -> float:
    holds = compile_rule(parse(rule))
    said = np.array([bool(holds(row)) for row in world.frame.to_pylist()])
    return f1(said, world.planted)


_ROWS = {
    "silent 4-8 %, 20,000": Row(("silent",), 20_000, (0.04, 0.08), 0.98),
    "silent 2 %, 10,000": Row(("silent",), 10_000, (0.02, 0.02), 0.9),
    "silent 1.5 %, 20,000": Row(("silent",), 20_000, (0.015, 0.015), 0.8),
    "silent 4 % pulled 40 %, 20,000": Row(("pulled",), 20_000, (0.04, 0.04), 0.8),
    "gifter 4 %, 20,000": Row(("gifter",), 20_000, (0.04, 0.04), 0.9),
    "struggler 5 %, 20,000": Row(("struggler",), 20_000, (0.05, 0.05), 0.6),
    "silent and gifter 5 %, 20,000": Row(("silent", "gifter"), 20_000, (0.05, 0.05), None),
    "timing 6 %, 20,000": Row(("timing",), 20_000, (0.06, 0.06), None),
}
PLANTED = {name: Benchmark(partial(figures_of, name), worlds=40, quick=2) for name in _ROWS}
