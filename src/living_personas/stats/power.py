"""How long until we know: units that a test of this page is expected to need."""

from __future__ import annotations

import numpy as np

from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import nearest_null

__all__ = ["expected_units", "growth_per_unit"]

_START_MASS = 0.8
_NEAREST_LIFT = 0.35
"""Weight of the lift that lies nearest to the truth, among those bet on."""

_SEARCH = 1.35
"""Units that the whole takes - finding the challenger, other options, waiting - for each that the test itself takes:
measured at 3 v 4 %, 2.0 v 2.4 %, 5 v 6 % and 10 v 11 % with 4 options (``tests/calibration/test_power.py``)."""


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


def expected_units(rate: float, lift: float, *, alpha: float, margin: float = 0.0) -> int:
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
    return int(np.ceil(_SEARCH * needed / growth_per_unit(rate, lift, margin=margin)))
