"""JSON in columns: objects of one shape are taken apart all at once, and the others one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.value import value
from living_personas.sources.blocks import Block, BlockColumn, Mask, Places, mask_of
from living_personas.sources.rows import Row, Unreadable
from living_personas.sources.text_lines import LONGEST_LINE, LineReader, decoded

__all__ = ["Part", "item_parts", "json_blocks", "line_parts"]

Read = Callable[[str | Unreadable], Row | Unreadable | None]
"""Reads one line; None if it is blank."""
Part: TypeAlias = pa.StringArray | Sequence[str | Unreadable]
"""Some lines with their ends, all together or, where any of them may be no text, one by one."""

_PIECE = 1 << 22
"""Bytes of lines that are taken apart at once."""
_MOST_BYTES = 1 << 24
"""Of lines in one block."""
_LONGEST = 1 << 12
"""Bytes of a line that is taken apart with others: in a longer one a number may have too many digits for Python."""
_MOST_SHAPES = 8
_GROUPS = 4
"""Values that one expression takes apart: RE2 takes a quarter longer where there are more."""

_TEXT = r'"[^"\\\x00-\x1f]*"'
_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?"
_VALUE = f"{_TEXT}|{_NUMBER}|true|false|null"
_BLANK = r"[ \t]*"
_INTEGERS = "^-?(?:0|[1-9][0-9]{0,17})$"
_FLOATS = "^-?(?:0|[1-9][0-9]{0,20})(?:[.][0-9]{1,20}(?:[eE][+-]?[0-9]{1,2})?|[eE][+-]?[0-9]{1,2})$"
_NOTHING = pa.scalar(None, pa.string())

_Shape: TypeAlias = Sequence[tuple[str, tuple[str, ...]]]
"""Expressions, each for the end of a line that the one before left, with the keys whose values it finds."""


@value
class _Piece:
    """Some rows: the JSON text of their values by key, unless most had to be read one by one; and how to have them."""

    size: int
    weight: int
    said: Mapping[str, pa.StringArray] | None
    unreadable: Mapping[int, Unreadable]
    row: Callable[[int], Row | Unreadable]


def json_blocks(parts: Iterable[Part], read: Read, chunk: int, only: frozenset[str] | None = None) -> Iterator[Block]:
    """The rows of lines of objects in blocks of at most ``chunk`` rows and about 16 MB.

    Where ``only`` some columns are wanted, blocks may lack the others.
    """
    waiting: list[_Piece] = []
    first = 1
    shapes = _Shapes(read, only)
    for part in parts:
        piece = shapes.piece(part) if isinstance(part, pa.StringArray) else _read_singly(part, read)
        if waiting and (waiting[0].said is None) != (piece.said is None):
            yield from _cut(waiting, first, chunk)
            first, waiting = first + sum(each.size for each in waiting), []
        waiting.append(piece)
        if sum(each.weight for each in waiting) >= _MOST_BYTES or sum(each.size for each in waiting) >= chunk:
            yield from _cut(waiting, first, chunk)
            first, waiting = first + sum(each.size for each in waiting), []
    yield from _cut(waiting, first, chunk)


def line_parts(lines: LineReader) -> Iterator[Part]:
    """The lines of a file, part by part."""
    single = iter(lines)
    while text := lines.block(_PIECE):
        whole = _whole_lines(text)
        if whole is not None:
            lines.take(len(text))
            yield whole
            continue
        end, found = lines.taken + len(text), []
        while lines.taken < end and (line := next(single, None)) is not None:
            found.append(line)
        yield found


def item_parts(lines: Iterable[str | Unreadable]) -> Iterator[Part]:
    """Lines that come one by one, each with its end, part by part."""
    texts, size = list[str](), 0
    for line in lines:
        if isinstance(line, str):
            texts.append(line)
            size += len(line)
        if texts and (isinstance(line, Unreadable) or size >= _PIECE):
            yield pa.array(texts, pa.string())
            texts, size = [], 0
        if isinstance(line, Unreadable):
            yield [line]
    if texts:
        yield pa.array(texts, pa.string())


def _whole_lines(text: bytes) -> pa.StringArray | None:
    """Lines with their ends; None where one is cut off, too long, or no UTF-8."""
    if not text.endswith(b"\n"):
        return None
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
    places = np.concatenate([[0], ends]).astype(np.int32)
    found = pa.StringArray.from_buffers(len(ends), pa.py_buffer(places), pa.py_buffer(text))
    try:
        found.validate(full=True)
    except pa.ArrowInvalid:
        return None
    return found if int(np.diff(places).max()) <= LONGEST_LINE else None


class _Shapes:
    """The shapes of lines met so far: flat objects with the same keys in the same order."""

    def __init__(self, read: Read, only: frozenset[str] | None) -> None:
        self._read = read
        self._only = only
        self._shapes: dict[tuple[str, ...], _Shape] = {}

    def piece(self, lines: pa.StringArray) -> _Piece:
        """The rows of some lines."""
        left = mask_of(pc.less_equal(pc.binary_length(lines), _LONGEST)).copy()
        parts: list[tuple[Places, Mapping[str, pa.StringArray]]] = []
        for shape in self._shapes.values():
            self._take(lines, left, shape, parts)
        looked_at = 0
        while left.any() and len(self._shapes) < _MOST_SHAPES and looked_at < _MOST_SHAPES:
            first = int(np.argmax(left))
            met = self._keys(lines[first].as_py())
            shape = _shape(met, self._only)
            if met and met not in self._shapes and self._take(lines, left, shape, parts):
                self._shapes[met] = shape
            left[first], looked_at = False, looked_at + 1
        taken = np.zeros(len(lines), np.bool_)
        for places, _ in parts:
            taken[places] = True
        return self._together(lines, taken, parts)

    def _keys(self, line: str) -> tuple[str, ...]:
        row = self._read(line)
        return tuple(row) if isinstance(row, dict) else ()

    def _take(
        self,
        lines: pa.StringArray,
        left: Mask,
        shape: _Shape,
        parts: list[tuple[Places, Mapping[str, pa.StringArray]]],
    ) -> bool:
        """Take apart the lines of a shape; whether there was any."""
        places = np.flatnonzero(left)
        if not len(places):
            return False
        some = lines if len(places) == len(lines) else lines.take(pa.array(places))
        try:
            said, fits = _taken_apart(some, shape)
        except pa.ArrowInvalid:  # an expression that is too large
            return False
        if not fits.all():
            said = {key: each.filter(pa.array(fits)) for key, each in said.items()}
        if fits.any():
            parts.append((places[fits], said))
            left[places[fits]] = False
        return bool(fits.any())

    def _together(
        self, lines: pa.StringArray, taken: Mask, parts: list[tuple[Places, Mapping[str, pa.StringArray]]]
    ) -> _Piece:
        weight = int(pc.sum(pc.binary_length(lines)).as_py())
        others = {int(place): self._read(_line(lines, int(place))) for place in np.flatnonzero(~taken)}
        if 2 * len(others) > len(lines):
            rows = [
                others[place] if place in others else self._read(line) for place, line in enumerate(lines.to_pylist())
            ]
            return _of_rows([row for row in rows if row is not None], weight)
        blank = np.zeros(len(lines), np.bool_)
        blank[[place for place, row in others.items() if row is None]] = True
        number = np.cumsum(~blank) - 1
        read = {int(number[place]): row for place, row in others.items() if row is not None}
        kept = lines.filter(pa.array(~blank)) if blank.any() else lines
        pieces = [(number[places], said) for places, said in parts]
        pieces += [(np.array([place]), self._as_said(row)) for place, row in read.items() if isinstance(row, dict)]
        return _Piece(
            size=len(kept),
            weight=weight,
            said={key: _spread(key, pieces, len(kept)) for key in _keys_of(pieces)},
            unreadable={place: row for place, row in read.items() if isinstance(row, Unreadable)},
            row=partial(_row, kept, read, self._read),
        )

    def _as_said(self, row: Row) -> dict[str, pa.StringArray]:
        """The values of one row as JSON that says the same when it is read again."""
        wanted = {key: said for key, said in row.items() if self._only is None or key in self._only}
        return {key: pa.array([json.dumps(said)]) for key, said in wanted.items()}


def _line(lines: pa.StringArray, place: int) -> str | Unreadable:
    return decoded(lines[place].as_buffer().to_pybytes())


def _row(lines: pa.StringArray, read: Mapping[int, Row | Unreadable], again: Read, place: int) -> Row | Unreadable:
    return read[place] if place in read else again(_line(lines, place)) or {}


def _read_singly(lines: Sequence[str | Unreadable], read: Read) -> _Piece:
    weight = sum(len(line if isinstance(line, str) else line.raw) for line in lines)
    return _of_rows([row for line in lines if (row := read(line)) is not None], weight)


def _of_rows(rows: Sequence[Row | Unreadable], weight: int) -> _Piece:
    return _Piece(size=len(rows), weight=weight, said=None, unreadable={}, row=rows.__getitem__)


def _shape(keys: Sequence[str], only: frozenset[str] | None) -> _Shape:
    """How lines with these keys are taken apart; at least one value is, to see whether a line fits."""
    wanted = [key for key in keys if only is None or key in only] or [*keys[:1]]
    steps: list[tuple[str, tuple[str, ...]]] = []
    begin, pairs, here = rf"^{_BLANK}\{{", list[str](), list[str]()
    for key in keys:
        if len(here) == _GROUPS - 1 and len(wanted) > _GROUPS:
            steps.append((f"{begin}{','.join(pairs)}(?P<rest>,(?s:.*))$", tuple(here)))
            begin, pairs, wanted, here = "^,", [], wanted[len(here) :], []
        group = f"(?P<c{len(here)}>" if key in wanted else "(?:"
        here += [key] if key in wanted else []
        pairs.append(
            f"{_BLANK}{re.escape(json.dumps(key, ensure_ascii=False))}{_BLANK}:{_BLANK}{group}{_VALUE}){_BLANK}"
        )
    return (*steps, (rf"{begin}{','.join(pairs)}\}}{_BLANK}\r?\n$", tuple(here)))


def _taken_apart(lines: pa.StringArray, shape: _Shape) -> tuple[dict[str, pa.StringArray], Mask]:
    """What lines say under each key, and which of them are of the shape; what the others say is nothing."""
    said: dict[str, pa.StringArray] = {}
    rest = lines
    for expression, keys in shape:
        found = pc.extract_regex(rest, expression)
        here = found.flatten()
        rest = here[-1]
        said.update(zip(keys, here, strict=False))
    return said, mask_of(found.is_valid())


def _keys_of(parts: Iterable[tuple[Places, Mapping[str, pa.StringArray]]]) -> list[str]:
    return list(dict.fromkeys(key for _, said in parts for key in said))


def _spread(key: str, parts: Sequence[tuple[Places, Mapping[str, pa.StringArray]]], size: int) -> pa.StringArray:
    """What rows say under a key, put where they stand; NULL where they do not have it."""
    here = [(places, said[key]) for places, said in parts if key in said]
    if len(here) == 1 and len(here[0][0]) == size:
        return here[0][1]
    origin = np.full(size, -1, np.int64)
    origin[np.concatenate([places for places, _ in here])] = np.arange(sum(len(places) for places, _ in here))
    return pa.concat_arrays([said for _, said in here]).take(pa.array(origin, mask=origin < 0))


def _cut(pieces: Sequence[_Piece], first: int, chunk: int) -> Iterator[Block]:
    """The rows of some pieces of one kind in blocks."""
    size = sum(piece.size for piece in pieces)
    begins = np.cumsum([0, *(piece.size for piece in pieces)])

    def rows(start: int, places: Sequence[int]) -> list[Row | Unreadable]:
        found = []
        for place in places:
            number = int(np.searchsorted(begins, start + place, side="right")) - 1
            found.append(pieces[number].row(start + place - int(begins[number])))
        return found

    unreadable = {
        int(begin) + place: row
        for piece, begin in zip(pieces, begins, strict=False)
        for place, row in piece.unreadable.items()
    }
    said = _joined(pieces)
    for start in range(0, size, chunk):
        rest = min(chunk, size - start)
        columns = None if said is None else {key: _column(each.slice(start, rest)) for key, each in said.items()}
        yield Block(
            first=first + start,
            size=rest,
            columns=columns,
            take=partial(rows, start),
            unreadable={place - start: row for place, row in unreadable.items() if start <= place < start + rest},
        )


def _joined(pieces: Sequence[_Piece]) -> Mapping[str, pa.StringArray] | None:
    every = [piece.said for piece in pieces if piece.said is not None]
    if len(every) < len(pieces):
        return None
    keys = dict.fromkeys(key for said in every for key in said)
    return {
        key: pa.concat_arrays(
            [
                said[key] if key in said else pa.nulls(piece.size, pa.string())
                for piece, said in zip(pieces, every, strict=True)
            ]
        )
        for key in keys
    }


def _column(said: pa.StringArray) -> BlockColumn:
    """A column of JSON texts, in the type that all of its values have, or value by value."""
    texts = pc.if_else(pc.equal(said, "null"), _NOTHING, said)
    for look, read in _KINDS:
        if pc.all(look(texts)).as_py() is not False and (found := read(texts)) is not None:
            return BlockColumn(found)
    coded = said.dictionary_encode(null_encoding="encode")
    values: list[object] = [None if text is None else json.loads(text) for text in coded.dictionary.to_pylist()]
    return BlockColumn((values, coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)))


def _texts(said: pa.StringArray) -> pa.StringArray | None:
    """Texts without their quotes; None if one is no text that Arrow can hold."""
    escaped = pc.fill_null(pc.match_substring(said, "\\"), fill_value=False)
    plain = pc.ascii_trim(said, '"')
    if not escaped.true_count:
        return plain
    try:
        read = pa.array([json.loads(text) for text in said.filter(escaped).to_pylist()], pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair
        return None
    return pc.replace_with_mask(plain, escaped, read)


_KINDS: Sequence[tuple[Callable[[pa.StringArray], pa.BooleanArray], Callable[[pa.StringArray], pa.Array | None]]] = (
    (lambda said: pc.starts_with(said, '"'), _texts),
    (lambda said: pc.match_substring_regex(said, _INTEGERS), lambda said: said.cast(pa.int64())),
    (lambda said: pc.match_substring_regex(said, _FLOATS), lambda said: said.cast(pa.float64())),
    (lambda said: pc.match_substring_regex(said, "^(?:true|false)$"), lambda said: pc.equal(said, "true")),
)
