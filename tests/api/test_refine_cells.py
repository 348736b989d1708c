"""Sums in, decisions out: what the loop would have decided, on the same days; and what is left out is named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import living_personas as lp
from living_personas.domain.cell import Cells
from living_personas.domain.refinement import Refinement
from living_personas.errors import (
    IngestError,
    InvalidCellsError,
    InvalidPersonaError,
    InvalidSettingsError,
    LivingPersonasError,
    UnknownNameError,
)
from living_personas.loop.context import Context
from living_personas.loop.learning.learn import shares_of
from living_personas.loop.relations import table_of
from living_personas.memory.tables import CELLS
from living_personas.stats.arrays import Floats
from living_personas.wiring import open_context
from worlds.cells import CellWorld, drawn, persona, rng

pytestmark = pytest.mark.long

pd: Any = pytest.importorskip("pandas")  # it comes without types

ROOT = Path(__file__).parents[2]
FIRST = date(2026, 3, 1)
Frame = dict[str, list[Any]]


def frame_of(context: Context, options: Mapping[tuple[str, str], tuple[str, ...]]) -> pa.Table:
    """A workspace's own cells as an analyst would hold them: a row for every option that could be drawn."""
    table = table_of(CELLS.all(context.store), CELLS.schema)
    table = table.filter(pc.equal(table["metric"], "goal"))
    shares = shares_of(context.store, Cells(table=table))
    known: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = {}
    for row in table.to_pylist():
        place = tuple(row[name] for name in ("persona", "attribute", "cohort", "stratum", "policy", "outcome_day"))
        known.setdefault(place, {})[row["option"]] = row
    rows = [
        {
            "persona": place[0],
            "attribute": place[1],
            "day": place[2],
            "stratum": place[3],
            "policy": place[4],
            "outcome_day": place[5],
            "option": option,
            "n": met[option]["n"] if option in met else 0,
            "s": met[option]["s"] if option in met else 0,
            "share": shares[place[4]][option],
        }
        for place, met in sorted(known.items())
        for option in options[place[0], place[1]]
    ]
    return pa.Table.from_pylist(rows)


def decided(changes: list[Refinement] | tuple[Refinement, ...]) -> list[tuple[object, ...]]:
    """What was decided, when, on how many units, and how."""
    return sorted((str(r.subject), r.day, r.kind, r.old, r.new, r.verdict, r.units) for r in changes)


def test_cells_decide_what_the_loop_decided() -> None:
    known = np.array([[0.05, 0.08, 0.05, 0.04], [0.08, 0.05, 0.05, 0.05], [0.05] * 4] * 4)

    def rates(day: int) -> Floats:
        return known * (1 + 0.4 * float(np.sin(day / 3)))

    names = [f"p{i:02d}" for i in range(12)]
    world = CellWorld([persona(name) for name in names], drawn(rates, seed=3)).run(40)
    loop = world.context.store.refinements.all()
    options = {(name, "framing"): ("o0", "o1", "o2", "o3") for name in names}
    verdicts = lp.refine_cells(frame_of(world.context, options), believed="o0")
    cells = [change for verdict in verdicts for change in verdict.changes]
    assert decided([r for r in cells if r.verdict == "apply"]) == decided([r for r in loop if r.verdict == "apply"])
    wealth = {(str(r.subject), r.day): r.wealth for r in loop}
    assert all(r.wealth == pytest.approx(wealth[str(r.subject), r.day], rel=1e-9) for r in cells)
    found = {verdict.subject: (verdict.verdict, verdict.value) for verdict in verdicts}
    assert {found[f"{name}/framing"] for name in names[::3]} == {("corrected", "o1")}
    assert ("confirmed", "o0") in {found[f"{name}/framing"] for name in names[1::3]}
    for verdict in verdicts:
        if verdict.verdict == "confirmed":
            assert verdict.contender == verdict.changes[-1].rival != "o0"
            assert verdict.effect is not None
            assert verdict.effect.estimate < 0, "the rival brings less than what was believed"
            assert f"{verdict.contender!r} against 'o0': \N{MINUS SIGN}" in str(verdict)


