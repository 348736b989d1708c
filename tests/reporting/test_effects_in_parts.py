"""Effects in parts are on every surface, and on each of them said to be exploratory; never on the sheet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.shop import Typed
from dashboard.conftest import lived_once as lived_once  # noqa: PLC0414 - a workspace that looks at effects by country
from living_personas.domain.head_count import SMALLEST

PERSONA = "budget-first-buyer"


def test_the_report_says_effects_in_parts_where_somebody_asks(personas: Typed, lived_once: Path) -> None:
    asked = ("report", "--persona", PERSONA, "--workspace", lived_once)
    found = json.loads(personas(*asked, "--by", "country", "--format", "json").out)["personas"][0]
    without = json.loads(personas(*asked, "--format", "json").out)["personas"][0]
    assert without["breakdowns"] == []
    assert {each["attribute"] for each in found["breakdowns"]} == {each["attribute"] for each in found["attributes"]}
    page = personas(*asked, "--by", "country", "--format", "md").out
    assert "By country. Exploratory: nobody promised an error rate here." in page
    assert "no effect" not in page.lower()
    for of in found["breakdowns"]:
        assert "may be chance" in of["exploratory"]
        assert len(of["parts"]) > 1
        for part in of["parts"]:
            assert part["customers"] >= SMALLEST
            assert part["customers"] % SMALLEST == 0
            assert f"| {of['attribute']} | {part['part']} | {of['compared']} against {of['against']} |" in page
            assert (part["effect"] is None) == (part["interval"] is None)
        units = next(each["units"] for each in found["attributes"] if each["attribute"] == of["attribute"])
        assert sum(part["units"] or 0 for part in of["parts"]) <= units
    assert "Exploratory" in personas(*asked, "--by", "country", "--format", "html").out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--by", "contry"), "did you mean 'country'?"),
        (("--by", "country", "--sheet", "--format", "md"), "leave `--sheet` or `--by` out"),
    ],
)
def test_what_cannot_be_told_in_parts_is_refused(
    personas: Typed, lived_once: Path, more: tuple[str, ...], said: str
) -> None:
    done = personas("report", "--persona", PERSONA, "--workspace", lived_once, *more)
    assert done.code != 0
    assert said in done.err


def test_a_workspace_without_breakdowns_says_how_to_have_some(personas: Typed, told: Path) -> None:
    done = personas("report", "--by", "country", "--workspace", told)
    assert done.code != 0
    assert "write `breakdowns: [country]` into workspace.yaml" in done.err
