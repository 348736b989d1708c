"""The account of an early window: what it holds of a definition's wealth, beside the account of the whole horizon."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from living_personas.domain.value import value
from living_personas.refining.panel import Panel
from living_personas.stats.arrays import Bools, Floats, Ints
from living_personas.stats.eprocess import LIFT_WEIGHTS

__all__ = ["WINDOWS_KEEP", "Early", "EarlyDays"]

WINDOWS_KEEP = 0.8
"""What is left of the error budget for the two accounts; the rest is that of the window's bound on completion."""


class EarlyDays(NamedTuple):
    """Days after a unit's own: up to which outcomes count for an early window, and after which those are known."""

    reach: int
    known: int


@value
class Early:
    """For A subjects: a window (days after the end of a unit's epoch, 0 where none is chosen) and what is bet on it.

    ``completion`` (A,) is the lower bound of the part of the current value's outcomes that the window holds; ``wealth``
    (A, K, 5), ``principal`` (A, K) and ``nominee`` (A,) are those of the accounts (``Accounts``).
    """

    window: Ints
    completion: Floats
    wealth: Floats
    principal: Floats
    nominee: Ints

    @classmethod
    def none(cls, subjects: int, options: int) -> Early:
        """No windows."""
        return cls(
            window=np.zeros(subjects, dtype=np.int64),
            completion=np.ones(subjects),
            wealth=np.zeros((subjects, options, LIFT_WEIGHTS.size)),
            principal=np.zeros((subjects, options)),
            nominee=np.full(subjects, -1),
        )

    @property
    def chosen(self) -> Bools:
        """Which subjects have a window, shape ``(A,)``."""
        return np.asarray(self.window > 0)

    def days(self, panel: Panel) -> list[EarlyDays]:
        """By when outcomes count for the window of each subject, and when all of them are known."""
        reach = self.window + panel.epoch
        return [EarlyDays(*each) for each in zip(reach.tolist(), (reach + panel.late).tolist(), strict=True)]

    def part_of_mass(self) -> Floats:
        """The part of new mass that each of a subject's accounts has: all where there is one account, else half."""
        return np.where(self.chosen, 0.5, 1.0)

    def without(self, which: Bools) -> Early:
        """The same without the windows of some subjects."""
        none = Early.none(*self.principal.shape)
        return Early(
            window=np.where(which, none.window, self.window),
            completion=np.where(which, none.completion, self.completion),
            wealth=np.where(which[:, None, None], none.wealth, self.wealth),
            principal=np.where(which[:, None], none.principal, self.principal),
            nominee=np.where(which, none.nominee, self.nominee),
        )

    def placed(self, to: Ints, source: Ints, shape: tuple[int, ...]) -> Early:
        """Laid out for other subjects: the rows ``source`` of this go ``to`` theirs."""
        fresh = Early.none(*shape)
        k = min(shape[1], self.principal.shape[1])
        for name in ("wealth", "principal"):
            getattr(fresh, name)[to, :k] = getattr(self, name)[source, :k]
        for name in ("window", "completion", "nominee"):
            getattr(fresh, name)[to] = getattr(self, name)[source]
        return fresh

    def opened(self, which: Bools, *, window: Ints, completion: Floats, wealth: Floats, principal: Floats) -> Early:
        """The same with windows of some subjects, which begin with this wealth."""
        return replace(
            self,
            window=np.where(which, window, self.window),
            completion=np.where(which, completion, self.completion),
            wealth=np.where(which[:, None, None], wealth, self.wealth),
            principal=np.where(which[:, None], principal, self.principal),
            nominee=np.where(which, -1, self.nominee),
        )
