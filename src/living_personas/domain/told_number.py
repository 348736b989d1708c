"""Numbers as people read them, and programs read them back."""

from __future__ import annotations

__all__ = ["number_text", "with_minus"]


def with_minus(text: str) -> str:
    """A number as people read it: with a minus, which is no hyphen.

    >>> with_minus("-0.7")
    '\N{MINUS SIGN}0.7'
    """
    return text.replace("-", "\N{MINUS SIGN}")


def number_text(number: float) -> str:
    """A number that reads back to the very same one, without a point where none is needed.

    >>> number_text(40.0), number_text(0.7)
    ('40', '0.7')
    """
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e15 else repr(float(number))
