"""Can personas update themselves from behavioural data? Worlds with a known truth, lived through the loop for a year.

Each world is a company with three personas: one assumption is wrong, one is right, one makes no difference. All of
them go through cells, ledger, refinements, versions and snapshots; only the customers are simulated, as counts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from refinement.figures import share_words

from living_personas.domain.cell import Cells
from living_personas.domain.snapshot import Snapshot
from living_personas.stats.arrays import Bools, Floats
from worlds.cells import FIRST, CellWorld, drawn, persona, rng

OPTIONS = 4
DAYS = 365
UNITS = 500
FLIP = 180
QUARTER, TEST_DAYS = 91, 28
WRONG, RIGHT, EQUAL = "wrong", "right", "equal"


@dataclass
class Companies:
    """The truth of many companies side by side: success rates of the options, shape ``(A, K)``, on each day."""

    kind: np.ndarray
    rates: Callable[[int], Floats]


def companies(worlds: int, story: str, seed: int) -> Companies:
    """Base rates of 2 to 8 %, the best option 20 to 50 % better than the believed one (or than the others)."""
    generator = rng(seed)
    kind = np.tile(np.array([WRONG, RIGHT, EQUAL]), worlds)
    base = generator.uniform(0.02, 0.08, size=kind.size)
    lift = generator.uniform(1.2, 1.5, size=kind.size)
    better = np.where(kind == WRONG, generator.integers(1, OPTIONS, size=kind.size), 0)
    best = np.arange(OPTIONS) == better[:, None]
    multiple = np.where(best & (kind != EQUAL)[:, None], lift[:, None], 1.0)
    flipped = np.roll(multiple, 1, axis=1)

    def rates(day: int) -> Floats:
        wave = (1 + 0.4 * np.sin(2 * np.pi * day / 7)) * (1 + 0.5 * day / DAYS) if story != "static" else 1.0
        now = flipped if story == "flipping" and day >= FLIP else multiple
        return np.asarray(np.clip(base[:, None] * wave * now, 0, 0.9), dtype=np.float64)

    return Companies(kind=kind, rates=rates)


@dataclass
class Outcome:
    """What became of a story: first and later corrections, and conversions of living, static and tested personas."""

    kind: np.ndarray
    corrected_on: Floats
    corrected_to_best: Bools
    corrected_again_on: Floats
    living: Floats
    static: Floats
    tested: Floats


def live(story: str, *, worlds: int, seed: int) -> Outcome:
    """Live a story for a year, beside a company that never learns and one that tests once a quarter."""
    truth = companies(worlds, story, seed)
    names = [f"c{i:05d}" for i in range(truth.kind.size)]
    inner = drawn(truth.rates, units_a_day=UNITS, seed=seed + 1)
    living = np.zeros(truth.kind.size)

    def supply(number: int, day: date, snapshot: Snapshot) -> Cells:
        cells = inner(number, day, snapshot)
        totals = cells.table.group_by("persona").aggregate([("s", "sum")]).sort_by("persona")
        living[:] += np.asarray(totals["s_sum"].to_numpy())
        return cells

    world = CellWorld([persona(name, options=[f"o{k}" for k in range(OPTIONS)]) for name in names], supply)
    for day in range(DAYS):
        world.run(1)
        _progress(story, day + 1)
    best = [np.argmax(truth.rates(day), axis=1) for day in (0, DAYS - 1)]
    first = [world.corrected.get(name) for name in names]
    again = [_corrections(world, name) for name in names]
    return Outcome(
        kind=truth.kind,
        corrected_on=np.array([(r.day - FIRST).days if r else np.inf for r in first]),
        corrected_to_best=np.array([r is not None and r.new == f"o{b}" for r, b in zip(first, best[0], strict=True)]),
        corrected_again_on=np.array([_after_flip(days, f"o{b}") for days, b in zip(again, best[1], strict=True)]),
        living=living,
        static=np.sum([UNITS * truth.rates(day)[:, 0] for day in range(DAYS)], axis=0),
        tested=_test_and_forget(truth, seed + 2),
    )


def _corrections(world: CellWorld, name: str) -> list[tuple[int, str]]:
    """Day and new value of every correction of a persona."""
    history = world.context.store.versions.history(name)
    return [((v.day - FIRST).days, v.standings[0].value) for v in history if v.kind == "corrected"]


def _after_flip(corrections: list[tuple[int, str]], best: str) -> float:
    return next((float(day) for day, new in corrections if day >= FLIP and new == best), np.inf)


def _test_and_forget(truth: Companies, seed: int) -> Floats:
    """A team that each quarter tests its belief against one other option for four weeks, and keeps a winner."""
    generator = rng(seed)
    a = truth.kind.size
    held = np.zeros(a, dtype=np.int64)
    won = np.zeros(a)
    rows = np.arange(a)
    for quarter in range(DAYS // QUARTER + 1):
        rival = (held + 1 + quarter % (OPTIONS - 1)) % OPTIONS
        counts = np.zeros((2, a))
        for day in range(quarter * QUARTER, min((quarter + 1) * QUARTER, DAYS)):
            rates = truth.rates(day)
            if day - quarter * QUARTER < TEST_DAYS:
                each = np.array([generator.binomial(UNITS // 2, rates[rows, option]) for option in (held, rival)])
                counts += each
                won += each.sum(0)
                if day - quarter * QUARTER == TEST_DAYS - 1:
                    held = np.where(_z(counts, TEST_DAYS * UNITS // 2) > 1.96, rival, held)
            else:
                won += generator.binomial(UNITS, rates[rows, held])
    return won


def _z(counts: Floats, n: int) -> Floats:
    rate = counts / n
    pooled = rate.mean(0)
    return np.asarray((rate[1] - rate[0]) / np.sqrt(2 * pooled * (1 - pooled) / n))


def main() -> None:
    """Print the answer for each story, as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=70)
    parser.add_argument("--seed", type=int, default=20261123)
    arguments = parser.parse_args()
    stories = ("static", "moving", "flipping")
    found = {story: live(story, worlds=arguments.worlds, seed=arguments.seed) for story in stories}
    sys.stderr.write("\n")
    sys.stdout.write(
        f"| {arguments.worlds} companies each, {DAYS} days, {UNITS} units a day | "
        + " | ".join(stories)
        + " |\n|---|---|---|---|\n"
    )
    for label, figure in _FIGURES:
        sys.stdout.write(f"| {label} | " + " | ".join(figure(found[story]) for story in stories) + " |\n")


