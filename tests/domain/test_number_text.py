"""A number is read without doubt or refused: never 0, never infinite, never another number."""

from __future__ import annotations

from decimal import Decimal
from math import inf, isfinite, nan
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.number_text import DecimalMark, currency_mark, number
from living_personas.errors import BadValueError

marks: st.SearchStrategy[DecimalMark] = st.sampled_from((".", ","))
maybe_marks: st.SearchStrategy[DecimalMark | None] = st.sampled_from((None, ".", ","))
amounts = st.decimals(0, 10**12, places=2)
finite = st.floats(allow_nan=False, allow_infinity=False)
written = st.text("0123456789.,' -+()%€$eE\xa0\u202f\u2212krEURx", max_size=14) | st.text(max_size=6)
groups = st.sampled_from(["", ".", ",", " ", "'", "\xa0", "\u202f", "\u2009", "\u2019"])
units = st.sampled_from(["€", " €", "$", " EUR", " chf", " kr.", " zł", "\xa0US$", "%", " %"])


def read(said: object, decimal: DecimalMark | None = None) -> float | Literal["bad number"]:
    try:
        return number(said, decimal=decimal)
    except BadValueError as error:
        if error.reason != "bad number":
            raise
        return "bad number"


def spelled(amount: Decimal, *, group: str, mark: str) -> str:
    whole, part = f"{amount:,.2f}".split(".")
    return whole.replace(",", group) + mark + part


@given(finite | st.integers(-(2**53), 2**53))
def test_what_machines_write_is_what_they_meant(value: float) -> None:
    assert read(value) == read(np.float64(value)) == float(value)
    assert read(repr(value), ".") == value
    assert read(repr(value)) in (value, "bad number")
    if len(repr(abs(value)).partition(".")[2]) != 3:
        assert read(repr(value)) == value


@given(amounts, groups, marks)
def test_two_decimals_are_read_in_every_country(amount: Decimal, group: str, mark: DecimalMark) -> None:
    text = spelled(amount, group=group if group != mark else "", mark=mark)
    assert read(text, mark) == read(text) == float(amount)


@given(amounts, marks, units)
def test_what_stands_around_a_number_changes_no_digit(amount: Decimal, mark: DecimalMark, unit: str) -> None:
    text = spelled(amount, group="", mark=mark)
    divided = float(amount) if "%" not in unit else float(amount / 100)
    assert read(text + unit) == read(f" {text}{unit}\xa0") == read(unit.strip() + text) == divided
    negative = [f"-{text}{unit}", f"\u2212 {text}{unit}", f"({text}{unit})", f"{text}-{unit}", f"{unit.strip()}-{text}"]
    assert {read(each) for each in negative} == {-divided}


@given(st.integers(1, 999), st.integers(0, 999), marks)
def test_three_digits_behind_one_mark_are_in_doubt(before: int, after: int, mark: DecimalMark) -> None:
    text = f"{before}{mark}{after:03}"
    assert read(text) == read(f"-{text} €") == "bad number"
    assert read(text, mark) == float(f"{before}.{after:03}")
    other: DecimalMark = "," if mark == "." else "."
    assert read(text, other) == before * 1000 + after


@pytest.mark.parametrize("said", ["0.125", "00.125", "-0.500"])
def test_no_thousands_begin_with_a_zero(said: str) -> None:
    assert read(said) == float(said)
    assert read(said, ",") == "bad number"


