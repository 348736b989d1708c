"""An array taken apart by declaration: one row an element, told apart by its place, and each with one fate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import law
from living_personas.domain.event import Quarantined, Receipt
from living_personas.domain.settings import Source, SourceTime, TakenColumn
from living_personas.errors import IngestError
from living_personas.loop.context import Context
from living_personas.loop.recording.file_check import check_file
from living_personas.loop.recording.ingest import ingest, replay
from living_personas.sources.read import Loaded, read
from living_personas.stores.memory import MemoryStore
from loop.shops import ENGINE, PERSONA, SETTINGS

RECEIVED = datetime(2026, 4, 1, tzinfo=UTC)
ORDERS = Source(
    name="orders",
    customer="user",
    message_id="id",
    time=SourceTime(column="at"),
    fixed_event="Item Bought",
    explode="items",
    columns=(TakenColumn(name="price", column="items[].price"),),
    properties=("price", "items[].sku", "items[#]", "total"),
)
TOLD = replace(ORDERS, message_id=None)
WIDE = replace(ORDERS, properties=("items[].*", "total"), columns=(), where="total > 0")
ITEM = st.fixed_dictionaries({}, optional={"sku": st.sampled_from(["A", "B"]), "price": st.sampled_from([1.5, 20.0])})
ROW = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["m1", "m2", "m3", "m4", ""]),
        "user": st.sampled_from(["u1", "u2", "u3", "null"]),
        "at": st.sampled_from(["2026-03-01T10:00:00Z", "2026-03-02", "soon"]),
        "total": st.sampled_from([0.0, 5.0]),
        "items": st.lists(ITEM, max_size=3) | st.none(),
    }
)
ODD = st.sampled_from(["none", "", "[1, ", '[{"sku": "A"}]', 7, {"sku": "A"}, ["A", None], [[1]]])


def context_for(*sources: Source) -> Context:
    return Context(store=MemoryStore(), engine=ENGINE, settings=replace(SETTINGS, sources=sources), personas=())


def lines(folder: str | Path, rows: Sequence[Mapping[str, Any]], name: str = "rows.jsonl") -> Path:
    path = Path(folder) / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def fates(loads: Sequence[Loaded]) -> tuple[list[dict[str, Any]], list[Quarantined], int]:
    events = [row for loaded in loads for row in loaded.batch.events.to_pylist()]
    return events, [row for loaded in loads for row in loaded.quarantined], sum(loaded.rows for loaded in loads)


@law(30)
@given(
    st.lists(ROW, max_size=6),
    st.lists(ROW, max_size=3),
    st.lists(ODD, max_size=2),
    st.sampled_from([ORDERS, TOLD]),
    st.randoms(use_true_random=False),
)
def test_every_element_has_one_fate_however_often_it_comes(
    rows: list[dict[str, Any]], more: list[dict[str, Any]], odd: list[Any], source: Source, shuffle: Random
) -> None:
    """Read, read again, shuffled, and in a file that overlaps: only what is new is stored; what is empty is said."""
    rows = [*rows, *({**row, "items": said} for row, said in zip(more, odd, strict=False))]
    rows = [{**row, "id": row["id"] and f"{row['id']}-{place}"} for place, row in enumerate(rows)]
    expected = sum(len(row["items"]) if isinstance(row["items"], list) and row["items"] else 1 for row in rows)
    shuffled = shuffle.sample(rows, len(rows))
    context = context_for(source)
    with TemporaryDirectory() as folder:
        first = ingest(context, lines(folder, rows), received=RECEIVED, source=source.name)
        again = [
            ingest(context, lines(folder, each, name), received=RECEIVED, source=source.name)
            for name, each in (("same.jsonl", rows), ("other.jsonl", shuffled), ("part.jsonl", shuffled[:3]))
        ]
    assert first.received == first.stored + first.duplicate + first.quarantined == expected
    assert first.duplicate == 0
    assert [each.stored for each in again] == [0, 0, 0]
    assert again[0] == Receipt(received=expected, duplicate=expected)


@settings(max_examples=30)
@given(rows=st.lists(ROW, min_size=1, max_size=6), source=st.sampled_from([ORDERS, TOLD, WIDE]), as_text=st.booleans())
def test_columns_and_rows_and_a_flat_file_say_the_same(
    rows: list[dict[str, Any]], source: Source, *, as_text: bool
) -> None:
    """Whatever kind of file holds the array; and as if somebody had written a line for each element."""
    zone = ZoneInfo("Europe/Berlin")
    item = pa.struct([("sku", pa.string()), ("price", pa.float64())])
    said = [json.dumps(row["items"]) if as_text else row["items"] for row in rows]
    kind = pa.string() if as_text else pa.list_(item)
    names = ("id", "user", "at", "total")
    frame = pa.table({**{n: [row[n] for row in rows] for n in names}, "items": pa.array(said, kind)})
    with TemporaryDirectory() as folder:
        pq.write_table(frame, Path(folder) / "rows.parquet")
        found = [
            fates(list(read(data, source, zone=zone, row_by_row=by_row)))
            for data in (frame, Path(folder) / "rows.parquet", lines(folder, frame.to_pylist()))
            for by_row in (False, True)
        ]
    plain = [(events, [(row.row, row.reason, row.detail) for row in bad], count) for events, bad, count in found]
    assert all(each == plain[0] for each in plain)
    flat = [
        {**{name: row[name] for name in names}, **({} if element is None else {"one": element}), "place": place}
        for row in rows
        for place, element in enumerate(row["items"] or (), start=1)
    ]
    if source is ORDERS and flat:
        direct = replace(
            ORDERS,
            explode=None,
            columns=(TakenColumn(name="price", column="one.price", optional=True),),
            properties=("price", "place", "total"),
        )
        with TemporaryDirectory() as folder:
            events, bad, _ = fates(list(read(lines(folder, flat), direct, zone=zone)))
        kept = [
            (event["customer"], event["time"], json.loads(event["properties"]).get("price")) for event in found[0][0]
        ]
        assert kept == [(e["customer"], e["time"], json.loads(e["properties"]).get("price")) for e in events]
        reasons = [row.reason for row in bad]
        assert [row.reason for row in found[0][1] if "holds no element" not in row.detail] == reasons


ROWS = [
    {
        "id": 1,
        "user": "a",
        "at": "2026-03-01",
        "total": 9,
        "items": [{"sku": "A", "price": 4}, {"sku": "B", "price": 5}],
    },
    {"id": 2, "user": "b", "at": "2026-03-01", "total": 9, "items": [{"sku": "A", "price": 4}, {"sku": ["B"]}]},
    {"id": 3, "user": "c", "at": "2026-03-01", "total": 0, "items": []},
    {"id": 4, "user": "d", "at": "2026-03-01", "total": 9, "items": "A, B"},
]


def test_outer_fields_stay_and_inner_ones_are_read_by_their_names(tmp_path: Path) -> None:
    (loaded,) = read(lines(tmp_path, ROWS), ORDERS, zone=ZoneInfo("UTC"))
    first, second = loaded.batch.events.to_pylist()[:2]
    assert (first["message_id"], second["message_id"]) == ("orders:1[1]", "orders:1[2]")
    assert json.loads(second["properties"]) == {"price": 5, "items[].sku": "B", "items[#]": 2, "total": 9}
    assert [(row.row, row.reason) for row in loaded.quarantined] == [(3, "bad properties"), (4, "bad properties")]
    assert "holds no element" in loaded.quarantined[0].detail
    assert "is no array" in loaded.quarantined[1].detail
    (loaded,) = read(lines(tmp_path, ROWS[:3]), WIDE, zone=ZoneInfo("UTC"))
    assert json.loads(loaded.batch.events["properties"][0].as_py()) == {"sku": "A", "price": 4, "total": 9}
    assert (len(loaded.batch), loaded.quarantined) == (4, ())


def test_an_id_of_the_element_is_its_own(tmp_path: Path) -> None:
    own = replace(ORDERS, message_id="items[].sku", properties=())
    (loaded,) = read(lines(tmp_path, ROWS[:1]), own, zone=ZoneInfo("UTC"))
    assert loaded.batch.events["message_id"].to_pylist() == ["orders:A", "orders:B"]


@pytest.mark.promise("P5")
def test_a_mended_source_reads_each_element_once_and_what_still_fails_is_kept(tmp_path: Path) -> None:
    """Before, the array was taken for one number; after, each element is a row: one of them is none."""
    before = replace(ORDERS, explode=None, customer="who", columns=(), properties=("items",))
    rows = [{"id": 7, "who": None, "user": "a", "at": "2026-03-01", "total": 1, "items": [{"price": 4}, {"price": 5}]}]
    empty: dict[str, Any] = {"id": 8, "who": None, "user": "b", "at": "2026-03-01", "total": 1, "items": []}
    context = context_for(before)
    found = ingest(context, lines(tmp_path, [*rows, empty]), received=RECEIVED, source="orders")
    assert (found.stored, found.quarantined) == (0, 2)
    after = replace(context, settings=replace(context.settings, sources=(ORDERS,)))
    assert replay(after, received=RECEIVED, source="orders") == Receipt(received=3, stored=2, quarantined=1)
    assert [row.row for row in context.store.quarantine.rows()] == [2]
    assert ingest(after, lines(tmp_path, rows), received=RECEIVED, source="orders").duplicate == 2


def test_elements_that_fail_only_when_replayed_go_to_quarantine(tmp_path: Path) -> None:
    whole = replace(ORDERS, explode=None, columns=(), properties=(), customer="items.user")
    rows = [{"id": 7, "at": "2026-03-01", "items": [{"user": "a"}, {"user": "null"}, {"user": "b"}]}]
    context = context_for(whole)
    assert ingest(context, lines(tmp_path, rows), received=RECEIVED, source="orders").quarantined == 1
    inner = replace(ORDERS, customer="items[].user", columns=(), properties=())
    after = replace(context, settings=replace(context.settings, sources=(inner,)))
    assert replay(after, received=RECEIVED, source="orders") == Receipt(received=3, stored=2, quarantined=1)
    (held,) = context.store.quarantine.rows()
    assert held.detail.startswith("element 2 of 'items': ")
    assert replay(after, received=RECEIVED, source="orders") == Receipt(received=1, quarantined=1)


@pytest.mark.parametrize(
    ("source", "told", "hint"),
    [
        (replace(ORDERS, explode=None), "`properties` from 'items[].sku'", "explode: items"),
        (replace(ORDERS, properties=("items[].discounts[].code",)), "inside the elements", "only one can be"),
        (replace(ORDERS, explode="item", columns=(), properties=()), "`explode` from column 'item'", "'items'"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused(tmp_path: Path, source: Source, told: str, hint: str) -> None:
    with pytest.raises(IngestError) as refused:
        next(read(lines(tmp_path, ROWS), source, zone=ZoneInfo("UTC")))
    assert told in refused.value.message
    assert hint in (refused.value.hint or "")


def test_a_rule_may_leave_out_what_holds_nothing(tmp_path: Path) -> None:
    wanted = replace(ORDERS, where='"items[]" is not null', columns=(), properties=("items[]",))
    (loaded,) = read(lines(tmp_path, ROWS[:3]), wanted, zone=ZoneInfo("UTC"))
    assert (len(loaded.batch), loaded.quarantined) == (4, ())


def test_check_warns_of_what_would_count_once_for_each_element(tmp_path: Path) -> None:
    goal = replace(PERSONA.goal, event="Item Bought", value="total")
    summed = replace(context_for(ORDERS), personas=(replace(PERSONA, goal=goal),))
    found = check_file(summed, lines(tmp_path, ROWS[:1]), ORDERS, received=RECEIVED)
    assert (found.rows, found.elements, found.whole) == (1, 2, True)
    assert any("'total' stands beside 'items'" in warning for warning in found.warnings)
    inner = replace(summed, personas=(replace(PERSONA, goal=replace(goal, value="price")),))
    assert check_file(inner, lines(tmp_path, ROWS[:1]), ORDERS, received=RECEIVED).warnings == ()
