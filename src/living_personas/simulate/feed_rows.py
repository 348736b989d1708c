"""A day of a world as the rows of files: flat columns, as a shop would export them."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import EXPOSED

__all__ = ["PROPERTIES", "event_rows", "exposure_rows"]

PROPERTIES: dict[str, pa.DataType] = {
    "country": pa.string(),
    "tenure_days": pa.int64(),
    "utm_campaign": pa.string(),
    "device": pa.string(),
    "feature": pa.string(),
    "times": pa.int64(),
    "discount": pa.float64(),
    "margin": pa.float64(),
    "revenue": pa.float64(),
}
"""The columns that hold what events of this world say, beside who did what, when and where."""


def event_rows(batch: EventBatch) -> pa.Table:
    """Everything but the exposures: ``message_id``, ``customer``, ``time``, ``event``, ``channel``, ``PROPERTIES``."""
    events = batch.events.filter(pc.not_equal(batch.events["name"], EXPOSED))
    columns = {
        "message_id": events["message_id"],
        "customer": events["customer"],
        "time": events["time"],
        "event": events["name"],
        "channel": events["channel"],
    }
    said = _read(events["properties"])
    return pa.table(columns | {name: said[name] for name in PROPERTIES})


def exposure_rows(batch: EventBatch, attribute: str) -> pa.Table:
    """The exposures of one attribute; those of the holdout under a policy of their own, which knows one option."""
    rows = batch.exposures.filter(pc.equal(batch.exposures["attribute"], attribute))
    names = ("message_id", "customer", "time", "channel", "persona", "option", "epoch")
    held = rows["holdout"]
    policy = pc.if_else(
        held, pc.binary_join_element_wise("holdout", rows["persona"], rows["option"], "/"), rows["policy"]
    )
    columns = {name: rows[name] for name in names}
    return pa.table(columns | {"policy": policy, "propensity": pc.if_else(held, 1.0, rows["propensity"])})


def _read(properties: pa.ChunkedArray) -> pa.Table:
    """Properties (JSON objects) as columns; what an event does not say is null."""
    schema = pa.schema(list(PROPERTIES.items()))
    if not len(properties):
        return schema.empty_table()
    text = "\n".join(properties.to_pylist()).encode()
    options = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    return arrow_json.read_json(io.BytesIO(text), parse_options=options)
