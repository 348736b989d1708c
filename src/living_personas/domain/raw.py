"""Values as they come in, before anybody has understood them: bare, absent, shown, and distinct in a column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["NULL_WORDS", "bare", "bare_texts", "distinct", "flat", "is_absent", "is_null_word", "laid_out", "shown"]

NULL_WORDS = frozenset(
    {
        "null", "(null)", "<null>", "[null]", "#null!", "nil", "<nil>", "(nil)", "\\n", "undefined", "(undefined)",
        "<undefined>", "nan", "-nan", "nat", "<na>", "na", "#na", "#n/a", "#n/a n/a", "na_character_", "na_integer_",
        "dbnull", "system.dbnull",
    }
)  # fmt: skip
"""What programs write into text where they hold no value, in lower case; no person means anything by it."""

_SHOWN = 60

_BLANK = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"  # what Unicode calls white space
    "\xad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064"
    "\u2066\u2067\u2068\u2069\ufeff"  # what cannot be seen: zero width, byte-order marks, marks of direction
)


def bare(text: str) -> str:
    r"""The text without what stands around it and cannot be seen: white space of every kind, zero-width characters.

    >>> bare("\u200b u1\xa0\n"), bare("a b")
    ('u1', 'a b')
    """
    return text.strip() if text.isascii() else text.strip(_BLANK)


def bare_texts(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    r"""Every text of a column as ``bare`` gives it; null stays null.

    >>> bare_texts(pa.array(["\u200b u1\xa0\n", "a b\x1f", None])).to_pylist()
    ['u1', 'a b', None]
    """
    return pc.utf8_trim(column, characters=_BLANK)


def is_absent(said: object) -> bool:
    """Whether nothing was said: None, not-a-number where a frame has no value, or a text in which nothing can be seen.

    >>> is_absent(None), is_absent(float("nan")), is_absent(" "), is_absent(0), is_absent("null")
    (True, True, True, False, False)
    """
    if isinstance(said, str):
        return not bare(said)
    return said is None or (isinstance(said, float | np.floating) and bool(np.isnan(said)))


def is_null_word(said: object) -> bool:
    """Whether a text is what a program writes where it holds no value.

    >>> is_null_word(" NULL"), is_null_word("none"), is_null_word(None)
    (True, False, False)
    """
    return isinstance(said, str) and bare(said).lower() in NULL_WORDS


def shown(said: object) -> str:
    """A value as a message shows it: in ASCII, and never longer than a line.

    >>> shown("a" * 100)[-6:], shown(2.5)
    ('aaa...', '2.5')
    """
    try:
        text = ascii(said[:_SHOWN] if isinstance(said, str | bytes | list | tuple) else said)
    except ValueError:  # Python refuses to write integers of more than 4,300 digits
        return f"a value of the type {type(said).__name__}"
    return text if len(text) < _SHOWN else text[:_SHOWN] + "..."


def flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def laid_out(texts: pa.StringArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Where each text ends in the bytes of all of them (the first begins at 0), and these bytes.

    >>> ends, data = laid_out(pa.array(["u1", "", "é"])[1:])
    >>> ends.tolist(), data.tobytes().decode()
    ([0, 0, 2], 'é')
    """
    _, places, data = texts.buffers()
    ends = np.frombuffer(places, np.int32, len(texts) + 1, texts.offset * 4).astype(np.int64)
    held = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return ends - ends[0], held[ends[0] : ends[-1]]


def distinct(column: pa.Array) -> tuple[list[object], pa.Array]:
    """The distinct values of a column as Python holds them, and for each row which of them it holds.

    What Python cannot hold (bytes that are no UTF-8, the year 30000) is ``NotImplemented``: a value that no reader
    takes for anything.

    >>> values, rows = distinct(pa.array(["a", None, "a"]))
    >>> values, rows.to_pylist()
    (['a', None], [0, 1, 0])
    """
    try:
        coded = column.dictionary_encode(null_encoding="encode")
    except pa.ArrowNotImplementedError:  # lists, objects and other values that are not compared
        return _values(column), pa.array(np.arange(len(column)))
    return _values(coded.dictionary), coded.indices


def _values(column: pa.Array) -> list[object]:
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return [_value(scalar) for scalar in column]


def _value(scalar: pa.Scalar) -> object:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        return NotImplemented
