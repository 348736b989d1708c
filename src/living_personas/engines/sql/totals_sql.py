"""Features by way of totals: events are read once, on their day, and a year is put together from spans of days.

A span's totals have one row per id that customers were met under: ``customer``, the sums that features are made of,
and for each trait its last text with the ``time`` and ``message_id`` that make it the last. Totals of spans are put
together by the same sums, so any spans that cover the same days say the same. Columns are named by the aggregate or
trait that they are kept for, so that totals of several features of the same events stand beside each other as rows.
Ages are kept as those on ``AGES_ON``, and grow by the days since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from hashlib import sha256
from typing import cast

import pyarrow as pa
from ibis.expr import types as ir

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.settings import Feature, denominator_of
from living_personas.domain.value import value
from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.event_columns import Part, rebuilt
from living_personas.engines.expressions.happened import Happened, selected
from living_personas.engines.sql.sql_text import identifier, select_sql, steady_sql
from living_personas.rules.additive import AGE, leaves
from living_personas.rules.aggregate import EVENT_KINDS, parse_aggregate
from living_personas.rules.sql import coerce_sql, node_sql
from living_personas.rules.tree import Arithmetic, Call, Column, Compare, Constant, Kind, Node, Total

__all__ = ["AGES_ON", "Totals"]

AGES_ON = date(1970, 1, 1)
"""The day on which ages are those that totals keep."""


@value
class Totals:
    """How features come from totals: what is kept of a span, and what each feature makes of it."""

    happened: Happened
    kept: tuple[tuple[str, Total], ...]
    asked: tuple[tuple[str, Node], ...]
    traits: tuple[tuple[str, Kind], ...]

    @classmethod
    def of(cls, features: Sequence[Feature], traits: Sequence[tuple[str, Kind]]) -> Totals:
        """The totals of these features, all of whose aggregates are additive."""
        texts = [(name, sql, feature.days_back) for feature in features for name, sql in feature.aggregates]
        aggregates = {sql: parse_aggregate(sql) for _, sql, _ in texts}
        happened = Happened.of(list(aggregates.values()), tuple(name for name, _ in traits))
        trees = {sql: happened.placed(aggregate) for sql, aggregate in aggregates.items()}
        places = {sql: _places(sql, tree) for sql, tree in trees.items()}
        age = _age_of(happened)
        return cls(
            happened=happened,
            kept=tuple((place.name, part) for held in places.values() for part, place in held.items()),
            asked=tuple((name, _together(trees[sql], places[sql], back, age)) for name, sql, back in texts),
            traits=tuple(traits),
        )

    @property
    def schema(self) -> pa.Schema:
        """The columns of totals."""
        sums = [(column, pa.float64()) for column, _ in self.kept]
        lasts = [
            column
            for text in self._texts
            for column in ((text, pa.string()), (f"{text}_time", _TIME), (f"{text}_id", pa.string()))
        ]
        return pa.schema([("customer", pa.string()), *sums, *lasts])

    def of_events(self, events: ir.Table, *, as_of: ir.DateScalar, dialect: Dialect) -> ir.Table:
        """The totals of these events."""
        sums = [f"{node_sql(total, dialect='duckdb')} AS {column}" for column, total in self.kept]
        lasts = [_last(f"t{index}", "time", "message_id", of=text) for index, text in enumerate(self._texts)]
        typed = self.happened.typed_sql("happened")
        query = select_sql(["customer", *sums, *lasts], source=f"({typed}) AS typed", ending="GROUP BY customer")
        rows = self.happened.rows(events, as_of=as_of, dialect=dialect)
        return selected(rows, dialect.spelled(query), {name: _IBIS[type_] for name, type_ in _fields(self.schema)})

    def added_sql(self, spans: str) -> str:
        """SQL for the totals of several spans together."""
        sums = [f"{_SUMMED[total.function]}({column}) AS {column}" for column, total in self.kept]
        lasts = [_last(text, f"{text}_time", f"{text}_id", of=text) for text in self._texts]
        return select_sql(["customer", *sums, *lasts], source=spans, ending="GROUP BY customer")

    def features_sql(self, as_of: date, spans: Sequence[tuple[int | None, str]], *, links: str | None) -> str:
        """SQL for the features: of spans with the days that they lie back at most, whoever's ids ``links`` names."""
        older = float((as_of - AGES_ON).days)
        columns = ", ".join(self.schema.names)
        rows = " UNION ALL ".join(
            select_sql(
                [columns, f"CAST({'NULL' if back is None else back} AS DOUBLE) AS back", f"{older!r}e0 AS older"],
                source=name,
            )
            for back, name in spans
        )
        own = f"({rows}) AS spans" if links is None else f"({self._linked_sql(rows, links)}) AS linked"
        sums = [f"{node_sql(tree, dialect='duckdb')} AS f{index}" for index, (_, tree) in enumerate(self.asked)]
        lasts = [
            f"LAST({text} ORDER BY {text}_time, {text}_id) FILTER (WHERE {text} IS NOT NULL) AS t{index}"
            for index, text in enumerate(self._texts)
        ]
        summed = select_sql(["customer", *sums, *lasts], source=own, ending="GROUP BY customer")
        return select_sql(["customer", *self._answers(), *self._known()], source=f"({summed}) AS summed")

    @property
    def _texts(self) -> list[str]:
        """The columns that hold the texts of traits."""
        return [f"t_{_digest(name)}" for name, _ in self.traits]

    def _linked_sql(self, rows: str, links: str) -> str:
        """The rows by customer instead of by id."""
        kept = [f"spans.{field.name}" for field in self.schema if field.name != "customer"]
        columns = ["COALESCE(links.customer, spans.customer) AS customer", *kept, "spans.back", "spans.older"]
        return select_sql(columns, source=f"({rows}) AS spans LEFT JOIN {links} AS links ON spans.customer = links.id")

    def _answers(self) -> list[str]:
        """Each feature by its name; a rate is divided by its denominator, NULL where that is nothing."""
        places = {name: f"({steady_sql(f'f{index}')})" for index, (name, _) in enumerate(self.asked)}
        return [
            f"{place} / NULLIF({places[of]}, 0e0) AS {identifier(name)}"
            if (of := denominator_of(name)) in places
            else f"{place} AS {identifier(name)}"
            for name, place in places.items()
        ]

    def _known(self) -> list[str]:
        return [
            f"{coerce_sql(f't{index}', kind)} AS {identifier(name)}" for index, (name, kind) in enumerate(self.traits)
        ]


