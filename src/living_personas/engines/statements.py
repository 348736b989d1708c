"""The questions as SQL: compiled once for each dialect and shape of question, for Ibis takes its time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TypeAlias

import ibis
import pyarrow as pa
from ibis.expr import types as ir

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA
from living_personas.domain.entry import ENTRY_SCHEMA
from living_personas.domain.settings import Feature
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.dialect import Dialect, asked_day
from living_personas.engines.expressions.amounts import customer_amounts
from living_personas.engines.expressions.epoch_table import EPOCH_SCHEMA
from living_personas.engines.expressions.features import features
from living_personas.engines.expressions.fold import fold
from living_personas.engines.expressions.measure import measure
from living_personas.engines.expressions.met_again import met_again
from living_personas.engines.expressions.metric_table import CAP_SCHEMA, METRIC_SCHEMA, Counted
from living_personas.engines.expressions.pair_cells import pair_cells
from living_personas.engines.expressions.since_entry import entries, since_entry
from living_personas.engines.expressions.units import UNIT_KEY, counting_units, units
from living_personas.engines.sql.totals_sql import Totals
from living_personas.rules.tree import Kind

__all__ = [
    "counting_units_sql",
    "customer_amounts_sql",
    "entries_sql",
    "features_sql",
    "fold_sql",
    "measure_sql",
    "met_again_sql",
    "outcomes_sql",
    "pair_cells_sql",
    "since_entry_sql",
    "totals_of",
    "totals_sql",
    "units_sql",
]


Question: TypeAlias = Callable[..., ir.Table]
Traits: TypeAlias = tuple[tuple[str, Kind], ...]
Renamed: TypeAlias = tuple[tuple[str, str, str], ...]
"""Attributes with what an option was called, and is called now."""


@lru_cache(maxsize=64)
def fold_sql(dialect: Dialect, counted: Counted, *, days: int, linked: bool) -> str:
    """Cells of so many outcome ``days`` from ``units`` and ``events`` since ``since``, and the other tables."""
    asked = partial(fold, many=days, since=asked_day("since"), caps=_table("caps", CAP_SCHEMA))
    return dialect.compiled(_of_outcomes(asked, dialect, counted, linked=linked, days=("first", "last")))


@lru_cache(maxsize=64)
def outcomes_sql(
    question: Question, dialect: Dialect, counted: Counted, *, linked: bool, days: tuple[str, ...] = ()
) -> str:
    """A question about the outcomes that goals count, from the same tables as the fold."""
    return dialect.compiled(_of_outcomes(question, dialect, counted, linked=linked, days=days))


@lru_cache(maxsize=64)
def customer_amounts_sql(dialect: Dialect, counted: Counted, *, days: int, linked: bool) -> str:
    """How large the values of customers are in spans of ``days``, from ``events``, ``links`` and ``metrics``."""
    return dialect.compiled(
        customer_amounts(
            ibis.literal(days, "int64"),
            events=_table("events", EVENT_SCHEMA),
            links=_links(linked=linked),
            metrics=_table("metrics", METRIC_SCHEMA),
            counted=counted,
            dialect=dialect,
        )
    )


@lru_cache(maxsize=64)
def pair_cells_sql(dialect: Dialect, questions: tuple[str, ...]) -> str:
    """Units and successes that said yes to each two questions, from ``units``."""
    answers = {name: pa.bool_() for name in ("inside", "success", *questions)}
    schema = pa.schema({"option": pa.string(), **answers})
    return dialect.compiled(pair_cells(_table("units", schema), questions=questions))


@lru_cache(maxsize=64)
def entries_sql(dialect: Dialect, counted: Counted, *, linked: bool, only: bool) -> str:
    """Customers since they entered, from ``units``, ``logged``, ``events``, ``links``, ``metrics`` and ``before``."""
    return dialect.compiled(
        entries(
            asked_day("first"),
            asked_day("through"),
            units=_table("units", UNIT_SCHEMA),
            logged=_table("logged", _POLICY_SCHEMA),
            events=_table("events", EVENT_SCHEMA),
            links=_links(linked=linked),
            metrics=_table("metrics", METRIC_SCHEMA),
            before=_table("before", ENTRY_SCHEMA),
            only=_table("only_ids", _IDS_SCHEMA) if only else None,
            counted=counted,
            dialect=dialect,
        )
    )


@lru_cache(maxsize=64)
def since_entry_sql(dialect: Dialect) -> str:
    """Sums over ``entries`` at the end of the day ``through``, by ``metrics``."""
    return dialect.compiled(
        since_entry(
            asked_day("through"),
            entries=_table("entries", ENTRY_SCHEMA),
            metrics=_table("metrics", METRIC_SCHEMA),
        )
    )


@lru_cache(maxsize=64)
def met_again_sql(dialect: Dialect, *, linked: bool, renamed: Renamed, per_channel: tuple[str, ...]) -> str:
    """Who met two options, and who was met again, from ``exposures``, ``links`` and ``ignored``."""
    return dialect.compiled(
        met_again(
            exposures=_table("exposures", EXPOSURE_SCHEMA),
            links=_links(linked=linked),
            ignored=_table("ignored", _IGNORED_SCHEMA),
            renamed=renamed,
            per_channel=per_channel,
        )
    )


@lru_cache(maxsize=64)
def units_sql(dialect: Dialect, *, earlier: bool, linked: bool, members: bool) -> str:
    """Units of the days ``first`` to ``last`` from ``exposures``, ``earlier``, ``links`` and ``members``."""
    return dialect.compiled(
        units(
            asked_day("first"),
            asked_day("last"),
            exposures=_table("exposures", EXPOSURE_SCHEMA),
            earlier=_table("earlier", UNIT_SCHEMA) if earlier else None,
            links=_links(linked=linked),
            members=_table("members", _THEN_SCHEMA) if members else None,
        )
    )


@lru_cache(maxsize=64)
def counting_units_sql(dialect: Dialect, *, asked: bool) -> str:
    """Units that count, from ``units``, ``owners`` and ``left_out``, and ``willing`` where consent is asked for."""
    return dialect.compiled(
        counting_units(
            _table("units", UNIT_SCHEMA),
            owners=_table("owners", _OWNER_SCHEMA),
            left_out=_table("left_out", _KEY_SCHEMA),
            willing=_table("willing", _WILLING_SCHEMA) if asked else None,
        )
    )


@lru_cache(maxsize=64)
def features_sql(dialect: Dialect, wanted: tuple[Feature, ...], traits: Traits, *, linked: bool) -> str:
    """Features and traits as of ``as_of`` from ``events`` and ``links``."""
    return dialect.compiled(
        features(
            asked_day("as_of"),
            events=_table("events", EVENT_SCHEMA),
            links=_links(linked=linked),
            features=wanted,
            traits=dict(traits),
            dialect=dialect,
        )
    )


@lru_cache(maxsize=64)
def totals_of(wanted: tuple[Feature, ...], traits: Traits) -> Totals:
    """How these features come from totals."""
    return Totals.of(wanted, traits)


@lru_cache(maxsize=64)
def totals_sql(dialect: Dialect, wanted: tuple[Feature, ...], traits: Traits) -> str:
    """What the features keep of ``events``."""
    events = _table("events", EVENT_SCHEMA)
    return dialect.compiled(totals_of(wanted, traits).of_events(events, as_of=asked_day("as_of"), dialect=dialect))


@lru_cache(maxsize=64)
def measure_sql(dialect: Dialect, traits: tuple[str, ...]) -> str:
    """Sums of ``traits`` from ``customers`` and ``members``."""
    known = pa.schema([("customer", pa.string()), *((name, pa.float64()) for name in traits)])
    return dialect.compiled(
        measure(_table("customers", known), members=_table("members", _MEMBER_SCHEMA), traits=traits)
    )


_OWNER_SCHEMA = pa.schema([(name, pa.string()) for name in ("persona", "attribute", "owner")])
_KEY_SCHEMA = pa.schema([(name, pa.string()) for name in UNIT_KEY])
_WILLING_SCHEMA = pa.schema([(name, pa.string()) for name in ("customer", "channel")])
_IDS_SCHEMA = pa.schema([("id", pa.string())])
_POLICY_SCHEMA = pa.schema([("policy", pa.string())])
_LINK_SCHEMA = pa.schema([("id", pa.string()), ("customer", pa.string())])
_IGNORED_SCHEMA = pa.schema([("customer", pa.string())])
_MEMBER_SCHEMA = pa.schema([("customer", pa.string()), ("persona", pa.string())])
_THEN_SCHEMA = pa.schema([("customer", pa.string()), ("time", pa.timestamp("us", tz="UTC")), ("persona", pa.string())])


def _of_outcomes(
    question: Question, dialect: Dialect, counted: Counted, *, linked: bool, days: tuple[str, ...]
) -> ir.Table:
    return question(
        *map(asked_day, days),
        units=_table("units", UNIT_SCHEMA),
        events=_table("events", EVENT_SCHEMA),
        links=_links(linked=linked),
        metrics=_table("metrics", METRIC_SCHEMA),
        epochs=_table("epochs", EPOCH_SCHEMA),
        counted=counted,
        dialect=dialect,
    )


def _table(name: str, schema: pa.Schema) -> ir.Table:
    return ibis.table(ibis.Schema.from_pyarrow(schema), name=name)


def _links(*, linked: bool) -> ir.Table | None:
    return _table("links", _LINK_SCHEMA) if linked else None
