"""What the parts of a persona are shown tomorrow, while it is asked whether one value suits everybody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from living_personas.deciding.next_snapshot import InsideShares
from living_personas.deciding.part_shares import duel_shares, part_shares
from living_personas.domain.belief import Subject
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.folding.known_of_units import open_names
from living_personas.loop.learning.learn import EvidenceState
from living_personas.loop.splits.daily_splits import AskedAttribute, asked_attributes, is_sound, newest_split
from living_personas.refining.ledger import Entry
from living_personas.refining.splits.kept_split import KeptSplit, leaf_rule, leaf_words
from living_personas.refining.splits.split_day import SplitDay, opened_day
from living_personas.stats.arrays import Bools, Floats
from living_personas.stats.thompson import PRIOR_PRECISION, Score, normal_points, posterior, prob_best

__all__ = ["PartPolicy", "part_policies"]

POINTS = 512


@value
class PartPolicy:
    """The shares of everybody outside of a leaf, and of those inside: whom it holds ``in_words``, and how many.

    ``held`` is the part of the units so far that it held.
    """

    outside: tuple[float, ...]
    inside: InsideShares
    in_words: str
    held: float

    @property
    def of_all(self) -> Floats:
        """The share of each option among all units, shape ``(K,)``."""
        inside, outside = np.array(self.inside.shares), np.array(self.outside)
        return np.asarray(self.held * inside + (1 - self.held) * outside, dtype=np.float64)


def part_policies(
    context: Context, states: Sequence[EvidenceState], entries: Sequence[Entry], *, fixed: Collection[Subject]
) -> Mapping[Subject, PartPolicy]:
    """The shares by part of every subject that has a leaf, unless its value is ``fixed``."""
    every = [asked for asked in asked_attributes(context) if asked.subject not in fixed]
    names = open_names(context) if every else frozenset()
    found: dict[Subject, PartPolicy] = {}
    for asked in every:
        kept = newest_split(context.store, asked.subject)
        day = opened_day(kept.state) if kept is not None and is_sound(asked, kept, names=names) else None
        if kept is None or day is None or _is_rejected(context, asked):
            continue
        whole = next(
            _Whole(state, entry, state.panel.index(asked.subject))
            for state, entry in zip(states, entries, strict=True)
            if asked.subject in state.panel.subjects
        )
        ends = kept.state.proves_leaf(context.alpha)
        is_duel = asked.attribute.splits == "propose" and day.is_leaning and not ends
        found[asked.subject] = _of(kept, day, whole, is_duel=is_duel)
    return found


class _Whole(NamedTuple):
    """What is known of the whole persona's attribute, the a-th of its panel."""

    state: EvidenceState
    entry: Entry
    a: int


def _of(kept: KeptSplit, day: SplitDay, whole: _Whole, *, is_duel: bool) -> PartPolicy:
    (state, entry, a), width = whole, len(kept.options)
    if is_duel:
        inside, outside = duel_shares(day.best, day.against, options=width)
    else:
        inside, outside = part_shares(
            _prob_best(day, _effects(state, a)[:width]),
            current=int(state.panel.current[a]),
            weakest=day.weakest,
            pair=-1 if day.is_leaning else int(entry.tested[a]),
            proven=bool(state.panel.proven[a]),
        )
    rule = leaf_rule(kept.questions, day.leaf)
    units = kept.state.search.units[day.leaf]
    return PartPolicy(
        outside=tuple(outside.tolist()),
        inside=InsideShares(leaf=rule, shares=tuple(inside.tolist())),
        in_words=leaf_words(kept.questions, day.leaf),
        held=float(units[0] / units.sum()),
    )


def _prob_best(day: SplitDay, mean: Floats) -> Floats:
    """How probably each option is the best in each part, leaning on the effects in the whole persona, ``mean`` (K,)."""
    centre, cov = posterior(Score(u=day.score.u + PRIOR_PRECISION * mean, v=day.score.v))
    mask: Bools = np.ones(centre.shape, dtype=bool)
    return prob_best(centre, cov, points=normal_points(POINTS, mean.size), mask=mask)


def _effects(state: EvidenceState, a: int) -> Floats:
    score, prior = state.accounts.score, state.panel.prior
    mean, _ = posterior(Score(u=score.u[a : a + 1] + prior.u[a : a + 1], v=score.v[a : a + 1] + prior.v[a : a + 1]))
    return np.asarray(mean[0], dtype=np.float64)


def _is_rejected(context: Context, asked: AskedAttribute) -> bool:
    """Whether a person did not want this value's persona to be split: then nothing is shown by part any more."""
    subject, since = asked.subject, asked.standing.since
    return any(
        each.kind == "split" and each.subject == subject and each.review == "rejected" and each.day >= since
        for each in context.store.refinements.all(persona=subject.persona)
    )
