"""One spelling of an id, whichever door it comes through, and nobody is never somebody."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from math import inf, nan
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.customer_id import (
    LONGEST_ID,
    NOBODY,
    canonical_id,
    customer_id,
    nobody_words,
    optional_id,
)
from living_personas.domain.customer_ids import canonical_ids, customer_ids
from living_personas.errors import BadValueError

BLANKS = "\t\n\r \x1c\x85\xa0\u1680\u2003\u2028\u202f\u3000\u200b\u200c\u200d\u2060\ufeff\xad\u202a\u202c\u200e"
LIMIT = 2**53

blanks = st.text(BLANKS, max_size=3)
words = st.sampled_from([*sorted(NOBODY), "", "u1", "Ann@Example.com", "007", "1.0.0", "1E11", "-0", "-0.0", "5.10"])
numeric = st.from_regex(r"[+-]?[0-9]{1,20}([.,][0-9]{1,4})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)
addresses = st.from_regex(r"[a-zA-Z0-9.@ÄİΣß]{0,6}@[a-zA-ZÄẞ.]{0,8}", fullmatch=True)
odd = st.from_regex(r"([{}$%*|\[<='+\"]{1,2}[a-z0-9.]{0,3}){1,2}[}%*|\]>\"]{0,2}", fullmatch=True)
longs = st.sampled_from(["x" * LONGEST_ID, "x" * (LONGEST_ID + 1), "e\u0301" * LONGEST_ID, "1" * 600 + ".0"])
texts = st.text(st.characters(exclude_categories=["Cs"])) | words | numeric | addresses | odd | longs
said_texts = st.builds("{}{}{}".format, blanks, texts, blanks)
integers = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)
floats = st.floats() | integers.map(float)


def read(said: object, nobody: frozenset[str] = NOBODY) -> tuple[str | None, str | None]:
    """The id, or why there is none."""
    try:
        return customer_id(said, nobody=nobody), None
    except BadValueError as error:
        return None, error.reason


def of_column(column: pa.Array | pa.ChunkedArray) -> list[tuple[str | None, str | None]]:
    ids, why = customer_ids(column)
    assert (ids.type, why.type) == (pa.string(), pa.string())
    return list(zip(ids.to_pylist(), why.to_pylist(), strict=True))


@given(said_texts)
def test_reading_an_id_again_changes_nothing(said: str) -> None:
    found, why = read(said)
    assert (found is None) != (why is None)
    if found is not None:
        assert read(found) == (found, None)
        assert unicodedata.is_normalized("NFC", found)
        assert found == found.strip()


@given(texts, blanks, blanks)
def test_what_cannot_be_seen_around_an_id_is_not_its_own(said: str, before: str, after: str) -> None:
    assert read(before + said + after) == read(said) == read(unicodedata.normalize("NFD", said))


@given(integers)
def test_a_whole_number_is_one_id_at_every_door(number: int) -> None:
    digits = str(number)
    assert read(number) == read(digits) == read(Decimal(number)) == read(np.int64(number))
    assert customer_ids(pa.array([number]))[0][0].as_py() == read(number)[0]
    if abs(number) < LIMIT:
        assert read(number) == read(float(number)) == read(f"{number}.0") == read(repr(float(number)))
    else:
        assert read(float(number)) == read(f"{number}.0") == (None, "bad customer")


@given(st.floats(allow_nan=False))
def test_a_float_in_text_is_no_other_customer_than_the_float(number: float) -> None:
    """But where it is no id, its text may be one: 5.10 is not 5.1."""
    found, why = read(number)
    if why != "bad customer":
        assert read(repr(number)) == (found, why)


@given(st.sampled_from(sorted(NOBODY)), blanks)
def test_nobody_is_nobody_in_any_case(word: str, blank: str) -> None:
    for said in (word, word.upper(), word.title(), blank + word):
        assert read(said) == (None, "missing customer")
        assert optional_id(said) == ""


@pytest.mark.parametrize(
    "field", ["{{user_id}}", "{{ customer.id }}", "${userId}", "%USERID%", "*|EMAIL|*", "[[id]]", "{id}"]
)
def test_a_field_of_a_template_that_nobody_filled_in_names_nobody(field: str) -> None:
    assert read(field) == (None, "missing customer")
    assert of_column(pa.array([field, "u1"])) == [(None, "missing customer"), ("u1", None)]


@pytest.mark.parametrize("said", [None, "", " \u200b", nan, np.float32(nan), Decimal("NaN"), 0, -1, 0.0, -0.0, "0.00"])
def test_no_id_names_nobody(said: object) -> None:
    assert read(said) == (None, "missing customer")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("007", "007"),
        ("007.0", "007"),
        ("123,0", "123"),
        ("123,00", "123"),
        ("12,5", "12,5"),
        ("1,234,567", "1,234,567"),
        ("1234.000", "1234"),
        ('="00123"', "00123"),
        ("=1+1", "=1+1"),
        ("'+491701234567", "+491701234567"),
        ("'t Hooft", "'t Hooft"),
        ("50%", "50%"),
        ("1E11", "1E11"),
        ("1.10", "1.10"),
        ("null-7", "null-7"),
        ("a b", "a b"),
        (2.0**53 - 1, "9007199254740991"),
        ("9007199254740993", "9007199254740993"),
        (Decimal("9007199254740993.00"), "9007199254740993"),
        (np.uint64(2**64 - 1), "18446744073709551615"),
        (np.float32(2**24 - 1), "16777215"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("\uff11.0", "\uff11.0"),
    ],
)
def test_what_is_kept(said: object, kept: str) -> None:
    assert customer_id(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        True, False, np.True_, 12.5, 2.0**53, -(2.0**53), inf, -inf, np.float32(2**24), Decimal("1.5"), Decimal("inf"),
        Decimal("1e999999"), 10**600, [], ["u1"], {}, b"u1", "9007199254740992.0", "1.23457E+11", "1E+11",
        "1.0E7", "1,23457E+11", "1.000", "12,000", "a\0b", "\ud800", "x" * 513, NotImplemented,
    ],
)  # fmt: skip
def test_what_cannot_be_an_id_says_so(said: object) -> None:
    with pytest.raises(BadValueError, match="cannot be a customer's id") as caught:
        customer_id(said)
    assert caught.value.reason == "bad customer"
    assert len(caught.value.message) < 200
    assert caught.value.message.isascii()
    with pytest.raises(BadValueError):
        optional_id(said)


def test_a_number_that_python_does_not_write_is_no_id_either() -> None:
    assert read(10**5000) == read([10**5000]) == (None, "bad customer")


def test_a_workspace_may_change_the_words() -> None:
    words = nobody_words(add=[" Test "], remove=["Guest", "0"])
    assert read("TEST", words) == (None, "missing customer")
    assert read("Guest", words) == ("Guest", None)
    assert read(0.0, words) == ("0", None)
    assert read("", frozenset()) == (None, "missing customer")
    assert customer_ids(pa.array(["test", "guest", None, ""]), nobody=words)[0].to_pylist() == [
        None,
        "guest",
        None,
        None,
    ]


@given(addresses | texts)
def test_the_canonical_form_is_reached_at_once(said: str) -> None:
    id_, _ = read(said)
    if id_ is not None:
        canonical = canonical_id(id_)
        assert canonical_id(canonical) == canonical
        assert canonical == id_ or "@" in id_
        assert canonical_id(canonical_id(id_)) == canonical
        assert canonical_ids(pa.array([id_, None, id_])).to_pylist() == [canonical, None, canonical]


@pytest.mark.long
def test_every_letter_has_one_canonical_form() -> None:
    letters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000 and chr(code) != "@"]
    ids = [unicodedata.normalize("NFC", f"A{letter}\u030c@x.de") for letter in letters]
    once = [canonical_id(id_) for id_ in ids]
    assert [canonical_id(id_) for id_ in once] == once
    assert canonical_ids(pa.array(ids)).to_pylist() == once


@pytest.mark.long
def test_nothing_that_nfc_makes_could_be_stripped() -> None:
    for code in range(0x110000):
        if not 0xD800 <= code < 0xE000:
            found = read(chr(code) + "1" + chr(code))[0]
            assert found is None or read(found)[0] == found


@given(st.lists(st.none() | said_texts, max_size=30), st.data())
def test_a_column_of_texts_is_read_as_each_of_them(said: list[str | None], data: st.DataObject) -> None:
    expected = [read(each) for each in said]
    column = pa.array(said, pa.string())
    for same in (column, column.cast(pa.large_string()), column.cast(pa.string_view()), column.dictionary_encode()):
        assert of_column(same) == expected
    start = data.draw(st.integers(0, len(said)))
    assert of_column(column[start:]) == expected[start:]
    assert of_column(pa.chunked_array([column[:start], column[start:]])) == expected
    ids = [id_ for id_, _ in expected]
    assert canonical_ids(pa.array(ids, pa.string())).to_pylist() == [id_ and canonical_id(id_) for id_ in ids]


@given(st.lists(st.none() | integers, max_size=20), st.lists(st.none() | floats, max_size=20))
def test_a_column_of_numbers_is_read_as_each_of_them(whole: list[int | None], real: list[float | None]) -> None:
    assert of_column(pa.array(whole, pa.int64())) == [read(each) for each in whole]
    assert of_column(pa.array(real, pa.float64())) == [read(each) for each in real]
    assert of_column(pa.array(real, pa.float64()).dictionary_encode()) == [read(each) for each in real]


@given(st.lists(st.floats(width=32), max_size=20), st.lists(st.floats(width=16), max_size=20))
def test_narrow_floats_lose_their_digits_sooner(single: list[float], half: list[float]) -> None:
    assert of_column(pa.array(single, pa.float32())) == [read(np.float32(each)) for each in single]
    assert of_column(pa.array(np.array(half, np.float16))) == [read(np.float16(each)) for each in half]


@given(st.lists(st.decimals(-(10**20), 10**20, places=2), max_size=10))
def test_decimals_keep_all_their_digits(numbers: list[Decimal]) -> None:
    whole = [number.to_integral_value() for number in numbers]
    assert of_column(pa.array(numbers, pa.decimal128(24, 2))) == [read(number) for number in numbers]
    assert of_column(pa.array(whole, pa.decimal128(24, 0))) == [read(number) for number in whole]


def test_other_columns_are_read_one_by_one() -> None:
    assert of_column(pa.array([True, None])) == [(None, "bad customer"), (None, "missing customer")]
    assert of_column(pa.array([["u1"], None])) == [(None, "bad customer"), (None, "missing customer")]
    assert of_column(pa.array([b"u1"])) == [(None, "bad customer")]
    assert of_column(pa.nulls(2)) == [(None, "missing customer")] * 2
    assert of_column(pa.array([UUID(int=1), None], pa.uuid())) == [(str(UUID(int=1)), None), (None, "missing customer")]
    assert of_column(pa.chunked_array([], pa.string())) == []


def test_one_text_that_is_no_text_spoils_no_other() -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(np.array([0, 2, 4, 6], np.int32)), pa.py_buffer(b"u1\xff\xfeu3")]
    )
    assert of_column(broken) == [("u1", None), (None, "bad customer"), ("u3", None)]


@pytest.mark.parametrize(
    "word", ["Total", "TOTALS", "Grand total", "Summe", " Subtotal ", "Total général", "Gesamtsumme"]
)
def test_the_row_that_sums_the_others_is_no_customer(word: str) -> None:
    with pytest.raises(BadValueError) as refused:
        customer_id(word)
    assert refused.value.reason == "missing customer"
    assert customer_id(word, nobody=nobody_words(remove=[word.strip()])) == word.strip()
