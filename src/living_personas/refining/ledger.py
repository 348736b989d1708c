"""The day's ledger: everything that the bets on a day's units use, fixed before the first of them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from living_personas.domain.value import value
from living_personas.refining.panel import Panel
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["Entry", "Means"]


@value
class Means:
    """Decayed units, sums and sums of squares by subject (``pooled``, (A, 3)) and by stratum (``sums``, (S, 3))."""

    pooled: Floats
    keys: tuple[tuple[int, str], ...]
    sums: Floats

    @classmethod
    def none(cls, subjects: int) -> Means:
        """Nothing seen yet."""
        return cls(pooled=np.zeros((subjects, 3)), keys=(), sums=np.zeros((0, 3)))


@value
class Entry:
    """What was fixed for the units of ``day``, before any of them was known.

    ``prob_best`` (A, K) and ``omega`` (A, K: how the day's new mass is shared), ``gate`` (A, K: which options bet),
    ``nominee`` (A,: index or -1), ``pair`` (A,: the challenger in pair mode, or -1) and the predicted ``means``.
    """

    day: int
    prob_best: Floats
    omega: Floats
    gate: Bools
    nominee: Ints
    pair: Ints
    means: Means

    def to_tables(self, panel: Panel) -> tuple[pa.Table, pa.Table]:
        """The entry as two tables, one row per option and one per stratum, for ``from_tables``."""
        where = np.argwhere(panel.mask)
        a, k = where[:, 0], where[:, 1]
        options = {
            **_names(panel, [int(i) for i in a]),
            "option": pa.array([panel.options[i][j] for i, j in where], type=pa.string()),
            "prob_best": self.prob_best[a, k],
            "omega": self.omega[a, k],
            "gate": self.gate[a, k],
            "nominee": self.nominee[a] == k,
            "pair": self.pair[a] == k,
        }
        subject = [*range(len(panel)), *(i for i, _ in self.means.keys)]
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
    def from_tables(cls, options: pa.Table, means: pa.Table, *, panel: Panel, day: int) -> Entry:
        """The entry of a day for a panel; subjects and options that the ledger does not know bet nothing."""
        shape = panel.mask.shape
        place = {
            (s.persona, s.attribute, s.channel, o): (a, k)
            for a, s in enumerate(panel.subjects)
            for o, k in panel.places(a).items()
        }
        names = zip(*(options[c].to_pylist() for c in ("persona", "attribute", "channel", "option")), strict=True)
        spots = [place.get(key) for key in names]
        rows = np.array([row for row, spot in enumerate(spots) if spot is not None], dtype=np.int64)
        a, k = (np.array([spot[i] for spot in spots if spot is not None], dtype=np.int64) for i in (0, 1))
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
        )


def _names(panel: Panel, subject: list[int]) -> dict[str, pa.Array]:
    return {
        name: pa.array([getattr(panel.subjects[a], name) for a in subject], type=pa.string())
        for name in ("persona", "attribute", "channel")
    }


def _with_text(columns: dict[str, object]) -> pa.Table:
    table = pa.table({name: column for name, column in columns.items() if name != "stratum"})
    return table.append_column("stratum", pa.array(columns["stratum"], type=pa.string()))


def _dated(table: pa.Table, day: date) -> pa.Table:
    return table.append_column("day", pa.array([day] * table.num_rows, type=pa.date32()))


def _which(flags: Floats) -> Ints:
    return np.where(flags.any(1), flags.argmax(1), -1)


def _means(table: pa.Table, panel: Panel) -> Means:
    index = {(s.persona, s.attribute, s.channel): a for a, s in enumerate(panel.subjects)}
    names = zip(*(table[c].to_pylist() for c in ("persona", "attribute", "channel", "stratum")), strict=True)
    sums = np.column_stack([np.asarray(table[c].to_numpy(), dtype=np.float64) for c in ("n", "sum", "sum_sq")])
    pooled = np.zeros((len(panel), 3))
    keys: list[tuple[int, str]] = []
    rows: list[int] = []
    for row, (persona, attribute, channel, stratum) in enumerate(names):
        a = index.get((persona, attribute, channel))
        if a is None:
            continue
        if stratum is None:
            pooled[a] = sums[row]
        else:
            keys.append((a, stratum))
            rows.append(row)
    return Means(pooled=pooled, keys=tuple(keys), sums=sums[rows].reshape(-1, 3))
