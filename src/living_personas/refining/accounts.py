"""The accounts in which evidence grows: one day's units in, wealth out (docs/explanation/evidence.md has the proof).

``open_day`` fixes what the bets on a day's units will use; ``mature`` plays them when the units' outcomes are complete.
Both are pure, so that state is a deterministic fold over cells and ledger.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from living_personas.domain.value import value
from living_personas.refining.bets import Factors, factors
from living_personas.refining.completion import ages_kept
from living_personas.refining.early import WINDOWS_KEEP, Early
from living_personas.refining.ledger import Entry, Means
from living_personas.refining.panel import DayRows, Panel
from living_personas.refining.sample_ratio import SampleRatio
from living_personas.refining.strata import joined
from living_personas.refining.wealth import Held, day_mass, grown, moved
from living_personas.stats.arrays import Bools, Floats, Ints, add_at, short_sum
from living_personas.stats.eprocess import LIFT_WEIGHTS
from living_personas.stats.thompson import Score, day_score, normal_points, posterior, prob_best

__all__ = ["Accounts", "carried", "decay_of", "laid_out_for", "mature", "open_day", "restart", "without_window"]

POINTS = 512
HALF_LIFE_DAYS, HALF_LIFE_UNITS, LONGEST_HALF_LIFE = 20.0, 20_000.0, 120.0
"""After how many days or units, whichever is longer, evidence steers half as much, unless people say; and at most."""


@value
class Accounts:
    """Everything that the units of earlier days left behind, in arrays for a panel of A subjects with K options.

    ``wealth`` and ``reverse`` (A, K, 5) hold an entry per lift: of "k is more than the margin times as good as the
    current value", and of the current value being better than k (as logs); ``principal`` (A, K) caps what a transfer
    may move. Where the margin is above 1, ``any_better`` (wealth) asks whether k is better at all, ``short`` (logs)
    whether it is less than the margin times as good; elsewhere they rest. ``score`` is the allocation's decayed
    evidence, ``means`` predict outcomes. ``sample`` is the sample-ratio test, ``pace`` (A,) the average number of units
    a day. ``answered`` (A, K, S) are the outcomes of complete days by age, for curves of completion and early windows;
    ``early`` is the account of the window, where one is chosen.
    """

    wealth: Floats
    principal: Floats
    reverse: Floats
    any_better: Floats
    short: Floats
    nominee: Ints
    score: Score
    means: Means
    sample: SampleRatio
    pace: Floats
    answered: Floats
    early: Early

    @classmethod
    def first_day(cls, panel: Panel) -> Accounts:
        """The accounts of a panel that has seen nothing."""
        a, k = panel.mask.shape
        principal = _start(panel)
        wealth, logs = (
            principal[..., None] * LIFT_WEIGHTS,
            np.broadcast_to(np.log(LIFT_WEIGHTS), (a, k, LIFT_WEIGHTS.size)),
        )
        return cls(
            wealth=wealth,
            principal=principal,
            reverse=logs.copy(),
            any_better=wealth * (panel.margin > 1)[:, None, None],
            short=logs.copy(),
            nominee=np.full(a, -1),
            score=Score(u=np.zeros((a, k)), v=np.zeros((a, k, k))),
            means=Means.none(a),
            sample=SampleRatio.none(a, k),
            pace=np.zeros(a),
            answered=np.zeros((a, k, ages_kept(panel))),
            early=Early.none(a, k),
        )

    def total(self) -> Floats:
        """Wealth of each option's account, shape ``(A, K)``."""
        return short_sum(self.wealth)

    def own(self, panel: Panel) -> Floats:
        """Wealth of each challenger's own account, 0 for the current value, shape ``(A, K)``: what must reach a bar.

        Where an early window has the other half of the wealth, the larger of the two counts, for as much as is left
        when the window's own error is paid.
        """
        larger = WINDOWS_KEEP * np.maximum(self.total(), short_sum(self.early.wealth))
        held = np.where(self.early.chosen[:, None], larger, self.total())
        return np.where(panel.mask & ~panel.is_current, held, 0.0)

    def decided_early(self) -> Bools:
        """Where the largest account is that of an early window, shape ``(A,)``."""
        early, whole = (short_sum(wealth).max(-1, initial=0.0) for wealth in (self.early.wealth, self.wealth))
        return np.asarray(self.early.chosen & (early > whole))

    def confirmation(self, panel: Panel) -> Floats:
        """The smallest log account of the current value against another option, shape ``(A,)``."""
        against = np.logaddexp.reduce(self.reverse, axis=-1)
        return np.asarray(np.where(panel.mask & ~panel.is_current, against, np.inf).min(-1), dtype=np.float64)


