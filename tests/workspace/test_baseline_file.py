"""History written into a persona file: what is measured changes its own lines, and no other byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law, printable
from living_personas.errors import InvalidPersonaError, UnknownNameError
from living_personas.workspace.baseline_file import MeasuredTrait, SuggestedBelief, write_baseline
from living_personas.workspace.file_problems import InvalidFilesError
from living_personas.workspace.files import read_workspace
from living_personas.workspace.init import init
from living_personas.workspace.round_trip import unified_diff
from living_personas.workspace.text_file import write_text_atomically

DAY = date(2026, 10, 1)
AGE = MeasuredTrait(
    trait="average_order_value",
    value=38.21739,
    lower=36.9,
    upper=39.5,
    n=812,
    confidence="strong data",
    on=DAY,
    source="crm",
)
TONE = SuggestedBelief(
    attribute="framing",
    option="quality",
    confidence="some data",
    effect=0.0041,
    lower=0.001,
    upper=0.007,
    on=DAY,
    source="crm: 2026",
)

BASELINE = Path(__file__).parent / "corpus/baseline.yaml"
FILE = BASELINE.read_text(encoding="utf-8").rstrip("\n")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.yaml"
    path.write_bytes(text.encode())
    return path


def changed(old: str, new: str) -> list[str]:
    return [line for line in unified_diff(old, new, Path("a.yaml")).splitlines() if line[:1] in "+-"][2:]


def test_the_story_of_a_baseline(tmp_path: Path) -> None:
    init(tmp_path, name="acme", salt_bytes=b"0123456789abcdef")
    path = tmp_path / "personas/budget-first-buyer.yaml"
    old, new = write_baseline(path, measured=[AGE], suggestions=[TONE])
    assert path.read_text(encoding="utf-8") == old
    assert changed(old, new) == [
        (
            "+    suggested: {we_believe: quality, confidence: some data, evidence: observational, effect: 0.0041,"
            ' lower: 0.001, upper: 0.007, on: 2026-10-01, source: "crm: 2026"}'
        ),
        "-  average_order_value: {we_believe: 40, unit: EUR, confidence: hunch}",
        (
            "+  average_order_value: {we_believe: 38.2174, unit: EUR, confidence: strong data,"
            " measured: {value: 38.2174, lower: 36.9, upper: 39.5, n: 812, on: 2026-10-01, source: crm}}"
        ),
    ]
    write_text_atomically(path, new)
    (persona,) = read_workspace(tmp_path).personas
    assert persona.traits[0].believed == 38.2174
    assert persona.traits[0].confidence == "strong data"
    assert persona.attribute("framing").believed == "discount"
    assert write_baseline(path, measured=[AGE], suggestions=[TONE]) == (new, new)
    assert unified_diff(new, new, path) == ""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_no_other_line_changes_however_it_is_written(newline: str, mark: str, tmp_path: Path) -> None:
    text = (mark + FILE).replace("\n", newline)
    mobile = MeasuredTrait(
        trait="mobile_share", value=0.7, lower=0.6, upper=0.8, n=9, confidence="hunch", on=DAY, source="crm"
    )
    offer = SuggestedBelief(
        attribute="offer", option="free", confidence="hunch", effect=0.1, lower=-0.1, upper=0.2, on=DAY, source="crm"
    )
    path = written(tmp_path, text)
    old, new = write_baseline(path, measured=[AGE, mobile], suggestions=[TONE, offer])
    assert old == text
    assert changed(old.replace("\r\n", "\n"), new.replace("\r\n", "\n")) == [
        (
            "+    suggested: {we_believe: quality, confidence: some data, evidence: observational, effect: 0.0041,"
            ' lower: 0.001, upper: 0.007, on: 2026-10-01, source: "crm: 2026"}'
        ),
        '-  offer: { options: [none, "free"], we_believe: none }',
        (
            '+  offer: { options: [none, "free"], we_believe: none, suggested: {we_believe: free, confidence: hunch,'
            " evidence: observational, effect: 0.1, lower: -0.1, upper: 0.2, on: 2026-10-01, source: crm} }"
        ),
        "-        we_believe: 40.00 # CRM",
        "+        we_believe: 38.2174 # CRM",
        "+        confidence: strong data",
        "+        measured: {value: 38.2174, lower: 36.9, upper: 39.5, n: 812, on: 2026-10-01, source: crm}",
        "-    mobile_share: {we_believe: 0.7,   # half-open",
        (
            "+    mobile_share: {we_believe: 0.7, confidence: hunch, measured: {value: 0.7, lower: 0.6, upper: 0.8,"
            " n: 9, on: 2026-10-01, source: crm},   # half-open"
        ),
    ]
    assert new.count("\r\n") == (new.count("\n") if newline == "\r\n" else 0)
    path.write_bytes(new.encode())
    assert write_baseline(path, measured=[AGE, mobile], suggestions=[TONE, offer]) == (new, new)


def test_a_second_measurement_replaces_the_first_and_keeps_the_comments(tmp_path: Path) -> None:
    block = """\
