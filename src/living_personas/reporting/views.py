"""Two stable tables for those who copy personas into a warehouse or a CRM."""

from __future__ import annotations

import pyarrow as pa

from living_personas.deciding.assign import in_holdout
from living_personas.domain.decision import UNMATCHED
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.privacy.consent import agreeing, refusing
from living_personas.loop.privacy.memberships import memberships
from living_personas.reporting.report import build_report
from living_personas.serving.ad_lists import ADS, CONSENT_ADS
from living_personas.serving.published import newest_snapshot

__all__ = ["ATTRIBUTES_SCHEMA", "MEMBERSHIP_SCHEMA", "attributes_view", "membership_view", "view_sql"]

MEMBERSHIP_SCHEMA = pa.schema(
    [
        pa.field("customer_id", pa.string(), nullable=False),
        pa.field("persona_id", pa.string(), nullable=False),
        pa.field("persona_version", pa.int64(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("assigned_at", pa.date32(), nullable=False),
        pa.field("holdout", pa.bool_(), nullable=False),
        pa.field("consent_ads", pa.bool_(), nullable=False),
    ]
)
"""One row a member. ``score`` is 1: rules hold a customer or they do not."""

ATTRIBUTES_SCHEMA = pa.schema(
    [
        pa.field("persona_id", pa.string(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("attribute", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("lower", pa.float64()),
        pa.field("upper", pa.float64()),
        pa.field("n", pa.int64(), nullable=False),
    ]
)
"""One row an attribute (``framing``, or ``framing.email`` where it is believed per channel). ``lower`` and ``upper``
bound the effect of its contender against what was believed; NULL while too little is known."""


def membership_view(context: Context, *, persona: str = "") -> pa.Table:
    """Who belongs to which persona, since when, under which version (``MEMBERSHIP_SCHEMA``); in order of customers.

    All of them, or the members of one ``persona``.
    """
    snapshot = newest_snapshot(context.store)
    seal_waiting(context)
    versions = {persona.persona: persona.version for persona in snapshot.personas}
    agreed = {*agreeing(context, {CONSENT_ADS}).to_pylist()} - {*refusing(context, ADS).to_pylist()}
    rows = [
        {
            "customer_id": row["customer"],
            "persona_id": row["persona"],
            "persona_version": versions[row["persona"]],
            "score": 1.0,
            "assigned_at": row["since"],
            "holdout": in_holdout(snapshot, row["customer"]),
            "consent_ads": row["customer"] in agreed,
        }
        for row in memberships(context.store, persona).to_pylist()
        if row["persona"] != UNMATCHED and row["persona"] in versions
    ]
    return pa.Table.from_pylist(sorted(rows, key=lambda row: str(row["customer_id"])), schema=MEMBERSHIP_SCHEMA)


def attributes_view(context: Context) -> pa.Table:
    """What each persona's attributes are, and how sure that is (``ATTRIBUTES_SCHEMA``)."""
    rows = [
        {
            "persona_id": persona.persona,
            "version": persona.version,
            "attribute": f"{each.attribute}.{each.channel}" if each.channel else each.attribute,
            "value": each.value,
            "status": each.status,
            "lower": each.effect.lower if each.effect else None,
            "upper": each.effect.upper if each.effect else None,
            "n": each.behind,
        }
        for persona in build_report(context).personas
        for each in persona.attributes
    ]
    return pa.Table.from_pylist(rows, schema=ATTRIBUTES_SCHEMA)


def view_sql(files: dict[str, str]) -> str:
    """The views for DuckDB, by name, over their files (.parquet or .csv)."""
    return "".join(
        f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {_reader(path)}('{_quoted(path)}');\n"  # noqa: S608 - quoted below
        for name, path in files.items()
    )


def _reader(path: str) -> str:
    return "read_parquet" if path.endswith(".parquet") else "read_csv"


def _quoted(path: str) -> str:
    return path.replace("'", "''")
