"""`check FILE`, as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.shop import Typed
from written import write_workspace

FOUND = """\
id,at,what,price,consent
a,2026-03-01 10:00,Bought,"29,90",yes
a,2026-03-01 10:00,Bought,"29,90",yes
b,2026-03-02,Bought,5 USD,perhaps
c,2026-03-02 11:00,Bought,1.029,
,2026-03-02 11:00,Bought,3,
d,tomorrow,Bought,3,
e,2026-03-02 12:00,Looked,,
"""
WORKSPACE = """\
name: w
salt: a-salt-for-tests-only
time_zone: Europe/Berlin
goals: {success: {event: Bought, within: 2 days, value: price, currency: EUR}}
sources:
  shop: {customer: id, time: at, event: what, traits: [consent], properties: [price], where: what <> 'Looked'}
  other: {customer: nobody, time: at, event: what}
"""
PERSONA = """\
persona: p
name: P
who: bought_7d >= 0
goal: success
attributes: {framing: {options: [a, b], we_believe: a}}
"""


@pytest.fixture
def checked(tmp_path: Path) -> Path:
    write_workspace(tmp_path, WORKSPACE, {"p": PERSONA})
    (tmp_path / "rows.csv").write_text(FOUND)
    return tmp_path


def test_a_file_is_checked_row_by_row_and_nothing_is_recorded(checked: Path, personas: Typed) -> None:
    answer = personas("check", checked / "rows.csv", "--workspace", checked, "--format", "json")
    (found,) = json.loads(answer.out)
    assert (found["source"], found["rows"], found["whole"], found["left_out"]) == ("shop", 7, True, 1)
    assert (found["events"], found["traits"]) == ({"Bought": 3}, {"consent": 3})
    assert found["quarantined"] == {"bad number": 1, "missing customer": 1, "bad time": 1}
    assert [(row["row"], row["reason"]) for row in found["refused"]] == [
        (4, "bad number"),
        (5, "missing customer"),
        (6, "bad time"),
    ]
    bought = [event for event in found["examples"] if event["event"] == "Bought"]
    assert bought[0] == {
        "row": 1,
        "customer": "a",
        "time": "2026-03-01 10:00:00+01:00",
        "event": "Bought",
        "amount": "price 29.9",
        "exposure": "",
    }
    assert bought[2]["time"] == "2026-03-02 23:59:59+01:00"
    warned = " ".join(found["warnings"])
    for words in ("1 row says only the day", "1 row says what a row before says", "1 value of price in USD",
                  "Numbers may be read in two ways", "1 row says something on consent"):  # fmt: skip
        assert words in warned
    assert not (checked / ".living").exists()


def test_numbers_whose_decimal_mark_is_declared_are_read_in_one_way(checked: Path, personas: Typed) -> None:
    settings = checked / "workspace.yaml"
    settings.write_text(WORKSPACE.replace("shop: {", 'shop: {numbers: {decimal: "."}, '))
    answer = personas("check", checked / "rows.csv", "--source", "shop", "--workspace", checked)
    assert "bad number" in answer.out
    assert "in two ways" not in answer.out


def test_it_is_checked_as_the_store_would_take_it(checked: Path, personas: Typed) -> None:
    personas("ingest", checked / "rows.csv", "--source", "shop", "--workspace", checked)
    before = (checked / ".living/state.db").read_bytes()
    answer = personas("check", checked / "rows.csv", "--source", "shop", "--workspace", checked)
    assert "Would be quarantined" in answer.out
    kept = json.loads(personas("quarantine", "list", "--workspace", checked, "--format", "json").out)
    assert len(kept) == 3
    assert (checked / ".living/state.db").read_bytes() == before


def test_a_file_that_fits_no_source_is_refused_with_the_column(checked: Path, personas: Typed) -> None:
    (checked / "wrong.csv").write_text("idd,at,what,price,consent\na,2026-01-01,x,1,\n")
    answer = personas("check", checked / "wrong.csv", "--workspace", checked)
    assert (answer.code, "'id'" in answer.err, "'idd'" in answer.err) == (1, True, True)
    assert personas("check", "--source", "shop", "--workspace", checked).code == 1


def test_of_several_sources_the_nearest_one_complains(checked: Path, personas: Typed) -> None:
    settings = checked / "workspace.yaml"
    settings.write_text(WORKSPACE.replace("sources:", "sources:\n  first: {customer: x, time: y, event: z}"))
    (checked / "wrong.csv").write_text("id,at,what,prise,consent\na,2026-01-01,x,1,\n")
    answer = personas("check", checked / "wrong.csv", "--workspace", checked)
    assert "Source 'shop' takes `properties` from column 'price'" in answer.err


@pytest.mark.parametrize(
    "line",
    [
        b"ann\t2026-03-01 10:00:00\t29.90\t\\N\n",
        b"ann,shop,\\N\n",
        b"ann@example.com,Bought\n",
        b"6f1c8f0e-53c4-4c3c-9a4e-0d0f3a4b5c6d,Bought\n",
        b"7,3\n",
    ],
)
def test_a_file_without_names_of_columns_is_told_as_one(line: bytes, checked: Path, personas: Typed) -> None:
    (checked / "copied.txt").write_bytes(line * 2)
    for command in (("check",), ("ingest", "--source", "shop")):
        answer = personas(*command, checked / "copied.txt", "--workspace", checked)
        assert "'copied.txt' seems to have no header" in answer.err
        assert "hint: put a line with the names of its columns above it (PostgreSQL" in answer.err


def test_a_source_that_wants_no_row_says_so(checked: Path, personas: Typed) -> None:
    (checked / "looked.csv").write_text("id,at,what,price,consent\na,2026-03-01,Looked,,\n")
    assert "No row is wanted" in personas("check", checked / "looked.csv", "--workspace", checked).out
