"""The chance of being the best is one number: a chart ends in what the table beside it says, and traffic follows it."""

from __future__ import annotations

import re

import pytest

from dashboard.desk import Desk
from living_personas.loop.relations import table_of
from living_personas.memory.tables import LEDGER
from living_personas.reporting.report import build_report


def test_the_chances_that_are_told_are_those_of_the_ledger(shown: Desk) -> None:
    """Also while outcomes of the last days are not complete: they steer, and the ledger says how far."""
    rows = table_of(LEDGER.all(shown.context.store), LEDGER.schema).to_pylist()
    newest = max(row["day"] for row in rows)
    fixed = {(row["persona"], row["option"]): row["prob_best"] for row in rows if row["day"] == newest}
    report = build_report(shown.context, compared=False)
    told = {
        (persona.persona, option.option): option.prob_best
        for persona in report.personas
        for attribute in persona.attributes
        for option in attribute.options
    }
    assert fixed
    assert {asked: told[asked] for asked in fixed} == pytest.approx(fixed)


def test_a_segment_is_told_in_words(shown: Desk) -> None:
    """The formula is beside them, folded away."""
    page = shown.client("Vic").get("/segments").text
    (said,) = set(re.findall(r"<dt>In words</dt><dd>([^<]*)", page))
    assert said.strip()
    assert not re.search(r"\w_\w|[<>=]|&[gl]t;", said), said
