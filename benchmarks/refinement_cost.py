"""What a day of 15,000 hypotheses costs: CPU seconds of each part, and of a year (5,000 subjects of four options)."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from spent import peak_gigabytes

from living_personas.deciding.allocate import shares
from living_personas.deciding.next_snapshot import policy_table
from living_personas.domain.cell import CELL_SCHEMA, Cells
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona
from living_personas.memory.account_blocks import accounts_from, block_of
from living_personas.refining.accounts import Accounts, mature, open_day
from living_personas.refining.apply import baseline
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel, day_number

OPTIONS = ("a", "b", "c", "d")
AN_ATTRIBUTE_EACH = 50
FIRST = date(2026, 1, 1)


def main() -> None:
    """Print the seconds a day of each part, those of the arrays in a year, and the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=5000)
    parser.add_argument("--days", type=int, default=12)
    asked = parser.parse_args()
    spent: dict[str, float] = defaultdict(float)
    _live(asked.subjects, asked.days, spent)
    for name, seconds in spent.items():
        sys.stdout.write(f"{name:<28}{seconds / asked.days:8.3f} s a day\n")
    arrays = sum(seconds for name, seconds in spent.items() if name.startswith("arrays")) / asked.days
    found = {
        "hypotheses": asked.subjects * (len(OPTIONS) - 1),
        "array_seconds_a_year": round(365 * arrays, 1),
        "seconds_a_day": round(sum(spent.values()) / asked.days, 3),
        "peak_gb": round(peak_gigabytes(), 2),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def _live(subjects: int, days: int, spent: dict[str, float]) -> None:
    panel = Panel.of(baseline(each, day=FIRST) for each in _personas(subjects))
    accounts = Accounts.first_day(panel)
    generator = np.random.Generator(np.random.PCG64(1))
    open_day(accounts, panel, day=0)
    for number in range(days):
        day = FIRST + timedelta(days=number)
        table = _cells(panel, day, generator)
        known = {policy: dict.fromkeys(OPTIONS, 1 / len(OPTIONS)) for policy in table["policy"].unique().to_pylist()}
        lap = _timed(spent)
        with lap("rows of the day's cells"):
            rows = DayRows.of(Cells(table=table), panel, known)
        with lap("arrays: open_day"):
            entry = open_day(accounts, panel, day=day_number(day))
        with lap("ledger: written"):
            tables = entry.to_tables(panel)
        with lap("ledger: read"):
            entry = Entry.from_tables(*tables, panel=panel, day=day_number(day))
        with lap("arrays: mature"):
            accounts = mature(accounts, panel, rows, entry, half_life=None)
        with lap("accounts: bytes and back"):
            accounts = accounts_from(block_of(accounts))
        with lap("tables"):
            shared = shares(
                entry.prob_best, mask=panel.mask, current=panel.current, pair=entry.tested, proven=panel.proven
            )
            for subject, row in zip(panel.subjects, shared.tolist(), strict=True):
                policy_table(subject, row, day=day, snapshot=1)


def _timed(spent: dict[str, float]) -> Callable[[str], AbstractContextManager[None]]:
    @contextmanager
    def lap(name: str) -> Iterator[None]:
        began = time.process_time()
        yield
        spent[name] += time.process_time() - began

    return lap


def _personas(subjects: int) -> Iterator[Persona]:
    attributes = tuple(Attribute(name=f"a{i}", options=OPTIONS, believed="a") for i in range(AN_ATTRIBUTE_EACH))
    goal = Goal(event="Order Completed", within=timedelta(days=7))
    for number in range(subjects // AN_ATTRIBUTE_EACH):
        yield Persona(id=f"p{number:04d}", name="P", who="x >= 1", goal=goal, attributes=attributes)


def _cells(panel: Panel, day: date, generator: np.random.Generator) -> pa.Table:
    n = generator.integers(20, 60, panel.mask.shape)
    won = generator.binomial(n, 0.05)
    each = [subject for subject in panel.subjects for _ in OPTIONS]
    count = len(each)
    columns = {
        "outcome_day": pa.array([day] * count, pa.date32()),
        "persona": [subject.persona for subject in each],
        "attribute": [subject.attribute for subject in each],
        "metric": ["goal"] * count,
        "option": [*OPTIONS] * len(panel),
        "cohort": pa.array([day] * count, pa.date32()),
        "channel": [""] * count,
        "stratum": [""] * count,
        "policy": [f"{day}/1/{subject}" for subject in each],
        "n": n.ravel(),
        "s": won.ravel(),
        "sum": won.ravel().astype(float),
        "sum_sq": won.ravel().astype(float),
    }
    return pa.table(columns).cast(CELL_SCHEMA)


if __name__ == "__main__":
    main()
