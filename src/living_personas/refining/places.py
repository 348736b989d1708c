"""Where a panel keeps what a table names: columns of texts become indices of subjects and options."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.stats.arrays import Ints

__all__ = ["Names", "option_places", "places_of", "subjects_of"]

Names = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]
"""The options of a subject, and what they were called before."""

_SUBJECT = ("persona", "attribute", "channel")


@lru_cache(maxsize=4096)
def option_places(options: tuple[str, ...], was: tuple[tuple[str, str], ...]) -> dict[str, int]:
    """The index of each option, by every name that it has or had."""
    named = {option: k for k, option in enumerate(options)}
    return named | {old: named[new] for new, old in was if new in named}


def subjects_of(table: pa.Table, subjects: tuple[Subject, ...]) -> Ints:
    """For each row of a table, the subject that it names by persona, attribute and channel; -1 for none.

    What is not believed per channel (its subject names none) is meant whatever the row's channel is.
    """
    codes, keys = _coded(subjects)
    persona, attribute, channel = (code.of(table[name]) for code, name in zip(codes, _SUBJECT, strict=True))
    pooled = np.full(table.num_rows, codes[2].of(pa.array([""]))[0])
    anyhow, here = (_found(keys, _joined([persona, attribute, c], codes)) for c in (pooled, channel))
    return np.where(anyhow >= 0, anyhow, here)


def places_of(table: pa.Table, subjects: tuple[Subject, ...], names: tuple[Names, ...]) -> tuple[Ints, Ints]:
    """For each row of a table, the subject and the option that it names; -1 and -1 for what the panel does not know."""
    row = subjects_of(table, subjects)
    spots = [option_places(*each) for each in names]
    option = _Codes(pa.array([name for each in spots for name in each], type=pa.string()))
    counts = [len(each) for each in spots]
    owner = np.repeat(np.arange(len(subjects)), counts)
    place = np.array([k for each in spots for k in each.values()], dtype=np.int64)
    found = _found(owner * option.count + option.own, _with(row, option.of(table["option"]), option.count))
    known = found >= 0
    return np.where(known, row, -1), np.where(known, np.append(place, -1)[found], -1)


class _Codes:
    """Texts by number: those of the panel in ``own``, -1 for a text that it does not have."""

    def __init__(self, texts: pa.Array) -> None:
        self.values = texts.unique()
        self.count = max(len(self.values), 1)
        self.own = self.of(texts)

    def of(self, column: pa.Array | pa.ChunkedArray) -> Ints:
        """The number of each text of a column."""
        at = pc.index_in(column, value_set=self.values)
        return np.asarray(pc.fill_null(at, -1).to_numpy(zero_copy_only=False), dtype=np.int64).reshape(-1)


@lru_cache(maxsize=16)
def _coded(subjects: tuple[Subject, ...]) -> tuple[tuple[_Codes, ...], Ints]:
    """The texts of subjects by number, each part by its own, and a number for each subject."""
    codes = tuple(_Codes(_texts(subjects, name)) for name in _SUBJECT)
    return codes, _joined([code.own for code in codes], codes)


def _texts(subjects: tuple[Subject, ...], name: str) -> pa.Array:
    return pa.array([getattr(subject, name) for subject in subjects], type=pa.string())


def _joined(parts: list[Ints], codes: Sequence[_Codes]) -> Ints:
    joined = parts[0]
    for part, code in zip(parts[1:], codes[1:], strict=True):
        joined = _with(joined, part, code.count)
    return joined


def _with(first: Ints, second: Ints, count: int) -> Ints:
    return np.where((first >= 0) & (second >= 0), first * count + second, -1)


def _found(keys: Ints, wanted: Ints) -> Ints:
    """The place of each wanted key among the keys, -1 where it is none of them."""
    if not keys.size:
        return np.full(wanted.shape, -1)
    order = np.argsort(keys)
    at = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), keys.size - 1)]
    return np.where((keys[at] == wanted) & (wanted >= 0), at, -1)
