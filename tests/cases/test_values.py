"""Prices and other numbers as people write them: read for what they are, or refused by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from cases.shop import NOW, Made, fates, file, lived, opened, per_unit, reasons
from cli.shop import Typed
from living_personas.cli.understood import understood
from living_personas.errors import BadValueError

pytestmark = pytest.mark.long


@pytest.mark.parametrize("price", ["19,90", "€ 19.90", "19,90 EUR", "(19.90)-", "1.990", "cheap"])
def test_a_price_is_a_number_or_is_named(made: Made, price: str) -> None:
    root = made()
    with opened(root) as workspace:
        receipt = workspace.ingest(
            file(root, "o.csv", "id;at;ev;price", f"c1;2026-11-01 10:00;Paid;{price}"), source="shop"
        )
        named = fates(receipt) == (0, 0, 1)
        assert (reasons(workspace) == ["bad number"]) is named
    assert named is (price in ("(19.90)-", "1.990", "cheap"))


def test_a_declared_decimal_mark_reads_what_may_be_two_numbers(made: Made) -> None:
    root = made(source=', numbers: {decimal: ","}')
    with opened(root) as workspace:
        orders = [f"c{n};2026-11-03 10:00;Paid;1.2{n:02},50" for n in range(8)]
        workspace.ingest(file(root, "o.csv", "id;at;ev;price", *orders), source="shop")
        lived(workspace, root, *(f"c{n}" for n in range(8)))
        assert per_unit(workspace) == {"gift": 500.0, "sale": 500.0}  # the most that counts: each paid some 1,200


@pytest.mark.parametrize(
    ("price", "paid"),
    [
        ("10,EUR", 10.0), ("8,CHF", 10.0), ("10 €,", 10.0), ("10,USD", 0.0), ("10 USD,EUR", 0.0), ("10,", 10.0),
        ("$10,", 0.0), ("₹10,", 0.0), ("10 kr,", 0.0), ("10,points", 0.0), ("10,NULL", 10.0), ("10,Euro", 10.0),
        ("$8,CHF", 10.0),
    ],
)  # fmt: skip
def test_a_sum_has_one_currency(made: Made, price: str, paid: float) -> None:
    root = made(
        more="rates: {EUR: 1, CHF: 1.25}\n",
        source=", currency: money",
        value=", value: price, at_most: 500, currency: EUR",
    )
    ids = [f"c{n}" for n in range(8)]
    with opened(root) as workspace:
        orders = [f"{id_},2026-11-03 10:00,Paid,{price}" for id_ in ids]
        assert fates(workspace.ingest(file(root, "o.csv", "id,at,ev,price,money", *orders), source="shop")) == (8, 0, 0)
        lived(workspace, root, *ids)
        assert per_unit(workspace) == pytest.approx({"gift": paid, "sale": paid})
    told = [each for each in understood(root, environment={}).warnings if "do not count" in each.message]
    named = [code for code in ("USD", "$", "INR", "KR", "POINTS") if f"8 values of price in {code} do not" in str(told)]
    assert len(told) == len(named) == (not paid)


def test_what_python_records_is_read_alike(made: Made) -> None:
    root = made(more="earliest: 2020-01-01\n")
    with opened(root) as workspace:
        assert fates(workspace.record("a", "Paid", message_id="m1", properties={"price": "19,90"})) == (1, 0, 0)
        for said, reason in (
            ({"properties": {"price": "1.990"}}, "bad number"),
            ({"time": NOW + timedelta(days=2)}, "bad time"),
            ({"time": datetime(2019, 1, 1, tzinfo=UTC)}, "bad time"),
        ):
            with pytest.raises(BadValueError) as caught:
                workspace.record("a", "Paid", message_id="m2", **said)
            assert caught.value.reason == reason


def test_a_property_that_is_called_like_ours_can_be_asked_for(made: Made) -> None:
    root = made(who="pricing = 1 and orders = 0", value="")
    text = (root / "workspace.yaml").read_text().replace("properties: [price]", "properties: [name]")
    asked = "  pricing: count(*) filter (where name = 'page' and \"property.name\" = 'Pricing')\n"
    (root / "workspace.yaml").write_text(text + asked)
    with opened(root) as workspace:
        workspace.ingest(
            file(root, "p.csv", "id,at,ev,name", "a,2026-11-01 10:00,page,Pricing", "b,2026-11-01 10:00,page,Home"),
            source="shop",
        )
        lived(workspace, root, "a", "b")
        assert [workspace.decide(id_, channel="email").persona for id_ in "ab"] == ["all", "unmatched"]
    (warned,) = [each for each in understood(root, environment={}).warnings if "event's own" in each.message]
    assert '"property.name"' in warned.hint


@pytest.mark.parametrize("word", ["NULL", "\\N", "nan", "#N/A", "n/a", "none"])
def test_what_a_database_unloads_for_no_number_costs_no_event(made: Made, word: str) -> None:
    """Where nothing is held nothing is said; a person's word for it is no number, and named."""
    root = made(value="")
    path = root / "workspace.yaml"
    path.write_text(path.read_text() + "  spent: sum(price)\n")
    with opened(root) as workspace:
        rows = [f"a,2026-11-01 10:00,page,{word}", "a,2026-11-01 11:00,Paid,5"]
        held = word in ("n/a", "none")
        receipt = workspace.ingest(file(root, "o.csv", "id,at,ev,price", *rows), source="shop")
        assert fates(receipt) == (2 - held, 0, held)
        assert reasons(workspace) == ["bad number"] * held