def _places(sql: str, tree: Node) -> dict[Total, Column]:
    """Where what is kept for an aggregate stands."""
    parts = dict.fromkeys(part for leaf in leaves(tree) for part in _kept(leaf))
    return {part: Column(name=f"p_{_digest(sql)}_{index}") for index, part in enumerate(parts)}


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _kept(leaf: Total) -> tuple[Total, ...]:
    """What is kept of a span for this total: itself, or for a mean the sum and the count."""
    if leaf.function != "avg":
        return (leaf,)
    return tuple(Total(function=part, argument=leaf.argument, where=leaf.where) for part in ("sum", "count"))


def _age_of(happened: Happened) -> Node | None:
    """The column that holds the age of an event, if there is one."""
    place = happened.names.get((AGE, EVENT_KINDS[AGE]))
    return None if place is None else Column(name=place)


def _together(part: Part, places: Mapping[Total, Column], back: int | None, age: Node | None) -> Part:
    """The same tree over totals of spans, of which those count that lie no further back; ``age`` is an event's."""
    if not isinstance(part, Total):
        return rebuilt(part, partial(_together, places=places, back=back, age=age))
    where = None if back is None else Compare(op="<=", left=Column(name="back"), right=Constant(value=float(back)))
    sums = [
        _added(kept, _grown(places[kept]) if age is not None and kept.argument == age else places[kept], where)
        for kept in _kept(part)
    ]
    whole = sums[0] if len(sums) == 1 else Arithmetic(first=sums[0], rest=(("/", sums[1]),))
    return cast("Part", whole)  # a node stands where the total stood


def _grown(place: Column) -> Node:
    """An age that was kept, as it is now."""
    return Arithmetic(first=place, rest=(("+", Column(name="older")),))


def _added(kept: Total, place: Node, where: Node | None) -> Node:
    """A total of spans' totals: no rows count as zero, and sum to nothing."""
    if kept.function != "count":
        return Total(function=kept.function, argument=place, where=where)
    return Call(
        function="coalesce", arguments=(Total(function="sum", argument=place, where=where), Constant(value=0.0))
    )


def _last(text: str, time: str, id_: str, *, of: str) -> str:
    """The last text that is known, and what makes it the last."""
    known = f"ORDER BY {time}, {id_}) FILTER (WHERE {text} IS NOT NULL)"
    return f"LAST({text} {known} AS {of}, LAST({time} {known} AS {of}_time, LAST({id_} {known} AS {of}_id"


_SUMMED = {"count": "SUM", "sum": "SUM", "min": "MIN", "max": "MAX"}
_TIME = EVENT_SCHEMA.field("time").type
_IBIS = {pa.string(): "string", pa.float64(): "float64", _TIME: "timestamp('UTC', 6)"}


def _fields(schema: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in schema]