def _corrected_by(day: int) -> Callable[[Outcome], str]:
    def figure(out: Outcome) -> str:
        wrong = out.kind == WRONG
        return share_words(int((wrong & out.corrected_to_best & (out.corrected_on <= day)).sum()), int(wrong.sum()))

    return figure


def _changed(kind: str, before: int = DAYS) -> Callable[[Outcome], str]:
    def figure(out: Outcome) -> str:
        mine = out.kind == kind
        return share_words(int((mine & (out.corrected_on < before)).sum()), int(mine.sum()))

    return figure


def _median_day(out: Outcome) -> str:
    middle = np.median(out.corrected_on[out.kind == WRONG])
    return f"{middle:.0f}" if np.isfinite(middle) else "not in the year"


def _again(out: Outcome) -> str:
    mine = (out.kind != EQUAL) & np.isfinite(out.corrected_again_on)
    if not mine.any():
        return "-"
    total = int((out.kind != EQUAL).sum())
    return f"{share_words(int(mine.sum()), total)}, median {np.median(out.corrected_again_on[mine]) - FLIP:.0f} days"


def _gain(base: Callable[[Outcome], Floats]) -> Callable[[Outcome], str]:
    def figure(out: Outcome) -> str:
        per_world = [a.reshape(-1, 3).sum(1) for a in (out.living, base(out))]
        gain = per_world[0] / per_world[1] - 1
        if gain.size == 1:
            return f"{gain[0]:+.1%}, of one world: no interval"
        half = 1.96 * gain.std(ddof=1) / np.sqrt(gain.size)
        return f"{gain.mean():+.1%} +- {half:.1%}, more in {np.mean(gain > 0):.0%}"

    return figure


_FIGURES: tuple[tuple[str, Callable[[Outcome], str]], ...] = (
    ("wrong assumptions corrected to the best option by day 90", _corrected_by(90)),
    ("... by day 180", _corrected_by(180)),
    ("median day", _median_day),
    ("right assumptions wrongly changed (before the flip, if any)", _changed(RIGHT, FLIP)),
    ("assumptions without a difference changed in the year", _changed(EQUAL)),
    ("flipped on day 180 and corrected again by day 365", _again),
    ("conversions: living against static", _gain(lambda out: out.static)),
    ("conversions: living against test-and-forget", _gain(lambda out: out.tested)),
)


def _progress(story: str, day: int) -> None:
    if sys.stderr.isatty() or day % 73 == 0:
        sys.stderr.write(f"\r{story}: day {day} of {DAYS}  ")
        sys.stderr.flush()


if __name__ == "__main__":
    main()