def test_a_property_that_travels_with_all_others_is_told_too(made: Made, typed: Typed) -> None:
    root = made(value="")
    path = root / "workspace.yaml"
    path.write_text(path.read_text().replace("properties: [price]", "properties: ['*']"))
    pages = file(root, "p.csv", "id,at,ev,name,url", "a,2026-11-01 10:00,page,Pricing,/p")
    assert '"property.name"' in typed("check", str(pages), "--source", "shop", "--workspace", str(root)).out
    assert "event's own" not in str(understood(root, environment={}).warnings)
    with opened(root) as workspace:
        workspace.ingest(pages, source="shop")
    (warned,) = [each for each in understood(root, environment={}).warnings if "event's own" in each.message]
    assert '"property.name"' in warned.hint


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("nein", False),
        ("NO", False),
        ("off", False),
        ("0", False),
        ("Y", True),
        ("", True),
        ("NULL", True),
        ("\\N", True),
        ("nan", True),
        ("none", False),
        ("vielleicht", False),
    ],
)
def test_a_no_in_words_is_a_no_on_every_list(made: Made, said: str, *, kept: bool) -> None:
    root = made(value="")
    settings = root / "workspace.yaml"
    crm = "sources:\n  crm: {customer: id, time: at, event: {fixed: identify}, traits: [consent_email]}\n"
    settings.write_text(settings.read_text().replace("sources:\n", crm))
    with opened(root) as workspace:
        workspace.ingest(file(root, "crm.csv", "id,at,consent_email", f"ann,2026-11-01 08:00,{said}"), source="crm")
        lived(workspace, root, "ann", "bob")
        held = {id_: workspace.delivery(id_, channel="email").deliver for id_ in ("ann", "bob")}
        listed = workspace.decide_list(pa.table({"customer": ["ann", "bob"]}), channel="email")["customer"].to_pylist()
    assert held == {"ann": kept, "bob": True}
    assert listed == ["ann", "bob"][not kept :]