def open_day(accounts: Accounts, panel: Panel, *, day: int, young: DayRows | None = None) -> Entry:
    """Fix what the bets on the units of ``day`` will use, from earlier days only.

    ``young`` are the rows of earlier days whose outcomes are not complete yet. They may steer, since they are compared
    with units of the same day; they are never evidence.
    """
    mean, cov = posterior(_steering(accounts, panel, young))
    best = prob_best(mean, cov, points=normal_points(POINTS, panel.width), mask=panel.mask)
    challenger = panel.mask & ~panel.is_current
    best_of_current = np.take_along_axis(best, panel.current[:, None], 1)
    effect_of_current = np.take_along_axis(mean, panel.current[:, None], 1)
    return Entry(
        day=day,
        prob_best=best,
        omega=_mass_shares(best, challenger),
        gate=challenger & (mean > effect_of_current),
        nominee=_nominee(best, challenger, best_of_current[:, 0]),
        pair=_pair(accounts.own(panel), challenger),
        means=accounts.means,
        caps=panel.bound,
    )


def mature(accounts: Accounts, panel: Panel, rows: DayRows, entry: Entry, *, half_life: float | None) -> Accounts:
    """Play the bets on a day's units, now that their outcomes are complete.

    ``rows`` are the units of ``entry.day``. Subjects whose definition is younger keep their wealth as it is, and learn
    for the allocation only; those whose question is younger learn nothing. Strata that were set aside do not count.
    """
    asked = _asked(rows, panel)
    rows = accounts.sample.counting(asked)
    active = panel.since <= entry.day
    held = Held(accounts.wealth, accounts.principal, accounts.nominee)
    wealth, principal, nominee = moved(held, panel, entry, active, mass=accounts.early.part_of_mass())
    day = factors(rows, panel, entry)
    playing = entry.gate & active[:, None]
    any_better, short = _beside_the_margin(accounts, panel, entry, day, playing)
    decay = decay_of(accounts.pace, half_life)
    return Accounts(
        wealth=grown(wealth, day.better, playing),
        principal=principal,
        reverse=accounts.reverse + np.where(active[:, None, None], day.worse, 0.0),
        any_better=any_better,
        short=short,
        nominee=nominee,
        score=_scored(accounts.score, panel, rows, decay),
        means=_learned_means(accounts.means, rows, decay),
        sample=accounts.sample.after(rows.where(active[rows.subject]), day=entry.day),
        pace=_pace(accounts.pace, panel, rows),
        answered=accounts.answered,
        early=accounts.early,
    )


def restart(accounts: Accounts, panel: Panel, which: Bools) -> Accounts:
    """Give the subjects ``which`` the accounts of a new definition; what the allocation learned stays.

    So does a new definition begin without an alarm about its shares, and with all of its strata.
    """
    fresh = Accounts.first_day(panel)
    pick = which[:, None]
    return replace(
        accounts,
        wealth=np.where(pick[..., None], fresh.wealth, accounts.wealth),
        principal=np.where(pick, fresh.principal, accounts.principal),
        reverse=np.where(pick[..., None], fresh.reverse, accounts.reverse),
        any_better=np.where(pick[..., None], fresh.any_better, accounts.any_better),
        short=np.where(pick[..., None], fresh.short, accounts.short),
        nominee=np.where(which, fresh.nominee, accounts.nominee),
        early=accounts.early.without(which),
        sample=accounts.sample.restarted(which),
    )


def laid_out_for(panel: Panel, accounts: Accounts, old: Panel) -> Accounts:
    """The accounts laid out for a panel whose subjects may have come, gone, or been given a new definition.

    A subject that is asked the same keeps what it learned; with the same definition (value and first day), also its
    accounts. Everything else starts afresh.
    """
    place = {subject: row for row, subject in enumerate(old.subjects)}
    moves = [(a, place[s]) for a, s in enumerate(panel.subjects) if s in place]
    kept = [(a, b) for a, b in moves if _same_options(panel, a, old, b) and panel.asked[a] == old.asked[b]]
    if not kept:
        return Accounts.first_day(panel)
    placed = _less_mass(_moved_rows(accounts, panel, kept), panel, old, kept)
    known = dict(kept)
    new = [a not in known or not _same_definition(panel, a, old, known[a]) for a in range(len(panel))]
    return restart(placed, panel, np.array(new, dtype=bool))


