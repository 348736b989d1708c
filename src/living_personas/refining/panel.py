"""All subjects side by side: the arrays in which evidence is kept, and the day's cells laid out for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.domain.cell import GOAL, Cells
from living_personas.domain.persona import PRIOR_CONVERSIONS, Attribute, Persona, PersonaVersion, Standing
from living_personas.domain.settings import Promise
from living_personas.domain.value import value
from living_personas.refining.places import Names, option_places, places_of
from living_personas.refining.promise import first_mass
from living_personas.stats.arrays import Bools, Floats, Ints, add_at, short_sum
from living_personas.stats.eprocess import Sums
from living_personas.stats.thompson import Score, prior_score

__all__ = ["Among", "DayRows", "Panel", "Shares", "day_number", "to_date"]

Shares = Mapping[str, Mapping[str, float]]
"""The share of each option under each policy."""

Among = Callable[[Persona, Attribute], bool]
"""Whether an attribute of a persona is one of those to be laid out."""


THIN = 20
"""Units of a day below which a stratum is compared together with others: by itself it loses a twentieth or more."""

_PLACE: Ints = np.array([1 << 32, 1], dtype=np.int64)

POOLED = "thin strata"
"""What they are called together."""


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(1970, 1, 3))
    2
    """
    return day.toordinal() - date(1970, 1, 1).toordinal()


def to_date(number: int) -> date:
    """The day of a day number.

    >>> to_date(2)
    datetime.date(1970, 1, 3)
    """
    return date(1970, 1, 1) + timedelta(days=int(number))


@value
class Panel:
    """A subjects with at most K options, in arrays of shape ``(A, ...)``; ``mask`` says which options exist.

    ``current`` is the index of the value that the newest version holds, ``since`` the number of the first day whose
    units count about it, ``asked`` that of the first whose units teach anything. A day's units are complete after
    ``epoch``, the days of the longest epoch, ``horizon``, which begins when it has ended, and ``late``, by which their
    outcomes come late. ``was`` are the names that options had before. ``margin`` (at least 1) is how many times as good
    as the current value another must be to be worth changing to, ``proven`` whether the value is, ``first_mass`` the
    wealth that its challengers share on the first day.
    """

    subjects: tuple[Subject, ...]
    options: tuple[tuple[str, ...], ...]
    mask: Bools
    current: Ints
    since: Ints
    asked: Ints
    epoch: Ints
    horizon: Ints
    late: Ints
    is_value: Bools
    bound: Floats
    prior: Score
    was: tuple[tuple[tuple[str, str], ...], ...]
    margin: Floats
    proven: Bools
    first_mass: Floats

    @classmethod
    def of(
        cls,
        versions: Iterable[PersonaVersion],
        *,
        among: Among = lambda _persona, _attribute: True,
        promise: Promise = "each",
    ) -> Panel:
        """The panel of the newest versions' subjects, or of those ``among`` them.

        They begin with what the promise gives them.
        """
        found = [_Row(version, standing) for version in versions for standing in version.standings]
        rows = [row for row in found if among(row.version.persona, row.attribute)]
        rows.sort(key=lambda row: (row.subject.persona, row.subject.attribute, row.subject.channel))
        width = max((len(row.attribute.options) for row in rows), default=2)
        exists = [[k < len(row.attribute.options) for k in range(width)] for row in rows]
        mask = np.array(exists, dtype=bool).reshape(len(rows), width)
        believed = np.array([_one_hot(row.attribute, width) for row in rows], dtype=np.float64)
        conversions = np.array([PRIOR_CONVERSIONS[row.attribute.confidence] for row in rows], dtype=np.float64)
        goals = [row.version.persona.goal for row in rows]
        horizons = np.array([goal.horizon_days for goal in goals], dtype=np.int64)
        waits = np.array([row.version.persona.wait_days(row.attribute) for row in rows], dtype=np.int64)
        return cls(
            subjects=tuple(row.subject for row in rows),
            options=tuple(row.attribute.options for row in rows),
            mask=mask,
            current=np.array([row.attribute.options.index(row.standing.value) for row in rows], dtype=np.int64),
            since=np.array([day_number(row.standing.since) for row in rows], dtype=np.int64),
            asked=np.array([day_number(row.standing.asked) for row in rows], dtype=np.int64),
            epoch=waits - horizons,
            horizon=horizons,
            late=np.zeros(len(rows), dtype=np.int64),
            is_value=np.array([goal.is_value for goal in goals], dtype=bool),
            bound=np.array([goal.at_most if goal.is_value else np.inf for goal in goals], dtype=np.float64),
            prior=prior_score(believed.reshape(len(rows), width), conversions=conversions, mask=mask),
            was=tuple(row.attribute.was for row in rows),
            margin=np.array([1 + row.attribute.worth_changing for row in rows], dtype=np.float64),
            proven=np.array([row.standing.is_settled for row in rows], dtype=bool),
            first_mass=np.array([first_mass(promise, row.standing.restarts) for row in rows], dtype=np.float64),
        )

    @property
    def width(self) -> int:
        """K, the largest number of options."""
        return int(self.mask.shape[1])

    @property
    def wait(self) -> Ints:
        """The days after which a day's units are complete, shape ``(A,)``."""
        return np.asarray(self.epoch + self.horizon + self.late)

    @property
    def is_current(self) -> Bools:
        """Which option is the current value, shape ``(A, K)``."""
        return np.asarray(np.arange(self.width) == self.current[:, None])

    def repeated(self, a: int, margins: Floats) -> Panel:
        """One subject as often as there are margins, each time with another."""
        at, times = np.full(margins.size, a), margins.size
        arrays = (
            *("mask", "current", "since", "asked", "epoch", "horizon", "late"),
            *("is_value", "bound", "proven", "first_mass"),
        )
        return Panel(
            subjects=(self.subjects[a],) * times,
            options=(self.options[a],) * times,
            was=(self.was[a],) * times,
            margin=margins,
            prior=Score(u=self.prior.u[at], v=self.prior.v[at]),
            **{name: getattr(self, name)[at] for name in arrays},
        )

    def __len__(self) -> int:
        return len(self.subjects)

    @property
    def names(self) -> tuple[Names, ...]:
        """The options of each subject, and what they were called before."""
        return tuple(zip(self.options, self.was, strict=True))

    def places(self, a: int) -> Mapping[str, int]:
        """The index of each option of a subject, by every name that it has or had."""
        return option_places(self.options[a], self.was[a])

    def index(self, subject: Subject) -> int:
        """The row of a subject."""
        return self.subjects.index(subject)


