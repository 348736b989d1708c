"""The day's ledger: everything that the bets on a day's units use, fixed before the first of them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from living_personas.domain.value import value
from living_personas.refining.panel import Panel
from living_personas.refining.places import places_of, subjects_of
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["Entry", "Means"]


@value
class Means:
    """Decayed units, sums and sums of squares by subject (``pooled``, (A, 3)) and by stratum (``sums``, (S, 3))."""

    pooled: Floats
    keys: tuple[tuple[int, str], ...]
    sums: Floats

    def repeated(self, times: int) -> Means:
        """The means of a panel of one subject, for a panel that has it so many times."""
        keys = tuple((a, stratum) for a in range(times) for _, stratum in self.keys)
        return Means(pooled=np.tile(self.pooled, (times, 1)), keys=keys, sums=np.tile(self.sums, (times, 1)))

    @classmethod
    def none(cls, subjects: int) -> Means:
        """Nothing seen yet."""
        return cls(pooled=np.zeros((subjects, 3)), keys=(), sums=np.zeros((0, 3)))


@value
class Entry:
    """What was fixed for the units of ``day``, before any of them was known.

    ``prob_best`` (A, K) and ``omega`` (A, K: how the day's new mass is shared), ``gate`` (A, K: which options bet),
    ``nominee`` (A,: index or -1), ``pair`` (A,: the challenger in pair mode, or -1), the predicted ``means`` and
    ``caps`` (A,: what the value of a unit counts for at most, infinite where the goal is no value).
    """

    day: int
    prob_best: Floats
    omega: Floats
    gate: Bools
    nominee: Ints
    pair: Ints
    means: Means
    caps: Floats

    @property
    def tested(self) -> Ints:
        """The challenger that is tested against the current value: in pair mode, or named as the likely best; or -1."""
        return np.where(self.pair >= 0, self.pair, self.nominee)

    def repeated(self, times: int) -> Entry:
        """The entry of a panel of one subject, for a panel that has it so many times."""
        at = np.zeros(times, dtype=np.int64)
        return Entry(
            day=self.day,
            prob_best=self.prob_best[at],
            omega=self.omega[at],
            gate=self.gate[at],
            nominee=self.nominee[at],
            pair=self.pair[at],
            means=self.means.repeated(times),
            caps=self.caps[at],
        )

    def to_tables(self, panel: Panel) -> tuple[pa.Table, pa.Table]:
        """The entry as two tables, one row per option and one per stratum, for ``from_tables``."""
        where = np.argwhere(panel.mask)
        a, k = where[:, 0], where[:, 1]
        options = {
            **_names(panel, a),
            "option": pa.array([option for each in panel.options for option in each], type=pa.string()),
            "prob_best": self.prob_best[a, k],
            "omega": self.omega[a, k],
            "gate": self.gate[a, k],
            "nominee": self.nominee[a] == k,
            "pair": self.pair[a] == k,
        }
        subject = np.array([*range(len(panel)), *(i for i, _ in self.means.keys)], dtype=np.int64)
        sums = np.concatenate([self.means.pooled, self.means.sums])
        means = {
            **_names(panel, subject),
            "stratum": [None] * len(panel) + [stratum for _, stratum in self.means.keys],
            "n": sums[:, 0],
            "sum": sums[:, 1],
            "sum_sq": sums[:, 2],
        }
        day = date(1970, 1, 1) + timedelta(days=self.day)
        return _dated(pa.table(options), day), _dated(_with_text(means), day)

    @classmethod
    def from_tables(
        cls, options: pa.Table, means: pa.Table, *, panel: Panel, day: int, caps: Floats | None = None
    ) -> Entry:
        """The entry of a day for a panel; subjects and options that the ledger does not know bet nothing.

        ``caps`` are those of the panel's goals, unless lower ones were fixed for the day.
        """
        shape = panel.mask.shape
        a, k = places_of(options, panel.subjects, panel.names)
        rows = np.flatnonzero(a >= 0)
        a, k = a[rows], k[rows]
        columns = {name: np.zeros(shape) for name in ("prob_best", "omega", "gate", "nominee", "pair")}
        for name, array in columns.items():
            array[a, k] = np.asarray(options[name].to_numpy(zero_copy_only=False), dtype=np.float64)[rows]
        return cls(
            day=day,
            prob_best=columns["prob_best"],
            omega=columns["omega"],
            gate=columns["gate"] > 0,
            nominee=_which(columns["nominee"]),
            pair=_which(columns["pair"]),
            means=_means(means, panel),
            caps=panel.bound if caps is None else caps,
        )


def _names(panel: Panel, subject: Ints) -> dict[str, pa.Array]:
    return {
        name: pa.array([getattr(each, name) for each in panel.subjects], type=pa.string()).take(pa.array(subject))
        for name in ("persona", "attribute", "channel")
    }


def _with_text(columns: dict[str, object]) -> pa.Table:
    table = pa.table({name: column for name, column in columns.items() if name != "stratum"})
    return table.append_column("stratum", pa.array(columns["stratum"], type=pa.string()))


def _dated(table: pa.Table, day: date) -> pa.Table:
    return table.append_column("day", pa.array([day] * table.num_rows, type=pa.date32()))


def _which(flags: Floats) -> Ints:
    return np.where(flags.any(1), flags.argmax(1), -1)


def _means(means: pa.Table, panel: Panel) -> Means:
    place = subjects_of(means, panel.subjects)
    sums = np.column_stack([np.asarray(means[c].to_numpy(), dtype=np.float64) for c in ("n", "sum", "sum_sq")])
    whole = np.asarray(means["stratum"].is_null().to_numpy(zero_copy_only=False), dtype=bool)
    pooled = np.zeros((len(panel), 3))
    at = np.flatnonzero((place >= 0) & whole)
    pooled[place[at]] = sums[at]
    rows = np.flatnonzero((place >= 0) & ~whole)
    strata = means["stratum"].take(pa.array(rows)).to_pylist()
    keys = zip(place[rows].tolist(), strata, strict=True)
    return Means(pooled=pooled, keys=tuple(keys), sums=sums[rows].reshape(-1, 3))
