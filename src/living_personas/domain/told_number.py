"""Numbers as people read them, and programs read them back."""

from __future__ import annotations

__all__ = ["amount_words", "number_text", "share_words", "with_minus"]


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


def amount_words(number: float, digits: int = 15) -> str:
    """An amount as people read it, to so many digits but never by its powers of ten.

    >>> amount_words(59.1395, 4), amount_words(123_456.7, 4), amount_words(-0.7), amount_words(40.0)
    ('59.14', '123,500', '\N{MINUS SIGN}0.7', '40')
    """
    return with_minus(f"{float(f'{number:.{digits}g}'):,.15g}")


def share_words(share: float, digits: int | None = 0) -> str:
    """A share as people read it: the one way on every surface; in files it is typed as ``5%``.

    Parameters
    ----------
    digits
        Decimals of the percentage; None for a share that somebody wrote, whose digits are all told.

    A part is never told as nothing, nor as the whole.

    >>> share_words(0.639, 1), share_words(0.05, None), share_words(0.0025, None)
    ('63.9 %', '5 %', '0.25 %')
    >>> share_words(0.004), share_words(0.9996, 1), share_words(0.0), share_words(1.0)
    ('under 1 %', 'over 99.9 %', '0 %', '100 %')
    """
    if digits is None:
        return f"{100 * share:.6g} %"
    told, least = f"{100 * share:.{digits}f}", 10.0**-digits
    if share > 0 and float(told) == 0:
        return f"under {least:.{digits}f} %"
    if share < 1 and float(told) == 100:
        return f"over {100 - least:.{digits}f} %"
    return f"{told} %"
