"""Sums over customers, to compare groups of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.persona import Persona
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.duckdb.engine import DuckDBEngine

ENGINE = DuckDBEngine(threads=2)
START = datetime(2026, 5, 4, tzinfo=UTC)
PERSONA = Persona(
    id="p",
    name="P",
    who="true",
    goal=Goal(event="bought", within=timedelta(days=2), value="revenue", at_most=10.0),
    guardrails=(Guardrail(metric="left", event="left", share=0.1),),
)


def unit(customer: str, day: int, *, holdout: bool = False, persona: str = "p") -> dict[str, object]:
    return dict.fromkeys(UNIT_SCHEMA.names, "") | {
        "customer": customer,
        "persona": persona,
        "attribute": "tone",
        "epoch": str(day),
        "cohort": date(2026, 5, 4 + day),
        "time": START + timedelta(days=day),
        "propensity": 0.5,
        "holdout": holdout,
    }


def bought(customer: str, day: int, revenue: float) -> dict[str, object]:
    return dict.fromkeys(EVENT_SCHEMA.names, "") | {
        "message_id": f"{customer}{day}{revenue}",
        "customer": customer,
        "name": "bought",
        "time": START + timedelta(days=day, hours=1),
        "day": date(2026, 5, 4 + day),
        "hour": 1,
        "properties": json.dumps({"revenue": revenue}),
    }


def test_units_and_outcomes_are_summed_by_customer() -> None:
    units = [unit("ann", 0), unit("ann", 5), unit("bob", 0), unit("x", 0, persona="q")]
    events = [
        bought("ann", 1, 4.0),
        bought("anonymous", 1, 30.0),  # ann's: capped at 10 with the 4 before
        bought("ann", 4, 5.0),  # between the windows
        bought("ann", 6, 2.5),
        bought("x", 0, 3.0),
        bought("stranger", 0, 3.0),
    ]
    found = ENGINE.per_customer(
        units=pa.Table.from_pylist(units, schema=UNIT_SCHEMA),
        events=pa.Table.from_pylist(events, schema=EVENT_SCHEMA),
        links=pa.table({"id": ["anonymous"], "customer": ["ann"]}),
        personas=[PERSONA],
    )
    assert found.to_pylist() == [
        {
            "persona": "p",
            "attribute": "tone",
            "customers": 2,
            "units": 3,
            "outcomes": 12.5,
            "units_sq": 5,
            "outcomes_sq": pytest.approx(156.25),
            "units_outcomes": 25.0,
        },
    ]


def test_nobody_sums_to_nothing() -> None:
    links = pa.table({"id": pa.array([], pa.string()), "customer": pa.array([], pa.string())})
    assert ENGINE.per_customer(units=(), events=(), links=links, personas=[PERSONA]).num_rows == 0
