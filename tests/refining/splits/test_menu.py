"""A menu asks what can be said, bars what must not be asked, and counts who is not known as a no."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.errors import UnknownNameError
from living_personas.refining.splits.menu import YesNoQuestion, answers, most_telling, questions_about
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse

number = st.none() | st.integers(-1000, 1000) | st.floats(-1e6, 1e6)
text = st.none() | st.sampled_from(["NL", "BE", "O'Neil", ""])
rows_of = st.lists(st.tuples(number, st.none() | st.booleans(), text), min_size=1, max_size=60)


def table_of(rows: list[tuple[float | None, bool | None, str | None]]) -> pa.Table:
    numbers, flags, texts = zip(*rows, strict=True)
    return pa.table(
        {
            "order value": pa.array([None if each is None else float(each) for each in numbers], pa.float64()),
            "mobile": pa.array(flags, pa.bool_()),
            "country": pa.array(texts, pa.string()),
        }
    )


@given(rows=rows_of)
def test_a_question_and_its_rule_hold_the_same_customers(
    rows: list[tuple[float | None, bool | None, str | None]],
) -> None:
    """What is counted is what a persona's `who` will hold, and everybody is in exactly one of the two parts."""
    table = table_of(rows)
    asked = questions_about(table)
    counted = answers(asked, table)
    for at, question in enumerate(asked):
        inside, outside = (compile_rule(parse(question.rule(yes=yes))) for yes in (True, False))
        held = [inside(row) for row in table.to_pylist()]
        assert held == counted[:, at].tolist()
        assert [outside(row) for row in table.to_pylist()] == [not each for each in held]


@given(rows=rows_of)
def test_a_question_divides(rows: list[tuple[float | None, bool | None, str | None]]) -> None:
    table = table_of(rows)
    share = answers(questions_about(table), table).mean(0)
    assert ((share >= 0.04) & (share <= 0.96)).all()


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), scale=st.floats(0.1, 1e5))
def test_cuts_can_be_said_and_stay_near_the_quartiles(seed: int, scale: float) -> None:
    numbers = np.random.Generator(np.random.PCG64(seed)).lognormal(size=2000) * scale
    asked = questions_about(pa.table({"spent": numbers}))
    assert len(asked) == 3
    for question, quartile in zip(asked, (0.25, 0.5, 0.75), strict=True):
        assert isinstance(question.than, float)
        assert len(f"{question.than:g}".replace(".", "").strip("0")) <= 3
        assert abs((numbers >= question.than).mean() - (1 - quartile)) <= 0.03


def test_a_column_that_is_mostly_nothing_is_asked_whether_it_is_anything() -> None:
    orders = [0] * 80 + [1] * 12 + [2] * 8
    assert [each.than for each in questions_about(pa.table({"orders": orders}))] == [1.0]
    assert questions_about(pa.table({"orders": [0] * 100})) == ()


def test_only_the_four_commonest_texts_are_asked_for() -> None:
    texts = [name for name, count in zip("abcdef", (30, 20, 16, 14, 12, 8), strict=True) for _ in range(count)]
    assert [each.than for each in questions_about(pa.table({"kind": texts}))] == ["a", "b", "c", "d"]


def test_what_is_barred_is_not_asked_for() -> None:
    table = pa.table({"age": [20.0, 30.0, 40.0, 50.0], "visits": [1, 2, 3, 4]})
    assert {each.column for each in questions_about(table, barred={"age"})} == {"visits"}
    with pytest.raises(UnknownNameError, match="'agee'"):
        questions_about(table, barred={"agee"})


def test_whom_nothing_is_known_of_is_counted_as_no_and_printed_so() -> None:
    table = pa.table({"mobile": [True, None, False, None]})
    (question,) = questions_about(table)
    assert answers([question], table)[:, 0].tolist() == [True, False, False, False]
    assert question.words(yes=False) == "mobile is no (or not known: 50 %)"


def test_the_most_telling_questions_keep_their_order() -> None:
    asked = [YesNoQuestion(column=f"c{at}", asks="true") for at in range(30)]
    kept = most_telling(asked, np.array([float(at % 10) for at in range(30)]))
    assert len(kept) == 24
    assert [each.column for each in kept] == sorted((each.column for each in kept), key=lambda name: int(name[1:]))
    assert {"c0", "c10"} - {each.column for each in kept}
