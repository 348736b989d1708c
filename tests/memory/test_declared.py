"""Everything that is kept is declared, said on a page, and keeps the bytes that workspaces hold."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import apsw
import pytest

from dashboard.desk import Desk
from living_personas.cli.opened import DATABASE
from living_personas.loop.context import Context
from living_personas.loop.learning.learn import entry_for, opened_states
from living_personas.memory import people_records, records
from living_personas.memory.record import Record, Records
from living_personas.memory.reference import KEPT_BY_STORES, declared_records, declared_tables, memory_page
from living_personas.memory.table import Table
from living_personas.memory.tables import LEDGER, MEANS
from living_personas.stores.sql.migrations import MIGRATIONS

PAGE = Path(__file__).parents[2] / "docs/reference/memory.md"

DATE, MOMENT = b"2026-11-01", b"2026-11-01T12:00:00+00:00"
HELD: dict[str, bytes] = {
    "STARTED": DATE,
    "CLOSED": DATE,
    "DIRTY": DATE,
    "EVIDENCE_ABOUT": b'{"buyer": 2}',
    "POLICIES": b'{"a": 0.25, "b": 0.75}',
    "COMPLETE": DATE,
    "NAMES_SEEN": b'{"browsers": [], "channels": ["web"], "names": ["Bought"]}',
    "RECEIPTS": b'{"stored": 3, "duplicate": 0, "quarantined": 1}',
    "FEEDS": b'{"outcomes":{"Bought":{"count":1,"digest":"ab","nulls":0.0,"medians":{"price":2.5}}},'
    b'"channels":{"web":3},"shared":0,"alarms":["frozen"]}',
    "TOTALS_MADE": b'{"ab12": {"2026-11-01/1": "0f"}}',
    "SIZES": b'{"2026-11-01": {"buyer": 3}}',
    "MEASURED": b'{"buyer\\nvalue": [3.0, NaN, 14.5]}',
    "SUGGESTED_NAMES": b'{"claude": "Lookers", "Dana": "Early birds"}',
    "DISCOVERED": DATE,
    "KILLED": b"Dana",
    "ASIDES": b'{"kind": "more data", "by": "Dana", "day": "2026-11-01", "until_units": 40}',
    "PROPOSERS": b"Dana",
    "PEOPLE": b'{"n": 16, "name": "Dana", "password": "cA==", "role": "approver", "salt": "cw=="}',
    "SIGN_INS": b'{"name": "Dana", "until": "2026-11-01T12:00:00+00:00", "password": "cA==", "said": ""}',
    "TOKEN_SECRET": b"\x00\xff",
    "AD_NUMBERS": b'{"buyer": 1}',
    "CLICKS": b'[["ab", "m1", 1700000000.5]]',
    "ANNOUNCED": b"",
    "ANNOUNCING_SINCE": MOMENT,
}
"""What workspaces held before records were declared."""


def plain(block: bytes) -> str:
    """JSON with its keys in order; not a number is itself."""
    return json.dumps(json.loads(block), sort_keys=True)


@pytest.mark.parametrize("name", HELD)
def test_what_older_workspaces_hold_is_read_and_written_as_it_was(name: str) -> None:
    codec: Any = {**vars(records), **vars(people_records)}[name].codec
    found = codec.decode(HELD[name])
    written = codec.encode(found)
    if HELD[name][:1] in (b"{", b"["):
        assert plain(written.replace(b"00Z", b"00+00:00")) == plain(HELD[name])
    else:
        assert written == HELD[name]


def test_moments_and_days_are_what_they_say() -> None:
    sign_in = people_records.SIGN_INS.codec.decode(HELD["SIGN_INS"])
    assert sign_in.until == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert people_records.ASIDES.codec.decode(HELD["ASIDES"]).day == date(2026, 11, 1)


def test_no_two_declarations_share_a_name() -> None:
    keys = [each.key if isinstance(each, Record) else each.prefix for each in declared_records()]
    kinds = [each.name if isinstance(each, Table) else each.prefix for each in declared_tables()]
    assert len({*keys}) == len(keys)
    assert len({*kinds}) == len(kinds)


def test_whatever_a_lived_workspace_holds_is_declared(desk: Desk) -> None:
    with apsw.Connection(str(desk.root / ".living" / DATABASE)) as database:
        keys = {str(key) for (key,) in database.execute("SELECT key FROM fact")}
        kinds = {str(kind) for (kind,) in database.execute("SELECT DISTINCT kind FROM part")}
    assert keys
    assert kinds
    assert [key for key in keys if not any(_is_of(key, each) for each in declared_records())] == []
    names = [(each.name, "") if isinstance(each, Table) else ("", each.prefix) for each in declared_tables()]
    assert [k for k in kinds if not any(k == name or (prefix and k.startswith(prefix)) for name, prefix in names)] == []


def test_every_table_of_the_embedded_store_is_on_the_page() -> None:
    held = set(re.findall(r"CREATE TABLE (\w+)", "".join(MIGRATIONS)))
    said = {name for _, names, _, _ in KEPT_BY_STORES for name in names}
    assert held == said | {"fact", "part", "filed"}  # these hold the records and tables


def test_the_page_is_what_the_declarations_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == memory_page(), (
        "python -c 'from living_personas.memory.reference import memory_page as page; print(page(), end=\"\")' "
        "> docs/reference/memory.md"
    )


def test_the_ledger_is_written_as_it_is_declared(desk: Desk) -> None:
    context: Context = desk.context
    for state in opened_states(context.versions()):
        options, means = entry_for(context.store, state, date(2026, 11, 1)).to_tables(state.panel)
        assert options.schema.equals(LEDGER.schema)
        assert means.schema.equals(MEANS.schema)


def _is_of(key: str, each: Record[object] | Records[object]) -> bool:
    return key == each.key if isinstance(each, Record) else key.startswith(each.prefix)
