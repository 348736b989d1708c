"""What is promised: what a definition may bet, and what an account must hold for a change."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from living_personas.domain.persona import Persona
from living_personas.domain.settings import Promise
from living_personas.stats.arrays import Bools, Floats

__all__ = ["ALL_FROM", "FIRST_MASS", "bars_of_all", "beliefs", "first_budget", "first_mass", "promise_of"]

FIRST_MASS: dict[Promise, float] = {"each": 0.8, "all": 0.6}
"""Wealth that the challengers of an attribute share on its first day; .2 more come in a year."""

_RESTART_MASS = 0.2
ALL_FROM = 20
"""From so many attributes on, the promise is about all of them unless people say otherwise."""


def promise_of(said: Promise | None, *, attributes: int) -> Promise:
    """What is promised of a number of attributes.

    >>> promise_of(None, attributes=19), promise_of(None, attributes=20), promise_of("each", attributes=300)
    ('each', 'all', 'each')
    """
    return said or ("all" if attributes >= ALL_FROM else "each")


def beliefs(personas: Iterable[Persona]) -> int:
    """How many beliefs may be corrected: attributes, once for each channel where they are believed per channel."""
    return sum(len(persona.scopes(attribute)) for persona in personas for attribute in persona.attributes)


def first_budget(promise: Promise, *, beliefs: int, alpha: float) -> float:
    """The budget of a belief by itself: under a promise about all, that of the first correction, the dearest.

    >>> first_budget("each", beliefs=20, alpha=0.05), first_budget("all", beliefs=20, alpha=0.05)
    (0.05, 0.0025)
    """
    return alpha / max(beliefs, 1) if promise == "all" else alpha


def first_mass(promise: Promise, restarts: int) -> float:
    """Wealth that the challengers of a definition share on its first day.

    A promise for each is for each definition. A promise for all divides an attribute's mass beforehand: .6 for the
    first definition and ``.2 / 2**j`` for the j-th after it are, with the .2 of a year, at most 1.

    >>> first_mass("each", 3), first_mass("all", 0), first_mass("all", 2)
    (0.8, 0.6, 0.05)
    """
    return FIRST_MASS[promise] if promise == "each" or restarts == 0 else _RESTART_MASS / 2.0**restarts


def bars_of_all(own: Floats, free: Bools, *, size: int, made: int, alpha: float) -> Floats:
    """What each attribute's account must hold, so that few of all changes of a book are wrong.

    Parameters
    ----------
    own
        The largest challenger's account of each attribute, shape ``(A,)``: one account an attribute.
    free
        Whether a correction would be applied today, shape ``(A,)``; the others wait for a person.
    size
        m, how many attributes the book was opened with.
    made
        R, how many corrections it has seen so far; a rollback takes none back.
    alpha
        The error budget.

    Returns
    -------
    Shape ``(A,)``. For the free: ``m / (alpha (R + k))`` with the largest k of which the k-th account holds as much, so
    that k corrections are made at once. Who waits is judged alone, by k = 1, as nobody knows what will be made when a
    person agrees. Never below 1/alpha.

    Notes
    -----
    The i-th correction is made at a stopping time tau of what is known of all attributes, with ``W_i(tau) >= m /
    (alpha R(tau))`` and ``E W_i(tau)`` at most its mass, if it is wrong. R only grows, so the expected share of wrong
    ones among all corrections is at most ``alpha / m`` times the masses, on every day, whatever the attributes have in
    common.
    """
    rich = np.sort(own[free])[::-1]
    many = np.arange(1, rich.size + 1)
    reached = np.flatnonzero(rich >= size / (alpha * (made + many)))
    together = int(reached[-1]) + 1 if reached.size else 1
    bars = np.where(free, size / (alpha * (made + together)), size / (alpha * (made + 1)))
    return np.asarray(np.maximum(bars, 1 / alpha), dtype=np.float64)
