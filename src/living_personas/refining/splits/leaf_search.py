"""Which leaf looks like the best split so far: it steers what is bet and shown, and proves nothing."""

from __future__ import annotations

import numpy as np

from living_personas.domain.value import value
from living_personas.refining.splits.leaves import LEAST_SHARE, Leaves, Pairs
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums
from living_personas.stats.thompson import Score, day_score, posterior

__all__ = ["BETTER", "LeafSearch", "chosen", "differences"]

BETTER = 1.0
"""What another leaf's score must be above that of the leaf there is: one that changes every day proves nothing."""


@value
class LeafSearch:
    """What earlier days taught of L leaves' two parts (inside, outside), for K options.

    ``u`` (L, 2, K) and ``v`` (L, 2, K, K) are scores that forget nothing; ``recent`` are those that the allocation
    forgets as it does elsewhere. ``units`` and ``successes`` (L, 2) are what came to each part.
    """

    u: Floats
    v: Floats
    recent: Score
    units: Floats
    successes: Floats

    @classmethod
    def none(cls, leaves: int, options: int) -> LeafSearch:
        """Nothing seen yet."""
        u, v = np.zeros((leaves, 2, options)), np.zeros((leaves, 2, options, options))
        return cls(u=u, v=v, recent=Score(u=u, v=v), units=np.zeros((leaves, 2)), successes=np.zeros((leaves, 2)))

    def after(self, leaves: Leaves, units: Pairs, successes: Pairs, *, kept: float) -> LeafSearch:
        """The search after a day's units and successes, in pairs whose ``total`` has shape ``(T, K)``.

        T are the strata with shares of their own (inside and outside of the day's leaf): options are compared within
        each. ``kept`` is the part of the recent score that a day leaves.
        """
        n, s = leaves.parts(units), leaves.parts(successes)
        today = day_score(Sums(n=n, sum=s, sum_sq=s), is_value=np.zeros(n.shape[:-1], dtype=bool))
        u, v = today.u.sum(2), today.v.sum(2)
        return LeafSearch(
            u=self.u + u,
            v=self.v + v,
            recent=Score(u=kept * self.recent.u + u, v=kept * self.recent.v + v),
            units=self.units + n.sum((2, 3)),
            successes=self.successes + s.sum((2, 3)),
        )

    def scores(self, leaves: Leaves) -> Floats:
        """The score of each leaf, shape ``(L,)``; minus infinity where a part is too small.

        ``min over c of the sum over parts of max over o of z(o, c)_+^2 / 2``, with z the difference of o and c in
        standard deviations, less the logarithm of how many leaves have as many literals.
        """
        difference, variance = differences(Score(u=self.u, v=self.v))
        z = np.maximum((difference / np.sqrt(variance)).max(-2), 0.0)
        score = (z**2 / 2).sum(1).min(-1) - leaves.log_count
        share = self.units.min(1) / np.maximum(self.units.sum(1), 1.0)
        return np.where(share >= LEAST_SHARE, score, -np.inf)


def differences(score: Score) -> tuple[Floats, Floats]:
    """How much better option o looks than option c, and the variance of that, both of shape ``(..., o, c)``.

    The variance of an option against itself is 1.
    """
    mean, cov = posterior(Score(u=score.u.reshape(-1, score.u.shape[-1]), v=score.v.reshape(-1, *score.v.shape[-2:])))
    own = np.einsum("rkk->rk", cov)
    variance = own[:, :, None] + own[:, None, :] - 2 * cov + np.eye(mean.shape[1])
    return (mean[:, :, None] - mean[:, None, :]).reshape(score.v.shape), variance.reshape(score.v.shape)


def chosen(scores: Floats, *, leaf: int | None) -> int | None:
    """The leaf for tomorrow: another one only where it is better by ``BETTER``; none while none is large enough.

    >>> chosen(np.array([0.0, 0.9]), leaf=0), chosen(np.array([0.0, 1.1]), leaf=0), chosen(np.array([-np.inf]), leaf=0)
    (0, 1, None)
    """
    best = int(scores.argmax())
    if scores[best] == -np.inf:
        return None
    return leaf if leaf is not None and scores[best] < scores[leaf] + BETTER else best
