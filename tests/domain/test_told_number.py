"""Shares and amounts as people read them: one way, and no part is told as nothing or as the whole."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from living_personas.domain.told_number import amount_words, share_words


@given(st.floats(0, 1, exclude_min=True, exclude_max=True), st.integers(0, 2))
@example(0.005, 0)
@example(0.995, 0)
@example(1e-12, 2)
def test_a_part_is_never_nothing_nor_all(share: float, digits: int) -> None:
    said = share_words(share, digits)
    found = re.fullmatch(r"(?:(under|over) )?(\d+(?:\.\d+)?) %", said)
    assert found, said
    word, percent = found[1], float(found[2])
    assert 0 < percent < 100
    if word == "under":
        assert 100 * share < percent
    elif word == "over":
        assert 100 * share > percent
    else:
        assert abs(100 * share - percent) <= 0.5 * 10**-digits + 1e-9


@given(st.floats(-1e12, 1e12))
@example(12_345.678)
@example(123_456.0)
def test_an_amount_is_never_told_by_its_powers_of_ten(amount: float) -> None:
    said = amount_words(amount)
    assert abs(float(said.replace(",", "").replace("\N{MINUS SIGN}", "-")) - amount) <= 1e-14 * abs(amount)
    assert "e" not in amount_words(round(amount, 3), 4)
