"""The accounts against "one option suits everybody": of the claim, and of the leaf that describes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from living_personas.domain.value import value
from living_personas.stats.arrays import Floats

__all__ = ["FIRST_MASS", "FLIPS", "LEANING", "YEARLY_MASS", "SplitAccounts"]

FIRST_MASS, YEARLY_MASS = 0.8, 0.2
"""What the accounts begin with, and what they are given in a year: as those of corrections."""

FLIPS = 1
"""How often the option that suits everybody may change, while the persona's value stays, and be no split."""

LEANING = 2.0
"""What the smallest account must hold to be called leaning: no claim, but worth a duel."""


@value
class SplitAccounts:
    """Log wealth against each of K options, shape ``(J + 1, K)``: row j allows what suits all to change j times.

    ``claim`` goes on whatever the leaf is. ``rule`` is about one ``leaf`` only, that of the bets played last;
    ``principal`` is the log of what it may have at most on another one.
    """

    claim: Floats
    rule: Floats
    principal: float
    leaf: int | None = None

    @classmethod
    def first_day(cls, options: int, *, flips: int = FLIPS) -> SplitAccounts:
        """The accounts of a persona of which nothing was seen."""
        start = np.full((flips + 1, options), np.log(FIRST_MASS))
        return cls(claim=start, rule=start.copy(), principal=float(np.log(FIRST_MASS)))

    @classmethod
    def begun_again(cls, options: int) -> SplitAccounts:
        """The accounts of a persona that is asked anew: empty, so that the mass of all its years stays what it was."""
        empty = np.full((FLIPS + 1, options), -np.inf)
        return cls(claim=empty, rule=empty.copy(), principal=-np.inf)

    def after(self, log_factor: Floats) -> SplitAccounts:
        """The accounts after a day whose units multiply the account against each option by ``exp(log_factor)`` (K,)."""
        return replace(
            self,
            claim=_played(self.claim, log_factor),
            rule=_played(self.rule, log_factor),
            principal=float(np.logaddexp(self.principal, _DAILY)),
        )

    def about(self, leaf: int) -> SplitAccounts:
        """The accounts as bets about a leaf find them: where it is another one, ``on_another_leaf``."""
        kept = self if self.leaf in (None, leaf) else self.on_another_leaf()
        return replace(kept, leaf=leaf)

    def on_another_leaf(self) -> SplitAccounts:
        """The accounts when the leaf changes: of the old leaf only ``min(smallest account, principal)`` moves on.

        It is the same for every option, and the principal becomes it. So with ``Phi`` the account of the option that
        suits both parts of the leaf, or the principal where none does, a change never raises Phi, and a day's bets do
        not raise its mean beyond the mass it is given: a leaf whose two parts one option suits ever reaches 1/alpha
        with a probability of at most ``alpha (.8 + .2 years)``, however leaves were chosen from the past.
        """
        moved = min(float(self.rule[-1].min()), self.principal)
        return replace(self, rule=np.full(self.rule.shape, moved), principal=moved)

    def levelled(self) -> SplitAccounts:
        """The accounts when the persona's value was corrected: every one becomes the smallest.

        What suits everybody may have changed with it. The smallest of all is at most the account of whatever suited
        all before, so nothing is given, and from here it may change ``J`` times again.
        """
        return replace(self, claim=_levelled(self.claim), rule=_levelled(self.rule))

    @property
    def claimed(self) -> float:
        """Log of the smallest account: of "no single option suits everybody in this persona"."""
        return float(self.claim[-1].min())

    @property
    def proven(self) -> float:
        """Log of the smallest account of the present leaf."""
        return float(self.rule[-1].min())

    @property
    def is_leaning(self) -> bool:
        """Whether it looks as if no single option suits everybody."""
        return bool(self.claim[0].min() >= np.log(LEANING))


_DAILY = np.log(YEARLY_MASS / 365)


def _played(logs: Floats, log_factor: Floats) -> Floats:
    """``D_0(c) <- (D_0(c) + mu) F(c)`` and ``D_j(c) <- min(D_j(c) + mu, min over c' of D_(j-1)(c') + mu) F(c)``."""
    given = np.logaddexp(logs, _DAILY)
    below = np.concatenate([np.full((1, 1), np.inf), given[:-1].min(1, keepdims=True)])
    return np.asarray(np.minimum(given, below) + log_factor, dtype=np.float64)


def _levelled(logs: Floats) -> Floats:
    return np.full(logs.shape, float(logs[-1].min()))
