"""What was decided for a list: it lies in the engine, and is read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property

import pyarrow as pa

from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.listed import ANSWER_SCHEMA, OF_A_CHOICE, OF_A_CUSTOMER
from living_personas.engine_port import CustomerTables, Engine, Ref

__all__ = ["MOST", "ListDecisions", "choice_column"]

MOST = 50_000
"""Rows of a piece, and so of a list that are in memory at once."""

_MOMENT = pa.timestamp("us", tz="UTC")
_ID = pa.field(CUSTOMER, pa.string())
_SAME = [pa.field(name, kind) for name, kind in OF_A_CUSTOMER.items()]
_DECIDED = pa.schema([_ID, *_SAME, ("attribute", pa.string()), *OF_A_CHOICE.items()])
_DELIVERED = pa.schema([_ID, *ANSWER_SCHEMA])


class ListDecisions:
    """The decisions of a list, for as long as the conversation lasts in which they lie.

    ``at`` is their moment. ``asked`` is how many customers are on the list, and ``refused`` how many of them said no,
    or nothing where consent is required: they are in no piece. ``undecided`` says, by attribute, what is missing to
    choose it for some customers or all.
    """

    def __init__(
        self,
        engine: Engine,
        staying: CustomerTables[Ref],
        *,
        listed: Ref,
        decided: Ref,
        answers: pa.Table,
        zones: bool,
        at: datetime,
        asked: int,
        refused: int,
        undecided: Mapping[str, str],
    ) -> None:
        self._engine, self._staying = engine, staying
        self._listed, self._decided, self._answers, self._zones = listed, decided, answers, zones
        self.at, self.asked, self.refused, self.undecided = at, asked, refused, undecided

    def decided(self, *, most: int = MOST) -> Iterator[pa.Table]:
        """A row for each customer and attribute, in order of both; one piece at least, as everywhere here."""
        pieces = self._engine.pieces(self._decided, by=(CUSTOMER, "attribute"), most=most)
        return (piece.cast(_DECIDED) for piece in pieces)

    def delivered(self, *, most: int = MOST) -> Iterator[pa.Table]:
        """Whether each customer may be contacted now (``ANSWER_SCHEMA``), also where there is nothing to choose."""
        found = self._staying.delivered(self._listed, answers=self._answers, zones=self._zones)
        return (piece.cast(_DELIVERED) for piece in self._engine.pieces(found, by=(CUSTOMER,), most=most))

    def wide(self, *, most: int = MOST) -> Iterator[pa.Table]:
        """One row a customer: who, what and when, how probably, and whether now; in order of customers.

        It holds all that its exposures need when it comes back as a source: the moment, and for each attribute the
        policy and the epoch of its option.
        """
        told = {"listed": self._listed, "answers": self._answers, "zones": self._zones}
        for piece in self._engine.wide(self._decided, **told, attributes=self.attributes, most=most):
            moments = pa.repeat(pa.scalar(self.at.astimezone(UTC), _MOMENT), piece.num_rows)
            columns = [*piece.columns]
            columns.insert(1 + len(_SAME), pa.chunked_array([moments]))
            kinds = [column.cast(field.type) for column, field in zip(columns, self._columns, strict=True)]
            yield pa.table(kinds, schema=self._columns)

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """What was chosen for somebody, in order."""
        return tuple(self._engine.counts(self._decided, by=("attribute",))["attribute"].to_pylist())

    @property
    def chosen(self) -> int:
        """For how many customers something was chosen."""
        return sum(self._by_delivery.values())

    @property
    def now(self) -> int:
        """How many of those for whom something was chosen may be contacted now."""
        return self._by_delivery.get(True, 0)

    @cached_property
    def _by_delivery(self) -> Mapping[bool, int]:
        told = {"listed": self._listed, "answers": self._answers, "zones": self._zones}
        found = self._engine.chosen(self._decided, **told)
        return dict(zip(found["deliver"].to_pylist(), found["n"].to_pylist(), strict=True))

    @cached_property
    def _columns(self) -> pa.Schema:
        chosen = [
            (choice_column(attribute, name), kind)
            for attribute in self.attributes
            for name, kind in OF_A_CHOICE.items()
        ]
        return pa.schema([_ID, *_SAME, ("decided_at", _MOMENT), *chosen, *ANSWER_SCHEMA])


def choice_column(attribute: str, name: str) -> str:
    """The column that says something (``OF_A_CHOICE``) of a choice.

    >>> [choice_column("tone", name) for name in OF_A_CHOICE]
    ['tone', 'tone_propensity', 'tone__policy', 'tone__epoch']
    """
    return {"option": attribute, "propensity": f"{attribute}_propensity"}.get(name, f"{attribute}__{name}")
