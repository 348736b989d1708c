"""Finished rows of an experiment in, an answer out: whether one option suits everybody in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Interval
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError, InvalidCellsError, InvalidSettingsError, UnknownNameError
from living_personas.refining.splits.leaf_search import LeafSearch
from living_personas.refining.splits.leaves import Leaves, Pairs, leaves_of
from living_personas.refining.splits.menu import (
    MOST_QUESTIONS,
    YesNoQuestion,
    answers,
    most_telling,
    questions_about,
)
from living_personas.refining.splits.split_bets import PartRows
from living_personas.refining.splits.split_day import SplitDay, SplitState, closed_day, opened_day
from living_personas.reporting.split_words import SplitGrade, split_sentence
from living_personas.sources.arrow import frame_table
from living_personas.stats.arrays import Bools, Floats, Ints
from living_personas.stats.eprocess import Sums
from living_personas.stats.pair_effect import pair_effect

__all__ = ["SplitVerdict", "splits_by_response"]

CHOOSES_MENU = 8
"""Where there are more than 24 questions, the first eighth of the batches chooses them, and is no evidence."""


@value
class SplitVerdict:
    """Whether one option suits everybody, and if not, whom another one suits.

    ``who`` is the leaf as a rule, ``leaf`` in words; ``values`` look best inside and outside of it, ``effects`` by how
    much better than the other's. ``claim`` and ``account`` are what the accounts hold: of "no single option suits
    everybody", and of this leaf (1/alpha decides). ``batch`` is the number of the batch that decided, or of the last.
    """

    grade: SplitGrade
    who: str
    leaf: str
    values: tuple[str, str]
    effects: tuple[Interval | None, Interval | None]
    claim: float
    account: float
    batch: int
    units: int
    questions: tuple[YesNoQuestion, ...]
    says: str

    def __str__(self) -> str:
        return (
            f"{self.grade}; claim {self.claim:,.3g}, this leaf {self.account:,.3g}, {self.units:,} units\n  {self.says}"
        )


def splits_by_response(
    frame: object,
    *,
    option: str,
    success: str,
    shares: Mapping[str, float],
    barred: Collection[str] = (),
    ignored: Collection[str] = (),
    among: str = "all customers",
    batches: int = 40,
    alpha: float = 0.05,
) -> SplitVerdict:
    """Ask of an experiment whether one option suits everybody, looking after each batch of its rows.

    Parameters
    ----------
    frame
        A row for each unit, in the order in which they came: a pandas, polars or pyarrow table, or anything else with
        an Arrow capsule. Every column but ``option``, ``success`` and those that are barred or ignored must have been
        known before the unit met its option; numbers, texts and yes or no are asked about.
    option, success
        The columns with the option that a unit was given, and whether it was a success (true or false, 1 or 0).
    shares
        The probability with which each unit was given each option, the same for all of them.
    barred, ignored
        Columns that nothing may be built on (protected traits, and what stands in for them), and those that are about
        something else (an id, or what happened after).
    among
        Whom the rows are of, in words.
    batches
        How many looks: rows are dealt to so many batches in their order, and everything that is bet on one was fixed
        before it.
    alpha
        The chance of claiming a split though one option suits everybody, in a first year of batches.

    Raises
    ------
    IngestError, UnknownNameError, InvalidCellsError, InvalidSettingsError
        If the frame, or what is said of it, cannot be meant.
    InsufficientEvidenceError
        If no column can be asked about.
    """
    _check(alpha, batches)
    table = frame_table(frame)
    units = _read(table, option=option, success=success, shares=shares)
    for name in ignored:
        if name not in table.column_names:
            raise UnknownNameError.among("column", name, table.column_names)
    known = table.drop_columns(list({option, success, *ignored}))
    asked = questions_about(known, barred=barred)
    if not asked:
        raise InsufficientEvidenceError(
            "No column can be asked about.",
            hint="give numbers, texts or yes-or-no columns that were known before; 4 to 96 % of the rows must say yes.",
        )
    batch = np.arange(len(units.option)) * batches // max(len(units.option), 1)
    replay = _Replay(units, answers(asked, known), batch, alpha=alpha)
    if len(asked) > MOST_QUESTIONS:
        first = max(batches // CHOOSES_MENU, 1)
        asked = most_telling(asked, replay.single_scores(before=first))
        replay = _Replay(units, answers(asked, known), batch, alpha=alpha, begins=first)
    replay.run(batches)
    return _verdict(replay, asked, tuple(shares), among=among)


class _Units(NamedTuple):
    """Units of an experiment: the number of each one's option (n,), whether it was a success, and the shares (K,)."""

    option: Ints
    won: Bools
    shares: Floats


