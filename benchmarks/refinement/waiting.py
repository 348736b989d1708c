"""Outcomes that take their time: early windows within 60 days, warnings of speed, and feeds that are late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import numpy as np

from living_personas.demo.side_by_side import WORLD
from living_personas.refining import windows
from refinement.figures import Benchmark, Figure, quantile, share
from refinement.lived import SEED
from worlds.delays import (
    ALIKE,
    BETTER,
    DELAYS,
    HISTORY,
    WITHIN,
    Answering,
    all_by_then,
    days_to_know,
    found_with_delays,
)
from worlds.late import applied, asked_again, live

LATE = 8


def within_sixty(speeds: str, *, bar: float) -> Benchmark:
    """2 v 3 % within 60 days: days from the first choice, and false corrections where there is no difference."""

    def run(count: int) -> Iterator[Figure]:
        def lived(*rates: float, days: int) -> tuple[float, ...]:
            supply = Answering(np.array(rates), DELAYS[speeds], within=WITHIN, history=HISTORY, seed=SEED)
            return tuple(days_to_know(supply, personas=count, days=days).tolist())

        yield quantile("days, median", lived(0.02, 0.02, 0.02, 0.03, days=150), 0.5, bar=bar)
        false = int(np.isfinite(lived(0.03, 0.03, 0.03, 0.03, days=110)).sum())
        yield share("no difference: falsely corrected", false, count, bar=0.05, by_bound=True)

    return Benchmark(run, worlds=200, quick=20)


def margins(count: int) -> Iterator[Figure]:
    """The current value has .85 of its answers at once, the others all; a window that is said to hold all is fatal."""

    def false() -> int:
        at_once, delays = np.array([0.85, 1, 1, 1]), np.array([20.0, 1, 1, 1])
        supply = Answering(
            np.full(4, 0.03), delays, within=WITHIN, at_once=at_once, units_a_day=5000, history=HISTORY, seed=SEED
        )
        return int(np.isfinite(days_to_know(supply, personas=count, days=40)).sum())

    yield share("falsely corrected", false(), count, bar=0.05, by_bound=True)
    with patch.object(windows, "completions", all_by_then):
        yield share("control: without the margin", false(), count, bar=0.05, side="must exceed")


def warnings(within: int) -> Benchmark:
    """Corrections that may rest on speed alone must wait for a person; those of options answered alike must not."""

    def run(count: int) -> Iterator[Figure]:
        slow = found_with_delays(slow=within - 1.0, within=within, rates=ALIKE, personas=count, days=200)
        yield share("unequal delays, no difference: warned", slow.waiting, slow.corrections, bar=0.95, side="at least")
        for base in (0.0, 0.002):
            same = found_with_delays(slow=1.0, within=within, rates=BETTER, base=base, personas=count, days=200)
            yield share(f"equal delays, base {base:.1%}: warned", same.waiting, same.corrections, bar=0.05)

    return Benchmark(run, worlds=150, quick=30)


def late_feed(count: int) -> Iterator[Figure]:
    """What one option of four brought is told eight days late: said so, or taken for prompt; and right corrections."""
    one_of_all, alike = np.array([LATE, 0, 0, 0]), np.full(4, 0.03)
    prompt, declared = (replace(WORLD, late=timedelta(days=days)) for days in (0, LATE))
    said = applied(live(alike, one_of_all, declared, personas=count, through=60))
    yield share(f"`late: {LATE} days`: falsely corrected", said, count, bar=0.0)
    control = live(alike, one_of_all, prompt, personas=count, through=45)
    false = applied(control)
    yield share("control: taken for prompt", false, count, bar=0.05, side="must exceed")
    yield share("of these, found by the second look", asked_again(control), false, bar=1.0, side="at least")
    few = max(count // 3, 2)
    rates = np.array([0.03, 0.03, 0.03, 0.045])
    right = live(rates, np.full(4, LATE), prompt, personas=few, through=60, share=0.004)
    yield share("right corrections asked about, .4 % are late", len(right.undone), applied(right), bar=0.0)


WAITING = {
    "within 60 days, both fast": within_sixty("both fast", bar=30),
    "within 60 days, current slow": within_sixty("current slow", bar=55),
    "within 60 days, challenger slow": within_sixty("challenger slow", bar=95),
    "early windows need a margin": Benchmark(margins, worlds=60, quick=10),
    "delay warning, within 7 days": warnings(7),
    "delay warning, within 14 days": warnings(14),
    "late feed": Benchmark(late_feed, worlds=60, quick=20),
}
