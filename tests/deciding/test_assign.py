"""Epochs stick, draws are exact, and every hash is spread as it should be."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from deciding.snapshots import MONDAY, persona, published
from living_personas.deciding.assign import SCALE, draw, epoch_of, hash8, in_holdout, table_of, thresholds
from living_personas.domain.persona import Assign
from living_personas.domain.snapshot import SnapshotAttribute
from living_personas.errors import InvalidDecisionError

CUSTOMERS = [f"u{number}" for number in range(14_000)]
SNAPSHOT = published(persona(assign=("week", "day", "campaign", "visit", "always")))
ATTRIBUTES = {attribute.assign: attribute for attribute in SNAPSHOT.personas[0].attributes}

weights = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 1e-12, 1 / 3]), min_size=2, max_size=9).filter(
    lambda w: sum(w) > 1e-9
)


def options_of(attribute: SnapshotAttribute, customers: list[str], *, day: int) -> list[int]:
    drawn = []
    for customer in customers:
        epoch = epoch_of(attribute, customer, snapshot=SNAPSHOT, day=MONDAY + timedelta(days=day))
        drawn.append(draw(attribute, table_of(attribute, epoch), customer, salt=SNAPSHOT.salt, epoch=epoch))
    return drawn


@given(weights)
def test_shares_are_exact_and_sum_to_one(raw: list[float]) -> None:
    asked = [share / sum(raw) for share in raw]
    exact, ends = thresholds(asked)
    assert sum(exact) == 1
    assert all(share * SCALE == int(share * SCALE) for share in exact)
    assert exact == pytest.approx(asked, abs=2 / SCALE)
    assert ends[-1] == "g"
    assert list(ends) == sorted(ends)
    assert all(len(end) == 8 or end == "g" for end in ends)


@given(weights, st.integers(0, SCALE - 1))
def test_an_option_is_drawn_on_exactly_its_share(raw: list[float], at: int) -> None:
    """Counting hashes: the option that a hash falls on is the one whose part of the numbers holds it."""
    exact, ends = thresholds([share / sum(raw) for share in raw])
    index = next(i for i, end in enumerate(ends) if f"{at:08x}" < end)
    before = int(sum(exact[:index]) * SCALE)
    assert before <= at < before + int(exact[index] * SCALE)


@given(st.text(max_size=8), st.text(max_size=8))
def test_a_hash_is_eight_digits_and_depends_on_every_part(one: str, other: str) -> None:
    assert len(hash8(one, other)) == 8
    assert one == other or hash8(one, "x") != hash8(other, "x")


@pytest.mark.parametrize("customer", CUSTOMERS[:50])
def test_a_week_has_seven_days_and_its_option_stays(customer: str) -> None:
    weekly = ATTRIBUTES["week"]
    epochs = [epoch_of(weekly, customer, snapshot=SNAPSHOT, day=MONDAY + timedelta(days=day)) for day in range(21)]
    changes = [day for day in range(1, 21) if epochs[day] != epochs[day - 1]]
    assert {later - earlier for earlier, later in pairwise(changes)} == {7}
    assert all(epoch.start <= MONDAY + timedelta(days=day) < epoch.start + timedelta(days=7)
               for day, epoch in enumerate(epochs))  # fmt: skip
    drawn = [options_of(weekly, [customer], day=day)[0] for day in range(21)]
    assert all(drawn[day] == drawn[day - 1] for day in range(1, 21) if day not in changes)


def test_a_seventh_draws_anew_each_day() -> None:
    weekly = ATTRIBUTES["week"]
    starts = Counter(epoch_of(weekly, customer, snapshot=SNAPSHOT, day=MONDAY).start for customer in CUSTOMERS)
    assert len(starts) == 7
    assert chisquare(list(starts.values())).pvalue > 0.001


@pytest.mark.parametrize("assign", ["week", "day"])
def test_options_come_in_their_shares_in_every_epoch(assign: Assign) -> None:
    for day in (0, 30):
        counts = Counter(options_of(ATTRIBUTES[assign], CUSTOMERS, day=day))
        wanted = [share * len(CUSTOMERS) for share in ATTRIBUTES[assign].tables[0].shares]
        assert chisquare([counts[index] for index in range(3)], wanted).pvalue > 0.001


def test_epochs_attributes_and_the_holdout_are_drawn_independently() -> None:
    """Two days, two attributes, and the holdout: each pair is a table without association."""
    days = [options_of(ATTRIBUTES["day"], CUSTOMERS, day=day) for day in (0, 1)]
    weekly = options_of(ATTRIBUTES["week"], CUSTOMERS, day=0)
    held = [int(in_holdout(SNAPSHOT, customer)) for customer in CUSTOMERS]
    for one, other in ((days[0], days[1]), (days[0], weekly), (days[0], held)):
        joint, left, right = Counter(zip(one, other, strict=True)), Counter(one), Counter(other)
        n = len(CUSTOMERS)
        chi = sum((joint[a, b] - left[a] * right[b] / n) ** 2 / (left[a] * right[b] / n) for a in left for b in right)
        assert chi < 18.5  # 99.9 % point of 4 degrees of freedom


def test_the_holdout_has_its_share() -> None:
    held = sum(in_holdout(SNAPSHOT, customer) for customer in CUSTOMERS)
    assert chisquare([held, len(CUSTOMERS) - held], [0.05 * len(CUSTOMERS), 0.95 * len(CUSTOMERS)]).pvalue > 0.001


@pytest.mark.parametrize("assign", ["visit", "campaign"])
def test_a_missing_occasion_is_an_error_that_names_it(assign: Assign) -> None:
    with pytest.raises(InvalidDecisionError, match=f"{assign}=..."):
        epoch_of(ATTRIBUTES[assign], "u1", snapshot=SNAPSHOT, day=MONDAY)


def test_an_unknown_campaign_is_an_error_that_offers_one() -> None:
    with pytest.raises(InvalidDecisionError, match="did you mean 'spring'"):
        epoch_of(ATTRIBUTES["campaign"], "u1", snapshot=SNAPSHOT, day=MONDAY, campaign="sprung")


def test_a_campaign_and_for_ever_are_one_epoch_each() -> None:
    for day in (0, 40):
        today = MONDAY + timedelta(days=day)
        campaign = epoch_of(ATTRIBUTES["campaign"], "u1", snapshot=SNAPSHOT, day=today, campaign="spring")
        always = epoch_of(ATTRIBUTES["always"], "u1", snapshot=SNAPSHOT, day=today)
        assert (campaign.name, always.name) == ("spring", "since 1970-01-01")
