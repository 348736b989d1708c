"""Step 3: cells become evidence: a day's units are played by the ledger of their day, once they are complete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.cell import Cells
from living_personas.domain.persona import EVER, Attribute, Persona, PersonaVersion
from living_personas.domain.settings import Promise
from living_personas.domain.value import value
from living_personas.loop.learning.caps import day_caps
from living_personas.loop.relations import filtered, table_of
from living_personas.memory.records import POLICIES, RATIO_ACKNOWLEDGED
from living_personas.memory.tables import CELLS, LEDGER, MEANS, SHARES, WINDOWS
from living_personas.ports import Store
from living_personas.refining.accounts import Accounts, laid_out_for, mature, open_day
from living_personas.refining.at_least import at_least_times
from living_personas.refining.completion import Arrivals, matched_to_age
from living_personas.refining.early import EarlyDays
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel, Shares, day_number, to_date
from living_personas.refining.windows import Windows, mature_early, split, windows_for
from living_personas.stats.arrays import Bools

__all__ = [
    "EvidenceState",
    "Waits",
    "cells_between",
    "complete_rows",
    "entry_for",
    "learn_day",
    "opened_states",
    "panel_of",
    "played_again",
    "proven_times",
    "rows_between",
    "shares_of",
    "shares_of_policies",
    "write_entry",
]


@value
class EvidenceState:
    """The accounts of all subjects whose units are complete after so many days (``wait``), beside their panel."""

    wait: int
    panel: Panel
    accounts: Accounts


Waits = Callable[[Persona, Attribute], int]
"""After how many days the units of an attribute are complete."""


def opened_states(
    versions: Iterable[PersonaVersion],
    before: Iterable[EvidenceState] = (),
    *,
    waits: Waits = Persona.wait_days,
    promise: Promise = "each",
) -> tuple[EvidenceState, ...]:
    """The states of the newest versions: one for each wait, going on from what the states before hold."""
    newest = list(versions)
    old = {state.wait: state for state in before}
    asked = {waits(version.persona, attribute) for version in newest for attribute in version.persona.attributes}
    panels = {wait: panel_of(newest, wait, waits=waits, promise=promise) for wait in sorted(asked)}
    return tuple(_going_on(wait, panel, old.get(wait)) for wait, panel in panels.items())


def panel_of(
    versions: Iterable[PersonaVersion], wait: int, *, waits: Waits = Persona.wait_days, promise: Promise = "each"
) -> Panel:
    """The panel of the subjects whose units are complete after so many days."""
    panel = Panel.of(versions, among=lambda persona, attribute: waits(persona, attribute) == wait, promise=promise)
    return replace(panel, late=np.maximum(wait - panel.epoch - panel.horizon, 0))


def learn_day(
    store: Store, state: EvidenceState, day: date, *, half_life: float | None
) -> tuple[EvidenceState, DayRows]:
    """Play the units whose outcomes are complete at the end of ``day``; the new state, and the units' rows.

    Where an early window was fixed, also what the units came to that have just reached it.
    """
    panel, cohort = state.panel, day - timedelta(days=state.wait)
    accounts = split(state.accounts, _windows(store, panel, day), panel, day=day_number(day))
    cells = cells_between(store, cohort, day, only=cohort)
    shares = shares_of(store, cells)
    rows = DayRows.of(cells, panel, shares)
    if accounts.answered.shape[-1]:
        came = Arrivals.of(cells, panel, shares)
        answered = accounts.answered + came.counted(came.age, accounts.answered.shape)
        accounts = replace(accounts, answered=answered)
    entry = _entry(store, panel, cohort)
    if entry is not None:
        accounts = replace(accounts, sample=accounts.sample.restarted(_acknowledged(store, panel, cohort)))
        accounts = mature(accounts, panel, rows, entry, half_life=half_life)
    accounts = _early(store, accounts, panel, day)
    return EvidenceState(wait=state.wait, panel=panel, accounts=accounts), rows


def write_entry(store: Store, states: Iterable[EvidenceState], day: date, *, budget: float) -> tuple[Entry, ...]:
    """Fix what the bets on the units of ``day`` will use, and write it into the ledger for ever.

    ``budget`` is what a false correction of a belief may cost.
    """
    many = list(states)
    entries = tuple(entry_for(store, each, day) for each in many)
    tables = [entry.to_tables(each.panel) for entry, each in zip(entries, many, strict=True)]
    if tables:
        LEDGER.replace(store, {day: pa.concat_tables([options for options, _ in tables])})
        MEANS.replace(store, {day: pa.concat_tables([means for _, means in tables])})
    number = day_number(day)
    windows = [
        windows_for(each.accounts, each.panel, day=number, budget=budget).to_table(each.panel, number) for each in many
    ]
    if any(table.num_rows for table in windows):
        WINDOWS.replace(store, {day: pa.concat_tables(windows)})
    return entries


def entry_for(store: Store, state: EvidenceState, day: date) -> Entry:
    """What the bets on the units of ``day`` may use: the state, and what is known of units not yet complete."""
    first, last = day - timedelta(days=state.wait), day - timedelta(days=1)
    cells = cells_between(store, first, last)
    shares = shares_of(store, cells)
    young = DayRows.of(cells, state.panel, shares)
    young = young.where(np.asarray(young.cohort >= day_number(first)))
    answered = state.accounts.answered
    if answered.shape[-1]:
        came = Arrivals.of(cells, state.panel, shares)
        came = came.where(np.asarray(came.cohort >= day_number(first)))
        young = matched_to_age(young, came, answered, state.panel, last=day_number(last))
    return open_day(state.accounts, state.panel, day=day_number(day), young=young)


def complete_rows(
    store: Store,
    state: EvidenceState,
    day: date,
    *,
    personas: Iterable[str] | None = None,
    early: EarlyDays | None = None,
) -> DayRows:
    """The rows of all units whose outcomes are complete at the end of ``day``, of some ``personas`` or of all.

    With ``early``, those whose outcomes of an early window are, and these alone.
    """
    cells = cells_between(store, EVER, day, personas=personas)
    if early is not None:
        cells = cells.known_within(early.reach)
    rows = state.accounts.sample.counting(DayRows.of(cells, state.panel, shares_of(store, cells)))
    return rows.where(np.asarray(rows.cohort <= day_number(day) - (state.wait if early is None else early.known)))


def rows_between(store: Store, panel: Panel, first: date, last: date, *, only: date | None) -> DayRows:
    """The rows of the cohorts from ``first`` on, by what was known at the end of ``last``."""
    cells = cells_between(store, first, last, only=only)
    return DayRows.of(cells, panel, shares_of(store, cells))


def cells_between(
    store: Store, first: date, last: date, *, only: date | None = None, personas: Iterable[str] | None = None
) -> Cells:
    """The cells of the outcome days ``first`` to ``last``, of one cohort if ``only`` is given, of some ``personas``."""
    table = table_of(CELLS.read(store, first, last), CELLS.schema)
    if only is not None:
        table = table.filter(pc.equal(table["cohort"], pa.scalar(only)))
    if personas is not None:
        wanted = pa.array(sorted(set(personas)), type=pa.string())
        table = table.filter(pc.is_in(table["persona"], value_set=wanted))
    return Cells(table=table)


def proven_times(store: Store, state: EvidenceState, a: int, day: date, *, new: int, alpha: float) -> float | None:
    """The lower bound of how many times as good an option is as the current value of a subject.

    The ledger and the cells of the definition are played again, once for each margin.
    """
    panel = state.panel.repeated(a, np.ones(1))
    first, last = to_date(int(panel.since[0])), day - timedelta(days=state.wait)
    return at_least_times(panel, played_again(store, panel, first, last, known=day), new=new, bar=1 / alpha)


def played_again(
    store: Store, panel: Panel, first: date, last: date, *, known: date
) -> Iterator[tuple[Entry, DayRows]]:
    """The ledger and the units of the days ``first`` to ``last`` for a panel of one subject, by what is ``known``."""
    [subject] = panel.subjects
    cells = cells_between(store, first, known, personas=[subject.persona]).of_attribute(subject.attribute)
    rows = DayRows.of(cells, panel, shares_of(store, cells))
    about = (pc.field("persona") == subject.persona) & (pc.field("attribute") == subject.attribute)
    options, means = (filtered(each.read(store, first, last), about, each.schema) for each in (LEDGER, MEANS))
    for each in sorted(set(options["day"].to_pylist())):
        entry = Entry.from_tables(
            _of_day(options, each),
            _of_day(means, each),
            panel=panel,
            day=day_number(each),
            caps=day_caps(store, panel, each),
        )
        yield entry, rows.where(np.asarray(rows.cohort == entry.day))


def shares_of(store: Store, cells: Cells) -> Shares:
    """The shares under every policy that the cells name and that is known."""
    return shares_of_policies(store, cells.table["policy"].unique().to_pylist())


def shares_of_policies(store: Store, policies: Iterable[str]) -> Shares:
    """The shares under every one of these policies that is known."""
    names = [name for name in policies if name]
    known = set(POLICIES.names(store)).intersection(names)
    shares = {name: POLICIES.read(store, name) or {} for name in names if name in known}
    days = sorted({date.fromisoformat(name[:10]) for name in names if name not in shares and _begins_with_day(name)})
    if days:
        own = table_of(SHARES.read(store, days[0], days[-1]), SHARES.schema)
        columns = (own[column].to_pylist() for column in ("policy", "option", "share"))
        wanted = set(names)
        for policy, option, share in zip(*columns, strict=True):
            if policy in wanted:
                shares.setdefault(policy, {})[option] = share
    return shares


def _going_on(wait: int, panel: Panel, before: EvidenceState | None) -> EvidenceState:
    accounts = laid_out_for(panel, before.accounts, before.panel) if before else Accounts.first_day(panel)
    return EvidenceState(wait=wait, panel=panel, accounts=accounts)


def _entry(store: Store, panel: Panel, day: date) -> Entry | None:
    if day < EVER:
        return None
    options = table_of(LEDGER.read(store, day, day))
    means = table_of(MEANS.read(store, day, day))
    if not options.num_rows:
        return None
    caps = day_caps(store, panel, day)
    return Entry.from_tables(options, means, panel=panel, day=day_number(day), caps=caps)


def _acknowledged(store: Store, panel: Panel, day: date) -> Bools:
    """The subjects whose shares are checked anew from the units of a day on, since a person said so."""
    days = {name: held for name, held in RATIO_ACKNOWLEDGED.all(store).items() if day in held}
    return np.array([str(subject) in days for subject in panel.subjects], dtype=bool)


def _windows(store: Store, panel: Panel, day: date) -> Windows:
    """The early windows that were fixed for a day."""
    return Windows.from_table(table_of(WINDOWS.read(store, day, day), WINDOWS.schema), panel)


def _early(store: Store, accounts: Accounts, panel: Panel, day: date) -> Accounts:
    """The accounts after the units that have reached their early window at the end of ``day``."""
    days = accounts.early.days(panel)
    for each in sorted({days[a] for a in np.flatnonzero(accounts.early.chosen).tolist()}):
        cohort = day - timedelta(days=each.known)
        entry, fixed = _entry(store, panel, cohort), _windows(store, panel, cohort)
        if entry is not None and (fixed.days > 0).any():
            rows = rows_between(store, panel, cohort, cohort + timedelta(days=each.reach), only=cohort)
            same = np.array([other == each for other in days], dtype=bool)
            which = np.asarray(accounts.early.chosen & same & (fixed.days > 0))
            accounts = mature_early(accounts, panel, accounts.sample.counting(rows), entry, which=which)
    return accounts


def _of_day(table: pa.Table, day: date) -> pa.Table:
    return table.filter(pc.equal(table["day"], pa.scalar(day)))


def _begins_with_day(name: str) -> bool:
    try:
        date.fromisoformat(name[:10])
    except ValueError:
        return False
    return True
