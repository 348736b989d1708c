"""Numbers as people and programs write them: read without doubt or refused, and never 0 in silence."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from numbers import Real
from typing import Literal, TypeAlias

import numpy as np

from living_personas.domain.currency import UNIT, is_currency
from living_personas.domain.raw import bare, shown
from living_personas.errors import BadValueError

__all__ = ["MACHINE", "SAY_WHICH", "DecimalMark", "currency_mark", "number"]

DecimalMark: TypeAlias = Literal[".", ","]
"""What stands before the decimals: a source may declare it (``numbers: {decimal: ","}``)."""

MACHINE = "-?(?:[0-9]+|[0-9]*[.](?:[0-9]{1,2}|[0-9]{4,})|(?:[0-9]{4,}|0[0-9]*)?[.][0-9]{3})"
"""What machines write and nobody can read in another way; in a syntax that RE2 shares."""
SAY_WHICH = '`numbers: {decimal: "."}` or `numbers: {decimal: ","}` in the source declares its decimal mark.'
"""What to do where a number can be read in two ways."""
_is_machine = re.compile(MACHINE).fullmatch
_SHAPE = re.compile(
    rf"(?:(?P<first>{UNIT})? ?(?P<open>\())? ?(?P<sign>[-+])? ?(?P<before>{UNIT}|%)? ?(?P<inner>[-+])? ?"
    r"(?P<digits>[.,]?[0-9](?:[0-9.,' ]*[0-9.,])?)(?P<dash>(?<=[.,])--?)?(?P<exponent>[eE][-+]?[0-9]{1,6})? ?"
    rf"(?P<outer>[-+])? ?(?P<after>{UNIT}|%)? ?(?:(?P<close>\)) ?(?P<last>{UNIT})?)?"
)
_GROUPED = re.compile(
    r"[1-9][0-9]{0,2}([., '])[0-9]{3}(?:\1[0-9]{3})*"
    r"|[1-9][0-9]?([., '])[0-9]{2}(?:\2[0-9]{2})*\2[0-9]{3}"  # 12,34,567
)
_LOOK_ALIKE = (
    dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"), "-")
    | dict.fromkeys(map(ord, "\t\u00a0\u2007\u2009\u202f"), " ")
    | dict.fromkeys(map(ord, "\u2019\u02bc"), "'")
)
_UNITS = ("first", "before", "after", "last")
_SIDES = ("CR", "DR")
"""Credit and debit: to be added in the one book what is taken off in the other; and a crore, which is ten million."""
_TRUTH = {"true": 1.0, "false": 0.0}


def number(said: object, *, decimal: DecimalMark | None = None) -> float:
    """The number that a value is.

    Parameters
    ----------
    said
        A number of Python's, numpy's or ``Decimal`` (true and false are 1 and 0), or text: plain, with separators of
        thousands, a currency, a percent sign (12% is 0.12), brackets or a minus behind it;
        ``5.00 CR`` is none, as credit is added by some and taken off by others.
    decimal
        The decimal mark that the source declares; the other mark then separates thousands. Undeclared, text is read
        where there is one way to read it: ``29,90``, ``1.234,5``, ``1 029``, ``0.125``, but neither ``1.029`` nor
        ``10,125``: one mark, one to three digits before it and three after it. Numbers that are no text need none.

    Raises
    ------
    BadValueError
        ``bad number`` if it is none, is infinite or not-a-number, or can be read in two ways.

    >>> number("12.5"), number("1.234,50 €"), number("$(1,234.50)"), number("12 %"), number("-3e4")
    (12.5, 1234.5, -1234.5, 0.12, -30000.0)
    >>> number("1.029", decimal=","), number("1.029", decimal="."), number(1.029)
    (1029.0, 1.029, 1.029)
    >>> number("1.029")
    Traceback (most recent call last):
    ...
    living_personas.errors.BadValueError: '1.029' may be 1.029 or 1029.
      hint: `numbers: {decimal: "."}` or `numbers: {decimal: ","}` in the source declares its decimal mark.
    """
    found = _of_text(said, bare(said), decimal) if isinstance(said, str) else _of_value(said)
    if found is None or not math.isfinite(found):
        raise BadValueError(
            f"{shown(said)} is no finite number.",
            hint="write digits, at most one decimal mark and separators of thousands; leave it empty if it is unknown.",
            reason="bad number",
        )
    return found


def currency_mark(said: object) -> str:
    """The sign, code or word of the currency that a number is written with; empty if there is none.

    A sum has one currency: where this says two, it is none.

    >>> currency_mark("29,90 €"), currency_mark("US$ 5"), currency_mark("5"), currency_mark("5 kg")
    ('€', 'US$', '', '')
    """
    found = _SHAPE.fullmatch(_alike(said)) if isinstance(said, str) else None
    units = [found[name] for name in _UNITS] if found else []
    return next((unit for unit in units if unit and is_currency(unit)), "")


def _of_value(said: object) -> float | None:
    if not isinstance(said, float | int | Real | Decimal | np.bool_):
        return None
    try:
        return float(said)
    except (OverflowError, ValueError):
        return None


def _of_text(said: object, text: str, decimal: DecimalMark | None) -> float | None:
    if decimal != "," and _is_machine(text):
        return float(text)
    found = _SHAPE.fullmatch(_alike(text))
    if found is None:
        return _TRUTH.get(text.lower())
    signs = [found[name] for name in ("open", "sign", "inner", "outer") if found[name]]
    units = [found[name] for name in _UNITS if found[name]]
    if len(signs) > 1 or bool(found["open"]) != bool(found["close"]) or len(units) > 1:
        return None
    if any(unit.upper().rstrip(".") in _SIDES for unit in units):
        raise BadValueError(
            f"{shown(said)} says on which side of an account it is booked, and not whether it is added.",
            hint=f"write {found['digits']} or -{found['digits']} without {units[0]!r}.",
            reason="bad number",
        )
    if not all(unit == "%" or is_currency(unit) for unit in units):
        return None
    digits = found["digits"] + ("00" if found["dash"] else "")  # 29,- is 29,00
    mark = decimal or _decimal_mark(said, digits, scientific=bool(found["exponent"]))
    plain = _machine(digits, mark)
    power = int((found["exponent"] or "e0")[1:]) - 2 * ("%" in units)
    minus = "-" if signs and signs[0] != "+" else ""
    return float(f"{minus}{plain}e{power}") if plain else None


def _alike(text: str) -> str:
    """The text in which marks that look the same are the same, and blanks stand alone."""
    return " ".join(filter(None, bare(text).translate(_LOOK_ALIKE).split(" ")))


def _decimal_mark(said: object, digits: str, *, scientific: bool) -> str:
    """What stands before the decimals, if nobody has declared it; empty if nothing does."""
    marks = [mark for mark in digits if mark in ".,"]
    if not marks or (len(marks) > 1 and len(set(marks)) == 1):
        return ""
    before, _, after = digits.partition(marks[-1])
    in_doubt = len(marks) == 1 and len(after) == 3 and 1 <= len(before) <= 3 and before.isdigit() and before[0] != "0"
    if in_doubt and not scientific:
        raise BadValueError(
            f"{shown(said)} may be {before}.{after} or {before}{after}.",
            hint=SAY_WHICH,
            reason="bad number",
        )
    return marks[-1]


def _machine(digits: str, mark: str) -> str:
    """The digits with a point before the decimals and nothing else between them; empty if they are grouped wrongly."""
    whole, _, part = digits.partition(mark) if mark else (digits, "", "")
    if part and not part.isdigit():
        return ""
    if whole and not whole.isdigit() and not _GROUPED.fullmatch(whole):
        return ""
    return f"{re.sub('[^0-9]', '', whole)}.{part}" if whole or part else ""