def test_cells_of_a_real_workspace_decide_what_it_decided(tmp_path: Path) -> None:
    copytree(ROOT / "examples" / "orders", tmp_path / "orders")
    generate = [sys.executable, "generate.py", "--out", "orders.csv", "--customers", "6000"]
    subprocess.run(generate, cwd=tmp_path / "orders", check=True, capture_output=True)
    with lp.open(tmp_path / "orders", clock=lambda: datetime(2026, 4, 20, tzinfo=UTC)) as ws:
        ws.ingest(tmp_path / "orders" / "orders.csv")
        loop = ws.refine()
        goal = ws.files.personas[0].goal
        beliefs = {(p.id, a.name): a for p in ws.files.personas for a in p.attributes}
    _, context = open_context(tmp_path / "orders")
    frame = frame_of(context, {subject: a.options for subject, a in beliefs.items()})
    context.store.close()
    confidence = {a.confidence for a in beliefs.values()}
    assert len(confidence) == 1
    verdicts = lp.refine_cells(
        frame,
        believed={"/".join(subject): a.believed for subject, a in beliefs.items()},
        horizon=goal.horizon_days,
        confidence=confidence.pop(),
    )
    assert [r.kind for r in loop if r.kind == "correct"]
    assert decided([c for v in verdicts for c in v.changes]) == decided([r for r in loop if r.kind != "measure"])


def days_of(rates: Mapping[str, float], *, days: int = 30, units: int = 400, seed: int = 1) -> Frame:
    """Days of a plain experiment with even shares."""
    chance, rows = rng(seed), []
    for day in range(days):
        for option, rate in rates.items():
            n = int(chance.poisson(units))
            rows.append((FIRST + timedelta(days=day), option, n, int(chance.binomial(n, rate)), 1 / len(rates)))
    names = ("day", "option", "n", "s", "share")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


AB = days_of({"plain": 0.03, "question": 0.05})


@pytest.mark.parametrize("made", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"])
def test_any_frame_gives_the_same_answer(made: Callable[[Frame], object]) -> None:
    verdicts = lp.refine_cells(made(AB), believed="plain")
    assert repr(verdicts) == repr(lp.refine_cells(pa.table(AB), believed="plain"))
    (verdict,) = verdicts
    assert (verdict.verdict, verdict.value, verdict.effect is not None) == ("corrected", "question", True)
    assert verdict.account >= 20
    assert verdict.day is not None
    assert verdict.day > FIRST
    table = pl.DataFrame(verdicts)
    assert table["verdict"].to_list() == ["corrected"]
    assert table["units"].to_list() == [verdict.units]


def test_days_may_be_texts_and_moments() -> None:
    texts = pa.table(AB | {"day": [day.isoformat() for day in AB["day"]]})
    moments = pd.DataFrame(AB).assign(day=lambda frame: pd.to_datetime(frame["day"]))
    assert repr(lp.refine_cells(texts, believed="plain")) == repr(lp.refine_cells(moments, believed="plain"))


@given(seed=st.integers(0, 1000), rate=st.sampled_from([0.03, 0.05, 0.1]))
@settings(max_examples=10, deadline=None)
def test_snapshots_that_add_up_say_what_their_days_say(seed: int, rate: float) -> None:
    daily = pd.DataFrame(days_of({"plain": 0.03, "question": rate}, days=12, seed=seed))
    summed = daily.assign(**{name: daily.groupby("option")[name].cumsum() for name in ("n", "s")})
    from_days, from_snapshots = (
        lp.refine_cells(daily, believed="plain"),
        lp.refine_cells(summed, believed="plain", cumulative=True),
    )
    assert repr(from_days) == repr(from_snapshots)


def test_nothing_is_known_while_nothing_differs_and_the_wait_is_the_horizon() -> None:
    frame = pa.table(days_of({"plain": 0.03, "question": 0.03}, seed=2))
    (verdict,) = lp.refine_cells(frame, believed="plain")
    assert (verdict.verdict, verdict.value, verdict.day) == ("not yet known", "plain", None)
    assert "Not yet known" in repr(lp.refine_cells(frame, believed="plain"))
    near, far = (lp.refine_cells(pa.table(AB), believed="plain", horizon=days)["cells/option"] for days in (1, 8))
    told = lp.refine_cells(pa.table(AB | {"outcome_day": AB["day"]}), believed="plain", horizon=8)["cells/option"]
    assert near.day is not None
    assert far.day is not None
    assert told.day is not None
    assert near.day < told.day < far.day, "what is known early steers, so that less of it waits"


def test_values_are_decided_below_their_bound() -> None:
    chance, rows = rng(4), []
    for day in range(40):
        for option, mean in (("plain", 20.0), ("question", 26.0)):
            worth = np.minimum(chance.exponential(mean, 300) * (chance.random(300) < 0.3), 150.0)
            rows.append((FIRST + timedelta(days=day), option, 300, worth.sum(), (worth**2).sum(), 0.5))
    names = ("day", "option", "n", "sum", "sum_sq", "share")
    frame = pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})
    (verdict,) = lp.refine_cells(frame, believed="plain", at_most=150.0)
    assert (verdict.verdict, verdict.value) == ("corrected", "question")
    with pytest.raises(InvalidCellsError, match="above at_most"):
        lp.refine_cells(frame, believed="plain", at_most=20.0)
    with pytest.raises(InvalidCellsError, match="largest"):
        lp.refine_cells(frame, believed="plain")


