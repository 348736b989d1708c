"""What is present and not understood is a no; silence is neither."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from math import nan

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.raw import is_absent, is_null_word
from living_personas.domain.yes_no import consents, consents_of, saying_no, yes_no

YES = [
    "true",
    "t",
    "yes",
    "y",
    "on",
    "1",
    "1.0",
    "granted",
    "opted in",
    "subscribed",
    "opt-in",
    "opt_in",
    "Opted-In",
    "OPTED_IN",
    "optin",
]
NO = [
    "unsubscribed",
    "never_subscribed",
    "not subscribed",
    "false",
    "f",
    "no",
    "n",
    "off",
    "0",
    "0.0",
    "denied",
    "opted out",
    "opt-out",
    "opt_out",
    "Opted-Out",
    "optout",
]
UNKNOWN = ["maybe", "ja", "none", "2", "yes please", "-1", "true false", "2026-01-01", "\u0661"]
ABSENT: list[object] = [None, "", " ", "\u200b\xa0", nan, np.float32(nan), "null", " NULL", "\\N", "NaN", "<NA>"]

anything = st.none() | st.booleans() | st.floats() | st.text() | st.sampled_from([*YES, *NO, *UNKNOWN])


@pytest.mark.parametrize("truth", [True, False])
def test_the_words_are_understood_in_any_case_and_between_blanks(*, truth: bool) -> None:
    for word, before, after in product(YES if truth else NO, ["", " ", "\ufeff"], ["", "\xa0", "\n"]):
        for said in (word, word.upper(), word.title()):
            assert yes_no(before + said + after) is truth


@pytest.mark.parametrize("said", [True, 1, 1.0, Decimal(1), np.True_, np.int8(1), np.float32(1)])
def test_numbers_and_truth_values_say_it_too(said: object) -> None:
    assert yes_no(said) is True
    assert yes_no(type(said)(0)) is False  # type: ignore[call-arg]


@pytest.mark.parametrize("said", [*UNKNOWN, 2, -1, 0.5, [], {}, [True], b"1", *ABSENT])
def test_nothing_else_is_understood(said: object) -> None:
    assert yes_no(said) is None


@pytest.mark.parametrize("said", [*UNKNOWN, 2, [], {"granted": True}, b"yes"])
def test_a_consent_that_nobody_understands_is_a_no(said: object) -> None:
    assert consents(said) is consents(said, inverted=True) is False


@pytest.mark.parametrize("said", ABSENT)
def test_silence_is_neither(said: object) -> None:
    assert consents(said) is consents(said, inverted=True) is None


@given(anything)
def test_inverted_turns_what_is_understood_and_nothing_else(said: object) -> None:
    plain, turned = consents(said), consents(said, inverted=True)
    assert (plain is None) == (turned is None) == (is_absent(said) or is_null_word(said))
    assert (plain is not turned) == (yes_no(said) is not None)


@given(st.lists(st.none() | st.text() | st.sampled_from([*YES, *NO, *UNKNOWN])), st.booleans())
def test_a_column_says_what_each_of_its_rows_says(said: list[str | None], inverted: bool) -> None:  # noqa: FBT001
    column = pa.array(said, pa.string())
    for same in (
        column,
        column.cast(pa.large_string()),
        column.dictionary_encode(),
        pa.chunked_array([column, column[:0]]),
    ):
        expected = [consents(each, inverted=inverted) for each in said]
        assert consents_of(same, inverted=inverted).to_pylist() == expected
        assert saying_no(same, inverted=inverted).to_pylist() == [each is False for each in expected]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([True, False, None]),
        pa.array([1, 0, 2, None]),
        pa.array([1.0, 0.0, nan, None]),
        pa.array([Decimal("1.0"), Decimal("0.0"), None]),
        pa.array([["yes"], [], None]),
        pa.nulls(2),
        pa.array([b"yes", None]),
    ],
)
def test_columns_of_other_types_do_so_too(column: pa.Array) -> None:
    said = column.to_pylist()
    assert consents_of(column).to_pylist() == [consents(each) for each in said]
    assert saying_no(column).null_count == 0
