"""Batches of units in their order, asked whether one option suits everybody: each bet is of what came before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np

from living_personas.domain.belief import Interval
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError
from living_personas.refining.splits.leaf_search import LeafSearch
from living_personas.refining.splits.leaves import Leaves, Pairs, leaves_of
from living_personas.refining.splits.menu import MOST_QUESTIONS
from living_personas.refining.splits.split_bets import PartRows
from living_personas.refining.splits.split_day import SplitDay, SplitState, corrected, learned, opened_day, played
from living_personas.stats.arrays import Bools, Floats, Ints
from living_personas.stats.eprocess import Sums
from living_personas.stats.pair_effect import pair_effect
from living_personas.stats.quality import RATIO_ALARM, ratio_log_factor

__all__ = ["Batch", "Replayed", "SplitGrade", "replay", "single_scores"]

SplitGrade: TypeAlias = Literal["silent", "leaning", "claimed", "proven", "held"]
"""What is known of "one option does not suit everybody": nothing, a first sign, that it is so, for whom; or that units
do not come in their shares, so that nothing can be."""


@value
class Batch:
    """Units that were met together: ``answers`` (n, M), ``option`` (n,), whether each was ``won`` (n,).

    ``stratum`` (n,) points into ``shares`` (T, K), the probabilities with which its units were given each option.
    """

    answers: Bools
    option: Ints
    won: Bools
    stratum: Ints
    shares: Floats

    def rows(self, inside: Bools) -> PartRows:
        """The units by part and stratum."""
        strata, options = self.shares.shape
        place = (np.where(inside, 0, strata) + self.stratum) * options + self.option
        shape = (2 * strata, options)
        counted = (np.bincount(which, minlength=shape[0] * options) for which in (place, place[self.won]))
        n, s = (each.astype(np.float64).reshape(shape) for each in counted)
        return PartRows(part=np.repeat([0, 1], strata), n=n, s=s, shares=np.tile(self.shares, (2, 1)))

    def pairs(self) -> tuple[Pairs, Pairs]:
        """Units and successes, by what they answered and by stratum."""
        place, shape = self.stratum * self.shares.shape[1] + self.option, self.shares.shape
        return (
            Pairs.of(self.answers, place, shape=shape),
            Pairs.of(self.answers[self.won], place[self.won], shape=shape),
        )


@value
class Replayed:
    """What a replay came to: the ``grade`` and ``leaf`` of the batch that decided, or of the last (``batch``, from 0).

    ``best`` looks best inside and outside of the leaf, ``effects`` by how much better than the other one's best it is
    there. ``claim`` and ``account`` are what the accounts hold: against every option, and of this leaf.
    """

    grade: SplitGrade
    leaf: int | None
    best: tuple[int, int]
    effects: tuple[Interval | None, Interval | None]
    claim: float
    account: float
    batch: int
    units: int


def replay(batches: Sequence[Batch], *, alpha: float, wait: int = 1, corrections: Collection[int] = ()) -> Replayed:
    """Play batches in order until a leaf is proven.

    Parameters
    ----------
    batches
        All with answers to the same questions, and the same options.
    alpha
        The chance of a claim though one option suits everybody, in a first year of batches.
    wait
        After how many batches the outcomes of one are complete: what is bet on it uses none that is younger.
    corrections
        The batches after which the value of everybody was corrected.
    """
    played_out = _Replay(batches, alpha=alpha)
    for number in range(len(batches)):
        played_out.play(number, wait=wait, corrected_after=number in corrections)
        if played_out.is_over:
            break
    return played_out.result(number=min(number, len(batches) - 1) if batches else -1)


def single_scores(batches: Sequence[Batch], *, options: int) -> Floats:
    """How much each question by itself tells, by these batches, shape ``(M,)``."""
    leaves = leaves_of(batches[0].answers.shape[1], most_literals=1)
    search = LeafSearch.none(len(leaves), options)
    for batch in batches:
        search = search.after(leaves, *batch.pairs(), kept=1.0)
    return search.scores(leaves)


class _Replay:
    """The state of a replay from batch to batch."""

    def __init__(self, batches: Sequence[Batch], *, alpha: float) -> None:
        self.batches, self.bar = batches, alpha
        questions, options = batches[0].answers.shape[1], batches[0].shares.shape[1]
        self.leaves: Leaves = leaves_of(min(questions, MOST_QUESTIONS))
        self.state = SplitState.first_day(self.leaves, options=options)
        self.claimed = self.proven = False
        self.ratio, self.seen, self.expected = 0.0, np.zeros(options), np.zeros(options)

    @property
    def is_over(self) -> bool:
        return self.proven or self.is_held

    @property
    def is_held(self) -> bool:
        return bool(self.ratio >= np.log(RATIO_ALARM))

    def play(self, number: int, *, wait: int, corrected_after: bool) -> None:
        """What was fixed before a batch is played; then what has become complete is learned."""
        batch, day = self.batches[number], opened_day(self.state)
        self._check_shares(batch)
        everybody = np.ones(batch.option.size, dtype=bool)
        inside = everybody if day is None else self.leaves.holds(day.leaf, batch.answers)
        self.state = played(self.state, None if day is None else day.placed, batch.rows(inside))
        self.claimed |= self.state.claims(self.bar)
        self.proven = self.state.proves_leaf(self.bar)
        if self.is_over:
            return
        if corrected_after:
            self.state = corrected(self.state)
        if number - wait + 1 >= 0:
            units, successes = self.batches[number - wait + 1].pairs()
            self.state = learned(self.state, self.leaves, units=units, successes=successes, kept=1.0)

    def result(self, *, number: int) -> Replayed:
        """What is known after a batch."""
        day = opened_day(self.state)
        if day is not None:
            self.state = replace(self.state, accounts=self.state.accounts.about(day.leaf))
        best = (int(day.best[0]), int(day.best[1])) if day is not None else (0, 0)
        through = self.batches[: number + 1]
        return Replayed(
            grade=self._grade(day),
            leaf=self.state.leaf,
            best=best,
            effects=(None, None) if day is None else self._effects(day, best, through),
            claim=float(np.exp(self.state.accounts.claimed)),
            account=float(np.exp(self.state.accounts.proven)),
            batch=number,
            units=sum(batch.option.size for batch in through),
        )

    def _grade(self, day: SplitDay | None) -> SplitGrade:
        if self.is_held:
            return "held"
        if self.proven:
            return "proven"
        if self.claimed:
            return "claimed"
        leans = day is not None and day.is_leaning and self.state.is_large and day.best[0] != day.best[1]
        return "leaning" if leans else "silent"

    def _check_shares(self, batch: Batch) -> None:
        """The account of units that do not come in their shares: one in 1,000 that are sound raises the alarm."""
        options = batch.shares.shape[1]
        place = batch.stratum * options + batch.option
        n = np.bincount(place, minlength=batch.shares.size).reshape(batch.shares.shape).astype(np.float64)
        seen, expected = (np.tile(each, (len(n), 1)) for each in (self.seen, self.expected))
        self.ratio += float(ratio_log_factor(n, batch.shares, seen=seen, expected=expected).sum())
        self.seen = self.seen + n.sum(0)
        self.expected = self.expected + (batch.shares * n.sum(1, keepdims=True)).sum(0)

    def _effects(
        self, day: SplitDay, best: tuple[int, int], batches: Sequence[Batch]
    ) -> tuple[Interval | None, Interval | None]:
        """By how much what looks best in each part is better there than what looks best in the other."""
        rows = [batch.rows(self.leaves.holds(day.leaf, batch.answers)) for batch in batches]
        return self._effect(rows, 0, best[0], best[1]), self._effect(rows, 1, best[1], best[0])

    def _effect(self, rows: Sequence[PartRows], part: int, new: int, old: int) -> Interval | None:
        n, s = (np.concatenate([getattr(row, name)[row.part == part] for row in rows]) for name in ("n", "s"))
        new_sums, old_sums = (Sums(n=n[:, which], sum=s[:, which], sum_sq=s[:, which]) for which in (new, old))
        try:
            return pair_effect(new_sums, old_sums, alpha=self.bar) if new != old else None
        except InsufficientEvidenceError:
            return None