class _Replay:
    """The batches of an experiment, in order: what is fixed before each, its bets, what it teaches."""

    def __init__(self, units: _Units, asked: Bools, batch: Ints, *, alpha: float, begins: int = 0) -> None:
        self.units, self.asked, self.batch, self.alpha, self.begins = units, asked, batch, alpha, begins
        self.leaves: Leaves = leaves_of(min(asked.shape[1], MOST_QUESTIONS))
        self.state = SplitState.first_day(self.leaves, options=units.shares.size)
        self.decided: tuple[SplitState, int] | None = None
        self.claimed: tuple[SplitState, int] | None = None

    def run(self, batches: int) -> None:
        """Play the batches until the leaf is proven."""
        for number in range(self.begins, batches):
            day = opened_day(self.state)
            rows, units, successes = self._counted(np.flatnonzero(self.batch == number), day)
            self.state = closed_day(self.state, self.leaves, day, rows=rows, units=units, successes=successes, kept=1.0)
            if self.claimed is None and self.state.claims(self.alpha):
                self.claimed = self.state, number
            if self.state.proves_leaf(self.alpha):
                self.decided = self.state, number
                break

    def single_scores(self, *, before: int) -> Floats:
        """How much each question alone tells, by the batches before, shape ``(M,)``."""
        leaves = leaves_of(self.asked.shape[1], most_literals=1)
        rows = np.flatnonzero(self.batch < before)
        _, units, successes = self._counted(rows, None)
        return (
            LeafSearch.none(len(leaves), self.units.shares.size)
            .after(leaves, units, successes, kept=1.0)
            .scores(leaves)
        )

    def part_rows(self, leaf: int, *, through: int) -> list[PartRows]:
        """Each batch's units inside and outside of a leaf."""
        inside = self.leaves.holds(leaf, self.asked)
        chosen = [np.flatnonzero(self.batch == number) for number in range(through + 1)]
        return [self._rows(np.where(inside[at], 0, 1), at) for at in chosen]

    def _counted(self, at: Ints, day: SplitDay | None) -> tuple[PartRows, Pairs, Pairs]:
        answered, option, won = self.asked[at], self.units.option[at], self.units.won[at]
        part = (
            np.where(self.leaves.holds(day.leaf, answered), 0, 1) if day is not None else np.zeros(at.size, dtype=int)
        )
        shape = (2, self.units.shares.size)
        place = part * shape[1] + option
        successes = Pairs.of(answered[won], place[won], shape=shape)
        return self._rows(part, at), Pairs.of(answered, place, shape=shape), successes

    def _rows(self, part: Ints, at: Ints) -> PartRows:
        shape = (2, self.units.shares.size)
        place = part * shape[1] + self.units.option[at]
        counted = (np.bincount(which, minlength=2 * shape[1]) for which in (place, place[self.units.won[at]]))
        n, s = (each.astype(np.float64).reshape(shape) for each in counted)
        shares = np.stack([self.units.shares] * 2)
        return PartRows(part=np.arange(2), n=n, s=s, shares=shares)


def _check(alpha: float, batches: int) -> None:
    if not 0 < alpha < 1:
        raise InvalidSettingsError(f"alpha is {alpha!r}.", hint="give a probability between 0 and 1, such as 0.05.")
    if batches < 2 or batches != int(batches):
        raise InvalidSettingsError(
            f"batches is {batches!r}.", hint="give a whole number from 2 on: the first batch chooses what is bet on."
        )


