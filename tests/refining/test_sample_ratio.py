"""Units must come as the policy says: alarms that stay, and strata that are set aside without holding up the others."""

from __future__ import annotations

import numpy as np

from living_personas.memory.account_blocks import accounts_from, block_of
from living_personas.refining.accounts import Accounts, mature, open_day, restart
from living_personas.refining.panel import DayRows, Panel
from living_personas.refining.sample_ratio import SampleRatio
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums
from living_personas.stats.quality import RATIO_ALARM
from refining.panels import panel_of, persona

PANEL: Panel = panel_of(persona(options=(2,)))
HALF = np.array([0.5, 0.5])


def a_day(day: int, *shares: Floats, units: int = 500, rng: np.random.Generator | None = None) -> DayRows:
    """A stratum for each of the ``shares`` in which units really come; the policy says half and half."""
    counts = [units * each if rng is None else rng.multinomial(units, each) for each in shares]
    n = np.array(counts, dtype=np.float64)
    return DayRows(
        subject=np.zeros(len(shares), dtype=np.int64),
        cohort=np.full(len(shares), day),
        stratum=tuple(f"|s{number}" for number in range(len(shares))),
        sums=Sums(n, n * 0.1, n * 0.1),
        shares=np.broadcast_to(HALF, n.shape).copy(),
    )


def lived(*days: tuple[Floats, ...]) -> SampleRatio:
    sample = SampleRatio.none(1, 2)
    for number, shares in enumerate(days):
        sample = sample.after(sample.counting(a_day(number, *shares)), day=number)
    return sample


SKEWED, OTHER_WAY = np.array([0.6, 0.4]), np.array([0.4, 0.6])


def test_an_alarm_stays_when_its_account_sinks() -> None:
    """The control is the account itself: it falls far below the bar, and would have switched the alarm off."""
    sample = lived(*[(SKEWED,)] * 12, *[(OTHER_WAY,)] * 12)
    assert sample.is_alarming.all()
    assert sample.log[0] < np.log(RATIO_ALARM)


def test_an_alarm_ends_when_somebody_acknowledges_it_or_the_definition_begins_anew() -> None:
    alarmed = lived(*[(SKEWED,)] * 12)
    assert not alarmed.restarted(np.array([True])).is_alarming.any()
    accounts = Accounts.first_day(PANEL)
    for day in range(20_600, 20_612):
        accounts = mature(accounts, PANEL, a_day(day, SKEWED), open_day(accounts, PANEL, day=day), half_life=None)
    assert accounts.sample.is_alarming.all()
    assert accounts_from(block_of(accounts)).sample.is_alarming.all()
    assert not restart(accounts, PANEL, np.array([True])).sample.is_alarming.any()
    assert restart(accounts, PANEL, np.array([False])).sample.is_alarming.all()


def test_a_stratum_with_other_shares_is_set_aside_and_the_others_go_on() -> None:
    sample = lived(*[(HALF, HALF, SKEWED)] * 30)
    assert sample.set_aside() == {0: ("|s2",)}
    assert not sample.is_alarming.any()
    day = int(sample.aside[2])
    assert (
        len(sample.counting(a_day(day, HALF, HALF, SKEWED))) == 3
    )  # its units of that day were known with the others'
    assert sample.counting(a_day(day + 1, HALF, HALF, SKEWED)).stratum == ("|s0", "|s1")
    control = SampleRatio.none(1, 2)  # without setting it aside, everything would be held
    for number in range(30):
        rows = a_day(number, HALF, HALF, SKEWED)
        together = DayRows(
            subject=rows.subject[:1],
            cohort=rows.cohort[:1],
            stratum=("|",),
            sums=Sums(*(part.sum(0, keepdims=True) for part in rows.sums)),
            shares=rows.shares[:1],
        )
        control = control.after(together, day=number)
    assert control.is_alarming.all()


def test_the_only_stratum_is_never_set_aside_but_alarming() -> None:
    sample = lived(*[(SKEWED,)] * 30)
    assert not sample.set_aside()
    assert sample.is_alarming.all()


def test_where_units_come_as_they_should_nothing_is_alarming_or_set_aside() -> None:
    """100 attributes of five strata for 40 days; promised are two false ones in 1000."""
    rng = np.random.Generator(np.random.PCG64(11))
    wrong = 0
    for _ in range(100):
        sample = SampleRatio.none(1, 2)
        for day in range(40):
            sample = sample.after(sample.counting(a_day(day, *[HALF] * 5, units=100, rng=rng)), day=day)
        wrong += bool(sample.set_aside()) or bool(sample.is_alarming.any())
    assert wrong <= 1
