"""Ids as people have them: one customer is one, two are two, and nobody is nobody."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cases.shop import NOW, Made, customers, fates, file, lived, opened, reasons
from cli.shop import Typed
from gzipped import gzipped_bytes
from living_personas.channels.moments import Moments
from living_personas.channels.segment import read_segment
from living_personas.cli import app
from living_personas.cli.failures import code_of
from living_personas.cli.understood import understood
from living_personas.domain.batch import EventBatch
from living_personas.errors import BadValueError, InvalidDecisionError
from living_personas.stores.linking import links_of

MET = date(2026, 11, 5)
"""Days enough where nothing rests on what came of them."""

pd: Any = pytest.importorskip("pandas")  # it comes without types


@pytest.mark.parametrize(
    "word", ["undefined", "N/A", "(not set)", "0", "<NA>", " none ", "logged_out", "[Anonymous]", "0000000000", "#NV"]
)
def test_a_word_for_nobody_is_nobody(made: Made, word: str) -> None:
    root = made(anonymous="anonymous: anon, ", more="nobody: {add: [tester]}\n")
    with opened(root) as workspace:
        rows = [
            f"{word},,2026-11-01 10:00,page,",
            f"{word},v1,2026-11-01 10:00,page,",
            "Tester,,2026-11-01 10:00,page,",
        ]
        assert fates(workspace.ingest(file(root, "e.csv", "id,anon,at,ev,price", *rows), source="shop")) == (1, 0, 2)
        assert reasons(workspace) == ["missing customer"] * 2
        with pytest.raises(BadValueError, match="names nobody"):
            workspace.record(word, "page", message_id="m1")


@pytest.mark.long
def test_two_people_on_one_device_are_two(made: Made) -> None:
    root = made(anonymous="anonymous: anon, ", who="orders = 1")
    rows = [
        "ann,kiosk,2026-11-01 10:00,identify,",
        "bob,kiosk,2026-11-02 10:00,identify,",
        ",kiosk,2026-11-02 11:00,Paid,5",
    ]
    with opened(root) as workspace:
        workspace.ingest(file(root, "e.csv", "id,anon,at,ev,price", *rows), source="shop")
        lived(workspace, root, "ann", "bob")
        found = {id_: workspace.decide(id_, channel="email").persona for id_ in ("ann", "bob", "kiosk")}
    assert found == {"ann": "all", "bob": "unmatched", "kiosk": "all"}


def test_ids_that_lost_their_digits_are_no_ids(made: Made) -> None:
    root = made()
    ids = [2**53 + 2, 2**53 + 1, None, 17]
    frame = pd.DataFrame({"id": ids, "at": "2026-11-01", "ev": "Paid", "price": 1.0})
    narrow = pa.table(
        {"id": pa.array([2.0**24, 3.0], pa.float32()), "at": ["2026-11-01"] * 2, "ev": ["Paid"] * 2, "price": [1, 1]}
    )
    exact = pa.table(
        {"id": pa.array(ids[:2], pa.decimal128(20, 0)), "at": ["2026-11-01"] * 2, "ev": ["Paid"] * 2, "price": [1, 1]}
    )
    pq.write_table(exact, root / "exact.parquet")
    with opened(root) as workspace:
        assert fates(workspace.ingest(frame, source="shop")) == (1, 0, 3)
        assert sorted(reasons(workspace)) == ["bad customer", "bad customer", "missing customer"]
        assert fates(workspace.ingest(narrow, source="shop")) == (1, 0, 1)
        assert fates(workspace.ingest(root / "exact.parquet", source="shop")) == (2, 0, 0)


def test_a_number_is_one_customer_however_it_is_written(made: Made) -> None:
    root = made(who="orders = 3")
    with opened(root) as workspace:
        workspace.ingest(
            file(root, "a.csv", "id,at,ev,price", "123,2026-11-01 10:00,Paid,1", "123.0,2026-11-01 11:00,Paid,1"),
            source="shop",
        )
        workspace.record(123, "Paid", message_id="m", time=NOW - timedelta(days=26))
        lived(workspace, root, "123")
        told = [workspace.decide(id_, channel="email") for id_ in (123, "123", " 123.0\u200b")]
        listed = [
            workspace.decide_list(pa.table({"customer": [id_]}), channel="email") for id_ in (123, 123.0, "123.0 ")
        ]
        with pytest.raises(InvalidDecisionError, match="is a float"):
            workspace.decide(1.5)  # type: ignore[arg-type]
        with pytest.raises(InvalidDecisionError, match="1 row of the list has no customer: row 2 holds 'null'"):
            workspace.decide_list(pa.table({"customer": ["a", "null"]}))
    assert {(each.persona, each.choices) for each in told} == {("all", told[0].choices)}
    assert {tuple(each["option"].to_pylist()) for each in listed} == {(told[0].choices[0].option,)}


@pytest.mark.long
def test_an_address_is_one_customer_however_it_is_spelled(made: Made) -> None:
    root = made(who="orders = 2")
    spellings = ["Bo@Example.com", "BO@EXAMPLE.COM", "bo@example.com"]
    with opened(root) as workspace:
        rows = [f"{id_},2026-11-01 1{n}:00,Paid,1" for n, id_ in enumerate(spellings[:2])]
        workspace.ingest(file(root, "a.csv", "id,at,ev,price", *rows), source="shop")
        lived(workspace, root, spellings[0])
        told = {id_: workspace.decide(id_, channel="email", traits={}) for id_ in (*spellings, "bO@example.com")}
        listed = workspace.decide_list(pa.table({"customer": spellings}), channel="email")
        workspace.record("bo@example.com", "identify", message_id="no", properties={"consent_email": False})
        held = [workspace.delivery(id_, channel="email").reason for id_ in told]
    assert {(each.persona, each.choices) for each in told.values()} == {("all", told[spellings[0]].choices)}
    assert listed["customer"].to_pylist() == sorted(spellings)
    assert set(listed["option"].to_pylist()) == {told[spellings[0]].choices[0].option}
    assert set(held) == {"no consent"}


@pytest.mark.long
def test_a_merge_is_listed_and_taken_back(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    root = made(anonymous="anonymous: anon, ", who="orders = 1", value="")
    rows = ["ann,phone,2026-11-01 10:00,identify,", ",phone,2026-11-01 11:00,Paid,5"]
    with opened(root) as workspace:
        workspace.ingest(file(root, "e.csv", "id,anon,at,ev,price", *rows), source="shop")
        lived(workspace, root, "ann")
        assert workspace.decide("ann", channel="email").persona == "all"
    assert code_of(lambda: app(["customer", "phone", "--by", "Dana", "--workspace", str(root)])) == 0
    assert ", under ann and phone." in capsys.readouterr().out

    def typed(*words: str, code: int = 0) -> str:
        assert code_of(lambda: app(["links", *words, "--workspace", str(root)])) == code
        told = capsys.readouterr()
        return told.err if code else told.out

    assert json.loads(typed("list", "phone", "--format", "json"))["ids"] == ["ann", "phone"]
    assert "are two customers from now on" in typed("undo", "phone", "ann", "--by", "Dana")
    assert [each["why"] for each in json.loads(typed("list", "ann", "--format", "json"))["said"]] == ["device", "apart"]
    for other, why in (("bob", "Nothing that can be taken back"), ("phone", "are two customers already")):
        assert why in typed("undo", "ann", other, "--by", "Dana", code=1)
    with opened(root) as workspace:
        workspace.run(until=datetime(2026, 11, 21, tzinfo=UTC).date())
        assert [workspace.decide(id_, channel="email").persona for id_ in ("ann", "phone")] == ["unmatched", "all"]
    assert code_of(lambda: app(["customer", "ann", "--by", "Dana", "--workspace", str(root)])) == 0
    assert "under" not in capsys.readouterr().out, "the other id is somebody else's"


@pytest.mark.long
@pytest.mark.parametrize("phone", ["+491701234567", "=1+1", "@ann", "-7"])
def test_a_list_that_is_read_back_is_of_the_same_customers(made: Made, phone: str, typed: Typed) -> None:
    """What is written for another tool keeps its ids byte for byte."""
    root = made(value="")
    with opened(root) as workspace:
        lived(workspace, root, phone, until=MET)
    where = ("--channel", "email", "--workspace", root, "--at", "2026-11-21T12:00")
    assert typed("export", "list", *where, "--out", root / "l.csv").code == 0
    again = typed("decide", "--list", root / "l.csv", *where)
    for text in ((root / "l.csv").read_text(), again.out):
        assert [row["customer"] for row in csv.DictReader(text.splitlines())] == [phone]
    assert typed("export", "list", *where, "--for", "spreadsheet", "--out", root / "s.csv").code == 0
    again = typed("decide", "--list", root / "s.csv", *where)
    assert [row["customer"] for row in csv.DictReader(again.out.splitlines())] == [phone]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("l.csv", b"sep=;\n customer ;zip\n007;01067\n"),
        ("l.txt", "customer\tzip\n007\t01067\n".encode("utf-16")),
        ("l.csv.gz", gzipped_bytes(b"customer,zip\n007,01067\n")),
        ("l.json", b'[{"customer": "007", "zip": "01067"}]'),
    ],
)
def test_a_list_is_read_as_every_file_is(made: Made, name: str, text: bytes, typed: Typed) -> None:
    root = made(value="", who="zip = '01067'", more="traits: [zip]\n")
    with opened(root) as workspace:
        lived(workspace, root, "a", until=MET)
    (root / name).write_bytes(text)
    answer = typed("decide", "--list", root / name, "--channel", "email", "--workspace", root)
    assert [row["customer"] for row in csv.DictReader(answer.out.splitlines())] == ["007"]


def test_a_list_with_a_broken_row_is_refused_by_its_row(made: Made, typed: Typed) -> None:
    root = made(value="")
    with opened(root) as workspace:
        lived(workspace, root, "a", until=MET)
    list_ = file(root, "l.csv", "customer,zip", "a,1", "b,1,2")
    answer = typed("decide", "--list", list_, "--workspace", root)
    assert answer.code == 1
    assert "it has 3 fields where the header has 2, in 'b,1,2'" in answer.err


@pytest.mark.parametrize(
    "word",
    [
        "Unbekannt",
        "INVIT\u00c9",
        "an\u00f3nimo",
        "ospite",
        "Go\u015b\u0107",
        "\u672a\u767b\u5f55",
        "\u30b2\u30b9\u30c8",
    ],
)
def test_nobody_is_nobody_in_other_languages(made: Made, word: str) -> None:
    root = made()
    rows = [f"{said},2026-11-01 10:00,Paid,1" for said in (word, f" {word.lower()}", f"{word}1")]
    with opened(root) as workspace:
        assert fates(workspace.ingest(file(root, "o.csv", "id,at,ev,price", *rows), source="shop")) == (1, 0, 2)
        assert set(reasons(workspace)) == {"missing customer"}


@pytest.mark.long
def test_check_names_customers_whose_uuid_is_spelled_in_two_ways(made: Made) -> None:
    """Which system writes which is for people to know: nothing is joined, and the words that join two are said."""
    root = made()
    uuid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    with opened(root) as workspace:
        ids = [uuid, uuid.upper(), uuid.replace("3301", "3302"), "U1", "u1"]
        workspace.ingest(
            file(root, "e.csv", "id,at,ev,price", *(f"{id_},2026-11-01,Paid,5" for id_ in ids)), source="shop"
        )
        lived(workspace, root, *ids)
        assert len(set(customers(workspace))) == 5
    (warned,) = [each for each in understood(root, environment={}).warnings if "UUID" in each.message]
    assert warned.message.startswith("1 customer differs from another one only in the case of a UUID")
    call = json.loads(warned.hint[warned.hint.index('{"type"') : warned.hint.rindex("}") + 1])
    (event,) = read_segment(call, Moments(received=NOW))
    (link,) = links_of(EventBatch.of([event], zone=ZoneInfo("UTC")).events)
    assert ({link.customer, link.also}, link.kind) == ({uuid.upper(), uuid}, "alias")
