"""Files and questions as people have them: each gives what it says, or is refused by its name."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import living_personas as lp
from living_personas.cli import app
from living_personas.cli.failures import code_of
from living_personas.cli.understood import understood
from living_personas.domain.event import Receipt
from living_personas.domain.settings import Source, SourceTime
from living_personas.errors import BadValueError, InvalidDecisionError
from living_personas.loop.ingest import ingest
from living_personas.loop.relations import filtered
from living_personas.memory.tables import CELLS
from loop.shops import PERSONA as MADE
from loop.shops import SETTINGS as SAID
from loop.shops import context_of

pd: Any = pytest.importorskip("pandas")  # it comes without types

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)

SHOP = """\
name: Shop
salt: a-salt-for-tests-only
holdout: 0%
{more}sources:
  shop: {{customer: id, {anonymous}time: at, event: ev, properties: [price]{source}}}
  test:
    customer: id
    time: at
    event: {{fixed: Mail Sent}}
    exposure: {{attribute: offer, option: opt, propensity: 1/2}}
features:
  orders: count(*) filter (where name = 'Paid')
"""
PERSONA = """\
persona: all
who: "{who}"
goal: {{event: Paid, within: 7 days{value}}}
channels: [email]
attributes:
  offer: {{options: [gift, sale], we_believe: gift}}
"""

Made = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A workspace of a shop, written with what a story needs."""

    def write(
        *,
        more: str = "",
        anonymous: str = "",
        source: str = "",
        who: str = "true",
        value: str = ", value: price, at_most: 500",
    ) -> Path:
        (tmp_path / "personas").mkdir()
        (tmp_path / "workspace.yaml").write_text(SHOP.format(more=more, anonymous=anonymous, source=source))
        (tmp_path / "personas" / "all.yaml").write_text(PERSONA.format(who=who, value=value))
        return tmp_path

    return write


def opened(root: Path) -> lp.OpenWorkspace:
    """The workspace, at a time of its own."""
    return lp.open(root, clock=lambda: NOW)


def file(root: Path, name: str, *lines: str) -> Path:
    """A file of some lines."""
    path = root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def fates(receipt: Receipt) -> tuple[int, int, int]:
    """Stored, duplicate, quarantined; they add up."""
    assert receipt.balanced
    return receipt.stored, receipt.duplicate, receipt.quarantined


def reasons(workspace: lp.OpenWorkspace) -> list[str]:
    """Why rows lie in quarantine."""
    return [row.reason for row in workspace._context.store.quarantine.rows()]


def per_unit(workspace: lp.OpenWorkspace) -> dict[str, float]:
    """The mean outcome of each option."""
    cells = filtered(CELLS.all(workspace._context.store), schema=CELLS.schema).to_pylist()
    goal = [cell for cell in cells if cell["metric"] == "goal"]
    units, total = Counter[str](), Counter[str]()
    for cell in goal:
        units[cell["option"]] += cell["n"]
        total[cell["option"]] += cell["sum"]
    return {option: total[option] / units[option] for option in units}


def lived(workspace: lp.OpenWorkspace, root: Path, *ids: str, at: str = "2026-11-03 09:00:00") -> None:
    """Everybody met an offer, and the days after it are closed."""
    rows = [f"{id_},{at},{('gift', 'sale')[n % 2]}" for n, id_ in enumerate(ids)]
    workspace.ingest(file(root, "met.csv", "id,at,opt", *rows), source="test")
    workspace.run(until=datetime(2026, 11, 20, tzinfo=UTC).date())


def test_an_export_of_the_same_name_brings_new_rows_and_only_those(made: Made) -> None:
    root = made()
    head, rows = "id,at,ev,price", [f"c{n},2026-11-0{n} 10:00:00,Paid,5" for n in range(1, 6)]
    with opened(root) as workspace:
        nights = [rows[:2], rows[2:], rows, rows[::-1], [*rows, rows[0]]]
        found = [
            fates(workspace.ingest(file(root / f"n{n}", "export.csv", head, *each), source="shop"))
            for n, each in enumerate(nights)
        ]
    assert found == [(2, 0, 0), (3, 0, 0), (0, 5, 0), (0, 5, 0), (1, 5, 0)]


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
    [("10,EUR", 10.0), ("8,CHF", 10.0), ("10 €,", 10.0), ("10,USD", 0.0), ("10 USD,EUR", 0.0), ("10,", 10.0)],
)
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
    assert [each.message.partition(":")[0] for each in told] == (
        ["8 values of price in USD do not count"] if not paid else []
    )


