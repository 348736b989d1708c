"""An adversary who nominates and pauses as it likes, knowing all earlier days: a bound must hold against it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from living_personas.domain.persona import Persona
from living_personas.refining.accounts import Accounts, mature, open_day
from living_personas.refining.apply import baseline
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel
from living_personas.stats.arrays import Bools, Floats
from living_personas.stats.eprocess import Sums
from worlds.cells import FIRST, persona, rng

OPTIONS, NULL = 12, 1
"""Option 0 is the current value, 1 is no better than it, the ten others are."""

FILLED, FULL = 1.75, 18.8
"""Where a better option is paused, and where all are: the sum needs little more from the worthless one."""


def false_corrections(*, replicates: int, rule: Literal["own", "sum"], seed: int, days: int = 3000) -> int:
    """How many of the worlds are corrected to the option that is no better.

    The better options bet until each has filled its account, then the worthless one is nominated, gets what the
    transfer allows, and bets alone until a correction is made or it has lost everything.
    """
    generator = rng(seed)
    panel = Panel.of([baseline(_believer(i), day=FIRST) for i in range(replicates)])
    shares = np.full((replicates, OPTIONS), 1 / OPTIONS)
    rates = np.array([0.1, 0.1] + [0.13] * (OPTIONS - 2))
    accounts, decided, false = Accounts.first_day(panel), np.zeros(replicates, dtype=bool), 0
    opened = open_day(accounts, panel, day=0)
    for day in range(days):
        accounts = mature(
            accounts, panel, _units(generator, shares, rates, day), _bets(opened, accounts, panel, day), half_life=30.0
        )
        own = accounts.own(panel)
        reached = (own.max(1) if rule == "own" else own.sum(1)) >= 20
        false += int((reached & ~decided & (own.argmax(1) == NULL)).sum())
        decided |= reached
        if decided.all():
            break
    return false


def false_transfers(*, replicates: int, capped: bool, seed: int, days: int = 6000) -> int:
    """How many replicates are corrected to an option that is no better, when nominations are the adversary's.

    Option 1 is better than the current one, 2 and 3 are not. The adversary lets 1 grow, then has it hand over to 2;
    when 2 has lost it, 1 gets the rest back and grows again. All of it uses only what earlier days showed.
    """
    generator = rng(seed)
    panel = Panel.of([baseline(persona(f"p{i:03d}"), day=FIRST) for i in range(replicates)])
    accounts = Accounts.first_day(panel)
    shares = np.full((replicates, 4), 0.25)
    decided = np.zeros(replicates, dtype=bool)
    nominee = np.full(replicates, 1)
    opened = replace(open_day(accounts, panel, day=0), gate=panel.mask & ~panel.is_current)
    false = 0
    for day in range(days):
        if not capped:
            accounts = replace(accounts, principal=np.full_like(accounts.principal, 1e12))
        wealth = accounts.total()
        nominee = np.where(wealth[:, 1] >= 15, 2, np.where(wealth[:, 2] < 5, 1, nominee))
        entry = replace(opened, day=day, nominee=nominee, means=accounts.means)
        units = generator.multinomial(80, shares).astype(float)
        bought = generator.binomial(units.astype(int), [0.03, 0.037, 0.03, 0.03]).astype(float)
        rows = DayRows(
            subject=np.arange(replicates),
            cohort=np.full(replicates, day),
            stratum=("|",) * replicates,
            sums=Sums(units, bought, bought),
            shares=shares,
        )
        accounts = mature(accounts, panel, rows, entry, half_life=30.0)
        own = accounts.own(panel)
        crossed = (own.max(1) >= 20) & ~decided
        false += int((crossed & (own.argmax(1) != 1)).sum())
        decided |= crossed
        if decided.all():
            break
    return false


def _bets(opened: Entry, accounts: Accounts, panel: Panel, day: int) -> Entry:
    """What the adversary writes into the ledger, from what is known of earlier days."""
    own = accounts.own(panel)
    better = np.arange(OPTIONS) > NULL
    filling: Bools = better & (own < FILLED) & (own.sum(1, keepdims=True) < FULL)
    ready = ~filling.any(1) | (accounts.nominee == NULL)
    gate = np.where(ready[:, None], np.arange(OPTIONS) == NULL, filling)
    return replace(opened, day=day, gate=gate, nominee=np.where(ready, NULL, -1), means=accounts.means)


def _units(generator: np.random.Generator, shares: Floats, rates: Floats, day: int) -> DayRows:
    units = generator.multinomial(60, shares)
    bought = generator.binomial(units, rates).astype(float)
    count = len(shares)
    return DayRows(
        subject=np.arange(count),
        cohort=np.full(count, day),
        stratum=("|",) * count,
        sums=Sums(units.astype(float), bought, bought),
        shares=shares,
    )


def _believer(number: int) -> Persona:
    return persona(f"p{number:04d}", options=tuple(f"o{k:02d}" for k in range(OPTIONS)))
