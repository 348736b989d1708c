"""A shop whose files are written as a story needs them, and what a workspace makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import living_personas as lp
from living_personas.domain.event import Receipt
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.relations import filtered
from living_personas.memory.tables import CELLS, EVENTS

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)

SHOP = """\
name: Shop
salt: a-salt-for-tests-only
holdout: 0%
{more}sources:
  shop: {{customer: id, {anonymous}time: at, event: ev, properties: [price]{source}}}
  test:
    customer: id
    time: at
    event: {{fixed: Mail Sent}}
    exposure: {{attribute: offer, option: opt, propensity: 1/2}}
features:
  orders: count(*) filter (where name = 'Paid')
"""
PERSONA = """\
persona: all
who: "{who}"
goal: {{event: Paid, within: 7 days{value}}}
channels: [email]
attributes:
  offer: {{options: [gift, sale], we_believe: gift}}
"""

Made = Callable[..., Path]


def opened(root: Path) -> lp.OpenWorkspace:
    """The workspace, at a time of its own."""
    return lp.open(root, clock=lambda: NOW)


def file(root: Path, name: str, *lines: str) -> Path:
    """A file of some lines."""
    path = root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def fates(receipt: Receipt) -> tuple[int, int, int]:
    """Stored, duplicate, quarantined; they add up."""
    assert receipt.balanced
    return receipt.stored, receipt.duplicate, receipt.quarantined


def reasons(workspace: lp.OpenWorkspace) -> list[str]:
    """Why rows lie in quarantine."""
    return [row.reason for row in workspace._context.store.quarantine.rows()]


def customers(workspace: lp.OpenWorkspace) -> list[str]:
    """Whose events are recorded, each as often as there is one."""
    seal_waiting(workspace._context)
    return [row["customer"] for row in filtered(EVENTS.all(workspace._context.store), schema=EVENTS.schema).to_pylist()]


def per_unit(workspace: lp.OpenWorkspace) -> dict[str, float]:
    """The mean outcome of each option."""
    cells = filtered(CELLS.all(workspace._context.store), schema=CELLS.schema).to_pylist()
    goal = [cell for cell in cells if cell["metric"] == "goal"]
    units, total = Counter[str](), Counter[str]()
    for cell in goal:
        units[cell["option"]] += cell["n"]
        total[cell["option"]] += cell["sum"]
    return {option: total[option] / units[option] for option in units}


def lived(
    workspace: lp.OpenWorkspace,
    root: Path,
    *ids: str,
    at: str = "2026-11-03 09:00:00",
    until: date = date(2026, 11, 20),
) -> None:
    """Everybody met an offer, and the days after it are closed."""
    rows = [f"{id_},{at},{('gift', 'sale')[n % 2]}" for n, id_ in enumerate(ids)]
    workspace.ingest(file(root, "met.csv", "id,at,opt", *rows), source="test")
    workspace.run(until=until)
