"""What is bet on a day's units against "option c suits everybody", for each c, fixed before the first of them."""

from __future__ import annotations

import numpy as np

from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats, Ints, add_at
from living_personas.stats.eprocess import LIFT_WEIGHTS, LIFTS, Sums, assignment_log_factor

__all__ = ["NO_BET", "PartRows", "SplitBets"]

NO_BET = 0.5
"""The prior weight of betting nothing; the lifts share the rest as they do elsewhere."""

_WEIGHTS: Floats = np.array([NO_BET, *((1 - NO_BET) * LIFT_WEIGHTS)])
_LOG_LIFTS: Floats = np.log(np.array([1.0, *LIFTS]))
PRIOR_RATE, PRIOR_UNITS = 0.05, 20.0


@value
class PartRows:
    """A day's units in R rows of one stratum each: which ``part`` (R,) of the leaf (0 inside, 1 outside), what came.

    ``n``, ``s`` and ``shares`` have shape ``(R, K)``.
    """

    part: Ints
    n: Floats
    s: Floats
    shares: Floats

    @classmethod
    def none(cls, options: int) -> PartRows:
        """No units."""
        empty = np.zeros((0, options))
        return cls(part=np.zeros(0, dtype=np.int64), n=empty, s=empty, shares=empty)


@value
class SplitBets:
    """The bets against each option c, shape ``(2, K)`` by part and c.

    ``option`` is the one that looks better than c in the part, or -1; ``weights`` (2, K, 6) how the bet is spread over
    no bet at all and the five lifts; ``rate`` (2,) predicts the outcomes of the part.
    """

    option: Ints
    weights: Floats
    rate: Floats

    @classmethod
    def of(cls, difference: Floats, variance: Floats, *, units: Floats, successes: Floats) -> SplitBets:
        """The bets that earlier days ask for.

        Parameters
        ----------
        difference, variance
            How much better o looks than c in each part, and its variance, shape ``(2, K, K)`` by part, o and c.
        units, successes
            What came to each part, shape ``(2,)``.
        """
        best = difference.argmax(1)
        ahead = np.take_along_axis(difference, best[:, None], 1)[:, 0]
        spread = np.take_along_axis(variance, best[:, None], 1)[:, 0]
        log = np.log(_WEIGHTS) - (_LOG_LIFTS - ahead[..., None]) ** 2 / (2 * spread[..., None])
        weights = np.exp(log - log.max(-1, keepdims=True))
        return cls(
            option=np.where(ahead > 0, best, -1),
            weights=weights / weights.sum(-1, keepdims=True),
            rate=(successes + PRIOR_UNITS * PRIOR_RATE) / (units + PRIOR_UNITS),
        )

    def log_factor(self, rows: PartRows) -> Floats:
        """The log factor of a day against each c, shape ``(K,)``.

        ``product over parts of the sum over lifts of w * the product over units that got o or c of q_A(Y) / q_1(Y)``.
        Where c is as good as any other in both parts, its mean is at most 1: so it is for every lift in every part (see
        ``assignment_log_factor``), and units of the parts are drawn apart.
        """
        logs = np.zeros((2, self.option.shape[1], _WEIGHTS.size))
        for c in range(self.option.shape[1]):
            self._add(logs[:, c], rows, c)
        with np.errstate(divide="ignore"):
            mixed = np.logaddexp.reduce(np.log(self.weights) + logs, axis=-1)
        return np.asarray(np.where(self.option >= 0, mixed, 0.0).sum(0), dtype=np.float64)

    def _add(self, logs: Floats, rows: PartRows, c: int) -> None:
        """Add the rows' logs against c to those of their part."""
        option = self.option[rows.part, c]
        at = np.arange(option.size)
        share_o, share_c = rows.shares[at, option], rows.shares[:, c]
        plays: Bools = (option >= 0) & (share_o > 0) & (share_c > 0)
        row, o = at[plays], option[plays]
        if not row.size:
            return
        factor = assignment_log_factor(
            Sums(n=rows.n[row, o], sum=rows.s[row, o], sum_sq=rows.s[row, o]),
            Sums(n=rows.n[row, c], sum=rows.s[row, c], sum_sq=rows.s[row, c]),
            w=(share_o / np.where(plays, share_o + share_c, 1.0))[plays],
            pbar=np.clip(self.rate[rows.part[row]], 1e-6, 1 - 1e-6),
            ratio=np.ones(row.size),
        )
        add_at(logs, rows.part[row], np.column_stack([np.zeros(row.size), factor]))
