"""The shares that options were drawn with: known, contradicted, or unknown, but never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from living_personas.domain.settings import Source, SourceExposure


def _frame(*options: Any, **columns: list[Any]) -> pa.Table:
    count = len(options)
    plain = {"user": [f"u{place}" for place in range(count)], "city": [None] * count, "shown": list(options)}
    return pa.table(plain | {name: [0] * count for name in ("visit", "bought", "spend")} | columns)


def _with(source: Source, **said: Any) -> Source:
    return replace(source, exposure=SourceExposure(attribute="framing", option="shown", **said))


def test_unknown_shares_make_rows_observational(load: Any, mailing: Source) -> None:
    loaded = load(_frame("a", "b"), _with(mailing))
    assert loaded.policies == {}
    assert {(exposure.policy, exposure.propensity) for event in loaded.events for exposure in event.exposures} == {
        ("", None)
    }


def test_one_share_for_all_is_refused_where_it_would_add_up_to_more_than_one(load: Any, mailing: Source) -> None:
    loaded = load(_frame("a", "b", "B", "a"), _with(mailing, propensity=0.5))
    assert loaded.policies == {"logged/mailing": {"a": 0.5, "b": 0.5}}
    (held,) = loaded.quarantined
    assert (held.row, held.reason) == (3, "bad propensity")
    assert "add up to 1.5" in held.detail
    assert "'a', 'b'" in held.detail


def test_a_third_three_times_is_one(load: Any, mailing: Source) -> None:
    for third in (1 / 3, 0.333333, 0.3333333):
        assert load(_frame("a", "b", "c"), _with(mailing, propensity=third)).quarantined == ()


def test_declared_shares_are_known_for_options_that_nobody_met(load: Any, mailing: Source) -> None:
    loaded = load(_frame("a", "c", "none"), _with(mailing, propensities={"a": 0.2, "b": 0.8, "none": 0}))
    assert loaded.policies == {"logged/mailing": {"a": 0.2, "b": 0.8, "none": 0}}
    assert [(held.row, held.reason) for held in loaded.quarantined] == [(2, "bad option"), (3, "bad propensity")]
    assert "known: 'a', 'b', 'none'" in loaded.quarantined[0].detail


def test_a_column_of_shares_is_constant_within_a_policy(load: Any, mailing: Source) -> None:
    shares = [0.5, 0.5, 0.25, 0.50000001, 0.25]
    frame = _frame("a", "b", "a", "a", "a", share=shares, table=["x", "x", "x", "x", "y"])
    loaded = load(frame, _with(mailing, propensity="share", policy="table"))
    assert loaded.policies == {"logged/mailing/x": {"a": 0.5, "b": 0.5}, "logged/mailing/y": {"a": 0.25}}
    (held,) = loaded.quarantined
    assert (held.row, held.reason) == (3, "bad propensity")
    assert "has the share 0.25 where policy 'logged/mailing/x' has 0.5" in held.detail
    kept = {exposure.propensity for event in loaded.events for exposure in event.exposures}
    assert kept == {0.5, 0.25}


def test_shares_that_depend_on_the_customer_are_refused_with_what_helps_and_it_does(load: Any, mailing: Source) -> None:
    """A contextual bandit: three contexts with shares of their own, first without a policy for each, then with."""
    shares, contexts = [0.5, 0.2, 0.7, 0.2, 0.5, 0.3], ["x", "y", "z", "y", "x", "z"]
    frame = _frame("a", "a", "a", "a", "b", "b", share=shares, context=contexts)
    held = load(frame, _with(mailing, propensity="share")).quarantined
    assert [each.row for each in held] == [2, 3, 4, 6]
    assert "depend on the customer are not supported" in held[1].detail
    assert all("names one policy for each set of shares" in each.detail for each in held)
    helped = load(frame, _with(mailing, propensity="share", policy="context", stratum="context"))
    assert not helped.quarantined
    assert helped.policies == {
        "logged/mailing/x": {"a": 0.5, "b": 0.5},
        "logged/mailing/y": {"a": 0.2},
        "logged/mailing/z": {"a": 0.7, "b": 0.3},
    }


def test_options_of_several_contexts_add_up_to_more_than_one_and_that_is_said(load: Any, mailing: Source) -> None:
    (held,) = load(_frame("a", "b", share=[0.7, 0.6]), _with(mailing, propensity="share")).quarantined
    assert "or shares that depend on the customer; a policy has one share for each option" in held.detail


@pytest.mark.parametrize("share", [0, -0.1, 1.1, None, "", "half", "1/3", float("nan"), float("inf")])
def test_a_share_is_a_number_above_zero_up_to_one(load: Any, mailing: Source, share: object) -> None:
    loaded = load(_frame("a", share=[share]), _with(mailing, propensity="share"))
    assert [held.reason for held in loaded.quarantined] == ["bad propensity"]
    assert "'share'" in loaded.quarantined[0].detail
    assert loaded.policies == {}


@pytest.mark.parametrize(
    ("said", "option"), [(7, "7"), (0.0, "0"), (True, "true"), (False, "false"), (Decimal(1), "1"), (" 1", "1")]
)
def test_a_column_of_numbers_or_truth_values_says_options_too(
    load: Any, mailing: Source, said: object, option: str
) -> None:
    loaded = load(_frame(said), mailing)
    assert loaded.quarantined == ()
    assert [met.option for event in loaded.events for met in event.exposures] == [option]


@pytest.mark.parametrize("option", [1.5, float("inf"), date(2026, 1, 1), None, "", "  "])
def test_what_names_no_option_is_none(load: Any, mailing: Source, option: object) -> None:
    loaded = load(_frame(option), mailing)
    assert [held.reason for held in loaded.quarantined] == ["bad option"]
    assert "'shown'" in loaded.quarantined[0].detail


def test_shares_known_from_an_earlier_file_hold(load: Any, mailing: Source) -> None:
    source = _with(mailing, propensity="share")
    earlier = load(_frame("a", share=[0.5]), source)
    later = load(_frame("a", "b", share=[0.4, 0.4]), source, policies=earlier.policies)
    assert [held.row for held in later.quarantined] == [1]
    assert later.policies == {"logged/mailing": {"a": 0.5, "b": 0.4}}
    assert earlier.policies == {"logged/mailing": {"a": 0.5}}


def test_a_row_that_fails_elsewhere_teaches_no_share(load: Any, mailing: Source) -> None:
    frame = _frame("a", "b", share=[0.4, 0.5], visit=["many", "0"])
    loaded = load(frame, _with(mailing, propensity="share"))
    assert [held.reason for held in loaded.quarantined] == ["bad number"]
    assert loaded.policies == {"logged/mailing": {"b": 0.5}}
