"""Small distributions of members: in whole groups, beside everybody's, of what may be looked at."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.head_count import SMALLEST
from living_personas.reporting import member_spreads as asked
from living_personas.reporting.member_spreads import MemberSpread, member_spreads


def told(table: pa.Table, *, traits: tuple[str, ...] = ()) -> tuple[MemberSpread, ...]:
    """What is told of the persona ``p`` of a table of customers."""
    names = [name for name in table.column_names if name != "persona"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asked, "customers_sampled", lambda _: (names, table))
        context: Any = SimpleNamespace()
        return member_spreads(context, "p", traits=traits)


@given(st.integers(0, 2**32 - 1), st.integers(0, 1_500), st.integers(100, 3_000), st.booleans())
@settings(deadline=None)
def test_no_slice_is_fewer_than_a_crowd_and_shares_are_of_whole_groups(
    seed: int,
    members: int,
    others: int,
    whole: bool,  # noqa: FBT001
) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    values = np.concatenate([rng.gamma(2, 3, members), rng.gamma(2, 2, others)])
    values = np.floor(values) if whole else values
    values[rng.random(len(values)) < 0.1] = np.nan
    table = pa.table({"orders": values, "persona": ["p"] * members + ["q"] * others})
    found = told(table, traits=("orders",))
    if members < 2 * SMALLEST:
        assert found == ()
    known = int(np.isfinite(values[:members]).sum())
    shares = [each.members for spread in found for each in spread.slices if each.members is not None]
    for share in shares:
        groups = share * (known // SMALLEST)
        assert round(groups) >= 1
        assert groups == pytest.approx(round(groups), abs=0.02)
    assert all(sum(each.members or 0 for each in spread.slices) <= 1.01 for spread in found)


def test_what_differs_most_comes_after_the_traits_and_what_does_not_differ_is_left_out() -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    plan = ["pro"] * 300 + ["free"] * 300 + ["free"] * 900
    table = pa.table(
        {
            "little": np.concatenate([rng.normal(0.4, 1, 600), rng.normal(0, 1, 900)]),
            "much": np.concatenate([rng.normal(3, 1, 600), rng.normal(0, 1, 900)]),
            "same": rng.normal(0, 1, 1_500),
            "plan": plan,
            "persona": ["p"] * 600 + ["q"] * 900,
        }
    )
    found = told(table, traits=("plan",))
    assert [each.name for each in found] == ["plan", "much", "little"]
    assert [(each.label, each.members, each.everybody) for each in found[0].slices] == [
        ("pro", 0.5, 0.2),
        ("free", 0.5, 0.8),
    ]
