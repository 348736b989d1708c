"""Personas side by side through the whole loop of splits, in arrays: accounts of corrections, search, bets, shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from living_personas.deciding.allocate import shares
from living_personas.deciding.part_shares import duel_shares, part_shares
from living_personas.refining.accounts import Accounts, mature, open_day, restart
from living_personas.refining.apply import baseline
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel, day_number
from living_personas.refining.splits.leaves import Answer, Pairs, leaves_of
from living_personas.refining.splits.split_accounts import FLIPS, SplitAccounts
from living_personas.refining.splits.split_bets import PartRows
from living_personas.refining.splits.split_day import SplitDay, SplitState, corrected, learned, opened_day, played
from living_personas.stats.arrays import Bools, Floats, Ints
from living_personas.stats.eprocess import Sums
from living_personas.stats.thompson import PRIOR_PRECISION, Score, normal_points, posterior, prob_best
from worlds.cells import FIRST, persona
from worlds.responses import Occasions, ResponseWorld

Mode = Literal["off", "even", "propose", "follow"]
"""How parts steer: no splits at all, even shares whatever is known, with a duel where a split leans, without one."""

ALPHA = 0.05
KEPT = 0.5 ** (1 / 20)
"""What a day leaves of the recent scores: the half-life of corrections at 1,000 units a day."""
STRATA = ("inside", "outside")


@dataclass
class Life:
    """One persona: its world, its splits, and on which day (from 1) a claim was made and a leaf proven.

    ``lost`` are the successes that its units were expected to miss, ``corrections`` the days and values of its own,
    ``noted`` is what an ``evening`` wrote down.
    """

    world: ResponseWorld
    state: SplitState
    claimed: float = np.inf
    proven: float = np.inf
    leaf_claimed: tuple[Answer, ...] = ()
    leaf_proven: tuple[Answer, ...] = ()
    leant: bool = False
    lost: float = 0.0
    noted: float = -np.inf
    corrections: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Units:
    """A day's units of one persona, drawn."""

    come: Occasions
    part: Ints
    option: Ints
    won: Bools
    by_part: Floats

    @property
    def place(self) -> Ints:
        return np.asarray(self.part * self.by_part.shape[1] + self.option)

    def rows(self) -> PartRows:
        counted = (np.bincount(place, minlength=self.by_part.size) for place in (self.place, self.place[self.won]))
        n, s = (each.astype(np.float64).reshape(self.by_part.shape) for each in counted)
        return PartRows(part=np.arange(2), n=n, s=s, shares=self.by_part)

    def pairs(self) -> tuple[Pairs, Pairs]:
        shape, answers = self.by_part.shape, self.come.answers
        return Pairs.of(answers, self.place, shape=shape), Pairs.of(
            answers[self.won], self.place[self.won], shape=shape
        )

    def lost(self) -> float:
        met = np.take_along_axis(self.come.rates, self.option[:, None], 1)[:, 0]
        return float((self.come.rates.max(1) - met).sum())


