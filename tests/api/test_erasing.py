"""A program erases a customer, and lets it come back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import living_personas as lp
from living_personas.errors import BadValueError
from written import write_workspace

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
PERSONA = """\
persona: buyer
who: plan = 'pro'
goal: {event: Order Completed, within: 1 day}
attributes: {framing: {options: [discount, quality], we_believe: discount}}
"""


def test_who_was_erased_is_refused_until_a_program_lets_it_back(tmp_path: Path) -> None:
    settings = "name: Shop\nsalt: a-salt-for-tests-only\ntraits: [plan]\n"
    with lp.open(write_workspace(tmp_path, settings, {"buyer": PERSONA}), clock=lambda: NOON) as workspace:
        assert workspace.record("u1042", "Looked", message_id="one").stored == 1
        assert workspace.erase("u1042", by="Dana").asked == 1
        assert workspace.export_person("u1042", by="Dana") == ()
        assert workspace.record("u1042", "Looked", message_id="two").stored == 0
        assert workspace.lift_erasure("u1042", "u1043", by="Dana") == ("u1042",)
        assert workspace.record("u1042", "Looked", message_id="three").stored == 1


def test_what_was_recorded_before_its_word_became_one_for_nobody_is_told_and_erased(tmp_path: Path) -> None:
    settings = "name: Shop\nsalt: a-salt-for-tests-only\ntraits: [plan]\n"
    before = write_workspace(tmp_path, f"{settings}nobody: {{remove: [guest]}}\n", {"buyer": PERSONA})
    with lp.open(before, clock=lambda: NOON) as workspace:
        assert workspace.record("Guest", "Looked", message_id="one").stored == 1
        workspace.run()
    with lp.open(write_workspace(tmp_path, settings, {"buyer": PERSONA}), clock=lambda: NOON) as workspace:
        assert [row.of for row in workspace.export_person("Guest", by="Dana")] == ["events"]
        assert workspace.erase("Guest", by="Dana").ids >= 1
        for word in ("Guest", "visitor"):
            with pytest.raises(BadValueError, match="names nobody"):
                workspace.export_person(word, by="Dana")
