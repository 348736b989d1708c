"""Objects are told apart in whole blocks as they are one by one, whatever stands in them and however they are cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from living_personas.sources.json_layout import layout_of
from living_personas.sources.json_rows import _items
from living_personas.sources.json_spans import object_spans
from living_personas.sources.json_text import JsonText
from living_personas.sources.rows import Unreadable

PIECES = ["{", "}", "[", "]", '"', "\\", ",", ":", "\n", " ", "a", "1", "\u00e4", "\udcff", '{"a": 1}', '{"b": "}{"}']
"""What is met in JSON, whole, wrong, and in bytes that are no UTF-8."""
VALUES = st.recursive(
    st.none() | st.integers() | st.text(alphabet='a"\\{}[],:\n\u00e4\u2603', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
ROWS = st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), max_size=8)
SIZES = st.lists(st.integers(1, 300), min_size=1, max_size=4)
SPOILT = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


class Cut(NamedTuple):
    """A file in blocks of some sizes."""

    text: str
    sizes: list[int]

    def blocks(self) -> Iterator[str]:
        at = turn = 0
        while at < len(self.text):
            size = self.sizes[turn % len(self.sizes)]
            yield self.text[at : at + size]
            at, turn = at + size, turn + 1

    def items(self) -> list[object]:
        """The rows, or what is wrong with each; how much is kept of a text that is no JSON depends on its blocks."""
        file, layout = Path("blocks"), layout_of(self.text.lstrip() or "[")
        with patch("living_personas.sources.json_rows.read_blocks", lambda _: self.blocks()):
            return [each.detail if isinstance(each, Unreadable) else each for each in _items(file, layout)]


@given(ROWS, st.sampled_from([None, 1, 2]), SIZES)
def test_rows_are_what_was_written(rows: list[dict[str, object]], indent: int | None, sizes: list[int]) -> None:
    found = Cut(json.dumps(rows, indent=indent, ensure_ascii=False), sizes).items()
    assert [json.loads(str(line)) for line in found] == rows


@given(SPOILT, SPOILT, ROWS, SIZES, st.sampled_from("[ "))
def test_spoilt_text_gives_what_it_gives_one_by_one(
    before: str, after: str, rows: list[dict[str, object]], sizes: list[int], opened: str
) -> None:
    between = ",".join(json.dumps(row) for row in rows)
    file = Cut(f'{opened}{{"a": 2}}{before}{between}{after}', sizes)
    at_once = file.items()
    with patch.object(JsonText, "objects", lambda _text, _between: []):
        assert at_once == file.items()


def test_a_bracket_that_closes_more_ends_it() -> None:
    starts, ends = object_spans(b'{"a": "}"}, {"b": [1]}], {"c": 1}')
    assert [*zip(starts.tolist(), ends.tolist(), strict=True)] == [(0, 10), (12, 22)]