def test_a_doubt_names_both_readings_and_what_to_declare() -> None:
    with pytest.raises(BadValueError, match=r"'1,029 EUR' may be 1\.029 or 1029\.") as caught:
        number("1,029 EUR")
    assert "numbers: {decimal:" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("12", 12), ("012", 12), ("+12", 12), ("12.", 12), (".5", 0.5), (",5", 0.5), ("-3e4", -30000), ("1.029e3",
        1029),
        ("0.125", 0.125), ("0,125", 0.125), ("1234.567", 1234.567), ("1234,567", 1234.567), ("1.234567", 1.234567),
        ("1.234.567", 1234567), ("1,234,567.8", 1234567.8), ("1.234,567", 1234.567), ("1,234.567", 1234.567),
        ("1 029", 1029), ("1'029", 1029), ("1\u2019029.50", 1029.5), ("1\u202f234,5", 1234.5), ("12,34,567.00",
        1234567),
        ("1 234,567", 1234.567), ("29,- €", 29), ("29.--", 29), ("1.029,-", 1029), ("Fr. 12.50", 12.5),
        ("R$ 1.234,50", 1234.5),
        ("US$1,234.50", 1234.5), ("1.234,50 KČ", 1234.5), ("$.50", 0.5), ("%12", 0.12), ("12.5%", 0.125), ("29.9 %",
        0.299),
        ("(12)", -12), ("($12.50)", -12.5), ("-$12", -12), ("$-12", -12), ("12.50-", -12.5), ("\u201312,5", -12.5),
        ("$(5.00)", -5), ("$ (1,234.50)", -1234.5), ("(5,00) EUR", -5), ("5.00+", 5), ("(5.00)€", -5),
        ("true", 1), ("False", 0), (True, 1), (np.False_, 0), (Decimal("1.029"), 1.029), (1.029, 1.029), (np.int8(3),
        3),
        ("0", 0), ("-0.0", 0), ("0,00 €", 0), ("1e-400", 0), ("5\tEUR", 5),
    ],
)  # fmt: skip
def test_what_is_read(said: object, value: float) -> None:
    assert read(said) == value


@pytest.mark.parametrize(
    "said",
    [
        "", " ", None, "n/a", "abc", "-", "€", ".", ",", "1.2.3", "1,2,3", "12 34", "1 2,5", "1,23,45", "12.03.2026",
        "1_000",
        "0x10", "inf", "nan", "1e999", "9" * 400, "1e9999999", "12 kg", "12 €€", "€ 12 $", "12 % €", "(12", "12)",
        "(-12)",
        "5.00 CR", "5.00DR", "CR 5.00", "5 Cr.", "$(5.00) USD", "$(5.00)-", "$ 5.00)",
        "-12-", "--12", "+-12", "12 e4", "1:30", "12/5", "\u0661\u0662", "\uff11", "\xbd", "12\xb2", "99\xa2", "1.029",
        "1,029", "10.125", "999,999 EUR", "a\0", "\ud800", nan, inf, -inf, Decimal("NaN"), Decimal("sNaN"), 10**400, [],
        {}, b"12", 1j, "12'", "'12", "1''000", "1,029.029,5", " ".join("1" * 9999),
    ],
)  # fmt: skip
def test_what_is_refused(said: object) -> None:
    assert read(said) == "bad number"


def test_credit_and_debit_are_refused_with_what_to_write() -> None:
    with pytest.raises(BadValueError, match="on which side of an account") as refused:
        number("5.00 CR")
    assert refused.value.hint == "write 5.00 or -5.00 without 'CR'."


@pytest.mark.parametrize(
    ("said", "mark"), [("12.5", ","), ("29,90", "."), ("1,029,5", ","), ("1.5e3", ","), ("1.5 €", ",")]
)
def test_a_declared_mark_is_the_only_one(said: str, mark: DecimalMark) -> None:
    assert read(said, mark) == "bad number"


@given(written, maybe_marks)
def test_a_number_is_finite_and_made_of_the_digits_that_are_there(said: str, mark: DecimalMark | None) -> None:
    found = read(said, mark)
    if found != "bad number":
        assert isfinite(found)
        digits = [each for each in said if each in "123456789"]
        assert bool(found) == bool(digits) or "e" in said.lower()
        if mark is None:  # what is read without a mark is read so with one of the two, too
            assert found in (read(said, "."), read(said, ","))


def test_a_text_of_a_hundred_thousand_blanks_costs_nothing() -> None:
    assert read("1" + " " * 100_000 + "x") == "bad number"
    assert read("(" * 100_000) == read("1" * 100_000 + "x") == read("a" * 100_000) == "bad number"


@pytest.mark.parametrize(
    ("said", "mark"),
    [
        ("29,90 €", "€"),
        ("US$ 5", "US$"),
        ("(5 chf)", "chf"),
        ("5", ""),
        ("5 %", ""),
        ("5 kg", ""),
        (5, ""),
        ("EUR", ""),
    ],
)
def test_the_currency_that_a_number_is_written_with(said: object, mark: str) -> None:
    assert currency_mark(said) == mark