def _read(table: pa.Table, *, option: str, success: str, shares: Mapping[str, float]) -> _Units:
    for name in (option, success):
        if name not in table.column_names:
            raise UnknownNameError.among("column", name, table.column_names)
        if table[name].null_count:
            raise InvalidCellsError(
                f"{table[name].null_count:,} rows have no {name!r}.", hint="leave them out, or say what they were."
            )
    if len(shares) < 2 or min(shares.values()) <= 0 or abs(sum(shares.values()) - 1) > 1e-9:
        raise InvalidCellsError(
            f"The shares {dict(shares)!r} are no probabilities of two or more options.",
            hint="each must be above 0, and all together 1.",
        )
    texts = pc.cast(table[option], pa.string())
    met = [each for each in texts.unique().to_pylist() if each not in shares]
    if met:
        raise UnknownNameError.among("option", met[0], tuple(shares))
    place = pc.index_in(texts, value_set=pa.array(list(shares), type=pa.string()))
    won = np.asarray(pc.cast(table[success], pa.float64()).to_numpy(), dtype=np.float64)
    if not np.isin(won, (0.0, 1.0)).all():
        raise InvalidCellsError(
            f"{success!r} holds {float(won[~np.isin(won, (0.0, 1.0))][0]):g}.",
            hint="a success is 1 or 0, true or false.",
        )
    return _Units(
        option=np.asarray(place.to_numpy(), dtype=np.int64), won=won == 1, shares=np.array(list(shares.values()))
    )


def _verdict(
    replay: _Replay, asked: tuple[YesNoQuestion, ...], options: tuple[str, ...], *, among: str
) -> SplitVerdict:
    last = int(replay.batch.max(initial=0))
    state, batch = replay.decided or (replay.state, last)
    grade = _grade(replay)
    day = opened_day(state)
    literals = replay.leaves.literals(day.leaf) if day is not None else ()
    best = tuple(day.best.tolist()) if day is not None else (0, 0)
    effects = _effects(replay, day, best, through=batch) if day is not None else (None, None)
    values = (options[best[0]], options[best[1]])
    leaf = " and ".join(asked[question].words(yes=yes) for question, yes in literals)
    return SplitVerdict(
        grade=grade,
        who=" and ".join(asked[question].rule(yes=yes) for question, yes in literals),
        leaf=leaf,
        values=values,
        effects=effects,
        claim=float(np.exp(state.accounts.claimed)),
        account=float(np.exp(state.accounts.proven)),
        batch=batch + 1,
        units=int((replay.batch <= batch).sum()),
        questions=asked,
        says=split_sentence(grade, leaf=leaf, among=among, values=values, effects=effects, options=len(options)),
    )


def _grade(replay: _Replay) -> SplitGrade:
    if replay.decided:
        return "proven"
    if replay.claimed:
        return "claimed"
    day = opened_day(replay.state)
    leans = day is not None and day.is_leaning and replay.state.is_large and day.best[0] != day.best[1]
    return "leaning" if leans else "silent"


def _effects(
    replay: _Replay, day: SplitDay, best: tuple[int, int], *, through: int
) -> tuple[Interval | None, Interval | None]:
    """By how much what looks best in each part is better there than what looks best in the other."""
    rows = replay.part_rows(day.leaf, through=through)
    return _effect(rows, 0, best[0], best[1], replay.alpha), _effect(rows, 1, best[1], best[0], replay.alpha)


def _effect(rows: list[PartRows], part: int, new: int, old: int, alpha: float) -> Interval | None:
    if new == old:
        return None
    sums = (
        Sums(*(np.array([getattr(row, name)[part, which] for row in rows]) for name in ("n", "s", "s")))
        for which in (new, old)
    )
    try:
        return pair_effect(*sums, alpha=alpha)
    except InsufficientEvidenceError:
        return None
