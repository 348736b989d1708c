"""Rows that name nobody: each is a customer of its own, the same when its file is read again."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import living_personas as lp
from cases.shop import NOW, customers, fates, file, per_unit
from cli.shop import Typed
from living_personas.testing.expect import refuses
from living_personas.workspace.file_problems import InvalidFilesError
from written import write_workspace

SETTINGS = """\
name: Letters
salt: a-salt-for-tests-only
holdout: 0%
traits: [sex]
sources:
  letters:
    customer: {each: row}
    time: {start: 2026-10-01, days: 7}
    traits: [sex]
    exposure: {attribute: letter, option: got, propensity: 1/2}
    outcomes: {voted: Voted}
    complete: true
"""
PERSONA = """\
persona: men
who: sex = 'male'
goal: {event: Voted, within: 1 day}
attributes:
  letter: {options: [duty, neighbours], we_believe: duty}
"""
ROWS = [
    f"{('duty', 'neighbours')[n % 2]},{('male', 'female')[n % 3 == 0]},{('No', 'Yes')[n % 4 < 2]}" for n in range(120)
]


def _made(root: Path, more: str = "") -> Path:
    return write_workspace(root, SETTINGS + more, {"men": PERSONA})


def test_each_row_is_a_customer_of_its_own_also_when_read_again(tmp_path: Path) -> None:
    root = _made(tmp_path)
    with lp.open(root, clock=lambda: NOW) as workspace:
        met, voted = 120, sum(row.endswith("Yes") for row in ROWS)
        first = fates(workspace.ingest(file(root, "a.csv", "got,sex,voted", *ROWS), source="letters"))
        again = fates(workspace.ingest(file(root, "b.csv", "got,sex,voted", *ROWS[::-1]), source="letters"))
        assert (first, again) == ((2 * met + voted, 0, 0), (0, 2 * met + voted, 0))
        assert set(Counter(customers(workspace)).values()) == {2, 3}  # what was known, what was met, what was done
        assert len(set(customers(workspace))) == met
        workspace.run(until=date(2026, 10, 20))
        men = [row for row in ROWS if ",male," in row]
        for option, found in per_unit(workspace).items():
            of = [row.endswith("Yes") for row in men if row.startswith(option)]
            assert found == sum(of) / len(of)


def test_check_says_what_rows_of_nobody_cannot_show(typed: Typed, tmp_path: Path) -> None:
    root = _made(tmp_path)
    data = file(root, "a.csv", "got,sex,voted", *ROWS)
    assert "each row" in typed("check", "--workspace", root).out
    said = typed("check", data, "--workspace", root).out
    assert "120 customers" in said
    assert "Each row is a customer of its own" in said


def test_a_row_is_itself_or_somebody(tmp_path: Path) -> None:
    root = _made(tmp_path)
    (root / "workspace.yaml").write_text(SETTINGS.replace("{each: row}", "{each: row}\n    anonymous: cookie"))
    with refuses(InvalidFilesError, "Each row is a customer of its own", "`customer`"):
        lp.open(root)
