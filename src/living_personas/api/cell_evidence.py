"""Rows of sums become the loop's cells, with the shares of their policies, and a list of what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

import numpy as np
import pyarrow as pa

from living_personas.api.cell_rows import CellRow, LeftOut, Place, label_of, places_in_order
from living_personas.domain.belief import Subject
from living_personas.domain.cell import CELL_SCHEMA, GOAL, Cells
from living_personas.domain.value import value
from living_personas.errors import InvalidCellsError
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums
from living_personas.stats.running_totals import jumps_taken_back

__all__ = ["CellEvidence", "evidence_of"]

ROUNDED = 0.0005
"""How far a share may lie from the truth, as it was written with three digits."""
_EXACT = 1e-9
_HINT = "correct the row; sums are of the units that were given the option on that day, each counted once."


@value
class CellEvidence:
    """Cells to learn from: the options of each subject, in the frame's order, and the shares under each policy."""

    options: Mapping[Subject, tuple[str, ...]]
    cells: Cells
    policies: Mapping[str, Mapping[str, float]]
    left_out: tuple[LeftOut, ...]


def evidence_of(rows: Sequence[CellRow], *, cumulative: bool, at_most: float | None, horizon: int) -> CellEvidence:
    """Cells of the rows; whatever cannot be evidence is left out by name.

    Numbers that are missing leave out their whole subject, since who leaves out days by what is known of them chooses
    the answer; so do snapshots that shrink. Rows without a share are observational.

    Raises
    ------
    InvalidCellsError
        If a row is impossible, or its shares do not fit.
    """
    _check_known(rows, horizon=horizon)
    left_out: list[LeftOut] = []
    kept: list[CellRow] = []
    for subject, mine in _by_subject(rows):
        found, why = _usable(mine, cumulative=cumulative, at_most=at_most)
        if why:
            left_out.append(LeftOut(subject=label_of(subject), why=why, rows=len(mine)))
            continue
        drawn = [row for place in places_in_order(found).values() if _is_drawn(place) for row in place]
        if len(drawn) < len(found):
            why = "no share is known, so they are observational and decide nothing"
            left_out.append(LeftOut(subject=label_of(subject), why=why, rows=len(found) - len(drawn)))
        if len(_options(drawn)) == 1:
            why = f"only {drawn[0].option!r} has shares, so nothing can be compared"
            left_out.append(LeftOut(subject=label_of(subject), why=why, rows=len(drawn)))
            continue
        kept += drawn
    policies: dict[tuple[tuple[str, float], ...], str] = {}
    named = {place: _policy(place, its, policies) for place, its in places_in_order(kept).items()}
    return CellEvidence(
        options={subject: _options(mine) for subject, mine in _by_subject(kept)},
        cells=_cells(kept, named, horizon=horizon, is_value=at_most is not None),
        policies={name: dict(shares) for shares, name in policies.items()},
        left_out=tuple(left_out),
    )


def _check_known(rows: Iterable[CellRow], *, horizon: int) -> None:
    """What becomes known later than all outcomes are said to be complete would never be counted."""
    for row in rows:
        if row.known is not None and not row.day <= row.known <= row.day + timedelta(days=horizon):
            raise InvalidCellsError(
                f"Row {row.number} is of {row.day} and became known on {row.known}; the horizon is {horizon} days.",
                hint="an outcome counts from the day of assignment on, until the horizon: leave later ones out, "
                "or pass a longer `horizon`.",
            )


def _by_subject(rows: Iterable[CellRow]) -> Iterator[tuple[Subject, list[CellRow]]]:
    found: dict[Subject, list[CellRow]] = {}
    for row in rows:
        found.setdefault(row.subject, []).append(row)
    yield from found.items()


def _options(rows: Iterable[CellRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.option for row in rows))


def _usable(rows: Sequence[CellRow], *, cumulative: bool, at_most: float | None) -> tuple[Sequence[CellRow], str]:
    """A subject's rows by day, or why it is left out."""
    if len(_options(rows)) < 2:
        return (), f"it has only the option {rows[0].option!r}, so nothing can be compared"
    if why := next(_missing(rows, at_most), ""):
        return (), why
    if not cumulative:
        for row, problem in _problems(_added_up(rows), at_most):
            raise InvalidCellsError(f"Row {row.number} cannot be: {problem}: {_where(row)}.", hint=_HINT)
        return rows, ""
    steps = _steps(rows)
    if isinstance(steps, str):
        return (), steps
    for row, problem in _problems(steps, at_most):
        return (), f"outcomes come from units of earlier snapshots: {problem}: {_where(row)}"
    return steps, ""


def _missing(rows: Iterable[CellRow], at_most: float | None) -> Iterator[str]:
    """The numbers that rows lack, in words."""
    for row in rows:
        numbers = {"n": row.n, "sum_sq" if at_most else "s": row.total_sq, "sum": row.total}
        yield from (f"{name} is missing: {_where(row)}" for name, number in numbers.items() if number is None)


def _where(row: CellRow) -> str:
    return f"{row.option!r} on {row.day}" + (f" in {row.stratum!r}" if row.stratum else "")


def _added_up(rows: Iterable[CellRow]) -> list[CellRow]:
    """The rows of an option in a comparison, over all days on which they became known."""
    found: dict[tuple[Place, str], CellRow] = {}
    for row in rows:
        key = (row.place, row.option)
        found[key] = found[key].plus(row) if key in found else row
    return list(found.values())


