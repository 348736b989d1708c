"""What the fold says of a few rows, told one by one."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from engines.folding import ENGINE, FIRST, LAST, PASS, PERSONAS, PROPERTY, START, folded, outcome, refund, unit, write
from engines.linking import links_of
from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.cell import CELL_SUMS, GOAL
from living_personas.domain.goal import DAY, Guardrail
from living_personas.domain.persona import EVER, Persona
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines import sql_engine
from living_personas.engines.duckdb.session import Session
from living_personas.errors import EngineError


def test_more_days_than_one_pass_takes_are_those_of_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units and what they did lie on both sides of where one pass ends and the next begins."""
    monkeypatch.setattr(sql_engine, "DAYS", PASS)
    starts = [START + timedelta(days=number) for number in range(2 * PASS + 5)]
    units = [unit(customer=f"c{n}", time=start) for n, start in enumerate(starts)]
    outcomes = [
        outcome(customer=f"c{n}", message_id=f"{n} {hours}", time=start + timedelta(hours=hours))
        for n, start in enumerate(starts)
        for hours in (2, 30, 50)
    ]
    end = FIRST + timedelta(days=2 * PASS + 9)
    each = [folded(units, outcomes, {}, day, day) for day in (FIRST + n * DAY for n in range((end - FIRST).days + 1))]
    whole = folded(units, outcomes, {}, FIRST, end)
    assert whole.table.equals(pa.concat_tables(cells.table for cells in each))
    assert len({row["outcome_day"] for row in whole.table.to_pylist()}) > 2 * PASS


def test_decades_without_anything_are_no_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for all days there ever were begins with the first unit, and ends with the last thing done."""
    passes = list[dict[str, date]]()
    tell = Session.tell

    def told(talk: Session, **days: date) -> None:
        passes.extend([days] if days else [])
        tell(talk, **days)

    monkeypatch.setattr(Session, "tell", told)
    for units, outcomes in (([unit()], [outcome()]), ([unit()], []), ([], [outcome()]), ([], [])):
        passes.clear()
        ever = folded(units, outcomes, {}, EVER, date(2200, 1, 1))
        assert len(passes) == 1
        assert ever.table.equals(folded(units, outcomes, {}).table)


def test_paths_are_taken_literally(tmp_path: Path) -> None:
    """A star in a path is a star, and a folder that looks like a partition is a folder."""
    folder = tmp_path / "day=2020-01-01"
    folder.mkdir()
    for name, customer in (("*", "ann"), ("decoy", "bob")):
        write(folder, [unit(customer=customer)], UNIT_SCHEMA, f"units {name}")
        write(folder, [outcome(customer=customer)], EVENT_SCHEMA, f"events {name}")
    units, events = (str(folder / f"{kind} *.parquet") for kind in ("units", "events"))
    found = ENGINE.fold(FIRST, LAST, units=(units,), events=(events,), links=links_of({}), personas=PERSONAS)
    assert found.table.equals(folded([unit()], [outcome()], {}).table)


def test_sums_are_exact_whatever_their_order() -> None:
    """A thousand tenths: as doubles, added up one after another, they would depend on their order."""
    units = [unit(customer=f"c{number}") for number in range(1000)]
    outcomes = [
        outcome(customer=f"c{number}", message_id=str(number), properties=json.dumps({PROPERTY: number / 10}))
        for number in range(1000)
    ]
    cells = [folded(units, rows, {}).table for rows in (outcomes, outcomes[::-1], outcomes[500:] + outcomes[:500])]
    assert cells[0].equals(cells[1])
    assert cells[0].equals(cells[2])
    goals = [row for row in cells[0].to_pylist() if row["metric"] == GOAL]
    n, s, total, squares = (sum(row[name] for row in goals) for name in CELL_SUMS)
    assert (n, s) == (1000, 1000)
    assert total == pytest.approx(sum(min(number / 10, 10) for number in range(1000)), rel=1e-13)
    assert squares == pytest.approx(sum(min(number / 10, 10) ** 2 for number in range(1000)), rel=1e-13)


def test_an_outcome_counts_for_every_unit_that_waits_for_it() -> None:
    """Whosoever's persona it is, and at the instant of the next exposure, too."""
    then = START + timedelta(hours=3)
    units = [
        unit(persona="spender's", epoch="1", option="a"),
        unit(persona="reader", epoch="2", option="b", time=then),
        unit(persona="spender's", epoch="3", option="c", time=then),
        unit(persona="spender's", epoch="4", option="d", time=then + timedelta(microseconds=1)),
    ]
    for order in (units, units[::-1]):
        table = folded(order, [outcome(time=then)], {}).table.to_pylist()
        assert sorted(row["option"] for row in table if row["metric"] == GOAL and row["s"]) == ["a", "b", "c"]