def test_many_questions_at_once_are_answered_each_for_itself() -> None:
    parts = [
        pd.DataFrame(days_of({"plain": 0.03, "question": rate}, seed=seed)).assign(persona=name, attribute="headline")
        for seed, (name, rate) in enumerate([("new", 0.05), ("loyal", 0.03), ("lost", 0.02)], start=2)
    ]
    verdicts = lp.refine_cells(
        pd.concat(parts),
        believed={"new/headline": "plain", "loyal/headline": "question", "lost/headline": "plain"},
    )
    assert [v.subject for v in verdicts] == ["new/headline", "loyal/headline", "lost/headline"]
    assert verdicts["new/headline"].value == "question"
    assert verdicts["loyal/headline"].verdict == "not yet known"
    with pytest.raises(UnknownNameError, match="old/headline"):
        lp.refine_cells(pd.concat(parts), believed={"old/headline": "plain"})
    with pytest.raises(UnknownNameError, match="lost/headline"):
        lp.refine_cells(pd.concat(parts), believed={"new/headline": "plain", "loyal/headline": "plain"})


def test_units_that_do_not_come_in_their_shares_hold_everything() -> None:
    frame = pd.DataFrame(AB)
    frame.loc[frame["option"] == "question", ["n", "s"]] //= 2
    (verdict,) = lp.refine_cells(frame, believed="question")
    assert verdict.verdict == "not yet known"
    assert "shares of the policy" in verdict.says
    (alarm,) = verdict.alarms
    assert alarm.first < alarm.last == max(AB["day"]) + timedelta(days=1)
    assert f"Alarm {alarm.first} to" in repr(lp.refine_cells(frame, believed="question"))


def test_what_is_missing_leaves_its_question_out_by_name() -> None:
    whole = pd.DataFrame(AB).assign(attribute="whole")
    holed = whole.assign(attribute="holed", s=whole["s"].astype(float).where(whole.index != 9))
    single = whole[whole["option"] == "plain"].assign(attribute="single", share=1.0)
    unknown = whole.assign(attribute="unknown", share=whole["share"].where(whole.index < 20))
    never = whole.assign(attribute="never", share=None)
    alone = whole.assign(attribute="alone", share=whole["option"].map({"plain": 1.0}))
    alone = alone.assign(stratum=alone["option"])
    verdicts = lp.refine_cells(pd.concat([whole, holed, single, unknown, never, alone]), believed="plain")
    assert [v.subject for v in verdicts] == ["whole", "unknown"]
    assert [(each.subject, each.why.split(",")[0].split(":")[0], each.rows) for each in verdicts.left_out] == [
        ("holed", "s is missing", 60),
        ("single", "it has only the option 'plain'", 30),
        ("unknown", "no share is known", 40),
        ("never", "no share is known", 60),
        ("alone", "no share is known", 30),
        ("alone", "only 'plain' has shares", 30),
    ]
    assert "2026-03-05" in verdicts.left_out[0].why
    assert "observational" in repr(verdicts)
    assert verdicts["unknown"].units < verdicts["whole"].units or verdicts["whole"].verdict == "corrected"
    assert len(lp.refine_cells(never, believed="plain")) == 0


def test_snapshots_that_shrink_jump_or_miss_a_day_are_named_and_never_a_zero() -> None:
    whole = pd.DataFrame(AB)
    whole = whole.assign(**{name: whole.groupby("option")[name].cumsum() for name in ("n", "s")}, attribute="whole")
    shrunk = whole.assign(attribute="shrunk", n=whole["n"].where(whole.index != 20, 5))
    fewer = whole.assign(attribute="fewer", s=whole["s"].where(whole.index != 31, 5))
    gap = whole[whole.index != 11].assign(attribute="gap")
    many = pd.DataFrame(days_of({"plain": 0.05, "question": 0.05}, units=4000))
    many = many.assign(**{name: many.groupby("option")[name].cumsum() for name in ("n", "s")})
    spike = many.assign(attribute="spike", s=many["s"] + 130 * (many.index == 33))
    late = whole.assign(
        attribute="late", n=whole["n"].where(whole["day"] < whole["day"].max(), whole["n"].shift(2) + 5)
    )
    verdicts = lp.refine_cells(pd.concat([whole, shrunk, fewer, gap, spike, late]), believed="plain", cumulative=True)
    assert [v.subject for v in verdicts] == ["whole"]
    assert [(each.subject, each.why) for each in verdicts.left_out] == [
        ("shrunk", "n shrinks from one snapshot to the next: 'plain' on 2026-03-11"),
        ("fewer", "the sum of outcomes shrinks from one snapshot to the next: 'question' on 2026-03-16"),
        ("gap", "the options' snapshots are not of the same days"),
        ("spike", "an option jumps on 2026-03-17, and the next snapshot takes it back"),
        (
            "late",
            "outcomes come from units of earlier snapshots: there are 16 successes of 5 units: 'plain' on 2026-03-30",
        ),
    ]