@value
class DayRows:
    """Cells laid out for a panel: a row is one stratum of one subject on one day, under one policy.

    ``subject`` (R,) points into the panel; ``stratum`` (R,) names channel and stratum; ``sums`` and ``shares`` have
    shape (R, K). Rows without known shares are left out: they are observational. Thin strata of a day are one row.
    """

    subject: Ints
    cohort: Ints
    stratum: tuple[str, ...]
    sums: Sums
    shares: Floats

    @classmethod
    def of(cls, cells: Cells, panel: Panel, shares: Shares, *, metric: str = GOAL) -> DayRows:
        """Lay out the cells of a metric; rows are in order of (cohort, subject, stratum, policy)."""
        table = cells.table.filter(pc.equal(cells.table["metric"], metric))
        subject, option = places_of(table, panel.subjects, panel.names)
        known = pc.is_in(table["policy"], value_set=pa.array(shares, type=pa.string()))
        kept = (subject >= 0) & np.asarray(known.to_numpy(zero_copy_only=False), dtype=bool)
        return _laid_out(table.filter(pa.array(kept)), subject[kept], option[kept], panel, shares).with_thin_pooled()

    def __len__(self) -> int:
        return int(self.subject.size)

    def with_thin_pooled(self) -> DayRows:
        """The rows in which strata of fewer than ``THIN`` units are one, where their shares are the same.

        What is compared within a stratum of n units loses one n-th of what they tell, and all of it where n is 1. Who
        is in a stratum, and so n, is known before chance chooses; and with the same shares it chooses alike in all.
        """
        thin = short_sum(self.sums.n) < THIN
        _, of, many = np.unique(
            np.column_stack([self.cohort, self.subject])[thin] @ _PLACE, return_inverse=True, return_counts=True
        )
        thin[thin] = many[of] > 1
        if not thin.any():
            return self
        own = np.where(thin, -1, np.arange(len(self)))
        keys = np.column_stack([self.cohort, self.subject, own, np.where(thin[:, None], self.shares, 0.0)])
        _, first, row = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        alone = np.bincount(row)[row] == 1
        order = np.argsort(first, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        sums = (np.zeros((first.size, self.shares.shape[1])) for _ in self.sums)
        at, kept = place[row], first[order]
        added = []
        for part, total in zip(self.sums, sums, strict=True):
            add_at(total, at, part)
            added.append(total)
        return DayRows(
            subject=self.subject[kept],
            cohort=self.cohort[kept],
            stratum=tuple(POOLED if thin[r] and not alone[r] else self.stratum[r] for r in kept.tolist()),
            sums=Sums(*added),
            shares=self.shares[kept],
        )

    def last_day(self) -> DayRows:
        """The rows of the newest cohort."""
        last = self.cohort.max() if len(self) else 0
        return self.where(np.asarray(self.cohort == last))

    def repeated(self, times: int) -> DayRows:
        """The rows of a panel of one subject, for a panel that has it so many times."""
        at = np.tile(np.arange(len(self)), times)
        return DayRows(
            subject=np.repeat(np.arange(times), len(self)),
            cohort=self.cohort[at],
            stratum=self.stratum * times,
            sums=Sums(*(part[at] for part in self.sums)),
            shares=self.shares[at],
        )

    def places(self) -> list[tuple[int, str]]:
        """Subject and stratum of each row."""
        return [*zip(self.subject.tolist(), self.stratum, strict=True)]

    def where(self, keep: Bools) -> DayRows:
        """The rows to keep, in the same order."""
        if keep.all():
            return self
        kept = np.flatnonzero(keep)  # looked for once: few of many rows, often
        return DayRows(
            subject=self.subject[kept],
            cohort=self.cohort[kept],
            stratum=tuple([self.stratum[r] for r in kept.tolist()]),
            sums=Sums(*(part[kept] for part in self.sums)),
            shares=self.shares[kept],
        )


class _Row:
    """One subject, with what its version says of it."""

    def __init__(self, version: PersonaVersion, standing: Standing) -> None:
        self.version = version
        self.standing = standing
        self.attribute: Attribute = version.persona.attribute(standing.attribute)
        self.subject = Subject(persona=version.id, attribute=standing.attribute, channel=standing.channel)


def _one_hot(attribute: Attribute, width: int) -> list[float]:
    return [float(k < len(attribute.options) and attribute.options[k] == attribute.believed) for k in range(width)]


def _laid_out(table: pa.Table, subject: Ints, option: Ints, panel: Panel, shares: Shares) -> DayRows:
    """The rows of cells whose subjects and options are known: one for each day, subject, stratum and policy."""
    day = np.asarray(table["cohort"].cast(pa.int32()).to_numpy(), dtype=np.int64)
    stratum, strata = _strata(table)
    policy, policies = _in_order(table["policy"])
    keys = ((day * len(panel) + subject) * max(len(strata), 1) + stratum) * max(len(policies), 1) + policy
    _, first, row = np.unique(keys, return_index=True, return_inverse=True)
    shape = (first.size, panel.width)
    known = {
        (p, a): _row_shares(shares[policies[p]], panel, a)
        for p, a in zip(policy[first].tolist(), subject[first].tolist(), strict=True)
    }
    return DayRows(
        subject=subject[first],
        cohort=day[first],
        stratum=tuple(strata[s] for s in stratum[first].tolist()),
        sums=Sums(*(_added(table[name], row, option, shape) for name in ("n", "sum", "sum_sq"))),
        shares=np.array(
            [known[key] for key in zip(policy[first].tolist(), subject[first].tolist(), strict=True)], dtype=np.float64
        ).reshape(shape),
    )


def _strata(table: pa.Table) -> tuple[Ints, list[str]]:
    """Channel and stratum of each row in one, as the place of its text among all texts in order."""
    channel, channels = _in_order(table["channel"])
    stratum, strata = _in_order(table["stratum"])
    pairs, of = np.unique(channel * max(len(strata), 1) + stratum, return_inverse=True)
    texts = [f"{channels[pair // len(strata)]}|{strata[pair % len(strata)]}" for pair in pairs.tolist()]
    rank = {text: place for place, text in enumerate(sorted(set(texts)))}
    return np.array([rank[text] for text in texts], dtype=np.int64)[of], list(rank)


def _in_order(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """The texts of a column in order, each once, and the place of each row's."""
    texts = sorted(column.unique().to_pylist())
    place = pc.index_in(column, value_set=pa.array(texts, type=pa.string()))
    return np.asarray(place.to_numpy(), dtype=np.int64), texts


def _added(column: pa.ChunkedArray, row: Ints, option: Ints, shape: tuple[int, int]) -> Floats:
    at = row * shape[1] + option
    added = np.bincount(at, weights=np.asarray(column.to_numpy(), dtype=np.float64), minlength=shape[0] * shape[1])
    return np.asarray(added, dtype=np.float64).reshape(shape)


def _row_shares(policy: Mapping[str, float], panel: Panel, subject: int) -> list[float]:
    row = [0.0] * panel.width
    for option, k in panel.places(subject).items():
        row[k] += policy.get(option, 0.0)
    return row
