"""Rates per unit where the customer is what was assigned: units of one customer are not independent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from living_personas.domain.belief import Interval
from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.intervals import MIN_UNITS, sequence_half_width

__all__ = ["ClusterSums", "rate_difference"]


class ClusterSums(NamedTuple):
    """Customers, and over customers the sums of units x, outcomes y, x^2, y^2 and x y."""

    customers: float
    x: float
    y: float
    x_sq: float
    y_sq: float
    xy: float

    @classmethod
    def of(cls, row: Mapping[str, float]) -> ClusterSums:
        """The sums as an engine names them (``Engine.per_customer``)."""
        names = ("customers", "units", "outcomes", "units_sq", "outcomes_sq", "units_outcomes")
        return cls(*(float(row[name]) for name in names))

    @property
    def rate(self) -> float:
        """Outcomes per unit."""
        return self.y / self.x

    @property
    def variance(self) -> float:
        """Variance over customers of ``(y - rate x) / mean x``, the rate's influence (delta method)."""
        residual = self.y_sq - 2 * self.rate * self.xy + self.rate**2 * self.x_sq
        return max(residual, 0.0) / self.customers / (self.x / self.customers) ** 2  # rounding may go below 0


def rate_difference(one: ClusterSums, other: ClusterSums, *, alpha: float) -> Interval:
    """Difference of outcomes per unit, one - other, between two groups into which customers were hashed.

    Raises
    ------
    InsufficientEvidenceError
        If a group has fewer than ``MIN_UNITS`` customers.

    References
    ----------
    Deng, Knoblich & Lu (2018), Applying the delta method in metric analytics; Waudby-Smith et al. (2024) for the
    asymptotic confidence sequence.
    """
    fewest = min(one.customers, other.customers)
    if fewest < MIN_UNITS:
        raise InsufficientEvidenceError(
            f"A group has {int(fewest)} customers.",
            hint=f"a difference is shown from {MIN_UNITS} customers in each: {MIN_UNITS - int(fewest)} more.",
        )
    total = one.customers + other.customers
    variance = total * (one.variance / one.customers + other.variance / other.customers)
    half = sequence_half_width(total, variance, alpha=alpha)
    estimate = one.rate - other.rate
    return Interval(estimate=estimate, lower=estimate - half, upper=estimate + half)
