"""Outcomes per customer and day of two groups into which customers were hashed, adjusted by what was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from living_personas.domain.belief import Interval
from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.arrays import Floats
from living_personas.stats.intervals import FEWEST_OUTCOMES, sequence_half_width

__all__ = ["VARIABLES", "EntrySums", "daily_difference", "pooled"]

VARIABLES = ("x", "y", "u", "v")
"""Of a customer: days since entry, outcomes since entry, and these days times the outcomes and visits before it."""


class EntrySums(NamedTuple):
    """Customers, their outcomes by number, and over customers the sums (4,) and products (4, 4) of ``VARIABLES``."""

    customers: float
    outcomes: float
    sums: Floats
    products: Floats

    @classmethod
    def of(cls, row: Mapping[str, float]) -> EntrySums:
        """The sums as an engine names them (``Engine.since_entry``): ``x``, ..., and ``xx``, ``xy``, ..."""
        products = [[float(row["".join(sorted(a + b, key="xyuv".index))]) for b in VARIABLES] for a in VARIABLES]
        return cls(
            customers=float(row["customers"]),
            outcomes=float(row["outcomes"]),
            sums=np.array([float(row[name]) for name in VARIABLES]),
            products=np.array(products),
        )

    @property
    def per_day(self) -> Floats:
        """Outcomes, and outcomes and visits before entry, per customer and day: shape (3,)."""
        return np.asarray(self.sums[1:] / self.sums[0])

    @property
    def forms(self) -> Floats:
        """What ``y``, ``u`` and ``v`` of a customer are beyond the group's rates, in ``VARIABLES``: shape (3, 4)."""
        return np.column_stack([-self.per_day, np.eye(3)])


def pooled(groups: Iterable[EntrySums]) -> EntrySums | None:
    """The sums of several groups of customers together; None of none."""
    every = list(groups)
    return EntrySums(*(sum(parts[1:], start=parts[0]) for parts in zip(*every, strict=True))) if every else None


def daily_difference(one: EntrySums, other: EntrySums, *, alpha: float) -> Interval:
    """Difference of outcomes per customer and day, one - other, with an interval that holds at every time at once.

    A group's rate is ``sum y / sum x``, and its error that of ``(y - rate x) / mean x`` over customers, so neither how
    often customers come nor that their visits are alike matters. What was before entry is as it is for either group: by
    how much it differs, times its slope (least squares, both groups pooled), is taken off.

    Raises
    ------
    InsufficientEvidenceError
        If a group has fewer than ``FEWEST_OUTCOMES`` outcomes.

    References
    ----------
    Deng, Xu, Kohavi & Walker (2013), Improving the sensitivity of online controlled experiments by utilizing
    pre-experiment data; Deng, Knoblich & Lu (2018) for ratios; Waudby-Smith et al. (2024) for the confidence sequence.
    """
    fewest = min(one.outcomes, other.outcomes)
    if fewest < FEWEST_OUTCOMES:
        raise InsufficientEvidenceError(
            f"A group has {int(fewest)} outcomes.",
            hint=f"a difference is shown from {FEWEST_OUTCOMES} in each: {FEWEST_OUTCOMES - int(fewest)} more.",
        )
    slopes = _slopes(one, other)
    weights = np.array([1.0, *-slopes])
    estimate = float(weights @ (one.per_day - other.per_day))
    variance = sum(_variance(group, weights) for group in (one, other))
    clock = one.outcomes + other.outcomes
    half = sequence_half_width(clock, clock * variance, alpha=alpha)
    return Interval(estimate=estimate, lower=estimate - half, upper=estimate + half)


def _slopes(one: EntrySums, other: EntrySums) -> Floats:
    """How outcomes beyond the rate go with what was beyond it before entry: shape (2,); 0 where nothing differs."""
    beyond = sum((group.forms @ group.products @ group.forms.T for group in (one, other)), start=np.zeros((3, 3)))
    spread = np.sqrt(np.maximum(np.diag(beyond)[1:], 0.0))
    scale = np.where(spread > 0, spread, 1.0)
    alike = beyond[1:, 1:] / np.outer(scale, scale)
    return np.asarray(np.linalg.lstsq(alike, beyond[0, 1:] / scale, rcond=1e-9)[0] / scale)


def _variance(group: EntrySums, weights: Floats) -> float:
    """Variance of the group's adjusted rate."""
    form = weights @ group.forms
    residual = max(float(form @ group.products @ form), 0.0)  # rounding may go below 0
    return residual / float(group.sums[0]) ** 2