def _problems(rows: Iterable[CellRow], at_most: float | None) -> Iterator[tuple[CellRow, str]]:
    return ((row, problem) for row in rows if (problem := _problem(row, at_most)))


def _problem(row: CellRow, at_most: float | None) -> str:
    """What is impossible about the sums of units, if anything."""
    n, total, total_sq = row.n or 0.0, row.total or 0.0, row.total_sq or 0.0
    name = "s" if at_most is None else "sum"
    counts = [("n", n)] if at_most else [("n", n), ("s", total)]
    for what, count in counts:
        if count != round(count):
            return f"{what} is {count!r}, which is not a whole number"
    rules = (
        (n < 0 or total < 0, f"n is {n:,.0f} and {name} is {total:,.0f}, and neither can be negative"),
        (at_most is None and total > n, f"there are {total:,.0f} successes of {n:,.0f} units"),
        (total_sq * n < total**2 * (1 - _EXACT), f"a sum_sq of {total_sq:,.6g} is too small for a sum of {total:,.6g}"),
        (
            at_most is not None and total_sq > at_most * total * (1 + _EXACT),
            f"a sum_sq of {total_sq:,.6g} with a sum of {total:,.6g} needs a value above at_most = {at_most!r}",
        ),
    )
    return next((problem for applies, problem in rules if applies), "")


def _steps(rows: Sequence[CellRow]) -> list[CellRow] | str:
    """What came from each snapshot to the next, or why that cannot be said."""
    last: dict[tuple[str, str, str], CellRow] = {}
    series: dict[tuple[str, str], dict[str, list[tuple[CellRow, CellRow]]]] = {}
    steps: list[CellRow] = []
    for row in rows:
        key = (row.option, row.stratum, row.policy)
        step = row.since(last[key]) if key in last else row
        if (step.n or 0.0) < 0 or (step.total or 0.0) < 0:
            shrunk = "n" if (step.n or 0.0) < 0 else "the sum of outcomes"
            return f"{shrunk} shrinks from one snapshot to the next: {_where(row)}"
        steps.append(step)
        last[key] = row
        series.setdefault(key[1:], {}).setdefault(row.option, []).append((step, row))
    return next((why for taken in series.values() if (why := _out_of_line(taken))), steps)


def _out_of_line(taken: Mapping[str, Sequence[tuple[CellRow, CellRow]]]) -> str:
    """What is wrong with the snapshots of options that are compared, each with its step, if anything."""
    days = [[row.day for _, row in mine] for mine in taken.values()]
    if any(mine != days[0] for mine in days):
        return "the options' snapshots are not of the same days"

    def laid_out(name: str, which: int) -> Floats:
        columns = [[getattr(both[which], name) or 0.0 for both in mine] for mine in taken.values()]
        return np.array(columns, dtype=np.float64).T

    steps = Sums(laid_out("n", 0), laid_out("total", 0), laid_out("total_sq", 0))
    jumps = jumps_taken_back(steps, laid_out("n", 1))
    return f"an option jumps on {days[0][jumps[0]]}, and the next snapshot takes it back" if jumps.size else ""


def _is_drawn(rows: Sequence[CellRow]) -> bool:
    return all(row.share is not None for row in rows)


def _policy(place: Place, rows: Sequence[CellRow], known: dict[tuple[tuple[str, float], ...], str]) -> str:
    """The name of the shares of a comparison; equal shares have one name."""
    shares: dict[str, float] = {}
    for row in rows:
        share = row.share or 0.0
        if not 0 < share <= 1 or shares.setdefault(row.option, share) != share:
            raise InvalidCellsError(
                f"Row {row.number} has the share {row.share!r}: {_where(row)}.",
                hint="give each option of a day one share, above 0 and at most 1; "
                "where the shares changed within a day, tell the two apart by a column `policy`.",
            )
    total = sum(shares.values())
    if abs(total - 1) > ROUNDED * max(len(shares), 2):
        raise InvalidCellsError(
            f"The shares of {label_of(place[0])} on {place[1]} add up to {total:.4g}: "
            + ", ".join(f"{option!r} {share:.4g}" for option, share in shares.items())
            + (f" (stratum {place[2]!r})." if place[2] else "."),
            hint="give a row for every option that could be drawn that day, also with n = 0; "
            "if you leave options out, divide the shares of the others by their sum.",
        )
    scale = 1.0 if abs(total - 1) < _EXACT else total
    key = tuple(sorted((option, share / scale) for option, share in shares.items()))
    return known.setdefault(key, f"logged/{len(known) + 1}")


def _cells(rows: Sequence[CellRow], policies: Mapping[Place, str], *, horizon: int, is_value: bool) -> Cells:
    whole = [round(row.total or 0.0) if not is_value else 0 for row in rows]
    columns = {
        "outcome_day": [row.known or row.day + timedelta(days=horizon) for row in rows],
        "persona": [row.subject.persona for row in rows],
        "attribute": [row.subject.attribute for row in rows],
        "metric": [GOAL] * len(rows),
        "option": [row.option for row in rows],
        "cohort": [row.day for row in rows],
        "channel": [""] * len(rows),
        "stratum": [row.stratum for row in rows],
        "policy": [policies[row.place] for row in rows],
        "n": [round(row.n or 0.0) for row in rows],
        "s": whole,
        "sum": [row.total or 0.0 for row in rows],
        "sum_sq": [row.total_sq or 0.0 for row in rows],
    }
    return Cells.of(pa.table(columns, schema=CELL_SCHEMA))
