"""A rule in words says every name and every literal of it, or says nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.rules.rule_words import column_words, rule_words

NUMBERS = st.sampled_from(["orders_total", "sessions_28d", "age"])
ASKED = st.one_of(
    st.tuples(NUMBERS, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), st.integers(0, 99)).map(
        lambda each: f"{each[0]} {each[1]} {each[2]}"
    ),
    st.tuples(NUMBERS, st.integers(0, 9), st.integers(10, 99)).map(lambda e: f"{e[0]} between {e[1]} and {e[2]}"),
    NUMBERS.map(lambda name: f"{name} is null"),
    st.sampled_from(["country in ('NL', 'BE')", "utm like '%deal%'", "utm like 'sale%'", "plan = 'pro'"]),
)
RULES = st.recursive(
    ASKED,
    lambda rule: st.one_of(
        st.lists(rule, min_size=2, max_size=3).map(lambda parts: f"({' and '.join(parts)})"),
        st.lists(rule, min_size=2, max_size=3).map(lambda parts: f"({' or '.join(parts)})"),
        rule.map(lambda one: f"not ({one})"),
    ),
    max_leaves=6,
)


@given(RULES)
def test_words_leave_nothing_out(rule: str) -> None:
    said = rule_words(rule)
    for name in ("orders_total", "sessions_28d", "age", "country", "utm", "plan"):
        assert (name in rule) <= (column_words(name) in said)
    literals = [word for word in rule.replace("(", " ").replace(")", " ").split() if word.isdigit()]
    assert all(literal in said for literal in literals)
    assert rule.count("'") == 2 * sum(said.count(quote) for quote in "“")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("orders_total >= 1 and order_share < 0.5", "orders total at least 1, and order share below 0.5"),
        ("not (email is null) or vip is true", "email is known or vip is yes"),
        ("plan like 'a_b'", ""),
        ("orders_total / sessions_28d > 0.1", ""),
        ("true", "everybody"),
        ("(visits >= 3) is not true", "visits below 3 (or not known)"),
        ("(visits >= 3) is true and (plan = 'pro') is false", "visits at least 3, and plan is not “pro”"),
        ("(vip) is not true", "vip is no (or not known)"),
        ("(visits >= 3 and vip) is not true", "not: both visits at least 3 and vip is yes"),
        ("spend > 1234567 and share < 0.125", "spend above 1234567, and share below 0.125"),
    ],
)
def test_rules_are_said_as_people_say_them(rule: str, said: str) -> None:
    assert rule_words(rule) == said
