"""Pages: what people wrote stays text, and no effect goes without its interval."""

from __future__ import annotations

import re
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.belief import Interval
from living_personas.domain.goal import DAY, Goal
from living_personas.reporting.changes import change_sentence, last_words
from living_personas.reporting.gain import NOBODY_HELD_OUT
from living_personas.reporting.labels import labels_of
from living_personas.reporting.markdown import markdown
from living_personas.reporting.page import Bullets, Code, Table, Text
from made_refinement import made_refinement


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_no_cell_can_leave_its_table(rows: list[tuple[str, str]]) -> None:
    written = markdown((Table(columns=("a", "b"), rows=tuple(rows)),)).split("\n")
    assert len(written) == len(rows) + 3
    for line in written[2:-1]:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3


@given(st.text())
def test_no_text_becomes_a_tag_a_link_or_a_second_line(text: str) -> None:
    written = markdown((Bullets(items=(text,)),)).removeprefix("- ").removesuffix("\n")
    assert "\n" not in written
    assert not re.search(r"(?<!\\)(\\\\)*<", written)
    assert "](" not in written


@given(st.text(alphabet="`ab\n"))
def test_no_code_can_leave_its_fence(text: str) -> None:
    first, *_, last = markdown((Code(text=text),)).rstrip("\n").split("\n")
    assert first == last
    assert first not in text


@pytest.mark.parametrize(
    "typed", ["`holdout: 5%`", "`personas run`", "`at_most`", "`discovery: {adopt: auto}`", '`numbers: {decimal: ","}`']
)
def test_what_is_typed_stays_code_and_a_single_backtick_is_a_sign(typed: str) -> None:
    said = f"Somebody`s note: write {typed} into workspace.yaml, not ` 5% `."
    assert markdown((Text(text=said),)) == f"Somebody\\`s note: write {typed} into workspace.yaml, not \\` 5% \\`.\n"
    assert markdown((Text(text=NOBODY_HELD_OUT),)) == f"{NOBODY_HELD_OUT}\n"


def test_a_block_of_nothing_is_no_block() -> None:
    assert markdown((Text(text="a"), Bullets(items=()), Text(text="b"))) == "a\n\nb\n"


refinement = partial(
    made_refinement, effect=Interval(estimate=0.05, lower=0.01, upper=0.09), verdict="hold", why="Held: pinned."
)


RATE = {"p": Goal(event="Bought", within=DAY)}
VALUE = {"p": Goal(event="Bought", within=DAY, value="revenue", at_most=500)}


def test_a_sentence_has_effect_interval_units_and_day() -> None:
    applied = refinement(verdict="apply")
    said = "corrected: p, framing: 'discount' -> 'quality', +5.0 points [+1.0, +9.0], 1,000 occasions, 2026-03-04."
    assert change_sentence(applied, RATE, labels_of([])) == said
    assert "+0.050 [+0.010, +0.090]" in change_sentence(applied, VALUE, labels_of([]))
    assert "personas review approve r1" in change_sentence(
        refinement(verdict="review", review="open"), RATE, labels_of([])
    )
    assert change_sentence(refinement(), RATE, labels_of([])).startswith("held: ")
    assert change_sentence(refinement(review="rejected", decided_by="Dana"), RATE, labels_of([])).startswith(
        "rejected by Dana: "
    )


def test_what_was_held_on_many_days_is_said_once() -> None:
    days = [refinement(day=date(2026, 3, day)) for day in (4, 5, 6)]
    assert last_words([*days, refinement(id="r2", day=date(2026, 3, 1))]) == (
        refinement(id="r2", day=date(2026, 3, 1)),
        days[-1],
    )
