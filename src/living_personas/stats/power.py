"""How long until we know: units that a test of this page is expected to need."""

from __future__ import annotations

from math import ceil

import numpy as np

from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import nearest_null

__all__ = ["Steady", "expected_days", "expected_units", "growth_per_unit", "steady_part"]

_START_MASS = 0.8
_NEAREST_LIFT = 0.35
"""Weight of the lift that lies nearest to the truth, among those bet on."""

_TEST, _EACH_OPTION = 0.9, 0.16
"""Units that the whole takes for each that the test itself takes, and those that each challenger adds: finding the best
of them. Measured at 3 v 4 % with 2, 4 and 8 options and 2.0 v 2.4 % (``tests/calibration/test_guarantees.py``)."""


@value
class Steady:
    """How outcomes come: ``rate`` per unit in all, of which ``daily`` on each day for no reason of the option's.

    The others come with the unit and are known at once, as far as a plan is concerned.
    """

    rate: float
    daily: float

    def within(self, days: int, *, instead_of: int) -> float:
        """The rate if a unit's outcomes were counted for so many days, ``instead_of`` as many as they are."""
        return self.rate + self.daily * (days - instead_of)


def growth_per_unit(rate: float, lift: float, *, margin: float = 0.0) -> float:
    """Expected growth of log wealth per unit, half and half between the two options.

    It is how far the truth lies from the nearest law under which the option is better by no more than ``margin``
    (relative): without a margin, the mutual information of option and outcome.

    >>> round(growth_per_unit(0.03, 1 / 3) * 1e4, 1), round(growth_per_unit(0.03, 1 / 3, margin=0.02) * 1e4, 1)
    (3.7, 3.2)
    """
    o, b = np.array(min(rate * (1 + lift), 1 - 1e-9)), np.array(rate)
    p_o, p_b = nearest_null(o, b, w=np.array(0.5), ratio=np.array(1 + margin))

    def gain(q: Floats, p: Floats) -> float:
        return float(q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p)))

    return (gain(o, p_o) + gain(b, p_b)) / 2


def expected_units(rate: float, lift: float, *, alpha: float, margin: float = 0.0, options: int = 4) -> int:
    """Units of the attribute until a wrong belief is expected to be overturned, near the median.

    Parameters
    ----------
    rate
        Success rate of the believed option, in (0, 1).
    lift
        Relative lift of the best option over it, such as 0.2.
    alpha
        The error budget.
    margin
        The relative lift that is worth changing.
    options
        How many options there are, the believed one included: each challenger takes a part of the units, and time.

    Raises
    ------
    InsufficientEvidenceError
        If the rate is not inside (0, 1), or the lift is not above the margin, so that nothing can be reckoned.
    """
    if not 0 < rate < 1 or lift <= max(margin, 0.0):
        raise InsufficientEvidenceError(
            f"With a success rate of {rate!r} and a lift of {lift!r} nothing can be reckoned.",
            hint="wait until some outcomes have been seen.",
        )
    needed = np.log(1 / alpha) + np.log(1 / _START_MASS) + np.log(1 / _NEAREST_LIFT)
    search = _TEST + _EACH_OPTION * (options - 1)
    return int(np.ceil(search * needed / growth_per_unit(rate, lift, margin=margin)))


def expected_days(units: int, *, units_a_day: float, wait: int) -> int:
    """Days until so many units have come and their outcomes are known, ``wait`` days after the last of them.

    >>> expected_days(20_000, units_a_day=1_000, wait=7)
    27
    """
    return ceil(units / units_a_day) + wait


def steady_part(by_age: Floats, units: float) -> Steady:
    """What part of the outcomes comes day by day for no reason of the option's, from when they came.

    Parameters
    ----------
    by_age
        Outcomes of complete units by age in days, shape ``(S,)``: what the option brought is taken to have come before
        the second half of the wait. The day of exposure and the last day are parts of days, and not looked at.
    units
        How many units these are.

    Raises
    ------
    InsufficientEvidenceError
        If there are no outcomes, or too few ages to tell.

    >>> steady_part(np.array([20.0, 2, 2, 2, 2, 1]), 1_000)
    Steady(rate=0.029, daily=0.002)
    """
    late = by_age[by_age.size // 2 : -1]
    if not late.size or by_age.size < _FEWEST_AGES or not by_age.sum():
        raise InsufficientEvidenceError(
            f"Outcomes are known of {by_age.size} days after the exposure.",
            hint=f"what comes by itself is told from {_FEWEST_AGES} days on: wait, or look further ahead.",
        )
    return Steady(rate=float(by_age.sum()) / units, daily=float(late.mean()) / units)


_FEWEST_AGES = 4
