"""Quantities: what they are worth, that they print back exactly, and how bad ones are refused."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.duration_text import duration_text
from living_personas.workspace.quantities import (
    DURATION_PATTERN,
    POINTS_PATTERN,
    SHARE_PATTERN,
    InvalidQuantityError,
    duration,
    points,
    points_text,
    share,
    share_text,
)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("7 days", timedelta(days=7)),
        ("1 day", timedelta(days=1)),
        ("7days", timedelta(days=7)),
        ("24 hours", timedelta(days=1)),
        ("30 minutes", timedelta(minutes=30)),
        ("90 seconds", timedelta(seconds=90)),
        ("2 weeks", timedelta(days=14)),
        ("1.5 days", timedelta(hours=36)),
        ("0 days", timedelta(0)),
    ],
)
def test_durations(text: str, span: timedelta) -> None:
    assert duration(text) == span


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2%", 0.02),
        ("2 %", 0.02),
        ("0.05%", 0.0005),
        ("1/3", 1 / 3),
        ("0.05", 0.05),
        ("0", 0.0),
        ("1", 1.0),
        ("100%", 1.0),
    ],
)
def test_shares(text: str, number: float) -> None:
    assert share(text) == number


def test_points() -> None:
    assert points("0.2pp") == 0.002
    assert points("5 pp") == 0.05


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("7", "no unit", "7 days"),
        ("7 dasy", "unknown unit 'dasy'", "did you mean 'days'"),
        ("24h", "unknown unit 'h'", "24 hours"),
        ("5 min", "unknown unit 'min'", "5 minutes"),
        ("a week", "not a length of time", "7 days"),
        ("-7 days", "not a length of time", "7 days"),
        ("\u0667 days", "not a length of time", "7 days"),
        ("9999 weeks", "longer than ten years", "7 days"),
        ("", "not a length of time", "7 days"),
    ],
)
def test_bad_durations_say_how_to_write_them(text: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidQuantityError) as caught:
        duration(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("5", "more than the whole", "'5%'"),
        ("120%", "more than the whole", "100%"),
        ("3/2", "more than the whole", "100%"),
        ("1/0", "divides by zero", "1/3"),
        ("0.2pp", "percentage points", "'0.2%'"),
        ("two", "not a share", "2%"),
        ("2,5%", "not a share", "2%"),
        ("-2%", "not a share", "2%"),
        ("1e-2", "not a share", "2%"),
    ],
)
def test_bad_shares_say_how_to_write_them(text: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidQuantityError) as caught:
        share(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["0.2", "0.2%", "101pp", "pp"])
def test_bad_points_are_refused(text: str) -> None:
    with pytest.raises(InvalidQuantityError):
        points(text)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3650)))
def test_a_duration_prints_back_to_itself(span: timedelta) -> None:
    text = duration_text(span)
    assert duration(text) == span
    assert re.search(DURATION_PATTERN, text)


@given(st.floats(min_value=1e-9, max_value=1) | st.just(0.0))
def test_a_share_prints_back_to_itself(number: float) -> None:
    assert share(share_text(number)) == number
    assert re.search(SHARE_PATTERN, share_text(number))
    assert points(points_text(number)) == number
    assert re.search(POINTS_PATTERN, points_text(number))


@given(st.text(max_size=20))
def test_any_text_is_a_quantity_or_refused(text: str) -> None:
    for parse in (duration, share, points):
        with suppress(InvalidQuantityError):
            parse(text)