def test_two_units_of_an_epoch_that_a_link_made_one_customers_count_each() -> None:
    units = [unit(option="a"), unit(customer="anonymous", option="b")]
    table = folded(units, [outcome()], {"anonymous": "ann"}).table.to_pylist()
    goals = [row for row in table if row["metric"] == GOAL]
    for option in ("a", "b"):
        assert [sum(row[name] for row in goals if row["option"] == option) for name in ("n", "s")] == [1, 1]


def test_a_week_waits_from_its_seventh_day_on() -> None:
    """The same epoch met on Monday and on Sunday waits for the same outcomes: until two days after Sunday."""
    monday = datetime(2026, 3, 30, 8, tzinfo=UTC)
    ends = datetime(2026, 4, 7, 22, tzinfo=UTC)  # midnight after Tuesday
    for met in (monday, monday + timedelta(days=6)):
        waiting = [unit(epoch="2026-03-30", time=met)]
        for bought, counts in ((ends - timedelta(seconds=1), 1), (ends, 0)):
            found = folded(waiting, [outcome(time=bought)], {}, last=date(2026, 4, 20)).table.to_pylist()
            assert sum(row["s"] for row in found if row["metric"] == GOAL) == counts


def test_what_was_paid_back_was_not_won() -> None:
    paid = [outcome(message_id="1"), outcome(message_id="2", time=START + timedelta(hours=3), properties=refund(-8))]
    found = [row for row in folded([unit()], paid, {}).table.to_pylist() if row["metric"] == GOAL]
    assert sum(row["s"] for row in found) == 1
    assert sum(row["sum"] for row in found) == 0.0
    first = folded([unit()], [outcome(properties=refund(-8))], {}).table.to_pylist()
    assert sum(row["sum"] for row in first) == 0.0


def test_a_day_of_23_hours_does_not_lengthen_the_window() -> None:
    """48 hours after half past eleven on the eve of the change end on the third local day, one hour too late."""
    exposed = datetime(2026, 3, 27, 22, 30, tzinfo=UTC)  # 23:30 local; the horizon of two days ends with 29 March
    units = [unit(time=exposed)]
    on_the_edge = outcome(time=exposed + timedelta(hours=48))  # 00:30 local on 30 March
    before_it = outcome(time=exposed + timedelta(hours=47, minutes=29))
    assert on_the_edge["day"] == date(2026, 3, 30)
    assert sum(row["s"] for row in folded(units, [on_the_edge], {}).table.to_pylist()) == 0
    assert sum(row["s"] for row in folded(units, [before_it], {}).table.to_pylist()) == 1


def test_a_guardrail_on_a_value_needs_a_bound() -> None:
    rail = Guardrail(metric="margin", event="bought", value="margin", share=0.1)
    persona = Persona(id="p", name="P", who="true", goal=PERSONAS[1].goal, guardrails=(rail,))
    with pytest.raises(EngineError, match="at_most"):
        ENGINE.fold(FIRST, LAST, units=(), events=(), links=links_of({}), personas=[persona])


def test_nothing_folds_to_nothing() -> None:
    assert len(ENGINE.fold(FIRST, LAST, units=(), events=(), links=links_of({}), personas=PERSONAS)) == 0
    assert len(ENGINE.fold(FIRST, LAST, units=(), events=(), links=links_of({}), personas=())) == 0
