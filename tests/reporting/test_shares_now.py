"""The shares that are told are those that the next customers meet."""

from __future__ import annotations

from contextlib import closing

import pytest

from living_personas.reporting.report import build_report
from living_personas.wiring import open_context
from once import copied
from reporting.states import lived

pytestmark = pytest.mark.long


def test_the_shares_that_are_told_are_those_that_are_published(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A pin gives everything to its value; what is kept for ever is drawn as when its definition began."""
    _, context = open_context(copied(tmp_path_factory, "states", lived))
    with closing(context.store):
        report = build_report(context)
        snapshot = context.store.snapshots.latest()
    assert snapshot is not None
    published = {
        (persona.persona, each.attribute): dict(zip(each.options, each.tables[-1].shares, strict=True))
        for persona in snapshot.personas
        for each in persona.attributes
    }
    told = {
        (persona.persona, each.attribute): {option.option: option.share for option in each.options}
        for persona in report.personas
        for each in persona.attributes
    }
    assert told == {asked: pytest.approx(shares) for asked, shares in published.items()}
    (pinned,) = next(each for each in report.personas if each.persona == "pinned").attributes
    assert {option.option: option.share for option in pinned.options}[pinned.value] == 1
