"""Rules may overlap: the first that is true wins, whatever the others say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from living_personas.rules.closure import compile_rule
from living_personas.rules.overlap import first_match
from living_personas.rules.parse import parse


@given(st.lists(st.sampled_from([True, False, None])))
def test_the_first_true_wins(answers: list[bool | None]) -> None:
    rules = [lambda _row, answer=answer: answer for answer in answers]
    assert first_match(rules, {}) == (answers.index(True) if True in answers else None)


def test_a_customer_of_two_personas_belongs_to_the_first() -> None:
    rules = [compile_rule(parse(text)) for text in ("spend > 500", "orders >= 2", "true")]
    assert [first_match(rules, row) for row in ({"spend": 900, "orders": 3}, {"orders": "3"}, {})] == [0, 1, 2]
