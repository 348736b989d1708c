"""A workspace that has lived, copied for each test that damages it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from living_personas.domain.event import EXPOSED, IDENTIFY, Event, Exposure
from living_personas.loop import cycle
from living_personas.loop.recording.record import record
from living_personas.memory.reference import declared_tables
from living_personas.memory.table import Table
from living_personas.ports import Store
from living_personas.wiring import open_context
from written import write_workspace

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAYS, PEOPLE = 5, 40
SETTINGS = """\
name: Shop
salt: a-salt-for-tests-only
traits: [plan]
features:
  orders: count(*) filter (where name = 'Order Completed')
"""
PERSONA = """\
persona: buyer
name: Buyer
who: "plan = 'pro' or orders > 3"
goal: {event: Order Completed, within: 1 day}
attributes: {framing: {options: [discount, quality], we_believe: discount, assign: day}}
traits: {orders: {we_believe: 1}}
"""


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose days are sealed, folded and closed."""
    root = tmp_path_factory.mktemp("lived") / "shop"
    write_workspace(root, SETTINGS, {"buyer": PERSONA})
    context = open_context(root, clock=lambda: NOON)[1]
    with closing(context.store):
        for day in range(DAYS):
            record(context, list(_day(day)), received=NOON + timedelta(days=day))
            cycle.run(context, now=NOON + timedelta(days=day, hours=20), owner="tests")
    return root


@pytest.fixture
def shop(lived: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(lived, tmp_path / "shop"))


@pytest.fixture
def personas(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Runs a command: its exit code, what it answered, and what it said beside."""
    monkeypatch.delenv("COLUMNS", raising=False)  # tests that run side by side are given narrow terminals
    from living_personas.cli import main  # noqa: PLC0415

    def run(*words: str | Path) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        return int(left.value.code or 0), out, err

    return run


def _day(day: int) -> Iterator[Event]:
    at = NOON + timedelta(days=day)
    for n in range(PEOPLE):
        met = Exposure(attribute="framing", option=("discount", "quality")[n % 2], propensity=0.5, policy="p")
        then, who = at + timedelta(minutes=n), f"customer-{n}"
        plan = {"plan": "pro" if n % 4 else "free"}
        yield Event(message_id=f"s-{day}-{n}", customer=who, name=IDENTIFY, time=then, properties=plan)
        yield Event(message_id=f"m-{day}-{n}", customer=who, name=EXPOSED, time=then, exposures=(met,))
        if (n + day) % 3 == 0:
            yield Event(message_id=f"b-{day}-{n}", customer=who, name="Order Completed", time=then)


def fill(store: Store) -> None:
    """A row of nothing in every table of which this workspace has no file."""
    for each in declared_tables():
        table = each if isinstance(each, Table) else each.of("x")
        if not table.days(store):
            fields = table.schema or pa.schema([("customer", pa.string())])
            schema = pa.schema([field.with_nullable(nullable=True) for field in fields])
            row = pa.table({field.name: pa.nulls(1, field.type) for field in schema}, schema=schema)
            store.partitions.replace(table.name, {NOON.date(): row})
