"""Single columns, read as the row reader reads single values: plain ones by Arrow, others once for each value."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import written
from living_personas.domain.customer_ids import customer_ids
from living_personas.domain.event import Json, QuarantineReason
from living_personas.domain.number_text import DecimalMark
from living_personas.domain.raw import bare
from living_personas.domain.value import value
from living_personas.sources.blocks import BlockColumn, Mask, Places, ReadValues, mask_of
from living_personas.sources.properties import property_of
from living_personas.sources.rows import BadRowError
from living_personas.sources.values import LONGEST_NAME, id_in, option_of, outcome_of, size_of, text_of

__all__ = [
    "Texts",
    "bare_in",
    "ids_in",
    "numbers_in",
    "options_in",
    "outcomes_in",
    "properties_in",
    "sizes_of",
    "texts_in",
]

_NOTHING = pa.scalar(None, pa.string())
_MANY = 256
"""From so many distinct values on it pays to let Arrow look at them first."""
_ODD = "[^ -~]"
_WORD = r"^[A-Za-z_][ !#-\[\]-~]*$"
_TEXT = r"^[ !#-\[\]-~]*$"
_WHOLE = "^[1-9][0-9]{0,14}$"
_PART = "^-?(?:0|[1-9][0-9]{0,9})[.][0-9]{0,3}[1-9]$"
"""What JSON writes as it stands: text without marks of its own, numbers whose digits are those of their double."""
_MACHINE_PART = "^-?(?:0|[1-9][0-9]{0,9})[.][0-9]?[1-9]$"
"""The same, where it is not followed by three digits, which may be thousands."""


@value
class Texts:
    """A text for each row, empty where there is none, and the rows whose value could not be read (``bad``)."""

    texts: pa.StringArray
    bad: Mask


def texts_in(column: BlockColumn, name: str, *, reason: QuarantineReason) -> Texts:
    """``text_of`` of every row."""

    def read(said: object) -> str:
        return text_of({name: said}, name, reason=reason)

    if not column.is_text:
        return _texts(column.each(read))
    texts = pc.fill_null(column.texts, "")
    odd = _odd(texts, longest=LONGEST_NAME)
    plain = pc.ascii_trim(texts, " ")
    if not odd.any():
        return Texts(texts=plain, bad=odd)
    rest = _texts(BlockColumn(texts.filter(pa.array(odd))).each(read))
    bad = odd.copy()
    bad[odd] = rest.bad
    return Texts(texts=pc.replace_with_mask(plain, pa.array(odd), rest.texts), bad=bad)


def options_in(column: BlockColumn, name: str) -> Texts:
    """``option_of`` of every row."""
    if column.is_text:
        return texts_in(column, name, reason="bad option")
    return _texts(column.each(lambda said: option_of({name: said}, name)))


def bare_in(texts: pa.StringArray) -> pa.StringArray:
    """``bare`` of every text."""
    odd = pa.array(_odd(texts))
    plain = pc.ascii_trim(texts, " ")
    if not odd.true_count:
        return plain
    return pc.replace_with_mask(plain, odd, pa.array([bare(text) for text in texts.filter(odd).to_pylist()]))


def ids_in(column: BlockColumn, name: str, *, nobody: frozenset[str]) -> Texts:
    """``id_in`` of every row."""
    if column.array is None:
        return _texts(column.each(lambda said: id_in({name: said}, name, nobody=nobody)))
    ids, why = customer_ids(column.array, nobody=nobody)
    return Texts(
        texts=pc.fill_null(ids, ""), bad=mask_of(pc.fill_null(pc.equal(why, "bad customer"), fill_value=False))
    )


def sizes_of(column: BlockColumn) -> Places:
    """``size_of`` of every row."""
    if column.is_text:
        sizes: Places = pc.fill_null(pc.binary_length(column.texts), 0).to_numpy(zero_copy_only=False).astype(np.int64)
        return sizes
    if column.array is not None and (
        pa.types.is_primitive(column.array.type) or pa.types.is_decimal(column.array.type)
    ):
        return np.zeros(len(column), np.int64)
    return np.array([size_of(said) for said in column.values], np.int64)[column.rows]


def properties_in(column: BlockColumn, name: str, *, typed: bool) -> ReadValues[str]:
    """The JSON text of ``property_of`` of every row; None where it says nothing."""

    def plain(texts: pa.StringArray) -> pa.StringArray:
        quoted = pc.binary_join_element_wise('"', texts, '"', "")
        if typed:
            return _where(pc.match_substring_regex(texts, _TEXT), quoted)
        digits = pc.match_substring_regex(texts, f"{_WHOLE}|{_PART}")
        return pc.coalesce(_where(pc.match_substring_regex(texts, _WORD), quoted), _where(digits, texts))

    return _as_json(column, lambda said: property_of({name: said}, name, typed=typed), plain)


def numbers_in(column: BlockColumn, name: str, *, decimal: DecimalMark | None) -> ReadValues[str]:
    """The JSON text of ``number_of`` of every row; None where it says nothing."""
    return outcomes_in(column, name, decimal=decimal, in_words=False)


def outcomes_in(column: BlockColumn, name: str, *, decimal: DecimalMark | None, in_words: bool) -> ReadValues[str]:
    """The JSON text of ``outcome_of`` of every row; None where it says nothing."""

    def read(said: object) -> float | None:
        return outcome_of({name: said}, name, decimal=decimal, in_words=in_words)

    def plain(texts: pa.StringArray) -> pa.StringArray:
        whole = _where(pc.match_substring_regex(texts, _WHOLE), pc.binary_join_element_wise(texts, ".0", ""))
        return pc.coalesce(whole, _where(pc.match_substring_regex(texts, _MACHINE_PART), texts))

    return _as_json(column, read, None if decimal == "," else plain)


def _as_json(
    column: BlockColumn, read: Callable[[object], Json], plain: Callable[[pa.StringArray], pa.StringArray] | None
) -> ReadValues[str]:
    if len(column.values) < _MANY or not (column.is_number or (plain and column.is_text)):
        return column.each(lambda said: _json(read(said)))
    found = _numbers(column.values) if plain is None or column.is_number else plain(_texts_of(column)).to_pylist()
    bad = np.zeros(len(found), np.bool_)
    for place, said in enumerate(column.values):
        if found[place] is None:
            try:
                found[place] = _json(read(said))
            except BadRowError:
                bad[place] = True
    return ReadValues(values=found, bad=bad, rows=column.rows)


def _texts_of(column: BlockColumn) -> pa.StringArray:
    return pa.array(column.values, pa.string())


def _numbers(values: Sequence[object]) -> list[str | None]:
    """Numbers as JSON writes them; None where there is none that it can write."""
    return [None if text in _NO_NUMBERS else text for text in map(repr, values)]


_NO_NUMBERS = frozenset(("None", "nan", "inf", "-inf"))


def _json(found: Json) -> str | None:
    return None if found is None else written(found)


def _texts(answers: ReadValues[str]) -> Texts:
    return Texts(texts=pc.fill_null(answers.taken(pa.string()), ""), bad=answers.bad_rows)


def _where(condition: pa.BooleanArray, texts: pa.StringArray) -> pa.StringArray:
    return pc.if_else(condition, texts, _NOTHING)


def _odd(texts: pa.StringArray, *, longest: int | None = None) -> Mask:
    """The texts that hold more than printable ASCII, or are longer than a name."""
    odd = mask_of(pc.match_substring_regex(texts, _ODD))
    if longest is not None:
        odd = odd | mask_of(pc.greater(pc.binary_length(texts), longest))
    return odd
