"""Finished rows of an experiment: one option suits everybody, or two parts of them want two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import living_personas as lp
from living_personas.errors import (
    InsufficientEvidenceError,
    InvalidCellsError,
    InvalidSettingsError,
    LivingPersonasError,
    UnknownNameError,
)
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse
from worlds.cells import rng

pd: Any = pytest.importorskip("pandas")  # it comes without types

SHARES = {"quality": 0.5, "social proof": 0.25, "none": 0.25}


def experiment(*, swapped: bool, rows: int = 12_000, seed: int = 5) -> Any:
    """Mobile visitors with few visits answer social proof where ``swapped``; all others quality."""
    generator = rng(seed)
    mobile = generator.random(rows) < 0.5
    visits = generator.poisson(4, rows)
    message = generator.choice(list(SHARES), rows, p=list(SHARES.values()))
    wants = np.where(mobile & (visits < 5), "social proof", "quality") if swapped else np.full(rows, "quality")
    bought = generator.random(rows) < np.where(message == wants, 0.3, 0.18)
    known = [None if lost else bool(each) for lost, each in zip(generator.random(rows) < 0.1, mobile, strict=True)]
    return pd.DataFrame(
        {
            "message": message,
            "bought": bought,
            "mobile": pd.array(known, dtype="boolean"),
            "visits": visits,
            "country": generator.choice(["NL", "BE", "DE"], rows),
            "age": generator.integers(18, 80, rows),
        }
    )


def asked(frame: Any, **said: Any) -> lp.SplitVerdict:
    return lp.splits_by_response(frame, option="message", success="bought", shares=SHARES, **said)


def test_what_two_parts_want_is_proven_and_said() -> None:
    frame = experiment(swapped=True)
    found = asked(frame, barred={"age"}, among="first-time buyers")
    assert found.grade == "proven"
    assert set(found.values) == {"social proof", "quality"}
    assert found.account >= 20
    assert found.claim >= 20
    assert found.units < 12_000
    assert found.says.startswith("Among first-time buyers, '")
    assert found.says.count(" in 100, between +") == 2, "never a number without its interval"
    assert ") for all others." in found.says
    assert (
        "One value for all is proven wrong for one of them. Which value is best for each is an estimate" in found.says
    )
    assert {each.column for each in found.questions} == {"mobile", "visits", "country"}


def test_who_is_meant_is_a_rule() -> None:
    """It holds whom the leaf holds: nearly all of those whom the world made so, and few others."""
    frame = experiment(swapped=True)
    found = asked(frame)
    held = compile_rule(parse(found.who))
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    inside = np.array([held(row) for row in rows], dtype=bool)
    wants = (frame["mobile"].fillna(value=False) & (frame["visits"] < 5)).to_numpy(dtype=bool)
    social = inside if found.values[0] == "social proof" else ~inside
    assert (social == wants).mean() > 0.85


def test_where_one_suits_everybody_nothing_is_said() -> None:
    found = asked(experiment(swapped=False))
    assert found.grade in ("silent", "leaning")
    assert found.claim < 20
    assert found.units == 12_000


def test_any_frame_gives_the_same_answer() -> None:
    frame = experiment(swapped=True)
    assert asked(frame) == asked(pa.Table.from_pandas(frame))


def test_more_than_24_questions_are_chosen_by_the_first_batches() -> None:
    frame = experiment(swapped=True)
    noise = {f"noise {at}": rng(at).integers(0, 9, len(frame)) for at in range(12)}
    found = asked(frame.assign(**noise))
    assert len(found.questions) == 24
    assert {"mobile", "visits"} <= {each.column for each in found.questions}
    assert found.grade in ("claimed", "proven")


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"option": "mesage"}, UnknownNameError, "mesage"),
        ({"barred": {"aeg"}}, UnknownNameError, "aeg"),
        ({"ignored": {"aeg"}}, UnknownNameError, "aeg"),
        ({"shares": {"quality": 0.5, "none": 0.5}}, UnknownNameError, "social proof"),
        ({"shares": {**SHARES, "none": 0.3}}, InvalidCellsError, "no probabilities"),
        ({"success": "visits"}, InvalidCellsError, "'visits' holds"),
        ({"success": "country"}, InvalidCellsError, "'country' holds"),
        ({"success": "mobile"}, InvalidCellsError, "rows have no 'mobile'"),
        ({"alpha": 0}, InvalidSettingsError, "alpha"),
        ({"batches": 1}, InvalidSettingsError, "batches"),
        ({"ignored": {"mobile", "visits", "country", "age"}}, InsufficientEvidenceError, "No column"),
    ],
)
def test_what_cannot_be_meant_is_said(changed: dict[str, Any], error: type[LivingPersonasError], says: str) -> None:
    said: dict[str, Any] = {"option": "message", "success": "bought", "shares": SHARES, **changed}
    with pytest.raises(error, match=says):
        lp.splits_by_response(experiment(swapped=False, rows=200), **said)