def test_a_jump_that_is_taken_back_would_have_been_an_effect() -> None:
    """The control: read as days of their own, the two steps correct a belief that nothing speaks against."""
    daily = pd.DataFrame(days_of({"plain": 0.05, "question": 0.05}, units=8000, days=20, seed=5))
    jump = 330 * ((daily.index == 23).astype(int) - (daily.index == 25).astype(int))
    steps = daily.assign(s=daily["s"] + jump)
    totals = steps.assign(**{name: steps.groupby("option")[name].cumsum() for name in ("n", "s")})
    (verdict,) = lp.refine_cells(steps, believed="plain")
    assert [change.new for change in verdict.changes if change.kind == "correct"][:1] == ["question"]
    assert len(lp.refine_cells(totals, believed="plain", cumulative=True)) == 0
    assert lp.refine_cells(daily, believed="plain")["cells/option"].verdict == "not yet known"


def changed(**columns: object) -> Any:
    """The plain experiment with some columns in another way: a value for all rows, or for the third."""
    frame = pd.DataFrame(AB)
    for name, found in columns.items():
        frame[name] = frame[name].astype(object)
        frame.loc[2, name] = found
    return frame.infer_objects()


IMPOSSIBLE: tuple[tuple[str, object, type[LivingPersonasError], str], ...] = (
    ("no share", pd.DataFrame(AB).drop(columns="share"), InvalidCellsError, "observational"),
    ("no option", pd.DataFrame(AB).drop(columns="option"), UnknownNameError, "option"),
    ("no rows", pd.DataFrame(AB).head(0), InvalidCellsError, "no rows"),
    ("no frame", "cells.csv", IngestError, "str"),
    ("negative", changed(n=-4), InvalidCellsError, "Row 3.*negative"),
    ("fractions", changed(n=4.5), InvalidCellsError, "Row 3.*whole"),
    ("too many", changed(s=100_000), InvalidCellsError, "Row 3.*successes"),
    ("infinite", changed(n=float("inf")), InvalidCellsError, "Row 3.*inf"),
    ("no name", changed(option=None), InvalidCellsError, "Row 3.*option"),
    ("no day", changed(day=None), InvalidCellsError, "Row 3.*day"),
    ("words", pl.DataFrame(AB).with_columns(n=pl.lit("many")), InvalidCellsError, "Column 'n'"),
    ("share of 0", changed(share=0.0), InvalidCellsError, "Row 3.*0.0"),
    ("share of 2", changed(share=2.0), InvalidCellsError, "Row 3.*2.0"),
    ("shares of .9", changed(share=0.4), InvalidCellsError, "add up to 0.9"),
    ("an option missing", pd.DataFrame(AB).drop(index=7), InvalidCellsError, "add up to 0.5"),
    ("unsorted", pd.DataFrame(AB).iloc[::-1], InvalidCellsError, "Row 3.*after"),
    ("twice", pd.concat([pd.DataFrame(AB)] * 2).sort_values("day"), InvalidCellsError, "Rows"),
    (
        "known too late",
        pd.DataFrame(AB | {"outcome_day": [FIRST + timedelta(20)] * 60}),
        InvalidCellsError,
        "Row 1.*known",
    ),
    ("other belief", changed(), InvalidPersonaError, "neither"),
)


@pytest.mark.parametrize(("frame", "error", "says"), [case[1:] for case in IMPOSSIBLE], ids=[c[0] for c in IMPOSSIBLE])
def test_what_cannot_be_is_refused_with_a_remedy(frame: object, error: type[LivingPersonasError], says: str) -> None:
    believed = "neither" if says == "neither" else "plain"
    with pytest.raises(error, match=says) as caught:
        lp.refine_cells(frame, believed=believed)
    assert caught.value.hint


@pytest.mark.parametrize("said", [{"alpha": 0.0}, {"alpha": 1.0}, {"horizon": 0}, {"at_most": -1.0}])
def test_what_is_said_of_the_cells_is_checked(said: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettingsError):
        lp.refine_cells(pa.table(AB), believed="plain", **said)
