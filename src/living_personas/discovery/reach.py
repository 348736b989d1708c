"""Whom a segment's rule holds: everybody and nobody are no segment, whatever was found."""

from __future__ import annotations

from living_personas.stats.arrays import Bools

__all__ = ["out_of_reach"]

MOST_HELD = 0.6
"""The share of all customers beyond which a person must look first."""


def out_of_reach(held: Bools, *, least: int) -> tuple[str, ...]:
    """A reason for review if the rule holds most customers, or fewer than ``least``.

    >>> import numpy as np
    >>> out_of_reach(np.arange(100) < 70, least=50), out_of_reach(np.arange(100) < 55, least=50)
    (('its rule holds 70% of all customers',), ())
    """
    if held.mean() > MOST_HELD:
        return (f"its rule holds {held.mean():.0%} of all customers",)
    return (f"its rule holds {held.sum():,} customers only",) if held.sum() < least else ()
