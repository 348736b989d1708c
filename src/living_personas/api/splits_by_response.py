"""Finished rows of an experiment in, an answer out: whether one option suits everybody in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.errors import (
    InsufficientEvidenceError,
    InvalidCellsError,
    InvalidSettingsError,
    UnknownNameError,
    check_name,
)
from living_personas.refining.splits.menu import (
    MOST_QUESTIONS,
    answers,
    most_telling,
    questions_about,
)
from living_personas.refining.splits.replay import Batch, replay, single_scores
from living_personas.reporting.split_words import SplitVerdict, split_verdict
from living_personas.sources.arrow import frame_table
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["splits_by_response"]

CHOOSES_MENU = 8
"""Where there are more than 24 questions, the first eighth of the batches chooses them, and is no evidence."""


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
        check_name("column", name, table.column_names)
    known = table.drop_columns(list({option, success, *ignored}))
    asked = questions_about(known, barred=barred)
    if not asked:
        raise InsufficientEvidenceError(
            "No column can be asked about.",
            hint="give numbers, texts or yes-or-no columns that were known before; 4 to 96 % of the rows must say yes.",
        )
    first = 0
    if len(asked) > MOST_QUESTIONS:
        first = max(batches // CHOOSES_MENU, 1)
        early = _batches(units, answers(asked, known), batches)[:first]
        asked = most_telling(asked, single_scores(early, options=len(shares)))
    found = replay(_batches(units, answers(asked, known), batches)[first:], alpha=alpha)
    return split_verdict(found, asked, tuple(shares), among=among, first=first)


class _Units(NamedTuple):
    """Units of an experiment: the number of each one's option (n,), whether it was a success, and the shares (K,)."""

    option: Ints
    won: Bools
    shares: Floats


def _batches(units: _Units, asked: Bools, count: int) -> list[Batch]:
    """The units dealt to so many batches, in their order."""
    chosen = np.array_split(np.arange(units.option.size), count)
    shares = units.shares[None]
    return [
        Batch(
            answers=asked[at],
            option=units.option[at],
            won=units.won[at],
            stratum=np.zeros(at.size, dtype=np.int64),
            shares=shares,
        )
        for at in chosen
    ]


def _check(alpha: float, batches: int) -> None:
    if not 0 < alpha < 1:
        raise InvalidSettingsError(f"alpha is {alpha!r}.", hint="give a probability between 0 and 1, such as 0.05.")
    if batches < 2 or batches != int(batches):
        raise InvalidSettingsError(
            f"batches is {batches!r}.", hint="give a whole number from 2 on: the first batch chooses what is bet on."
        )


def _read(table: pa.Table, *, option: str, success: str, shares: Mapping[str, float]) -> _Units:
    for name in (option, success):
        check_name("column", name, table.column_names)
        if table[name].null_count:
            raise InvalidCellsError(
                f"{table[name].null_count:,} rows have no {name!r}.", hint="leave them out, or say what they were."
            )
    if len(shares) < 2 or min(shares.values()) <= 0 or abs(sum(shares.values()) - 1) > 1e-9:
        raise InvalidCellsError(
            f"The shares {dict(shares)!r} are no probabilities of two or more options.",
            hint="each must be above 0, and all together 1.",
        )
    kind = table[success].type
    if not (pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise InvalidCellsError(f"{success!r} holds {kind}.", hint="a success is 1 or 0, true or false.")
    texts = _texts(table[option], option)
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


def _texts(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    try:
        return pc.cast(column, pa.string())
    except pa.ArrowException as error:
        raise InvalidCellsError(f"{name!r} holds {column.type}.", hint="an option is a text or a number.") from error