@pytest.mark.parametrize(
    ("yes", "no"), [("Yes", "No"), ("y", "n"), ("TRUE", "FALSE"), ("1", "0"), ("1.0", ""), ("on", "off")]
)
def test_an_outcome_that_only_counts_is_said_in_words_too(made: Made, typed: Typed, yes: str, no: str) -> None:
    root = made(value="")
    path = root / "workspace.yaml"
    met = "exposure: {attribute: offer, option: opt, propensity: 1/2}"
    wide = f"  wide: {{customer: id, time: at, {met}, outcomes: {{bought: Paid}}}}\n"
    path.write_text(path.read_text().replace("sources:\n", "sources:\n" + wide))
    voted = file(root, "wide.csv", "id,at,opt,bought", f"a,2026-11-03,gift,{yes}", f"b,2026-11-03,sale,{no}")
    with opened(root) as workspace:
        assert fates(workspace.ingest(voted, source="wide")) == (3, 0, 0)
        workspace.run(until=date(2026, 11, 20))
        assert per_unit(workspace) == {"gift": 1.0, "sale": 0.0}
    perhaps = file(root, "perhaps.csv", "id,at,opt,bought", "c,2026-11-03,gift,perhaps", "d,2026-11-03,gift,1.029")
    said = typed("check", str(perhaps), "--source", "wide", "--workspace", str(root)).out
    assert "Numbers may be read in two ways" in said
    german = file(root, "ja.csv", "id,at,opt,bought", "c,2026-11-03,gift,Ja", "d,2026-11-03,gift,Nein")
    said = " ".join(typed("check", str(german), "--source", "wide", "--workspace", str(root)).out.split())
    assert "words: {Ja: 'yes', Nein: 'no'}" in said
    only = file(root, "only.csv", "id,at,opt,bought", "c,2026-11-03,gift,perhaps")
    said = typed("check", str(only), "--source", "wide", "--workspace", str(root)).out
    assert "'perhaps' is no finite number" in said
    assert "two ways" not in said


@pytest.mark.parametrize(("said", "refused"), [("x", True), ("2 pcs", True), ("2", False), ("1e3", False), ("", False)])
def test_a_trait_that_no_rule_would_understand_is_refused_where_a_person_tries_it_out(
    made: Made, typed: Typed, said: str, *, refused: bool
) -> None:
    root = made(who="orders >= 0", value="")
    with opened(root) as workspace:
        lived(workspace, root, "ann")
    answer = typed("decide", "new", "--channel", "email", "--trait", f"orders={said}", "--workspace", str(root))
    assert (answer.code == 1) is refused
    assert ("'orders' is 'x', which is no number" in answer.err) is (said == "x")


@pytest.mark.parametrize(
    ("header", "said", "told"),
    [
        ("id,at,ev,price,money", ["10,EUR", "10,usd"], "price in EUR, USD"),
        ("id,at,ev,price,money", ["10 €,", "10,USD"], "price in EUR, USD"),
        ("id,at,ev,price,currency", ["10,EUR", "10,JPY"], "price in EUR, JPY"),
        ("id,at,ev,price,money", ["$10,", "10,USD"], ""),
        ("id,at,ev,price,money", ["10,EUR", "10,"], ""),
        ("id,at,ev,price,money", ["10,EUR", ",USD"], "say no 'price'"),
        ("id,at,ev,amount,money", ["10,EUR", "10,EUR"], "8 of 8 'Paid' of the last weeks say no 'price'"),
    ],
)
def test_a_sum_that_is_none_is_told(made: Made, typed: Typed, header: str, said: list[str], told: str) -> None:
    """A sum that names no currency and is of several, and outcomes without the value that is summed of them."""
    *_, amount, money = header.split(",")
    own = f"properties: [{amount}{', currency' if money == 'currency' else ''}]"
    root = made(source=", currency: money" if money == "money" else "", value=", value: price, at_most: 500")
    path = root / "workspace.yaml"
    path.write_text(path.read_text().replace("properties: [price]", own))
    ids = [f"c{n}" for n in range(8)]
    rows = [f"{id_},2026-11-03 10:00,Paid,{said[n % 2]}" for n, id_ in enumerate(ids)]
    bought = file(root, "o.csv", header, *rows)
    checked = typed("check", str(bought), "--source", "shop", "--workspace", str(root)).out
    with opened(root) as workspace:
        assert fates(workspace.ingest(bought, source="shop")) == (8, 0, 0)
        lived(workspace, root, *ids)
    warned = [each.message for each in understood(root, environment={}).warnings]
    found = [each for each in warned if "say no" in each or "as if all were one" in each]
    assert len(found) == bool(told)
    assert told in "".join(found)
    assert ("would be added as if" in checked or "would count as 0" in checked) is bool(told)
