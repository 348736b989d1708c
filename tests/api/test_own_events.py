"""Events that a program makes by a call: what no row of a file could be is refused at every door, on every store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from faults.shop import open_shop
from living_personas.api.open_workspace import OpenWorkspace, open_workspace
from living_personas.errors import BadValueError, InvalidDecisionError
from local_postgres import local_postgres

pytestmark = pytest.mark.long

WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"message_id": ""}, "missing message id"),
    ({"message_id": "  "}, "missing message id"),
    ({"message_id": "m" * 513}, "too large"),
    ({"message_id": "m\0"}, "bad properties"),
    ({"message_id": "m\ud800"}, "bad properties"),
    ({"event": ""}, "missing name"),
    ({"event": "Coun\0ted"}, "bad properties"),
    ({"event": "Coun\udc00ted"}, "bad properties"),
    ({"channel": "e\0"}, "bad properties"),
    ({"channel": "e" * 513}, "too large"),
    ({"properties": {"a": "\ud800"}}, "bad properties"),
    ({"properties": {"a\0": 1}}, "bad properties"),
    ({"properties": {"a": float("nan")}}, "bad properties"),
    ({"properties": {"a": [1, {"b": object()}]}}, "bad properties"),
    ({"properties": {"a": "x" * 40_000}}, "too large"),
    ({"time": datetime(2026, 11, 25)}, "bad time"),  # noqa: DTZ001 - that is what is wrong
)


@pytest.fixture(params=["embedded", "postgres"])
def workspace(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenWorkspace]:
    """A shop that has published once, with each kind of store."""
    if request.param == "embedded":
        with open_workspace(open_shop(tmp_path / "shop")) as found:
            yield found
        return
    with local_postgres() as server:
        monkeypatch.setenv("PERSONAS_STORE", f"{server.address('shop').uri}?schema=shop")
        with open_workspace(open_shop(tmp_path / "shop", more="store: PERSONAS_STORE\n")) as found:
            yield found


def test_what_may_not_be_recorded_is_refused_and_nothing_else_is(workspace: OpenWorkspace) -> None:
    good: dict[str, Any] = {"customer": "u1", "event": "Counted", "message_id": "m1", "properties": {"a": ["für", 1]}}
    for wrong, reason in WRONG:
        with pytest.raises(BadValueError) as found:
            workspace.record(**{**good, **wrong})
        assert found.value.reason == reason, wrong
    assert workspace.record(**good).stored == 1
    assert workspace.record(**good).duplicate == 1
    for said in ("e\0", "e\ud800"):
        with pytest.raises(InvalidDecisionError, match="channel"):
            workspace.decide("u1", channel=said, count=True)
