"""What customers said of being decided for, one row an id, consent and day."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date

import pyarrow as pa

from living_personas.domain.consent import CONSENT_SCHEMA
from living_personas.stores.sql.arrow_rows import arrow_table, plain_rows
from living_personas.stores.sql.database import Database

__all__ = ["SqlConsents"]

_EPOCH = date(1970, 1, 1).toordinal()


class SqlConsents:
    """Words on consents."""

    def __init__(self, connection: Database) -> None:
        self._connection = connection

    def add(self, said: pa.Table) -> None:
        """Keep what was said; of one id, consent and day only the last."""
        if said.num_rows:
            with self._connection.transaction():
                self._connection.run_many(_ADD, plain_rows(said.select(CONSENT_SCHEMA.names)))

    def last(
        self,
        ids: Collection[str] | None = None,
        *,
        name: str | None = None,
        refuses: bool | None = None,
        before: date | None = None,
    ) -> pa.Table:
        """The last word of each id on each consent."""
        asked: list[tuple[str, object]] = []
        if ids is not None:
            asked.append(("customer IN (SELECT value FROM json_each(?))", json.dumps(sorted(ids))))
        if name is not None:
            asked.append(("name = ?", name))
        if before is not None:
            asked.append(("day < ?", before.toordinal() - _EPOCH))
        where = " AND ".join(["TRUE", *(condition for condition, _ in asked), *([_EVER_REFUSED] if refuses else [])])
        rows = self._connection.rows(_LAST.format(where=where), [bound for _, bound in asked])
        found = [row for row in rows if refuses is None or bool(row[5]) is refuses]
        return arrow_table(found, CONSENT_SCHEMA)


_ADD = """
INSERT INTO consent (customer, name, day, time, message_id, refuses) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (customer, name, day)
DO UPDATE SET time = excluded.time, message_id = excluded.message_id, refuses = excluded.refuses
WHERE (excluded.time, excluded.message_id) > (consent.time, consent.message_id)
"""
_LAST = """
SELECT customer, name, day, time, message_id, refuses FROM (
    SELECT *, row_number() OVER (PARTITION BY customer, name ORDER BY day DESC) AS place FROM consent WHERE {where}
) AS said WHERE place = 1 ORDER BY customer, name
"""
_EVER_REFUSED = "(customer, name) IN (SELECT customer, name FROM consent WHERE refuses)"
