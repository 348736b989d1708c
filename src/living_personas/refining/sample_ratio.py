"""Whether units come to the options in the shares of the policy: an account for each subject, and for each stratum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from living_personas.domain.value import value
from living_personas.refining.panel import DayRows
from living_personas.refining.strata import Strata, found, joined
from living_personas.stats.arrays import Bools, Floats, Ints, add_at, short_sum
from living_personas.stats.quality import RATIO_ALARM, ratio_log_factor

__all__ = ["SampleRatio"]

NEVER = np.iinfo(np.int64).max


@value
class SampleRatio:
    """The accounts against "units come in the shares of the policy", for A subjects, K options and S strata.

    ``seen``, ``expected`` (A, K) and ``log`` (A,) are those of all strata together that were not set aside; ``peak``
    (A,) is the most that ``log`` ever was: an alarm that was raised stays. ``keys`` name the strata in the order in
    which they came, with ``strata_seen``, ``strata_expected`` (S, K), ``strata_log`` (S,), and ``aside`` (S,), the
    number of the day after which a stratum does not count.
    """

    seen: Floats
    expected: Floats
    log: Floats
    peak: Floats
    keys: Strata
    strata_seen: Floats
    strata_expected: Floats
    strata_log: Floats
    aside: Ints

    @classmethod
    def none(cls, subjects: int, options: int) -> SampleRatio:
        """Nothing seen yet."""
        empty = np.zeros((0, options))
        return cls(
            seen=np.zeros((subjects, options)),
            expected=np.zeros((subjects, options)),
            log=np.zeros(subjects),
            peak=np.zeros(subjects),
            keys=(),
            strata_seen=empty,
            strata_expected=empty,
            strata_log=np.zeros(0),
            aside=np.zeros(0, dtype=np.int64),
        )

    @property
    def is_alarming(self) -> Bools:
        """The subjects whose alarm was raised, shape ``(A,)``."""
        return np.asarray(self.peak >= np.log(RATIO_ALARM))

    def set_aside(self) -> Mapping[int, tuple[str, ...]]:
        """The strata of each subject that do not count any more."""
        gone: dict[int, list[str]] = {}
        for (a, stratum), day in zip(self.keys, self.aside.tolist(), strict=True):
            if day < NEVER:
                gone.setdefault(a, []).append(stratum)
        return {a: tuple(strata) for a, strata in gone.items()}

    def counting(self, rows: DayRows) -> DayRows:
        """The rows without those of strata that had been set aside before their day."""
        if not (self.aside < NEVER).any():
            return rows
        last = np.append(self.aside, NEVER)[found(self.keys, rows.places())]
        return rows.where(np.asarray(rows.cohort <= last))

    def after(self, rows: DayRows, *, day: int) -> SampleRatio:
        """The accounts after the units of a day, of strata that count.

        A stratum whose own account reaches its bar counts no more from the next day on, and the account of its
        subject begins again without it, unless that had raised its alarm. The j-th stratum of a subject has the bar
        ``RATIO_ALARM * j (j + 1)``: together they raise a false alarm as rarely as one account.
        """
        full = np.isclose(short_sum(rows.shares), 1.0)[:, None]
        n, shares = rows.sums.n * full, rows.shares * full
        more = shares * short_sum(n)[:, None]
        keys, at = joined(self.keys, rows.places())
        strata_seen, strata_expected, strata_log, aside = self._grown(len(keys))
        add_at(strata_log, at, ratio_log_factor(n, shares, seen=strata_seen[at], expected=strata_expected[at]))
        log = self.log.copy()
        seen, expected = self.seen.copy(), self.expected.copy()
        place = rows.subject
        add_at(log, place, ratio_log_factor(n, shares, seen=seen[place], expected=expected[place]))
        for array, where, amount in ((strata_seen, at, n), (strata_expected, at, more), (seen, place, n)):
            add_at(array, where, amount)
        add_at(expected, place, more)
        wrong = (strata_log >= np.log(RATIO_ALARM) + _bars(keys)) & (aside == NEVER)
        aside = np.where(wrong, day, aside)
        begun = np.zeros(log.shape, dtype=bool)
        begun[[keys[row][0] for row in np.flatnonzero(wrong)]] = True
        begun &= ~self.is_alarming
        log = np.where(begun, 0.0, log)
        return SampleRatio(
            seen=np.where(begun[:, None], 0.0, seen),
            expected=np.where(begun[:, None], 0.0, expected),
            log=log,
            peak=np.where(begun, 0.0, np.maximum(self.peak, log)),
            keys=keys,
            strata_seen=strata_seen,
            strata_expected=strata_expected,
            strata_log=strata_log,
            aside=aside,
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The accounts as named arrays, for ``from_arrays``."""
        names = ("seen", "expected", "peak", "strata_seen", "strata_expected", "strata_log", "aside")
        strata = np.array([f"{a}\n{stratum}" for a, stratum in self.keys], dtype=np.str_)
        return {"ratio": self.log, "ratio_strata": strata} | {name: getattr(self, name) for name in names}

    @classmethod
    def from_arrays(cls, part: Mapping[str, NDArray[Any]]) -> SampleRatio:
        """The accounts that ``to_arrays`` wrote; a version before 1.0 wrote those of subjects, without their peak."""
        old = cls.none(*part["seen"].shape)
        split = (str(key).split("\n", 1) for key in part.get("ratio_strata", np.array([], dtype=np.str_)))
        return cls(
            seen=part["seen"],
            expected=part["expected"],
            log=part["ratio"],
            peak=part.get("peak", np.maximum(part["ratio"], 0.0)),
            keys=tuple((int(a), stratum) for a, stratum in split),
            strata_seen=part.get("strata_seen", old.strata_seen),
            strata_expected=part.get("strata_expected", old.strata_expected),
            strata_log=part.get("strata_log", old.strata_log),
            aside=part.get("aside", old.aside),
        )

    def restarted(self, which: Bools) -> SampleRatio:
        """The accounts in which the subjects ``which`` begin again: nothing is alarming, no stratum set aside."""
        rows = [(int(a), int(a)) for a in np.flatnonzero(~which)]
        return self.moved(rows, subjects=len(which), options=self.seen.shape[1])

    def moved(self, kept: list[tuple[int, int]], *, subjects: int, options: int) -> SampleRatio:
        """The accounts of a panel of other subjects, in which the rows ``kept`` (to, from) hold what they held."""
        fresh, k = SampleRatio.none(subjects, options), min(options, self.seen.shape[1])
        to, source = np.array(kept, dtype=np.int64).reshape(-1, 2).T
        fresh.seen[to, :k], fresh.expected[to, :k] = self.seen[source, :k], self.expected[source, :k]
        fresh.log[to], fresh.peak[to] = self.log[source], self.peak[source]
        where = {b: a for a, b in kept}
        strata = [row for row, (b, _) in enumerate(self.keys) if b in where]
        room = np.zeros((len(strata), options))
        seen, expected = room, room.copy()
        seen[:, :k], expected[:, :k] = self.strata_seen[strata, :k], self.strata_expected[strata, :k]
        return SampleRatio(
            seen=fresh.seen,
            expected=fresh.expected,
            log=fresh.log,
            peak=fresh.peak,
            keys=tuple((where[self.keys[row][0]], self.keys[row][1]) for row in strata),
            strata_seen=seen,
            strata_expected=expected,
            strata_log=self.strata_log[strata],
            aside=self.aside[strata],
        )

    def _grown(self, strata: int) -> tuple[Floats, Floats, Floats, Ints]:
        """The arrays of strata with room for new ones."""
        new = strata - len(self.keys)
        room = np.zeros((new, self.seen.shape[1]))
        never = np.full(new, NEVER)
        return (
            np.concatenate([self.strata_seen, room]),
            np.concatenate([self.strata_expected, room]),
            np.concatenate([self.strata_log, np.zeros(new)]),
            np.concatenate([self.aside, never]),
        )


def _bars(keys: Strata) -> Floats:
    """The log of how many times the alarm each stratum's account must hold; infinite where it is the only one."""
    subject = np.array([a for a, _ in keys], dtype=np.int64)
    order = np.argsort(subject, kind="stable")
    of = subject[order]
    first = np.searchsorted(of, of)
    place = np.arange(of.size) - first + 1
    bars = np.where(np.searchsorted(of, of, side="right") - first > 1, np.log(place * (place + 1.0)), np.inf)
    out = np.empty(of.size)
    out[order] = bars
    return out