@pytest.mark.parametrize("word", ["undefined", "N/A", "(not set)", "0", "<NA>", " none "])
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
        with pytest.raises(InvalidDecisionError, match="1 rows of the list have no customer: row 2 holds 'null'"):
            workspace.decide_list(pa.table({"customer": ["a", "null"]}))
    assert {(each.persona, each.choices) for each in told} == {("all", told[0].choices)}
    assert {tuple(each["option"].to_pylist()) for each in listed} == {(told[0].choices[0].option,)}


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


@pytest.mark.parametrize("at", ["1970-01-01 00:00:01", "2022-01-01", "2099-12-31", "2026-11-30"])
def test_a_time_that_cannot_be_is_named_and_moves_nothing(made: Made, at: str) -> None:
    root = made(value="")
    rows = [f"c{n},2026-11-01 10:00:00,page," for n in range(9)]
    with opened(root) as workspace:
        assert fates(
            workspace.ingest(file(root, "k.csv", "id,at,ev,price", *rows, f"x,{at},page,"), source="shop")
        ) == (9, 0, 1)
        workspace.ingest(file(root, "met.csv", "id,at,opt", "c1,2026-11-03 09:00:00,sale"), source="test")
        assert fates(workspace.ingest(file(root, "l.csv", "id,at,ev,price", f"y,{at},page,"), source="shop")) == (
            0,
            0,
            1,
        )
        assert set(reasons(workspace)) == {"bad time"}
        assert [day.isoformat() for day in workspace.run().days] == ["2026-11-03"]


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


def test_the_first_day_can_be_said(made: Made) -> None:
    root = made(more="earliest: 2010-01-01\n")
    with opened(root) as workspace:
        rows = ["a,2010-01-01 00:00,page,", "a,2009-12-31 23:59,page,", "a,2026-11-01,page,"]
        assert fates(workspace.ingest(file(root, "k.csv", "id,at,ev,price", *rows), source="shop")) == (2, 0, 1)


ITEMS: list[dict[str, Any]] = [
    {"ev": "Paid", "who": {"id": f"u{n}", "at": 1793527200 + n, "price": n}} for n in range(3)
]


@pytest.mark.parametrize("text", ["\n".join(map(json.dumps, ITEMS)), json.dumps(ITEMS), json.dumps(ITEMS, indent=2)])
@pytest.mark.parametrize("name", ["e.json", "e.jsonl", "e.txt", "e"])
def test_json_is_json_by_any_name_and_as_deep_as_it_is(made: Made, name: str, text: str) -> None:
    root = made()
    settings_ = (
        (root / "workspace.yaml")
        .read_text()
        .replace("  test:", "  deep: {customer: who.id, time: who.at, event: ev, properties: ['who.*']}\n  test:")
    )
    (root / "workspace.yaml").write_text(settings_)
    (root / name).write_text(text)
    with opened(root) as workspace:
        assert fates(workspace.ingest(root / name, source="deep")) == (3, 0, 0)
        workspace._context.store.inbox.seal()
        found = workspace._context.store.partitions.read("events", NOW.date().replace(day=1), NOW.date())
        said = [json.loads(row) for path in found for row in pq.read_table(path)["properties"].to_pylist()]
    assert sorted(each["price"] for each in said) == [0, 1, 2]
    assert all(set(each) == {"price"} for each in said)


@pytest.mark.parametrize(
    "lines",
    [
        ('id;at;ev;price;"a, b, c, d, e"', "u;2026-11-01 10:00;Paid;1;x"),
        ("id|at|ev|price", "u|2026-11-01 10:00|Paid|1"),
        (" id ,at\u00a0, ev,price ", "u,2026-11-01 10:00,Paid,1"),
        ("id\tat\tev\tprice", "u\t2026-11-01 10:00\tPaid\t1,00"),
    ],
)
def test_a_header_is_read_as_it_was_meant(made: Made, lines: tuple[str, ...]) -> None:
    root = made()
    with opened(root) as workspace:
        assert fates(workspace.ingest(file(root, "o.csv", *lines), source="shop")) == (1, 0, 0)


def test_a_source_has_a_zone_and_a_condition_of_its_own(made: Made) -> None:
    root = made(more="time_zone: America/New_York\n", source=", where: \"state = 'ok'\"")
    text = (
        (root / "workspace.yaml").read_text().replace("time: at, event: ev", "time: {column: at, zone: UTC}, event: ev")
    )
    (root / "workspace.yaml").write_text(text)
    rows = ["a,2026-11-02 01:30,Paid,1,ok", "b,2026-11-02 01:30,Paid,1,failed", "c,2026-11-02 01:30,Paid,1,"]
    with opened(root) as workspace:
        assert fates(workspace.ingest(file(root, "o.csv", "id,at,ev,price,state", *rows), source="shop")) == (1, 0, 0)
        workspace._context.store.inbox.seal()
        assert [day.isoformat() for day in workspace._context.store.partitions.days("events")] == ["2026-11-01"]