def without_window(accounts: Accounts, which: Bools) -> Accounts:
    """The accounts with early windows given up: their half of the wealth, and the error that they spent, are gone."""
    gone = which & accounts.early.chosen
    if not gone.any():
        return accounts
    left = np.where(gone, WINDOWS_KEEP, 1.0)
    return replace(
        accounts,
        wealth=accounts.wealth * left[:, None, None],
        principal=accounts.principal * left[:, None],
        early=accounts.early.without(gone),
    )


def carried(accounts: Accounts, panel: Panel) -> Accounts:
    """Accounts of a version before 1.0: their wealth asked whether an option is better at all, whatever the margin."""
    if not np.isnan(accounts.short).any():
        return accounts
    fresh, worth = Accounts.first_day(panel), panel.margin > 1
    asked = replace(accounts, any_better=fresh.any_better, short=fresh.short)
    return replace(restart(asked, panel, worth), any_better=accounts.wealth * worth[:, None, None])


def _same_options(panel: Panel, a: int, old: Panel, b: int) -> bool:
    """Whether the options are the same, some perhaps under another name."""
    places = panel.places(a)
    return [places.get(option) for option in old.options[b]] == [*range(len(panel.options[a]))]


def _same_definition(panel: Panel, a: int, old: Panel, b: int) -> bool:
    same = panel.current[a] == old.current[b] and panel.since[a] == old.since[b]
    return bool(same and panel.margin[a] == old.margin[b])


def _less_mass(accounts: Accounts, panel: Panel, old: Panel, kept: list[tuple[int, int]]) -> Accounts:
    """The accounts as if definitions had begun with less, where the promise gives less now: all are in proportion."""
    part = np.ones(len(panel))
    for a, b in kept:
        part[a] = min(panel.first_mass[a] / old.first_mass[b], 1.0)
    if (part == 1).all():
        return accounts
    accounts = without_window(accounts, part < 1)  # it was chosen with the error of a promise that gave more
    wealth, other = (each * part[:, None, None] for each in (accounts.wealth, accounts.any_better))
    return replace(accounts, wealth=wealth, any_better=other, principal=accounts.principal * part[:, None])


def _moved_rows(accounts: Accounts, panel: Panel, kept: list[tuple[int, int]]) -> Accounts:
    """Accounts of a panel in which the rows ``kept`` (to, from) hold what they held."""
    fresh = Accounts.first_day(panel)
    to, source = (np.array(side, dtype=np.int64) for side in zip(*kept, strict=True))
    k = min(panel.width, accounts.principal.shape[1])
    for name in ("wealth", "principal", "reverse", "any_better", "short"):
        getattr(fresh, name)[to, :k] = getattr(accounts, name)[source, :k]
    for name in ("nominee", "pace"):
        getattr(fresh, name)[to] = getattr(accounts, name)[source]
    ages = min(fresh.answered.shape[-1], accounts.answered.shape[-1])
    fresh.answered[to, :k, :ages] = accounts.answered[source, :k, :ages]
    fresh.score.u[to, :k] = accounts.score.u[source, :k]
    fresh.score.v[to, :k, :k] = accounts.score.v[source, :k, :k]
    fresh.means.pooled[to] = accounts.means.pooled[source]
    where = {b: a for a, b in kept}
    strata = [(row, (where[b], stratum)) for row, (b, stratum) in enumerate(accounts.means.keys) if b in where]
    sums = accounts.means.sums[[row for row, _ in strata]].reshape(-1, 3)
    means = Means(pooled=fresh.means.pooled, keys=tuple(key for _, key in strata), sums=sums)
    sample = accounts.sample.moved(kept, subjects=len(panel), options=panel.width)
    return replace(fresh, means=means, sample=sample, early=accounts.early.placed(to, source, panel.mask.shape))


