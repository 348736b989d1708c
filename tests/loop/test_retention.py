"""Rows wait in quarantine for as long as people said; then they are gone, and counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from living_personas.domain.event import Quarantined
from living_personas.loop import cycle
from living_personas.loop.recording.record import record
from living_personas.memory.records import EXPIRED
from living_personas.workspace.file_problems import InvalidFilesError
from living_personas.workspace.files import read_workspace
from loop.shops import SETTINGS, context_of, history, noon


def bad(row: int) -> Quarantined:
    return Quarantined(source="shop", row=row, reason="bad time", detail="no time", payload=f'{{"n": {row}}}')


@pytest.mark.parametrize("kept", [None, timedelta(days=30)])
def test_rows_that_waited_longer_are_dropped_by_the_cycle_and_counted(kept: timedelta | None) -> None:
    context = context_of(settings=replace(SETTINGS, quarantine_kept=kept))
    record(context, history([0], units=5), [bad(1)], received=noon(0))
    record(context, [], [bad(2)], received=noon(20))
    cycle.run(context, now=noon(29), owner="tests")
    assert len(context.store.quarantine.rows()) == 2
    for _ in range(2):
        cycle.run(context, now=noon(31), owner="tests")
        assert context.store.quarantine.rows() == ((bad(2),) if kept else (bad(1), bad(2)))
        assert EXPIRED.read(context.store) == (1 if kept else None)


def test_it_is_said_in_whole_days(tmp_path: Path) -> None:
    least = "name: a\nsalt: 0123456789abcdef\n"
    (tmp_path / "workspace.yaml").write_text(least + "retention: {quarantine: 30 days}\n")
    assert read_workspace(tmp_path).settings.quarantine_kept == timedelta(days=30)
    (tmp_path / "workspace.yaml").write_text(least + "retention: {quarantine: 36 hours}\n")
    with pytest.raises(InvalidFilesError, match="whole days"):
        read_workspace(tmp_path)
