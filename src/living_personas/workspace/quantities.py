"""Quantities as people write them: "7 days", "2%", "0.2pp", "1/3"; each prints back to the same value."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NoReturn

from living_personas.errors import LivingPersonasError, did_you_mean

__all__ = [
    "DURATION_PATTERN",
    "POINTS_PATTERN",
    "SHARE_PATTERN",
    "InvalidQuantityError",
    "duration",
    "points",
    "points_text",
    "share",
    "share_text",
]

_NUMBER = r"\d{1,9}(?:\.\d{1,20})?"
DURATION_PATTERN = rf"^{_NUMBER} ?(?:second|minute|hour|day|week)s?$"
SHARE_PATTERN = r"^(?:\d{1,3}(?:\.\d{1,40})? ?%|\d{1,9} ?/ ?\d{1,9}|[01](?:\.\d{1,40})?)$"
POINTS_PATTERN = r"^\d{1,3}(?:\.\d{1,40})? ?pp$"

_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_LONGEST = timedelta(days=3650)
_SHORT_UNITS = {
    "s": "seconds",
    "sec": "seconds",
    "min": "minutes",
    "m": "minutes",
    "h": "hours",
    "hr": "hours",
    "d": "days",
    "w": "weeks",
}


class InvalidQuantityError(LivingPersonasError):
    """A quantity has no unit, an unknown unit, or a size that cannot be meant."""


def duration(text: str) -> timedelta:
    """How long ``text`` says.

    >>> duration("24 hours") == duration("1 day")
    True
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,20})?) ?([A-Za-z]+)", text, re.ASCII)
    if match is None:
        _refuse_duration(text)
    number, word = match.groups()
    unit = _UNITS.get(word.removesuffix("s"))
    if unit is None:
        nearest = _SHORT_UNITS.get(word.lower())
        hint = f"did you mean '{number} {nearest}'?" if nearest else did_you_mean(word, [f"{name}s" for name in _UNITS])
        raise InvalidQuantityError(f"{text!r} has the unknown unit {word!r}.", hint=hint)
    microseconds = Fraction(number) * (unit // timedelta(microseconds=1))
    if not 0 <= microseconds <= _LONGEST // timedelta(microseconds=1):
        raise InvalidQuantityError(
            f"{text!r} is longer than ten years.", hint="write a shorter time, such as '7 days'."
        )
    return timedelta(microseconds=round(microseconds))


def share(text: str) -> float:
    """The share between 0 and 1 that ``text`` says: a percentage, a fraction, or the number itself.

    >>> share("2%"), share("1/4"), share("0.05")
    (0.02, 0.25, 0.05)
    """
    if text.lower().endswith("pp"):
        raise InvalidQuantityError(
            f"{text!r} is in percentage points, where a share is meant.", hint=f"write '{text[:-2].strip()}%'."
        )
    if not re.fullmatch(SHARE_PATTERN, text, re.ASCII):
        _refuse_share(text)
    if "/" in text:
        above, below = (int(part) for part in text.split("/"))
        if below == 0:
            raise InvalidQuantityError(f"{text!r} divides by zero.", hint="write a share such as '1/3'.")
        fraction = Fraction(above, below)
    else:
        fraction = Fraction(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    if not 0 <= fraction <= 1:
        raise InvalidQuantityError(f"{text!r} is more than the whole.", hint="write a share between '0%' and '100%'.")
    return float(fraction)


def share_text(number: float) -> str:
    """A share as a percentage that reads back to the very same number.

    >>> share_text(0.02), share_text(0.0005)
    ('2%', '0.05%')
    """
    return f"{_decimal_text(Decimal(repr(float(number))) * 100)}%"


def points(text: str) -> float:
    """The difference between two shares that ``text`` says, in percentage points.

    >>> points("0.2pp")
    0.002
    """
    if not re.fullmatch(POINTS_PATTERN, text, re.ASCII):
        raise InvalidQuantityError(f"{text!r} is not in percentage points.", hint="write it like '0.2pp'.")
    fraction = Fraction(text.removesuffix("pp").strip()) / 100
    if fraction > 1:
        raise InvalidQuantityError(f"{text!r} is more than the whole.", hint="write it like '0.2pp'.")
    return float(fraction)


def points_text(number: float) -> str:
    """A difference of shares in percentage points that reads back to the very same number.

    >>> points_text(0.002)
    '0.2pp'
    """
    return f"{_decimal_text(Decimal(repr(float(number))) * 100)}pp"


def _decimal_text(number: Decimal) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _refuse_duration(text: str) -> NoReturn:
    if re.fullmatch(_NUMBER, text, re.ASCII):
        raise InvalidQuantityError(f"{text!r} has no unit.", hint=f"write '{text} days', or hours, minutes, weeks.")
    raise InvalidQuantityError(f"{text!r} is not a length of time.", hint="write it like '7 days' or '24 hours'.")


def _refuse_share(text: str) -> NoReturn:
    if re.fullmatch(r"\d{1,3}(\.\d+)?", text, re.ASCII):
        raise InvalidQuantityError(f"{text!r} is more than the whole.", hint=f"did you mean '{text}%'?")
    raise InvalidQuantityError(f"{text!r} is not a share.", hint="write it like '2%' or '1/3'.")