class Lives:
    """Worlds with one persona each, day by day; what is known in the evening steers the next day.

    ``evening`` sees each life after each day. ``forgets`` and ``flips`` are for controls: a search that forgets, and
    accounts that allow another number of flips for everybody.
    """

    def __init__(
        self,
        worlds: Sequence[ResponseWorld],
        *,
        options: int,
        mode: Mode,
        corrects: bool = True,
        forgets: bool = False,
        flips: int = FLIPS,
        evening: Callable[[int, Life], None] = lambda _day, _life: None,
    ) -> None:
        names = tuple(f"o{k}" for k in range(options))
        self.mode: Mode = mode
        self.corrects, self.forgets, self.evening = corrects, forgets, evening
        self.panel = Panel.of([baseline(persona(f"p{i:04d}", options=names), day=FIRST) for i in range(len(worlds))])
        self.accounts = Accounts.first_day(self.panel)
        self.leaves = leaves_of(worlds[0].answers.shape[1])
        first = SplitState.first_day(self.leaves, options=options)
        first = replace(first, accounts=SplitAccounts.first_day(options, flips=flips))
        self.lives = [Life(world, first) for world in worlds]
        self.days = 0

    def run(self, days: int, *, until: Callable[[Life], bool] = lambda _life: False) -> list[Life]:
        """Live so many more days, or until it is so for every persona."""
        for _ in range(days):
            self._live()
            if all(map(until, self.lives)):
                break
        return self.lives

    def _live(self) -> None:
        entry = open_day(self.accounts, self.panel, day=day_number(FIRST) + self.days)
        whole = self._whole(entry)
        score, prior = self.accounts.score, self.panel.prior
        mean, _ = posterior(Score(u=score.u + prior.u, v=score.v + prior.v))
        rows: list[PartRows] = []
        for a, life in enumerate(self.lives):
            day = opened_day(life.state) if self.mode != "off" else None
            by_part = np.stack([whole[a], whole[a]])
            if day is not None and self.mode != "even":
                by_part = self._by_part(life, day, entry, a, mean[a])
            units = self._drawn(life, day, by_part)
            life.lost += units.lost()
            rows.append(units.rows())
            if self.mode != "off":
                self._learn(life, day, units)
                self.evening(self.days + 1, life)
        self._correct(self._laid_out(rows), entry)
        self.days += 1

    def _whole(self, entry: Entry) -> Floats:
        """The shares of each persona where it has no leaf."""
        panel = self.panel
        if self.mode == "even":
            return np.asarray(panel.mask / panel.mask.sum(1, keepdims=True), dtype=np.float64)
        return shares(entry.prob_best, mask=panel.mask, current=panel.current, pair=entry.tested, proven=panel.proven)

    def _by_part(self, life: Life, day: SplitDay, entry: Entry, a: int, mean: Floats) -> Floats:
        """The shares inside and outside of a persona's leaf; ``mean`` (K,) are the effects in the whole persona."""
        if day.is_leaning and self.mode == "propose" and life.proven == np.inf:
            return duel_shares(day.best, day.against, options=self.panel.width)
        centre, cov = posterior(Score(u=day.score.u + PRIOR_PRECISION * mean, v=day.score.v))
        mask: Bools = np.ones(centre.shape, dtype=bool)
        best = prob_best(centre, cov, points=normal_points(512, self.panel.width), mask=mask)
        if life.proven < np.inf:  # two personas, each with a value of its own
            return shares(best, mask=mask, current=best.argmax(1), pair=np.full(2, -1), proven=mask[:, 0])
        return part_shares(
            best,
            current=int(self.panel.current[a]),
            weakest=day.weakest,
            pair=-1 if day.is_leaning else int(entry.tested[a]),
            proven=bool(self.panel.proven[a]),
        )

    def _drawn(self, life: Life, day: SplitDay | None, by_part: Floats) -> _Units:
        come = life.world.day(self.days)
        inside = self.leaves.holds(day.leaf, come.answers) if day is not None else np.ones(len(come.rates), dtype=bool)
        part = np.where(inside, 0, 1)
        option, won = life.world.drawn(come, by_part[part])
        return _Units(come=come, part=part, option=option, won=won, by_part=by_part)

    def _learn(self, life: Life, day: SplitDay | None, drawn: _Units) -> None:
        units, successes = drawn.pairs()
        state = played(life.state, None if day is None else day.placed, drawn.rows())
        state = learned(state, self.leaves, units=units, successes=successes, kept=KEPT)
        if life.proven < np.inf:  # the leaf has become a persona
            state = replace(state, leaf=life.state.leaf)
        if self.forgets:
            search = state.search
            state = replace(state, search=replace(search, u=KEPT * search.u, v=KEPT * search.v))
        life.state = state
        life.leant |= state.accounts.is_leaning and state.is_large
        if life.claimed == np.inf and state.claims(ALPHA):
            life.claimed, life.leaf_claimed = self.days + 1, self._literals(state)
        if life.proven == np.inf and state.proves_leaf(ALPHA):
            life.proven, life.leaf_proven = self.days + 1, self._literals(state)

    def _literals(self, state: SplitState) -> tuple[Answer, ...]:
        return () if state.accounts.leaf is None else self.leaves.literals(state.accounts.leaf)

    def _laid_out(self, rows: Sequence[PartRows]) -> DayRows:
        n, s, by_part = (np.concatenate([getattr(each, name) for each in rows]) for name in ("n", "s", "shares"))
        return DayRows(
            subject=np.repeat(np.arange(len(rows)), 2),
            cohort=np.full(2 * len(rows), day_number(FIRST) + self.days),
            stratum=STRATA * len(rows),
            sums=Sums(n=n, sum=s, sum_sq=s),
            shares=by_part,
        )

    def _correct(self, rows: DayRows, entry: Entry) -> None:
        """The accounts of corrections and confirmations go on, by stratum; so does the persona's value."""
        self.accounts = mature(self.accounts, self.panel, rows, entry, half_life=None)
        if not self.corrects:
            return
        own = self.accounts.own(self.panel)
        over = np.asarray(own.max(1) >= 1 / ALPHA)
        sure = self.accounts.confirmation(self.panel) >= -np.log(ALPHA)
        current = np.where(over, own.argmax(1), self.panel.current)
        for a in np.flatnonzero(over):
            self.lives[a].corrections.append((self.days + 1, int(current[a])))
            self.lives[a].state = corrected(self.lives[a].state)
        since = np.where(over, entry.day + 1, self.panel.since)
        self.panel = replace(self.panel, current=current, since=since, proven=self.panel.proven | sure | over)
        if over.any():
            self.accounts = restart(self.accounts, self.panel, over)
