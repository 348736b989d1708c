"""How long events are kept is set to no less than what counts them needs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from living_personas.workspace.file_problems import InvalidFilesError
from living_personas.workspace.files import read_workspace

WRITTEN = """name: shop
salt: 0123456789abcdef
goals:
  purchase: {event: Bought, within: 7 days}
retention: {events: %s, quarantine: 30 days}
"""


@pytest.mark.parametrize("goal", ["purchase", "{event: Bought, value: price, within: 7 days}"])
def test_a_setting_that_is_too_short_is_refused_with_what_is_needed(tmp_path: Path, goal: str) -> None:
    (tmp_path / "personas").mkdir()
    persona = (
        f"persona: buyer\nname: Buyer\nwho: 'true'\ngoal: {goal}\n"
        "attributes:\n  tone: {options: [a, b], we_believe: a, assign: day}\n"
    )
    (tmp_path / "personas/buyer.yaml").write_text(persona)
    (tmp_path / "workspace.yaml").write_text(WRITTEN % "30 days")
    with pytest.raises(InvalidFilesError) as refused:
        read_workspace(tmp_path)
    (problem,) = refused.value.problems
    needed = 7 + (180 if goal == "purchase" else 365)
    assert f"`events: {needed} days` or more" in problem.hint
    assert ("at_most" in problem.hint) == (goal != "purchase")
    assert problem.where is not None
    assert problem.where.line == 5
    (tmp_path / "workspace.yaml").write_text(WRITTEN % f"{needed} days")
    settings = read_workspace(tmp_path).settings
    assert (settings.events_kept, settings.quarantine_kept) == (timedelta(days=needed), timedelta(days=30))
