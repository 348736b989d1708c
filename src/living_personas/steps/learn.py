"""Step 3: cells become evidence: a day's units are played by the ledger of their day, once they are complete."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.cell import CELL_SCHEMA, Cells
from living_personas.domain.persona import EVER, PersonaVersion
from living_personas.domain.value import value
from living_personas.refining.accounts import Accounts, laid_out_for, mature, open_day
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel, Shares, day_number
from living_personas.steps.parts import Parts
from living_personas.steps.record import POLICY
from living_personas.steps.tables import table_of

__all__ = [
    "Books",
    "cells_between",
    "complete_rows",
    "entry_for",
    "learn_day",
    "open_books",
    "rows_between",
    "shares_of",
    "write_entry",
]


@value
class Books:
    """The accounts of all subjects whose goals have one horizon (in days), beside their panel."""

    horizon: int
    panel: Panel
    accounts: Accounts


def open_books(versions: Iterable[PersonaVersion], before: Iterable[Books] = ()) -> tuple[Books, ...]:
    """The books of the newest versions: one for each horizon, going on from what the books before hold."""
    newest = list(versions)
    old = {books.horizon: books for books in before}
    return tuple(
        _going_on(horizon, Panel.of(v for v in newest if v.persona.goal.horizon_days == horizon), old.get(horizon))
        for horizon in sorted({version.persona.goal.horizon_days for version in newest})
    )


def learn_day(parts: Parts, books: Books, day: date) -> tuple[Books, DayRows]:
    """Play the units whose outcomes are complete at the end of ``day``; the new books, and the units' rows."""
    cohort = day - timedelta(days=books.horizon)
    rows = rows_between(parts, books.panel, cohort, day, only=cohort)
    entry = _entry(parts, books.panel, cohort)
    if entry is None:
        return books, rows
    half_life = parts.settings.half_life_days
    accounts = mature(books.accounts, books.panel, rows, entry, half_life=half_life)
    return Books(horizon=books.horizon, panel=books.panel, accounts=accounts), rows


def write_entry(parts: Parts, books: Iterable[Books], day: date) -> tuple[Entry, ...]:
    """Fix what the bets on the units of ``day`` will use, and write it into the ledger for ever."""
    many = list(books)
    entries = tuple(entry_for(parts, each, day) for each in many)
    tables = [entry.to_tables(each.panel) for entry, each in zip(entries, many, strict=True)]
    if tables:
        parts.store.partitions.replace("ledger", {day: pa.concat_tables([options for options, _ in tables])})
        parts.store.partitions.replace("means", {day: pa.concat_tables([means for _, means in tables])})
    return entries


def entry_for(parts: Parts, books: Books, day: date) -> Entry:
    """What the bets on the units of ``day`` may use: the books, and what is known of units not yet complete."""
    first = day - timedelta(days=books.horizon)
    young = rows_between(parts, books.panel, first, day - timedelta(days=1))
    young = young.where(np.asarray(young.cohort >= day_number(first)))
    return open_day(books.accounts, books.panel, day=day_number(day), young=young)


def complete_rows(parts: Parts, books: Books, day: date) -> DayRows:
    """The rows of all units whose outcomes are complete at the end of ``day``."""
    rows = rows_between(parts, books.panel, EVER, day)
    return rows.where(np.asarray(rows.cohort <= day_number(day) - books.horizon))


def rows_between(parts: Parts, panel: Panel, first: date, last: date, *, only: date | None = None) -> DayRows:
    """The rows of the cohorts from ``first`` on, by what was known at the end of ``last``."""
    cells = cells_between(parts, first, last, only=only)
    return DayRows.of(cells, panel, shares_of(parts, cells))


def cells_between(
    parts: Parts, first: date, last: date, *, only: date | None = None, persona: str | None = None
) -> Cells:
    """The cells of the outcome days ``first`` to ``last``, of one cohort if ``only`` is given, of one ``persona``."""
    table = table_of(parts.store.partitions.read("cells", first, last), CELL_SCHEMA)
    if only is not None:
        table = table.filter(pc.equal(table["cohort"], pa.scalar(only)))
    if persona is not None:
        table = table.filter(pc.equal(table["persona"], persona))
    return Cells(table=table)


def shares_of(parts: Parts, cells: Cells) -> Shares:
    """The shares under every policy that the cells name and that is known."""
    names = [name for name in cells.table["policy"].unique().to_pylist() if name]
    known = set(parts.store.facts.keys(POLICY))
    logged = {name: parts.store.facts.get(POLICY + name) for name in names if POLICY + name in known}
    shares: dict[str, dict[str, float]] = {name: json.loads(block) for name, block in logged.items() if block}
    days = sorted({date.fromisoformat(name[:10]) for name in names if name not in shares and _begins_with_day(name)})
    if days:
        own = table_of(parts.store.partitions.read("policies", days[0], days[-1]))
        columns = (own[column].to_pylist() for column in ("policy", "option", "share"))
        wanted = set(names)
        for policy, option, share in zip(*columns, strict=True):
            if policy in wanted:
                shares.setdefault(policy, {})[option] = share
    return shares


def _going_on(horizon: int, panel: Panel, before: Books | None) -> Books:
    accounts = laid_out_for(panel, before.accounts, before.panel) if before else Accounts.first_day(panel)
    return Books(horizon=horizon, panel=panel, accounts=accounts)


def _entry(parts: Parts, panel: Panel, day: date) -> Entry | None:
    if day < EVER:
        return None
    options = table_of(parts.store.partitions.read("ledger", day, day))
    means = table_of(parts.store.partitions.read("means", day, day))
    if not options.num_rows:
        return None
    return Entry.from_tables(options, means, panel=panel, day=day_number(day))


def _begins_with_day(name: str) -> bool:
    try:
        date.fromisoformat(name[:10])
    except ValueError:
        return False
    return True
