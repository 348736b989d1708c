"""A measured number with its Monte-Carlo interval, and whether it meets the bar that was set for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.stats import beta, binom

from living_personas.stats.arrays import Floats

Side = Literal["at most", "at least", "must exceed"]
"""What the bar asks; a control *must exceed* the bar of the rule that it lacks, or it tells nothing."""


@dataclass(frozen=True)
class Figure:
    """One measured number with its 95 % interval, of so many worlds, and the bar that it is to meet.

    ``judged`` is the number that is held against the bar, where that is not ``value``: the lower 99 % bound of a share
    of false corrections, another ``bound`` that is named, or, for a control, the lower end of its interval.
    """

    figure: str
    value: float
    lower: float
    upper: float
    worlds: int
    bar: float | None = None
    side: Side = "at most"
    judged: float | None = None
    benchmark: str = ""
    bound: str = "lower 99 % bound"

    @property
    def verdict(self) -> str:
        """Whether the figure meets its bar; empty without one."""
        if self.bar is None:
            return ""
        number = self.value if self.judged is None else self.judged
        if self.side == "must exceed":
            fails = "fails, as it must" if number > self.bar else "too few worlds"
            return fails if self.value > self.bar else "does not fail"
        return "met" if (number >= self.bar if self.side == "at least" else number <= self.bar) else "missed"

    @property
    def asked(self) -> str:
        """The bar in words."""
        if self.bar is None:
            return ""
        sign = {"at most": "<=", "at least": ">=", "must exceed": "must fail: >"}[self.side]
        of = f" ({self.bound})" if self.judged is not None and self.side == "at most" else ""
        return f"{sign} {_digits(self.bar)}{of}"


@dataclass(frozen=True)
class Benchmark:
    """Figures of one subject: how to measure them in so many worlds, and how many in full and in quick mode."""

    run: Callable[[int], Iterator[Figure]]
    worlds: int
    quick: int

    def measured(self, name: str, worlds: int) -> Iterator[Figure]:
        """The figures, each with the name of the benchmark."""
        for figure in self.run(worlds):
            yield replace(figure, benchmark=name)


def header(unit: str = "worlds") -> str:
    """The head of the table in Markdown; ``unit`` is what ``worlds`` of a figure count."""
    names = ("benchmark", "figure", "value", "95 % interval", unit, "bar", "verdict")
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"


def row(figure: Figure) -> str:
    """A figure as a row of that table."""
    value, low, high = (_digits(number) for number in (figure.value, figure.lower, figure.upper))
    cells = (figure.benchmark, figure.figure, value, f"{low} to {high}", str(figure.worlds), figure.asked)
    return f"| {' | '.join((*cells, figure.verdict))} |\n"


def share(
    figure: str, hits: int, of: int, *, bar: float | None = None, side: Side = "at most", by_bound: bool = False
) -> Figure:
    """A share with its Clopper-Pearson interval; ``by_bound`` holds its lower 99 % bound against the bar.

    Of nothing there is no share: its value is not a number, and misses any bar.
    """
    if of == 0:
        return Figure(figure, np.nan, 0.0, 1.0, 0, bar, side)
    low, high = _bound(0.025, hits, of), float(beta.ppf(0.975, hits + 1, of - hits)) if hits < of else 1.0
    judged = low if side == "must exceed" else _bound(0.01, hits, of) if by_bound else None
    return Figure(figure, hits / of, low, high, of, bar, side, judged)


def share_words(hits: int, of: int) -> str:
    """A share with its interval, as a table of its own tells it."""
    if of == 0:
        return "-"
    found = share("", hits, of)
    return f"{hits} of {of} ({found.value:.1%}, 95 % {found.lower:.1%} to {found.upper:.1%})"


def quantile(figure: str, values: Sequence[float] | Floats, part: float, *, bar: float | None = None) -> Figure:
    """A quantile with the interval that its order statistics give."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    low, high = (int(np.clip(binom.ppf(p, ordered.size, part), 0, ordered.size - 1)) for p in (0.025, 0.975))
    middle = int(np.ceil(part * ordered.size)) - 1
    return Figure(figure, float(ordered[middle]), float(ordered[low]), float(ordered[high]), ordered.size, bar)


def mean(figure: str, values: Floats, *, bar: float | None = None, side: Side = "at most") -> Figure:
    """A mean with its normal interval, which has no ends where there is one world only."""
    half = 1.96 * float(values.std(ddof=1)) / np.sqrt(values.size) if values.size > 1 else np.inf
    middle = float(values.mean())
    judged = middle - half if side == "must exceed" else None
    return Figure(figure, middle, middle - half, middle + half, values.size, bar, side, judged)


def ratio_of_means(
    figure: str, above: Floats, below: Floats, *, bar: float | None = None, side: Side = "at most", seed: int = 5
) -> Figure:
    """The ratio of two means with its bootstrap interval."""
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = [each[generator.integers(0, each.size, (2_000, each.size))].mean(1) for each in (above, below)]
    low, high = (float(end) for end in np.quantile(drawn[0] / drawn[1], [0.025, 0.975]))
    value = float(above.mean() / below.mean())
    return Figure(figure, value, low, high, above.size, bar, side, low if side == "must exceed" else None)


def _digits(number: float) -> str:
    return f"{number:,.0f}" if 1000 <= abs(number) < np.inf else f"{number:.3g}"


def _bound(chance: float, hits: int, of: int) -> float:
    return float(beta.ppf(chance, hits, of - hits + 1)) if hits else 0.0
