"""Yes and no in everybody's words: consent above all, where what is not understood is a no."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

from __future__ import annotations

import re
from numbers import Number

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.raw import bare, distinct, flat, is_absent, is_null_word

__all__ = ["consents", "consents_of", "is_unclear", "saying_no", "yes_no"]

_YES = ("true", "t", "yes", "y", "on", "1", "1.0", "granted", "opted in", "opt in", "optin", "optedin", "subscribed")
_NO = (
    *("false", "f", "no", "n", "off", "0", "0.0", "denied", "opted out", "opt out", "optout", "optedout"),
    *("unsubscribed", "not subscribed", "never subscribed"),
)
_SHEETS = {
    "wahr": "falsch", "vrai": "faux", "verdadero": "falso", "vero": "falso", "verdadeiro": "falso", "cert": "fals",
    "waar": "onwaar", "sant": "falskt", "sand": "falsk", "sann": "usann", "tosi": "epätosi", "prawda": "fałsz",
    "pravda": "nepravda", "igaz": "hamis", "adevărat": "fals", "doğru": "yanlış", "истина": "ложь",
}  # fmt: skip
"""What spreadsheets write for true and false in other languages: words of a program, and no answers of a person."""
_TRUE = dict.fromkeys(_SHEETS, True) | dict.fromkeys([*_SHEETS.values(), "yanliş"], False)
_WORDS = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False) | _TRUE
_JOINTS = re.compile(r"[\s_-]+")


def yes_no(said: object) -> bool | None:
    """Whether a value says yes or no, in any case and spelling; None if it is not understood, or nothing was said.

    >>> yes_no(" YES"), yes_no(0.0), yes_no("opted_in"), yes_no("Opt-Out"), yes_no("maybe"), yes_no(2)
    (True, False, True, False, None, None)
    >>> yes_no("WAHR"), yes_no("FAUX")
    (True, False)
    """
    if isinstance(said, str):
        return _WORDS.get(_JOINTS.sub(" ", bare(said).lower()))
    if isinstance(said, Number | np.bool_):
        return True if said == 1 else False if said == 0 else None
    return None


def consents(said: object, *, inverted: bool = False) -> bool | None:
    """Whether a customer agrees: None if nothing was said, and no if it was said in words that nobody understands.

    A program that holds no value says nothing, also where it writes a word for it (``NULL``).

    Parameters
    ----------
    said
        What stands in the trait or column.
    inverted
        A yes is a no: columns such as ``opt_out``, signals such as ``gpc``.

    >>> consents("granted"), consents(""), consents("NULL"), consents("vielleicht"), consents("1", inverted=True)
    (True, None, None, False, False)
    """
    found = yes_no(said)
    if found is None:
        return None if _is_silent(said) else False
    return found is not inverted


def is_unclear(said: object) -> bool:
    """Whether something was said that is neither a yes nor a no: of a consent it is a no, to be counted and shown.

    >>> is_unclear("perhaps"), is_unclear("no"), is_unclear(""), is_unclear("NULL")
    (True, False, False, False)
    """
    return yes_no(said) is None and not _is_silent(said)


def consents_of(column: pa.Array | pa.ChunkedArray, *, inverted: bool = False) -> pa.BooleanArray:
    """``consents`` of every row, asked once of each distinct value; NULL where nothing was said.

    >>> consents_of(pa.array(["Y", "off", "?", None])).to_pylist()
    [True, False, False, None]
    """
    said = flat(column)
    if pa.types.is_dictionary(said.type):
        return consents_of(said.dictionary, inverted=inverted).take(said.indices)
    values, rows = distinct(said)
    return pa.array([consents(value, inverted=inverted) for value in values], pa.bool_()).take(rows)


def saying_no(column: pa.Array | pa.ChunkedArray, *, inverted: bool = False) -> pa.BooleanArray:
    """Which rows say no (silence is none); never NULL.

    >>> saying_no(pa.array(["Y", "off", "?", None])).to_pylist()
    [False, True, True, False]
    """
    return pc.invert(pc.fill_null(consents_of(column, inverted=inverted), fill_value=True))


def _is_silent(said: object) -> bool:
    return is_absent(said) or is_null_word(said)
