"""Evidence is sums: cells of units, successes and values that merge with ``+``."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.goal import GOAL
from living_personas.domain.value import value

__all__ = ["CELL_KEY", "CELL_SCHEMA", "CELL_SUMS", "GOAL", "Cells"]

CELL_KEY = (
    "outcome_day",
    "persona",
    "attribute",
    "metric",
    "option",
    "cohort",
    "channel",
    "stratum",
    "policy",
)
CELL_SUMS = ("n", "s", "sum", "sum_sq")

CELL_SCHEMA = pa.schema(
    [
        pa.field("outcome_day", pa.date32(), nullable=False),
        pa.field("persona", pa.string(), nullable=False),
        pa.field("attribute", pa.string(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("option", pa.string(), nullable=False),
        pa.field("cohort", pa.date32(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("stratum", pa.string(), nullable=False),
        pa.field("policy", pa.string(), nullable=False),
        pa.field("n", pa.int64(), nullable=False),
        pa.field("s", pa.int64(), nullable=False),
        pa.field("sum", pa.float64(), nullable=False),
        pa.field("sum_sq", pa.float64(), nullable=False),
    ]
)
"""``cohort`` is the day of a unit's first exposure. A row holds what became known on ``outcome_day``: new units (on
their cohort day), first successes, and the change of the winsorised value and its square. What was known at the end of
a day is the sum of all rows up to it."""


@value
class Cells:
    """Sufficient statistics in columns (see ``CELL_SCHEMA``), in key order, one row a key."""

    table: pa.Table

    @classmethod
    def of(cls, table: pa.Table) -> Cells:
        """Cells from any table with the columns of ``CELL_SCHEMA``: summed by key and sorted."""
        columns = table.select(CELL_SCHEMA.names).cast(CELL_SCHEMA)
        summed = columns.group_by(list(CELL_KEY)).aggregate([(name, "sum") for name in CELL_SUMS])
        renamed = summed.rename_columns([*CELL_KEY, *CELL_SUMS]).cast(CELL_SCHEMA)
        return cls(table=renamed.sort_by([(name, "ascending") for name in CELL_KEY]))

    @classmethod
    def none(cls) -> Cells:
        """No cells: the neutral element of ``+``."""
        return cls(table=CELL_SCHEMA.empty_table())

    def __add__(self, other: Cells) -> Cells:
        return Cells.of(pa.concat_tables([self.table, other.table]))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def of_outcome_days(self, first: date, last: date) -> Cells:
        """What became known on the days ``first`` to ``last``, both included."""
        return self._between("outcome_day", first, last)

    def of_unit_days(self, first: date, last: date) -> Cells:
        """What became known of units whose first exposure was on the days ``first`` to ``last``, both included."""
        return self._between("cohort", first, last)

    def known_within(self, days: int) -> Cells:
        """What became known of units by so many days after the day of their exposure."""
        known, began = (self.table[name].cast(pa.int32()) for name in ("outcome_day", "cohort"))
        return Cells(table=self.table.filter(pc.less_equal(pc.subtract(known, began), pa.scalar(days, pa.int32()))))

    def of_attribute(self, attribute: str, *, persona: str | None = None) -> Cells:
        """What became known about one attribute, of all personas that have it unless one is given."""
        wanted = pc.equal(self.table["attribute"], attribute)
        if persona is not None:
            wanted = pc.and_(wanted, pc.equal(self.table["persona"], persona))
        return Cells(table=self.table.filter(wanted))

    def _between(self, column: str, first: date, last: date) -> Cells:
        day = self.table[column]
        within = pc.and_(pc.greater_equal(day, pa.scalar(first)), pc.less_equal(day, pa.scalar(last)))
        return Cells(table=self.table.filter(within))