persona: a
who: orders = 0
goal: {event: E}
traits:
  average_order_value:
    we_believe: 1
    measured:  # last year
      value: 1
      lower: 1
      upper: 1
      n: 3
      on: 2025-01-01
      source: crm  # the old one

    # about the unit
    unit: EUR
"""
    old, new = write_baseline(written(tmp_path, block), measured=[AGE])
    assert [line for line in changed(old, new) if line.startswith("+")] == [
        "+    we_believe: 38.2174",
        "+    confidence: strong data",
        "+      {value: 38.2174, lower: 36.9, upper: 39.5, n: 812, on: 2026-10-01, source: crm}  # the old one",
    ]
    assert "# last year" in new
    assert "# about the unit\n    unit: EUR\n" in new


@law()
@given(st.floats(-1e9, 1e9), st.integers(1, 10**9), printable(12))
def test_whatever_is_measured_reads_back_and_is_written_once(number: float, n: int, source: str) -> None:
    item = replace(AGE, value=number, lower=number, upper=number, n=n, source=source)
    old, new = write_baseline(BASELINE, measured=[item])
    assert len(changed(old, new)) == 4


def test_what_is_not_in_the_file_is_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, FILE)
    with pytest.raises(UnknownNameError, match="did you mean 'mobile_share'"):
        write_baseline(path, measured=[replace(AGE, trait="mobil_share")])
    for attribute, option, hint in (("framng", "quality", "'framing'"), ("framing", "qualty", "'quality'")):
        with pytest.raises(UnknownNameError, match=f"did you mean {hint}"):
            write_baseline(path, suggestions=[replace(TONE, attribute=attribute, option=option)])


def test_a_file_that_cannot_be_read_is_refused_with_its_lines(tmp_path: Path) -> None:
    with pytest.raises(InvalidFilesError, match=r"a\.yaml:3:1: 'wo' is not a key"):
        write_baseline(written(tmp_path, "persona: a\nwho: a = 1\nwo: b\ngoal: {event: E}\n"), measured=[AGE])
    with pytest.raises(InvalidFilesError, match="cannot be read"):
        write_baseline(tmp_path / "missing.yaml", measured=[AGE])


def test_history_may_not_claim_what_it_cannot_know() -> None:
    with pytest.raises(InvalidPersonaError, match="at most 'some data'"):
        SuggestedBelief(
            attribute="a", option="b", confidence="strong data", effect=0, lower=0, upper=0, on=DAY, source="x"
        )
    for value, n in ((float("nan"), 3), (2.0, 3), (1.0, 0)):
        with pytest.raises(InvalidPersonaError):
            MeasuredTrait(trait="a", value=value, lower=1.0, upper=1.5, n=n, confidence="none", on=DAY, source="x")
