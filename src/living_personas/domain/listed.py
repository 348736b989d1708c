"""Lists of customers, as engines join and answer them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from living_personas.domain.value import value

__all__ = [
    "ANSWER_SCHEMA",
    "CONTACTS",
    "OF_A_CHOICE",
    "OF_A_CUSTOMER",
    "ROW",
    "SAYS_NO",
    "SAYS_YES",
    "BesideList",
]

ROW, SAYS_NO, SAYS_YES = "row of the list", "says no", "says yes"
"""Columns that a list may have: the number of each row, and what its other columns say of consent."""

CONTACTS = "contacts as numbered"
"""A column of a list that lies in the engine: the number of what a customer lately met and did, 0 for nothing."""

OF_A_CUSTOMER = {
    "persona": pa.string(),
    "persona_version": pa.int64(),
    "holdout": pa.bool_(),
    "decision_id": pa.string(),
}
"""What is the same in all decisions of a customer."""

OF_A_CHOICE = {"option": pa.string(), "propensity": pa.float64(), "policy": pa.string(), "epoch": pa.string()}
"""What each choice of a customer has of its own."""

ANSWER_SCHEMA = pa.schema(
    [
        pa.field("deliver", pa.bool_()),
        pa.field("hold_until", pa.timestamp("us", tz="UTC")),
        pa.field("held_for", pa.string()),
    ]
)
"""Whether a customer may be contacted now, or else until when not, and why."""


@value
class BesideList:
    """What is to be known of the customers of a list, beside what the last cycle knew of each.

    ``asked`` are the columns that decisions ask for, and ``empty`` is what those of them are of whom nothing is known.
    The tables are by the id that a ``customer`` is known by: ``noes`` are those who said no, ``yeses`` those who
    agreed (None where nobody has to), ``fresh`` has what was said since the cycle in columns, and ``contacts`` the
    number of what each lately met and did. ``links`` are ``id`` and ``customer``; ``erased`` are marks (``mark``) of
    SHA-256, which stand for ``marked`` before a canonical id.
    """

    asked: tuple[str, ...]
    empty: Mapping[str, float | None]
    links: pa.Table
    noes: pa.Table
    yeses: pa.Table | None
    fresh: pa.Table
    contacts: pa.Table
    erased: pa.Table
    marked: str
