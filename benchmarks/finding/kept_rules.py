"""Rules of personas: how often another is proposed where nothing changes, and where everybody does more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from refinement.figures import Benchmark, Figure, quantile

from finding.counting import SEED, wilson
from living_personas.discovery.feature_matrix import read_sheet
from living_personas.discovery.rule_tree import grow, plain_columns
from living_personas.discovery.scorecard import f1
from living_personas.domain.candidate import SAID_WELL
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Persona
from living_personas.domain.settings import Settings
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.loop.context import Context
from living_personas.loop.segments.rule_drift import FALLEN
from living_personas.loop.segments.upkeep_proposals import look_after, proposals
from living_personas.memory.search_records import RULE_FITS
from living_personas.stores.memory import MemoryStore
from worlds.customers import COLUMNS
from worlds.moving_customers import months

CUSTOMERS, LOOKS, SINCE = 8_000, 8, 3
FIRST = date(2026, 3, 2)
WORLDS = SEED + 10_000
"""The first of the worlds: how many rounds tell who is at home was chosen on some that begin with ``SEED``."""


def _run(busier: float, bar: float | None) -> Callable[[int], Iterator[Figure]]:
    def run(count: int) -> Iterator[Figure]:
        told = fell = rules = 0
        reached: list[float] = []
        for seed in range(WORLDS, WORLDS + count):
            context, dropped = _looked_at(busier, seed)
            asked = [each for each in proposals(context.store) if each.kind == "rule"]
            told, fell, rules = told + len(asked), fell + dropped, rules + len(context.personas)
            reached += [each.f1 - each.f1_before for each in asked if each.f1 and each.f1_before]
        yield wilson("rules for which another is proposed", told, rules, bar=bar, judged="lower")
        yield wilson("rules that lost .15 of an F1 of .7 or more", fell, rules)
        if reached:
            yield quantile("F1 that the proposed rule is better, median", reached, 0.5)

    return run


def _looked_at(busier: float, seed: int) -> tuple[Context, int]:
    """A workspace after its looks, a week each, and how many rules say much less well who belongs than they did.

    Its rules are trees that say who is who in the first week.
    """
    context, first, last = None, np.zeros(0), np.zeros(0)
    lived = months(CUSTOMERS, share=0.0, seed=seed, count=LOOKS, busier=busier, since=SINCE)
    for week, world in enumerate(lived):
        if context is None:
            context = _workspace(world.frame)
        members = context.engine.members(world.frame.drop_columns(["persona"]), personas=context.personas)
        filed = world.frame.set_column(1, "persona", members["persona"])
        held, day = set(filed["persona"].to_pylist()), FIRST + timedelta(days=7 * week)
        look_after(context, filed, COLUMNS, day, filed=held, known_days="known", seed=week)
        last = _said(context, world.frame, filed)
        first = first if len(first) else last
    if context is None:
        raise AssertionError  # there is a week
    fits = [RULE_FITS.read(context.store, each.id) for each in context.personas]
    well = np.array([fit is not None and fit.best >= SAID_WELL for fit in fits])
    return context, int((well & (first - last >= FALLEN)).sum())


def _workspace(frame: pa.Table) -> Context:
    sheet = read_sheet(frame, columns=COLUMNS, assigned="persona", customer="customer")
    rules = [grow(plain_columns(sheet), sheet.filed == place).rule for place in range(len(sheet.personas))]
    goal = Goal(event="Order Completed", within=timedelta(days=7))
    personas = tuple(
        Persona(id=name, name=name, who=rule, goal=goal, priority=place)
        for place, (name, rule) in enumerate(zip(sheet.personas, rules, strict=True))
    )
    settings = Settings(name="shop", salt="the salt of the shop")
    return Context(store=MemoryStore(), engine=DuckDBEngine(threads=1), settings=settings, personas=personas)


def _said(context: Context, frame: pa.Table, filed: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How well each rule says who is of the persona, whatever they look like."""
    of, said = (np.asarray(each["persona"].to_pylist(), dtype=object) for each in (frame, filed))
    return np.array([f1(of == persona.id, said == persona.id) for persona in context.personas])


RULES = {
    "rules, nothing changes": Benchmark(_run(1.0, 0.05), worlds=40, quick=3),
    "rules, everybody does three times as much": Benchmark(_run(3.0, None), worlds=40, quick=3),
}
