"""Personas whose units are folded, and the fold of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from engines.linking import links_of
from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.cell import GOAL, Cells
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.expressions.metric_table import CAP_SCHEMA

ENGINE = DuckDBEngine(threads=2)
ZONE = ZoneInfo("Europe/Amsterdam")

START = datetime(2026, 3, 27, 22, tzinfo=UTC)  # the clocks of the zone go forward on 29 March

FIRST = date(2026, 3, 27)

LAST = date(2026, 4, 6)

PASS = 3
"""Days that one pass takes where more are asked for; three are as good as a month."""

PROPERTY = 'reve"nue./~é$'

Row = dict[str, object]

PERSONAS = (
    Persona(
        id="spender's",
        name="Spender",
        who="true",
        attributes=(
            Attribute(name="framing", options=("a", "b'"), believed="a", assign="week"),
            Attribute(name="tone", options=("a", "b'"), believed="a", assign="day"),
        ),
        goal=Goal(event="bought", within=timedelta(days=2), value=PROPERTY, at_most=10.0),
        guardrails=(
            Guardrail(metric="left", event="left", within=timedelta(days=1), points=0.1),
            Guardrail(
                metric="small", event="bought", value=PROPERTY, at_most=0.3, within=timedelta(hours=30), share=0.1
            ),
        ),
    ),
    Persona(
        id="reader",
        name="Reader",
        who="true",
        goal=Goal(event="bought", within=timedelta(hours=36)),
        attributes=(
            Attribute(name="framing", options=("a", "b'"), believed="a", assign="day"),
            Attribute(name="tone", options=("a", "b'"), believed="a", assign="visit"),
        ),
    ),
)

DayCaps = dict[date, float | None]
"""The most that the units of some days count for, for the goal of the spender; None: they do not count."""


def folded(
    units: Sequence[Row],
    outcomes: Sequence[Row],
    links: dict[str, str],
    first: date = FIRST,
    last: date = LAST,
    *,
    caps: DayCaps | None = None,
) -> Cells:
    frozen = [{"persona": "spender's", "metric": GOAL, "cohort": day, "cap": cap} for day, cap in (caps or {}).items()]
    return ENGINE.fold(
        first,
        last,
        units=pa.Table.from_pylist(list(units), schema=UNIT_SCHEMA),
        events=pa.Table.from_pylist(list(outcomes), schema=EVENT_SCHEMA),
        links=links_of(links),
        personas=PERSONAS,
        caps=pa.Table.from_pylist(frozen, schema=CAP_SCHEMA) if caps is not None else None,
    )


def write(folder: Path, rows: Sequence[Row], schema: pa.Schema, name: str) -> str:
    path = folder / f"{name}.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), path)
    return str(path)


def refund(amount: float) -> str:
    return json.dumps({PROPERTY: amount})


def unit(**changes: object) -> Row:
    time = changes.get("time", START)
    assert isinstance(time, datetime)
    row: Row = {
        "customer": "ann",
        "persona": "spender's",
        "attribute": "framing",
        "epoch": "1",
        "option": "a",
        "cohort": time.astimezone(ZONE).date(),
        "time": time,
        "channel": "",
        "stratum": "",
        "policy": "p1",
        "propensity": 0.5,
        "holdout": False,
    }
    return row | changes


def outcome(**changes: object) -> Row:
    time = changes.get("time", START + timedelta(hours=1))
    assert isinstance(time, datetime)
    local = time.astimezone(ZONE)
    row: Row = {
        "message_id": "m",
        "customer": "ann",
        "also": "",
        "name": "bought",
        "time": time,
        "day": local.date(),
        "hour": local.hour,
        "channel": "",
        "properties": json.dumps({PROPERTY: 5}),
    }
    return row | changes
