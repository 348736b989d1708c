"""Names that a team would choose and that are ours are refused where they are written, with the list."""

from __future__ import annotations

from pathlib import Path

import pytest

from living_personas.domain.reserved import RESERVED
from living_personas.workspace.file_problems import InvalidFilesError
from living_personas.workspace.files import read_workspace
from written import write_workspace

WORKSPACE = """\
name: Shop
salt: a-salt-for-tests-only
sources:
  crm: {{customer: id, time: at, event: {{fixed: identify}}, traits: [{trait}]}}
"""
PERSONA = """\
persona: all
who: "true"
goal: {{event: Order Completed, within: 7 days}}
attributes:
  {attribute}: {{options: [a, b], we_believe: a}}
"""


def written(folder: Path, *, trait: str = "plan", attribute: str = "framing") -> Path:
    """A workspace with these names."""
    return write_workspace(folder, WORKSPACE.format(trait=trait), {"all": PERSONA.format(attribute=attribute)})


@pytest.mark.parametrize("name", ["matches", "persona", "holdout", "plan_propensity"])
def test_a_trait_or_attribute_of_that_name_is_refused(name: str, tmp_path: Path) -> None:
    for place in ("trait", "attribute"):
        with pytest.raises(InvalidFilesError, match=f"{name!r} is taken by one of ours: age_days"):
            read_workspace(written(tmp_path, **{place: name}))


def test_other_names_are_theirs(tmp_path: Path) -> None:
    assert read_workspace(written(tmp_path, trait="matched", attribute="channel")).personas
    assert "channel" not in RESERVED
