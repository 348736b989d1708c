"""How many units said yes to each two questions of a menu: one table a day, whatever the customers, for every leaf."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr import types as ir

__all__ = ["PAIR_KEY", "PAIR_SCHEMA", "pair_cells"]

PAIR_KEY = ("first", "second", "option", "inside")
"""Two questions by their numbers, ``first <= second``; twice the same one counts who said yes to it."""

PAIR_SCHEMA = pa.schema(
    [
        *((name, pa.int64()) for name in ("first", "second")),
        ("option", pa.string()),
        ("inside", pa.bool_()),
        *((name, pa.int64()) for name in ("n", "s")),
    ]
)


def pair_cells(units: ir.Table, *, questions: Sequence[str]) -> ir.Table:
    """Units ``n`` and successes ``s`` of a day that said yes to both of two questions, by option and part.

    Parameters
    ----------
    units
        A row a unit: its ``option``, whether it was ``inside`` of the day's leaf, whether it was a ``success``, and a
        yes-or-no column for each question, as it was known before the exposure. NULL counts as no.
    questions
        The columns of the menu, in its order.

    Returns
    -------
    At most ``M (M + 1) / 2`` rows for each option and part, in order of ``PAIR_KEY``. All leaves of one or two answers
    follow from them and from the day's cells, by subtraction.
    """
    said = [units[name].ifelse(number, ibis.null("int64")) for number, name in enumerate(questions)]
    yes = units.select("option", "inside", "success", yes=ibis.array(said).filter(lambda each: each.notnull()))
    one = yes.mutate(first=yes["yes"].unnest())
    two = one.mutate(second=one["yes"].unnest()).filter(_["first"] <= _["second"])
    counted = two.group_by(*PAIR_KEY).agg(n=_.count(), s=_["success"].cast("int64").sum())
    return counted.order_by(*PAIR_KEY)
