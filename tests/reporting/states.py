"""One workspace in which a persona stands in each state that a belief can be in: lived, and decided by people."""

from __future__ import annotations

import csv
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from discovery.made import silent_users
from living_personas.cli import app
from living_personas.cli.failures import code_of
from living_personas.domain.belief import Subject
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.loop.context import Context
from living_personas.loop.segments.discovery import settle_segment
from living_personas.people.acting import approve, pin, roll_back
from living_personas.people.person import Person
from living_personas.people.person_accounts import add_person
from living_personas.people.proposing import propose
from living_personas.wiring import open_context
from loop.searches import searched

DAYS, TURN, A_DAY = 19, 6, 40
_FIRST = date(2026, 3, 1)
CUSTOMERS = {"turned": 80, "unknown": 4, "small": 80}
"""Customers a day, where it is not ``A_DAY``."""

NOW = datetime(2026, 3, 21, 10, 15, tzinfo=UTC)
ADA = Person(by="Ada", now=NOW, owner="desk")

_SETTINGS = """\
name: Shop
salt: a-salt-for-tests-only
metrics:
  left: {event: Left, within: 1 day}
sources:
  orders:
    customer: customer_id
    message_id: customer_id
    time: at
    traits: [state]
    exposure: {attribute: framing, option: framing, propensity: 1/2}
    outcomes: {bought: Order Completed, left: Left}
    complete: true
"""

_PERSONA = """\
persona: {id}
name: Name of {id}
who: state = '{id}'
goal: {{event: Order Completed, within: 1 day}}
attributes:
  framing:
    options: [discount, quality]
    we_believe: discount
    confidence: hunch
    assign: always
    change: {change}
{more}"""

_SMALL = "    worth_changing: 90%\n"
_GUARDED = "guardrails:\n  - {metric: left, must_not_rise_by: 2pp}\n"

EVEN, BETTER, WORSE = (0.2, 0.2), (0.1, 0.4), (0.4, 0.1)

STATES: dict[str, tuple[tuple[float, float], tuple[float, float], str, str]] = {
    "opinion": (EVEN, EVEN, "auto", ""),
    "corrected": (BETTER, BETTER, "auto", ""),
    "waiting": (BETTER, BETTER, "review", ""),
    "turned": (WORSE, BETTER, "auto", ""),
    "pinned": (EVEN, EVEN, "auto", ""),
    "back-to-opinion": (EVEN, EVEN, "auto", ""),
    "back-to-proof": (BETTER, BETTER, "auto", ""),
    "restored": (BETTER, BETTER, "auto", _GUARDED),
    "discovered": (EVEN, EVEN, "auto", ""),
    "confirmed": (WORSE, WORSE, "auto", ""),
    "leaning": ((0.2, 0.24), (0.2, 0.24), "auto", ""),
    "unknown": (EVEN, EVEN, "auto", ""),
    "small": ((0.2, 0.3), (0.2, 0.3), "auto", _SMALL),
    "undecided": ((0.2, 0.35), (0.2, 0.35), "auto", _SMALL),
}
"""What sells with discount and with quality, before the turn and after it; and what people wrote."""


def lived(folder: Path) -> Path:
    """The workspace, after the last act of people."""
    (folder / "personas").mkdir(parents=True)
    (folder / "workspace.yaml").write_text(_SETTINGS)
    for id_, (_, _, change, more) in STATES.items():
        (folder / "personas" / f"{id_}.yaml").write_text(_PERSONA.format(id=id_, change=change, more=more))
    _as_discovered(folder)
    rows = folder.parent / f"{folder.name}.csv"
    with rows.open("w", newline="") as file:
        csv.writer(file).writerows([["customer_id", "at", "state", "framing", "bought", "left"], *_rows()])
    assert code_of(lambda: app(["ingest", str(rows), "--workspace", str(folder)])) == 0
    assert code_of(lambda: app(["run", "--workspace", str(folder)])) in (0, 3)
    _, context = open_context(folder)
    with closing(context.store):
        _decide(context)
    return folder


def _rows() -> list[list[str]]:
    """As many customers of each state on each day, half of them with each option."""
    dice = {state: np.random.Generator(np.random.PCG64([15, len(state), *state.encode()])) for state in STATES}
    rows = []
    for day in range(DAYS):
        for state, (before, after, _, _) in STATES.items():
            rates = before if day < TURN else after
            rng = dice[state]
            for number in range(CUSTOMERS.get(state, A_DAY)):
                option = int(rng.random() < 0.5)
                leaves = 0.5 if state == "restored" and option else 0.02
                bought, left = rng.random() < rates[option], rng.random() < leaves
                name = ("discount", "quality")[option]
                at = (_FIRST + timedelta(days=day)).isoformat()
                rows.append([f"{state}-{day}-{number}", at, state, name, str(int(bought)), str(int(left))])
    return rows


def _as_discovered(folder: Path) -> None:
    """The segment that the machine wrote the persona of, adopted; that discovery finds one is tested elsewhere."""
    _, context = open_context(folder)
    with closing(context.store):
        members = pa.table({"customer": [f"discovered-0-{number}" for number in range(A_DAY)]})
        found = replace(silent_users(members, nearest="unknown"), name="found")
        (segment,) = searched(context, found, day=date(2026, 2, 28))
        settle_segment(context.store, segment, state="adopted", by="Ada", persona="discovered")


def _decide(context: Context) -> None:
    """What people do: opinions, a pin, and going back."""
    _opinion(context, "opinion", "quality")
    pin(context, _framing("pinned"), ADA, value="quality")
    _opinion(context, "back-to-opinion", "quality")
    _opinion(context, "back-to-opinion", "discount")
    roll_back(context, "back-to-opinion", ADA, to=2)
    proven = _newest(context, "back-to-proof").version
    _opinion(context, "back-to-proof", "discount")
    roll_back(context, "back-to-proof", ADA, to=proven)
    for name, role in (("Ada", "approver"), ("Dana", "approver")):
        add_person(context, name, role=role, password="a sentence is good", salt=b"0" * 16, n=2**4)  # type: ignore[arg-type] # noqa: S106


def _opinion(context: Context, persona: str, value: str) -> Refinement:
    made = propose(context, _framing(persona), ADA, value=value, why="I like it.")
    approve(context, made.id, ADA)
    return made


def _newest(context: Context, persona: str) -> PersonaVersion:
    return context.store.versions.history(persona)[-1]


def _framing(persona: str) -> Subject:
    return Subject(persona=persona, attribute="framing")
