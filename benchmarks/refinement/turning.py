"""Customers who change: how soon the value follows, and what is printed beside it; and what is printed over a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from living_personas.domain.belief import Interval
from living_personas.loop.learning.learn import complete_rows, entry_for
from living_personas.loop.publish import option_shares
from living_personas.reporting.attributes import HorizonEvidence, attribute_reports
from refinement.figures import Benchmark, Figure, mean, quantile, share
from refinement.lived import SEED, UNITS, flipping, lived, people, static
from worlds.cells import FIRST, CellWorld, drawn

TURNS = 180
"""The day on which what is best changes."""

_BEFORE, _AFTER = (0.04, 0.03, 0.03, 0.03), (0.03, 0.03, 0.03, 0.04)


def flip(count: int) -> Iterator[Figure]:
    """Days until the value follows, corrections that were wrong, and the effect that is shown beside them."""
    days, shown, wrong = list[float](), list[float](), 0
    for world in lived(flipping(_BEFORE, _AFTER, on=TURNS), worlds=count, days=TURNS + 120):
        for person in world.personas:
            found = world.corrected.get(person.id)
            good = found is not None and found.new == "o3" and (found.day - FIRST).days >= TURNS
            days.append((found.day - FIRST).days + 1 - TURNS if found is not None and good else np.inf)
            wrong += found is not None and not good
            shown += [found.effect.estimate] if found is not None and good and found.effect is not None else []
    yield quantile("days, median", days, 0.5, bar=30)
    yield quantile("days, nine in ten", days, 0.9)
    yield share("wrong corrections", wrong, count, bar=0.01)
    yield share(
        "effect shown has the right sign", sum(each > 0 for each in shown), len(shown), bar=0.98, side="at least"
    )
    if shown:
        yield mean("effect shown, by the true one", np.array(shown) / 0.01)


def printed(units: int) -> Benchmark:
    """A year in which nothing changes, 3 v 3.5 %: whether any week's printed interval left the truth."""
    rates = dict(zip(("o0", "o1", "o2", "o3"), (0.03, 0.03, 0.03, 0.035), strict=True))

    def run(count: int) -> Iterator[Figure]:
        supply = drawn(static(*rates.values()), units_a_day=units, seed=SEED)
        world = CellWorld(people(count), supply).run(28)
        left, looks, outside = set[str](), 0, 0
        while world.days < 365:
            world.run(7)
            for name, new, old, effect in _said(world):
                inside = effect.lower <= rates[new] - rates[old] <= effect.upper
                left |= set() if inside else {name}
                looks, outside = looks + 1, outside + (not inside)
        yield share(
            "years whose interval held the truth in every week", count - len(left), count, bar=0.95, side="at least"
        )
        yield share("looks at which it held the truth", looks - outside, looks)

    return Benchmark(run, worlds=200, quick=30)


def _said(world: CellWorld) -> Iterator[tuple[str, str, str, Interval]]:
    """What the report prints of each persona: its name, what is compared, and the effect, where there is one."""
    context, closed = world.context, FIRST + timedelta(days=world.days - 1)
    versions = {each.persona.id: each for each in context.versions()}
    for state in world.states:
        entry = entry_for(context.store, state, closed + timedelta(days=1))
        known = HorizonEvidence(
            state,
            complete_rows(context.store, state, closed),
            entry=entry,
            shares=option_shares(state, entry, frozenset()),
            versions=versions,
            alpha=context.alpha,
            bars=np.full(len(state.panel.subjects), 1 / context.alpha),
            alarms={},
        )
        for name in versions:
            history, made = context.store.versions.history(name), context.store.refinements.all(persona=name)
            for found in attribute_reports(known, history, made, discovered=False):
                if found.effect is not None:
                    yield name, found.contender, found.believed, found.effect


TURNING = {
    "flip": Benchmark(flip, worlds=400, quick=60),
    "printed over a year, 1000 a day": printed(UNITS),
    "printed over a year, 100 a day": printed(100),
}