def _steering(accounts: Accounts, panel: Panel, young: DayRows | None) -> Score:
    u, v = accounts.score.u + panel.prior.u, accounts.score.v + panel.prior.v
    if young is not None:
        young = accounts.sample.counting(_asked(young, panel))
        today = day_score(young.sums, is_value=panel.is_value[young.subject])
        add_at(u, young.subject, today.u)
        add_at(v, young.subject, today.v)
    return Score(u=u, v=v)


def _asked(rows: DayRows, panel: Panel) -> DayRows:
    """The rows of days on which their subject was asked what it is asked now."""
    return rows.where(np.asarray(rows.cohort >= panel.asked[rows.subject]))


def _start(panel: Panel) -> Floats:
    challenger = panel.mask & ~panel.is_current
    each = panel.first_mass[:, None] / np.maximum(challenger.sum(-1, keepdims=True), 1)
    return np.asarray(challenger * each, dtype=np.float64)


def _beside_the_margin(
    accounts: Accounts, panel: Panel, entry: Entry, day: Factors, playing: Bools
) -> tuple[Floats, Floats]:
    """The accounts of any difference, and of one below the margin, where there is a margin."""
    asks = (panel.margin > 1) & (panel.since <= entry.day)
    if not asks.any():
        return accounts.any_better, accounts.short
    mass = day_mass(entry, asks)[..., None] * LIFT_WEIGHTS
    better = grown(accounts.any_better + mass, day.any_better, playing)
    return better, accounts.short + np.where(asks[:, None, None], day.short, 0.0)


def _mass_shares(best: Floats, challenger: Bools) -> Floats:
    """A fifth of new mass evenly, the rest by how probably each challenger is the best of them."""
    count = np.maximum(challenger.sum(-1, keepdims=True), 1)
    among = np.where(challenger, best, 0.0)
    total = short_sum(among)[:, None]
    likely = np.where(total > 0, among / np.where(total > 0, total, 1.0), challenger / count)
    return np.asarray(0.2 * challenger / count + 0.8 * likely, dtype=np.float64)


def _nominee(best: Floats, challenger: Bools, best_of_current: Floats) -> Ints:
    """The challenger more probably best than the current value and than all other challengers together, or -1."""
    among = np.where(challenger, best, 0.0)
    top = among.argmax(-1)
    chance = among.max(-1)
    ahead = (chance > best_of_current) & (chance > short_sum(among) - chance)
    return np.where(ahead, top, -1)


def _pair(total: Floats, challenger: Bools) -> Ints:
    """The challenger whose account is largest, once it passes 1."""
    among = np.where(challenger, total, 0.0)
    return np.where(among.max(-1) > 1, among.argmax(-1), -1)


def decay_of(pace: Floats, half_life: float | None) -> Floats:
    """A day's forgetting, by the half-life that people wrote: else what is longer, some days or some units."""
    if half_life is not None:
        return np.full(pace.shape, 0.5 ** (1 / half_life))
    days = np.clip(HALF_LIFE_UNITS / np.maximum(pace, 1.0), HALF_LIFE_DAYS, LONGEST_HALF_LIFE)
    return np.asarray(0.5 ** (1 / days), dtype=np.float64)


def _scored(score: Score, panel: Panel, rows: DayRows, decay: Floats) -> Score:
    today = day_score(rows.sums, is_value=panel.is_value[rows.subject])
    u, v = score.u * decay[:, None], score.v * decay[:, None, None]
    add_at(u, rows.subject, today.u)
    add_at(v, rows.subject, today.v)
    return Score(u=u, v=v)


def _learned_means(means: Means, rows: DayRows, decay: Floats) -> Means:
    keys, at = joined(means.keys, rows.places())
    today = np.column_stack([short_sum(part) for part in rows.sums]).reshape(-1, 3)
    pooled = means.pooled * decay[:, None]
    add_at(pooled, rows.subject, today)
    faded = means.sums * decay[[a for a, _ in means.keys]][:, None] if means.keys else means.sums
    strata = np.concatenate([faded, np.zeros((len(keys) - len(means.keys), 3))])
    add_at(strata, at, today)
    return Means(pooled=pooled, keys=keys, sums=strata)


def _pace(pace: Floats, panel: Panel, rows: DayRows) -> Floats:
    today = np.bincount(rows.subject, weights=short_sum(rows.sums.n), minlength=len(panel)).astype(np.float64)
    return np.where(pace > 0, 0.9 * pace + 0.1 * today, today)
