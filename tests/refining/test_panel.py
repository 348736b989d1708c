"""Subjects side by side, and cells laid out for them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.domain.cell import CELL_SCHEMA, GOAL, Cells
from living_personas.domain.persona import Attribute, Persona
from living_personas.refining.accounts import Accounts, mature, open_day
from living_personas.refining.apply import baseline
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel, day_number
from living_personas.stats.eprocess import Sums
from living_personas.stats.thompson import day_score
from refining.panels import DAY, goal, panel_of, persona

SHARES = {"even": {"o0": 0.25, "o1": 0.25, "o2": 0.25, "o3": 0.25}, "tilted": {"o0": 0.7, "o1": 0.3}}


def cells(*rows: dict[str, object]) -> Cells:
    default = {
        "outcome_day": DAY,
        "persona": "p",
        "attribute": "a0",
        "metric": GOAL,
        "option": "o0",
        "cohort": DAY,
        "channel": "",
        "stratum": "",
        "policy": "even",
        "n": 10,
        "s": 2,
        "sum": 2.0,
        "sum_sq": 2.0,
    }
    return Cells.of(pa.Table.from_pylist([default | row for row in rows], schema=CELL_SCHEMA))


def test_a_panel_of_nothing_is_empty_and_lives() -> None:
    """A workspace whose personas only have traits."""
    panel = Panel.of([baseline(persona(options=()), day=DAY)])
    assert len(panel) == 0
    accounts = Accounts.first_day(panel)
    entry = open_day(accounts, panel, day=0)
    options, means = entry.to_tables(panel)
    assert options.schema.field("persona").type == pa.string()
    read = Entry.from_tables(options, means, panel=panel, day=0)
    assert mature(accounts, panel, DayRows.of(Cells.none(), panel, {}), read, half_life=30).wealth.size == 0


def test_options_that_an_attribute_lacks_do_not_exist() -> None:
    panel = panel_of(persona("wide", options=(4,)), persona("narrow", options=(2,)))
    assert panel.mask.tolist() == [[True, True, False, False], [True] * 4]
    rows = DayRows.of(cells({"persona": "narrow", "policy": "tilted"}), panel, SHARES)
    assert rows.shares.tolist() == [[0.7, 0.3, 0.0, 0.0]]


def test_rows_have_each_number_at_its_place() -> None:
    panel = panel_of(persona())
    found = DayRows.of(cells({"option": "o2", "n": 7, "sum": 3.5, "sum_sq": 9.0}), panel, SHARES)
    assert found.subject.tolist() == [0]
    assert found.cohort.tolist() == [day_number(DAY)]
    assert [part.tolist() for part in found.sums] == [[[0, 0, 7, 0]], [[0, 0, 3.5, 0]], [[0, 0, 9, 0]]]


@pytest.mark.parametrize(
    "other", [{"policy": ""}, {"policy": "holdout"}, {"persona": "x"}, {"attribute": "x"}, {"option": "x"}]
)
def test_what_is_observational_or_unknown_is_left_out(other: dict[str, object]) -> None:
    assert len(DayRows.of(cells(other), panel_of(persona()), SHARES)) == 0


@law()
@given(
    st.lists(
        st.tuples(
            st.sampled_from("pqr"), st.integers(0, 1), st.integers(0, 5), st.sampled_from("xyz"), st.integers(1, 9)
        ),
        max_size=20,
    )
)
def test_cells_that_are_cut_before_they_are_laid_out_give_the_rows_that_are_cut_after(
    found: list[tuple[str, int, int, str, int]],
) -> None:
    panel = panel_of(*(persona(name, options=(2, 3)) for name in "pqr"))
    held = cells(
        *(
            {
                "persona": who,
                "attribute": f"a{number}",
                "cohort": DAY + timedelta(days=back),
                "stratum": stratum,
                "n": n,
            }
            for who, number, back, stratum, n in found
        )
    )
    first, last = DAY + timedelta(days=1), DAY + timedelta(days=3)
    cut = DayRows.of(held.of_attribute("a1", persona="q").of_unit_days(first, last), panel, SHARES)
    whole = DayRows.of(held, panel, SHARES)
    place = next(a for a, each in enumerate(panel.subjects) if (each.persona, each.attribute) == ("q", "a1"))
    within = (whole.cohort >= day_number(first)) & (whole.cohort <= day_number(last))
    after = whole.where(np.asarray((whole.subject == place) & within))
    assert cut.places() == after.places()
    assert [part.tolist() for part in cut.sums] == [part.tolist() for part in after.sums]
    assert cut.shares.tolist() == after.shares.tolist()


def test_a_metric_has_rows_of_its_own() -> None:
    both = cells({}, {"metric": "left", "n": 99})
    assert DayRows.of(both, panel_of(persona()), SHARES).sums.n.sum() == 10
    assert DayRows.of(both, panel_of(persona()), SHARES, metric="left").sums.n.sum() == 99


def test_strata_channels_days_and_policies_are_rows_and_outcome_days_are_not() -> None:
    tomorrow = DAY + timedelta(days=1)
    apart: tuple[dict[str, object], ...] = (
        {"n": 20},
        {"n": 20, "stratum": "x"},
        {"n": 20, "channel": "web"},
        {"n": 20, "cohort": tomorrow, "outcome_day": tomorrow},
    )
    panel = panel_of(persona())
    assert len(DayRows.of(cells(*apart, {"n": 20, "policy": "tilted"}), panel, SHARES)) == 5
    later = DayRows.of(cells({}, {"outcome_day": tomorrow, "n": 0, "sum": 3.0}), panel, SHARES)
    assert (later.sums.n.sum(), later.sums.sum.sum()) == (10, 5)


def test_an_attribute_believed_per_channel_has_a_row_for_each() -> None:
    one = Persona(
        id="p",
        name="p",
        who="true",
        goal=goal(),
        channels=("email", "web"),
        attributes=(
            Attribute(name="a0", options=("o0", "o1"), believed="o0", per="channel"),
            Attribute(name="a1", options=("o0", "o1"), believed="o0"),
        ),
    )
    panel = panel_of(one)
    assert [(s.attribute, s.channel) for s in panel.subjects] == [("a0", "email"), ("a0", "web"), ("a1", "")]
    found = DayRows.of(
        cells({"channel": "web"}, {"channel": "push"}, {"attribute": "a1", "channel": "push"}), panel, SHARES
    )
    assert sorted(found.subject.tolist()) == [1, 2]


numbers = st.integers(0, 3)


@law()
@given(
    st.lists(st.tuples(numbers, numbers, st.booleans(), st.integers(1, 50), st.integers(0, 9)), max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_and_cutting_of_cells_does_not_matter(
    rows: list[tuple[int, int, bool, int, int]], random: object
) -> None:
    listed = [
        {
            "option": f"o{k}",
            "cohort": DAY + timedelta(days=d),
            "stratum": str(s),
            "n": n,
            "s": won,
            "sum": float(won),
            "sum_sq": float(won),
        }
        for k, d, s, n, won in rows
    ]
    cut = [row | {"n": part} for row in listed for part in (1, int(str(row["n"])) - 1)]
    for row in cut[1::2]:
        row.update({"s": 0, "sum": 0.0, "sum_sq": 0.0})
    shuffled = list(cut)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis hands over a random.Random
    panel = panel_of(persona())
    whole, pieces = (DayRows.of(cells(*part), panel, SHARES) for part in (listed, shuffled))
    assert whole.stratum == pieces.stratum
    for one, other in zip((*whole.sums, whole.cohort), (*pieces.sums, pieces.cohort), strict=True):
        assert (one == other).all()


def test_thin_strata_of_a_day_are_one_where_their_shares_are_the_same_and_nothing_is_lost() -> None:
    """Nineteen units are too few to be compared by themselves; other shares, other days and larger strata stay."""
    tomorrow = DAY + timedelta(days=1)
    rows = cells(
        *({"stratum": stratum, "n": n} for stratum, n in (("a", 19), ("b", 1), ("c", 20))),
        {"stratum": "d", "n": 19, "policy": "tilted"},
        {"stratum": "e", "n": 19, "cohort": tomorrow, "outcome_day": tomorrow},
    )
    found = DayRows.of(rows, panel_of(persona()), SHARES)
    assert dict(zip(found.stratum, found.sums.n.sum(1).tolist(), strict=True)) == {
        "thin strata": 20,
        "|c": 20,
        "|d": 19,
        "|e": 19,
    }
    assert found.sums.sum.sum() == 10
    assert (np.diff(found.cohort) >= 0).all()


def test_units_that_were_each_alone_in_their_stratum_steer_once_they_are_pooled() -> None:
    """Two options, a thousand strata of one unit a day: by itself none tells which of the two is better."""
    half = {"half": {"o0": 0.5, "o1": 0.5}}
    single = [
        {"stratum": f"s{number:03d}", "policy": "half", "option": f"o{number % 2}", "n": 1}
        | {name: float(number % 2 and number < 40) for name in ("s", "sum", "sum_sq")}
        for number in range(100)
    ]
    panel = panel_of(persona(options=(2,)))
    rows = DayRows.of(cells(*({**each, "s": int(float(str(each["s"])))} for each in single)), panel, half)
    score = day_score(rows.sums, is_value=panel.is_value[rows.subject])
    assert len(rows) == 1
    assert score.u[0, 1] > 0
    apart = [Sums(*(np.eye(2)[[number % 2]] * part for part in (1.0, *[float(number % 2)] * 2))) for number in range(2)]
    assert all((day_score(each, is_value=np.array([False])).u == 0).all() for each in apart)  # the control


def test_where_keeps_rows_whole() -> None:
    panel = panel_of(persona())
    rows = DayRows.of(cells({"n": 20}, {"stratum": "x", "n": 3}), panel, SHARES)
    kept = rows.where(np.array([False, True]))
    assert (kept.stratum, kept.sums.n.sum(), len(kept)) == (("|x",), 3, 1)


def test_days_are_counted_from_1970() -> None:
    assert day_number(date(1970, 1, 1)) == 0
