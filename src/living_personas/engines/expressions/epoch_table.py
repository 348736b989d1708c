"""How long the epochs of each attribute last, as rows beside the evidence."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from living_personas.domain.persona import Persona

__all__ = ["EPOCH_SCHEMA", "epoch_table"]

EPOCH_SCHEMA = pa.schema(
    [
        pa.field("persona", pa.string(), nullable=False),
        pa.field("attribute", pa.string(), nullable=False),
        pa.field("lasts", pa.int32(), nullable=False),
    ]
)
"""One row an attribute whose epochs are days of the calendar: ``lasts`` days follow the first one."""


def epoch_table(personas: Sequence[Persona]) -> pa.Table:
    """The attributes whose epochs end with a day (``EPOCH_SCHEMA``); those of all others end with the exposure."""
    rows = [
        {"persona": persona.id, "attribute": attribute.name, "lasts": attribute.epoch_days}
        for persona in personas
        for attribute in persona.attributes
        if attribute.ends_with_a_day
    ]
    return pa.Table.from_pylist(rows, schema=EPOCH_SCHEMA)
