"""One persona's splits from day to day: what is fixed for a day, and what its units teach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from living_personas.domain.value import value
from living_personas.refining.splits.leaf_search import LeafSearch, chosen, differences
from living_personas.refining.splits.leaves import LEAST_SHARE, Leaves, Pairs
from living_personas.refining.splits.split_accounts import SplitAccounts
from living_personas.refining.splits.split_bets import PartRows, SplitBets
from living_personas.stats.arrays import Floats, Ints
from living_personas.stats.thompson import Score

__all__ = ["PlacedBets", "SplitDay", "SplitState", "corrected", "learned", "opened_day", "played"]


@value
class SplitState:
    """What is known of a persona's splits at the end of a day.

    ``leaf`` is that of the next bets, by its number, or none yet; the accounts are about the leaf of the bets played
    last, which is another one while outcomes are waited for.
    """

    search: LeafSearch
    accounts: SplitAccounts
    leaf: int | None

    @classmethod
    def first_day(cls, leaves: Leaves, *, options: int) -> SplitState:
        """Of a persona of which nothing was seen."""
        return cls(search=LeafSearch.none(len(leaves), options), accounts=SplitAccounts.first_day(options), leaf=None)

    @property
    def is_large(self) -> bool:
        """Whether both parts of the leaf that was played hold enough units for anybody to be told."""
        if self.accounts.leaf is None:
            return False
        units = self.search.units[self.accounts.leaf]
        return bool(units.min() >= LEAST_SHARE * units.sum() > 0)

    def claims(self, alpha: float) -> bool:
        """Whether it is proven that no single option suits everybody."""
        return self.is_large and self.accounts.claimed >= -np.log(alpha)

    def proves_leaf(self, alpha: float) -> bool:
        """Whether it is proven of the leaf that was played: only then may a persona be written for it."""
        return self.is_large and self.accounts.proven >= -np.log(alpha)


@value
class PlacedBets:
    """What is bet on a day's units, and about which leaf."""

    leaf: int
    bets: SplitBets


@value
class SplitDay:
    """What is fixed for the units of a day: the bets and their leaf, and what to show in each part.

    ``score`` holds the recent scores of the parts (2, K); ``best`` (2,) looks best in each part, ``against`` (2,) is
    the other option whose account is the smallest, ``weakest`` the one whose account is the smallest of all.
    """

    placed: PlacedBets
    score: Score
    best: Ints
    against: Ints
    weakest: int
    is_leaning: bool

    @property
    def leaf(self) -> int:
        """The leaf by whose parts is bet and shown."""
        return self.placed.leaf


def opened_day(state: SplitState) -> SplitDay | None:
    """What is fixed for the next day's units, from earlier days only; nothing while there is no leaf."""
    if state.leaf is None:
        return None
    search, leaf = state.search, state.leaf
    difference, variance = differences(Score(u=search.u[leaf], v=search.v[leaf]))
    best = difference.min(2).argmax(1)
    return SplitDay(
        placed=PlacedBets(
            leaf=leaf,
            bets=SplitBets.of(difference, variance, units=search.units[leaf], successes=search.successes[leaf]),
        ),
        score=Score(u=search.recent.u[leaf], v=search.recent.v[leaf]),
        best=best,
        against=_against(state.accounts.claim[0], best),
        weakest=int(state.accounts.claim[0].argmin()),
        is_leaning=state.accounts.is_leaning,
    )


def played(state: SplitState, placed: PlacedBets | None, rows: PartRows) -> SplitState:
    """The state after the bets on a day's units, in rows by their leaf; a day without bets is given its mass."""
    if placed is None:
        return replace(state, accounts=state.accounts.after(np.zeros(state.accounts.claim.shape[1])))
    return replace(state, accounts=state.accounts.about(placed.leaf).after(placed.bets.log_factor(rows)))


def learned(state: SplitState, leaves: Leaves, *, units: Pairs, successes: Pairs, kept: float) -> SplitState:
    """The state when a day's outcomes are complete: they teach the search, which may choose another leaf."""
    search = state.search.after(leaves, units, successes, kept=kept)
    return replace(state, search=search, leaf=chosen(search.scores(leaves), leaf=state.leaf))


def corrected(state: SplitState) -> SplitState:
    """The state when the persona's value was corrected for everybody."""
    return replace(state, accounts=state.accounts.levelled())


def _against(wealth: Floats, best: Ints) -> Ints:
    """In each part, the option with the smallest account among all but the one that looks best there."""
    others = np.where(np.arange(wealth.size) == best[:, None], np.inf, wealth)
    return np.asarray(others.argmin(1))
