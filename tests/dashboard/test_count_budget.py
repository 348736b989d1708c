"""Counting customers while a rule is built: enough for building, not for probing a threshold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.desk import Desk, csrf
from dashboard.lived import CHEAP, PASSWORD
from living_personas.dashboard import count_budget
from living_personas.dashboard.count_budget import COUNTS, HOUR, CountBudget
from living_personas.dashboard.recent import Recent
from living_personas.people.person_accounts import add_person

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGE = "/new-persona"


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("ab")), max_size=40), st.integers(1, 5))
def test_within_any_window_no_more_than_the_most_is_let_through(steps: list[tuple[int, str]], most: int) -> None:
    recent, now = Recent(timedelta(minutes=15)), NOON
    entered: list[tuple[datetime, str]] = []
    for minutes, name in steps:
        now += timedelta(minutes=minutes)
        lately = [each for each, whose in entered if whose == name and each > now - timedelta(minutes=15)]
        assert recent.enter({name: most}, now=now) == (len(lately) < most)
        entered += [(now, name)] if len(lately) < most else []


def test_a_person_has_so_many_rules_in_an_hour_each_counted_once() -> None:
    budget = CountBudget()
    assert all(budget.allows("Dana", f"orders >= {n}", now=NOON) for n in range(COUNTS))
    assert budget.allows("Dana", "orders >= 0", now=NOON)  # it was counted
    assert not budget.allows("Dana", f"orders >= {COUNTS}", now=NOON)
    assert budget.allows("Ada", f"orders >= {COUNTS}", now=NOON)
    assert budget.allows("Dana", f"orders >= {COUNTS}", now=NOON + HOUR)


def test_beyond_it_nothing_is_counted_in_any_session(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count_budget, "COUNTS", 3)
    add_person(desk.context, "Kim", role="approver", password=PASSWORD, salt=b"4" * 16, n=CHEAP)
    client = desk.client("Kim")
    token = csrf(client.get(PAGE).text)
    for number in range(3):
        told = client.post(f"{PAGE}/count", data={"csrf": token, "who": f"orders_total >= {number}"}).text
        assert "rules counted within an hour" not in told
    other = desk.client("Kim")
    for rule, where in (("orders_total >= 4", "count"), ("orders_total >= 5", "examples")):
        told = other.post(f"{PAGE}/{where}", data={"csrf": csrf(other.get(PAGE).text), "who": rule}).text
        assert "rules counted within an hour" in told
        assert "customers</strong>" not in told
    dana = desk.client("Dana")
    told = dana.post(f"{PAGE}/count", data={"csrf": csrf(dana.get(PAGE).text), "who": "orders_total >= 1"}).text
    assert "customers</strong>" in told
