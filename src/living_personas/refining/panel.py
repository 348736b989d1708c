"""All subjects side by side: the arrays in which evidence is kept, and the day's cells laid out for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.domain.cell import GOAL, Cells
from living_personas.domain.persona import PRIOR_CONVERSIONS, Attribute, Persona, PersonaVersion, Standing
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats, Ints
from living_personas.stats.eprocess import Sums
from living_personas.stats.thompson import Score, prior_score

__all__ = ["Among", "DayRows", "Panel", "Shares", "day_number"]

Shares = Mapping[str, Mapping[str, float]]
"""The share of each option under each policy."""

Among = Callable[[Persona, Attribute], bool]
"""Whether an attribute of a persona is one of those to be laid out."""


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(1970, 1, 3))
    2
    """
    return day.toordinal() - date(1970, 1, 1).toordinal()


@value
class Panel:
    """A subjects with at most K options, in arrays of shape ``(A, ...)``; ``mask`` says which options exist.

    ``current`` is the index of the value that the newest version holds, ``since`` the number of the first day whose
    units count about it, ``asked`` that of the first whose units teach anything, ``wait`` the days after which a
    day's units are complete, ``was`` the names that options had before.
    """

    subjects: tuple[Subject, ...]
    options: tuple[tuple[str, ...], ...]
    mask: Bools
    current: Ints
    since: Ints
    asked: Ints
    wait: Ints
    is_value: Bools
    bound: Floats
    prior: Score
    was: tuple[tuple[tuple[str, str], ...], ...]

    @classmethod
    def of(cls, versions: Iterable[PersonaVersion], *, among: Among = lambda _persona, _attribute: True) -> Panel:
        """The panel of the newest versions' subjects, or of those ``among`` them."""
        found = [_Row(version, standing) for version in versions for standing in version.standings]
        rows = [row for row in found if among(row.version.persona, row.attribute)]
        rows.sort(key=lambda row: (row.subject.persona, row.subject.attribute, row.subject.channel))
        width = max((len(row.attribute.options) for row in rows), default=2)
        exists = [[k < len(row.attribute.options) for k in range(width)] for row in rows]
        mask = np.array(exists, dtype=bool).reshape(len(rows), width)
        believed = np.array([_one_hot(row.attribute, width) for row in rows], dtype=np.float64)
        conversions = np.array([PRIOR_CONVERSIONS[row.attribute.confidence] for row in rows], dtype=np.float64)
        goals = [row.version.persona.goal for row in rows]
        return cls(
            subjects=tuple(row.subject for row in rows),
            options=tuple(row.attribute.options for row in rows),
            mask=mask,
            current=np.array([row.attribute.options.index(row.standing.value) for row in rows], dtype=np.int64),
            since=np.array([day_number(row.standing.since) for row in rows], dtype=np.int64),
            asked=np.array([day_number(row.standing.asked) for row in rows], dtype=np.int64),
            wait=np.array([row.version.persona.wait_days(row.attribute) for row in rows], dtype=np.int64),
            is_value=np.array([goal.is_value for goal in goals], dtype=bool),
            bound=np.array([goal.at_most if goal.is_value else np.inf for goal in goals], dtype=np.float64),
            prior=prior_score(believed.reshape(len(rows), width), conversions=conversions, mask=mask),
            was=tuple(row.attribute.was for row in rows),
        )

    @property
    def width(self) -> int:
        """K, the largest number of options."""
        return int(self.mask.shape[1])

    @property
    def is_current(self) -> Bools:
        """Which option is the current value, shape ``(A, K)``."""
        return np.asarray(np.arange(self.width) == self.current[:, None])

    def __len__(self) -> int:
        return len(self.subjects)

    def places(self, a: int) -> Mapping[str, int]:
        """The index of each option of a subject, by every name that it has or had."""
        named = {option: k for k, option in enumerate(self.options[a])}
        return named | {old: named[new] for new, old in self.was[a] if new in named}

    def index(self, subject: Subject) -> int:
        """The row of a subject."""
        return self.subjects.index(subject)


@value
class DayRows:
    """Cells laid out for a panel: a row is one stratum of one subject on one day, under one policy.

    ``subject`` (R,) points into the panel; ``stratum`` (R,) names channel and stratum; ``sums`` and ``shares`` have
    shape (R, K). Rows without known shares are left out: they are observational.
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
        place = _places(table, panel)
        policy = table["policy"].to_pylist()
        known = np.array([place[i] is not None and policy[i] in shares for i in range(table.num_rows)], dtype=bool)
        table = table.filter(pa.array(known))
        kept = [spot for spot, keep in zip(place, known, strict=True) if keep and spot is not None]
        return _laid_out(table, kept, panel, shares)

    def __len__(self) -> int:
        return int(self.subject.size)

    def where(self, keep: Bools) -> DayRows:
        """The rows to keep, in the same order."""
        return DayRows(
            subject=self.subject[keep],
            cohort=self.cohort[keep],
            stratum=tuple(name for name, kept in zip(self.stratum, keep, strict=True) if kept),
            sums=Sums(*(part[keep] for part in self.sums)),
            shares=self.shares[keep],
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


def _places(table: pa.Table, panel: Panel) -> Sequence[tuple[int, int] | None]:
    """For each row of the cells, its subject and option in the panel, if it has one."""
    spots = {
        (subject.persona, subject.attribute, subject.channel, option): (a, k)
        for a, subject in enumerate(panel.subjects)
        for option, k in panel.places(a).items()
    }
    columns = (table[name].to_pylist() for name in ("persona", "attribute", "channel", "option"))
    return [
        spots.get((persona, attribute, "", option)) or spots.get((persona, attribute, channel, option))
        for persona, attribute, channel, option in zip(*columns, strict=True)
    ]


def _laid_out(table: pa.Table, places: Sequence[tuple[int, int]], panel: Panel, shares: Shares) -> DayRows:
    cohort = table["cohort"].cast(pa.int32()).to_pylist()
    strata = [f"{c}|{s}" for c, s in zip(table["channel"].to_pylist(), table["stratum"].to_pylist(), strict=True)]
    policies = table["policy"].to_pylist()
    keys = [
        (day, a, stratum, policy) for day, (a, _), stratum, policy in zip(cohort, places, strata, policies, strict=True)
    ]
    order = {key: row for row, key in enumerate(sorted(set(keys)))}
    row = np.array([order[key] for key in keys], dtype=np.int64)
    option = np.array([k for _, k in places], dtype=np.int64)
    shape = (len(order), panel.width)
    sums = Sums(*(_added(table[name], row, option, shape) for name in ("n", "sum", "sum_sq")))
    pairs = {(policy, a) for _, a, _, policy in order}
    known = {(policy, a): _row_shares(shares[policy], panel, a) for policy, a in pairs}
    return DayRows(
        subject=np.array([a for _, a, _, _ in order], dtype=np.int64),
        cohort=np.array([day for day, _, _, _ in order], dtype=np.int64),
        stratum=tuple(stratum for _, _, stratum, _ in order),
        sums=sums,
        shares=np.array([known[policy, a] for _, a, _, policy in order], dtype=np.float64).reshape(shape),
    )


def _added(column: pa.ChunkedArray, row: Ints, option: Ints, shape: tuple[int, int]) -> Floats:
    out = np.zeros(shape)
    np.add.at(out, (row, option), np.asarray(column.to_numpy(), dtype=np.float64))
    return out


def _row_shares(policy: Mapping[str, float], panel: Panel, subject: int) -> list[float]:
    row = [0.0] * panel.width
    for option, k in panel.places(subject).items():
        row[k] += policy.get(option, 0.0)
    return row