def test_what_happened_on_the_day_of_an_exposure_came_after_it(made: Made) -> None:
    root = made(value="")
    ids = [f"c{n}" for n in range(20)]
    with opened(root) as workspace:
        workspace.ingest(
            file(root, "k.csv", "id,at,ev,price", *(f"{id_},2026-10-31 08:00,page," for id_ in ids)), source="shop"
        )
        workspace.ingest(
            file(root, "o.csv", "id,at,ev,price", *(f"{id_},2026-11-03 00:30,Paid,5" for id_ in ids)), source="shop"
        )
        lived(workspace, root, *ids, at="2026-11-03")
        means = per_unit(workspace)
    assert means == {"gift": 1.0, "sale": 1.0}


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


def test_check_says_where_days_and_times_are_mixed(made: Made) -> None:
    root = made()
    with opened(root) as workspace:
        workspace.ingest(
            file(root, "p.csv", "id,at,ev,price", "a,2026-11-01 10:00,page,", "b,2026-11-01,page,"), source="shop"
        )
    (warned,) = [each for each in understood(root, environment={}).warnings if "say only the day" in each.message]
    assert warned.message.startswith("1 rows of source shop say only the day, and 1 the time")


def test_a_merge_is_listed_and_taken_back(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    root = made(anonymous="anonymous: anon, ", who="orders = 1", value="")
    rows = ["ann,phone,2026-11-01 10:00,identify,", ",phone,2026-11-01 11:00,Paid,5"]
    with opened(root) as workspace:
        workspace.ingest(file(root, "e.csv", "id,anon,at,ev,price", *rows), source="shop")
        lived(workspace, root, "ann")
        assert workspace.decide("ann", channel="email").persona == "all"

    def typed(*words: str) -> str:
        assert code_of(lambda: app(["links", *words, "--workspace", str(root)])) == 0
        return capsys.readouterr().out

    assert json.loads(typed("list", "phone", "--format", "json"))["ids"] == ["ann", "phone"]
    assert "are two customers from now on" in typed("undo", "phone", "ann", "--by", "Dana")
    assert [each["why"] for each in json.loads(typed("list", "ann", "--format", "json"))["said"]] == ["device", "apart"]
    assert code_of(lambda: app(["links", "undo", "ann", "bob", "--by", "Dana", "--workspace", str(root)])) == 1
    with opened(root) as workspace:
        workspace.run(until=datetime(2026, 11, 21, tzinfo=UTC).date())
        assert [workspace.decide(id_, channel="email").persona for id_ in ("ann", "phone")] == ["unmatched", "all"]


_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "null", "A@b.c", "2.0", ""]),
        st.sampled_from(["2026-11-01 10:00", "2026-11-01", "2099-01-01", "x", ""]),
        st.sampled_from(["Paid", "page", ""]),
        st.sampled_from(["1", "1.029", "2,50", "x", ""]),
    ).map(",".join),
    max_size=12,
)


@settings(max_examples=25)
@given(_ROWS, _ROWS, st.randoms(use_true_random=False))
def test_every_row_has_one_fate_however_files_overlap(rows: list[str], more: list[str], random: Any) -> None:
    source = Source(name="shop", customer="id", time=SourceTime(column="at"), event="ev", properties=("price",))
    goal = replace(MADE.goal, event="Paid", value="price", at_most=500.0)
    context = context_of(replace(MADE, goal=goal), settings=replace(SAID, sources=(source,)))
    stored = 0
    with tempfile.TemporaryDirectory() as folder:
        shuffled = [*rows, *more]
        random.shuffle(shuffled)
        for name, lines in (
            ("a.csv", rows),
            ("a.csv", rows),
            ("b.csv", shuffled),
            ("a.csv", more),
            ("c.csv", [*more, *rows]),
        ):
            written = [line.replace("2,50", '"2,50"') for line in lines]
            receipt = ingest(context, file(Path(folder), name, "id,at,ev,price", *written), received=NOW)
            assert receipt.balanced
            assert receipt.received == len([line for line in lines if line.strip(",")]) or receipt.received == len(
                lines
            )
            stored += receipt.stored
    assert stored == context.store.inbox.recorded()
    held = context.store.quarantine.counts()
    assert stored + sum(held.values()) == Counter(shuffled).total()
