"""What warehouses keep in other spellings, and columns of our own: read alike, told apart alike, never in silence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches import Everything
from living_personas.domain.event import IDENTIFY
from living_personas.domain.settings import Source, SourceExposure, SourceTime, TakenColumn
from living_personas.domain.yes_no import consents
from living_personas.errors import IngestError
from living_personas.sources.read import preview, replay
from living_personas.sources.spelt_objects import as_object
from living_personas.sources.taken import taken
from sources.conftest import ZONE

Load = Callable[..., Everything]
VALUES = st.one_of(
    st.none(), st.text(max_size=8), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), st.booleans()
)
OBJECTS = st.dictionaries(st.text(min_size=1, max_size=8), VALUES, max_size=6)
EVENTS = Source(
    name="web",
    customer="who",
    time=SourceTime(column="at"),
    event="what",
    properties=("params.*",),
)


def pairs(found: dict[str, Any], *, typed: bool) -> list[dict[str, Any]]:
    """An object as an array of keys and values, as BigQuery keeps it."""
    kinds = {str: "string_value", int: "int_value", float: "double_value", bool: "bool_value"}

    def value(said: Any) -> Any:
        if not typed:
            return said
        spelt: dict[str, Any] = {"string_value": None, "int_value": None, "set_timestamp_micros": 5}
        return {**spelt, kinds[type(said)]: said} if said is not None else spelt

    return [{"key": key, "value": value(said)} for key, said in found.items()]


@given(OBJECTS.filter(bool), st.booleans())
def test_keys_and_values_are_the_object_that_they_spell(found: dict[str, Any], typed: bool) -> None:  # noqa: FBT001 - drawn
    assert as_object(pairs(found, typed=typed)) == found


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("{'age': nan, 'said': 'nan'}", {"age": None, "said": "nan"}),
        ("{'sizes': (1, 2), 'of': {1: 'a'}}", {"sizes": [1, 2], "of": {"1": "a"}}),
        ("{'path': 'a\\\\b\\n'}", {"path": "a\\b\n"}),
    ],
)
def test_what_python_prints_is_the_object_that_json_would_say(text: str, means: dict[str, Any]) -> None:
    assert as_object(text) == means


@pytest.mark.parametrize(
    "text",
    [
        '{"plan": "a", "plan": "b"}',
        "{'plan': 'a', 'plan': 'b'}",
        "{'in': {'plan': 'a', 'plan': 'b'}}",
        '{"a": ' + "[" * 40 + "]" * 40 + "}",
        r"{'a': '\d'}",
        "{'a': b'x'}",
        "{'a': {1, 2}}",
        "{'a': 1j}",
        "{'a': ...}",
        "{'a': " + "-" * 100_000 + "1}",
        "{" * 100_000,
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_no_json_could_say_stays_a_text(text: str) -> None:
    assert as_object(text) == text


@given(OBJECTS)
def test_so_is_json_in_a_text(found: dict[str, Any]) -> None:
    assert as_object(json.dumps(found)) == found


@given(st.one_of(VALUES, st.lists(VALUES), st.just([{"key": 1, "value": 2}]), st.just([{"key": "a"}]), st.just("{a")))
def test_everything_else_is_itself(found: Any) -> None:
    assert as_object(found) == found


def row(**said: Any) -> dict[str, Any]:
    return {"who": "u1", "at": "2026-03-01T10:00:00Z", "what": "Bought", **said}


@pytest.mark.parametrize(
    "params",
    [
        {"page": "/", "n": 2},
        [{"key": "page", "value": "/"}, {"key": "n", "value": {"int_value": 2}}],
        '{"page": "/", "n": 2}',
    ],
)
def test_each_spelling_gives_the_same_properties(params: Any, write: Any, load: Load) -> None:
    (event,) = load(write("a.jsonl", json.dumps(row(params=params))), EVENTS).events
    assert event.properties == {"page": "/", "n": 2}


def test_a_key_with_two_values_is_quarantined_and_its_neighbours_are_not(write: Any, load: Load) -> None:
    twice = [{"key": "n", "value": 1}, {"key": "n", "value": 2}]
    lines = "\n".join(json.dumps(row(who=who, params=params)) for who, params in (("a", twice), ("b", twice[:1])))
    loaded = load(write("a.jsonl", lines), EVENTS)
    assert [event.customer for event in loaded.events] == ["b"]
    (held,) = loaded.quarantined
    assert (held.row, held.reason, "'n' has two values: 1 and 2" in held.detail) == (1, "bad properties", True)


def test_names_reach_into_them(write: Any, load: Load) -> None:
    source = replace(EVENTS, customer="params.user", properties=("params.n",), columns=())
    params = pairs({"user": "u7", "n": 3}, typed=True)
    (event,) = load(write("a.jsonl", json.dumps(row(params=params))), source).events
    assert (event.customer, event.properties) == ("u7", {"params.n": 3})


def test_csv_may_hold_json_in_a_text(write: Any, load: Load) -> None:
    source = replace(EVENTS, properties=("price",), columns=(TakenColumn(name="price", column="params.price"),))
    text = 'who,at,what,params\nu1,2026-03-01T10:00:00Z,Bought,"{""price"": 4.5}"\n'
    (event,) = load(write("a.csv", text), source).events
    assert event.properties == {"price": 4.5}


@pytest.mark.parametrize(
    "cell",
    [
        "{'price': 4.5, 'vip': True, 'note': None}",
        "{'note': \"d'or\", 'price': 4.5}",
        json.dumps(json.dumps({"price": 4.5})),
    ],
)
def test_what_a_frame_prints_into_csv_is_the_object(cell: str, write: Any, load: Load) -> None:
    source = replace(EVENTS, properties=("price",), columns=(TakenColumn(name="price", column="params.price"),))
    rows = io.StringIO()
    csv.writer(rows).writerows([("who", "at", "what", "params"), ("u1", "2026-03-01T10:00:00Z", "Bought", cell)])
    (event,) = load(write("a.csv", rows.getvalue()), source).events
    assert event.properties == {"price": 4.5}


@pytest.mark.parametrize("where", [{"columns": (TakenColumn(name="price", column="params.price"),)}, {}])
def test_an_object_that_was_cut_off_is_quarantined(where: dict[str, Any], write: Any, load: Load) -> None:
    source = replace(EVENTS, properties=("price",) if where else ("params.*",), **where)
    text = (
        'who,at,what,params\nu1,2026-03-01T10:00:00Z,Bought,"{""price"": 4.5, ""no"\nu2,2026-03-01T10:00:00Z,Bought,-\n'
    )
    loaded = load(write("a.csv", text), source)
    assert [row.reason for row in loaded.quarantined] == ["bad properties"]
    assert [event.customer for event in loaded.events] == ["u2"]


OURS = Source(
    name="crm",
    customer="Email",
    time=SourceTime(column="At"),
    event="done",
    traits=("consent_email",),
    properties=("revenue", "note"),
    columns=(
        TakenColumn(name="done", column="Action", words={"click": "Email Link Clicked"}),
        TakenColumn(name="consent_email", column="Opted out", reads="opposite"),
        TakenColumn(name="revenue", column="Total"),
        TakenColumn(name="note", column="Note", optional=True),
    ),
    where="done <> 'open'",
)
HEAD = "Email,At,Action,Opted out,Total\n"


def test_columns_of_our_own_may_be_named_by_every_other_part(write: Any, load: Load) -> None:
    text = HEAD + "a@b.de,2026-03-01T10:00:00Z,click,no,5\nc@d.de,2026-03-01T10:00:00Z,open,yes,5\n"
    said, done = load(write("a.csv", text), OURS).events
    assert (said.name, said.properties) == (IDENTIFY, {"consent_email": True})
    assert (done.name, done.properties) == ("Email Link Clicked", {"revenue": 5})


@given(st.sampled_from(["yes", "no", "TRUE", "0", "opted-out", True, False, 1, 0]))
def test_the_opposite_of_a_yes_is_a_no(said: object) -> None:
    out = TakenColumn(name="consent", column="out", reads="opposite")
    assert taken(said, out) is not taken(said, replace(out, reads="yes_no"))


@given(st.text().filter(lambda text: text.strip() != ""))
def test_what_is_neither_is_a_no_whichever_way_it_is_asked(said: str) -> None:
    found = taken(said, TakenColumn(name="consent", column="out", reads="opposite"))
    assert found == said if not isinstance(found, bool) else consents(said) is not found


def test_a_column_that_a_file_lacks_is_refused_unless_it_may_be_missing(write: Any, load: Load) -> None:
    with pytest.raises(IngestError, match="takes `columns` from column 'Total'"):
        load(write("a.csv", "Email,At,Action,Opted out\n"), OURS)


def test_a_column_of_our_own_never_hides_one_of_the_file(write: Any, load: Load) -> None:
    with pytest.raises(IngestError, match="takes a column 'revenue' from 'Total', but"):
        load(write("a.csv", HEAD.strip() + ",revenue\n"), OURS)


def test_rows_are_told_apart_by_the_file_and_not_by_how_it_is_read(write: Any, load: Load) -> None:
    file = write("a.csv", HEAD + "a@b.de,2026-03-01T10:00:00Z,click,no,5\n")
    other = replace(OURS.columns[0], words={"click": "Clicked"})
    one, two = load(file, OURS), load(file, replace(OURS, columns=(other, *OURS.columns[1:])))
    assert [event.message_id for event in one.events] == [event.message_id for event in two.events]
    assert one.events[1].name != two.events[1].name


def test_a_quarantined_row_is_taken_anew_when_it_is_replayed(write: Any, load: Load) -> None:
    (held,) = load(write("a.csv", HEAD + ",2026-03-01T10:00:00Z,click,no,5\n"), OURS).quarantined
    mended = replace(held, payload=held.payload.replace('"Email": null', '"Email": "a@b.de"'))
    again = replay([mended], OURS, zone=ZONE)
    assert (again.received, again.quarantined) == (2, ())


LIST = Source(
    name="sent",
    customer="customer",
    message_id="decision_id",
    time=SourceTime(column="decided_at"),
    fixed_event="Persona Exposed",
    exposure=SourceExposure(
        attribute="framing",
        option="framing",
        persona="persona",
        propensity="share",
        policy="policy",
        epoch="epoch",
        holdout="holdout",
    ),
)


def test_the_holdout_comes_back_as_the_holdout(load: Load) -> None:
    shared = {"decided_at": "2026-03-01T10:00:00Z", "persona": "p", "epoch": "e", "policy": "t1"}
    rows = [
        {**shared, "customer": "a", "decision_id": "d1", "framing": "x", "share": 0.5, "holdout": "false"},
        {**shared, "customer": "b", "decision_id": "d2", "framing": "x", "share": 1.0, "holdout": "true"},
        {**shared, "customer": "c", "decision_id": "d3", "framing": "y", "share": 1.0, "holdout": True},
    ]
    found = [load(pa.Table.from_pylist([each]), LIST) for each in rows]
    met = [event.exposures[0] for loaded in found for event in loaded.events]
    assert [(each.holdout, each.policy, each.propensity) for each in met] == [
        (False, "logged/sent/t1", 0.5),
        (True, "holdout", 1.0),
        (True, "holdout", 1.0),
    ]
    assert [loaded.policies for loaded in found] == [{"logged/sent/t1": {"x": 0.5}}, {}, {}]


@given(rows=st.integers(1, 12), most=st.integers(1, 12))
def test_a_preview_is_what_reading_makes_of_the_first_rows(load: Load, rows: int, most: int) -> None:
    said = [row(who=f"u{number}" if number % 3 else None, params={"n": number}) for number in range(rows)]
    table = pa.table({name: [each[name] for each in said] for name in row(params={})})
    shown = list(preview(table, EVENTS, zone=ZONE, most=most))
    whole = load(table.slice(0, most), EVENTS)
    assert [event for each in shown if isinstance(each.outcome, tuple) for event in each.outcome] == list(whole.events)
    assert [each.number for each in shown] == list(range(1, min(rows, most) + 1))


def test_a_preview_says_which_rows_are_known_by_their_day(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("who,at,what\nu1,2026-03-01,Bought\nu2,2026-03-01T10:00:00Z,Bought\n")
    source = replace(EVENTS, properties=())
    assert [each.by_day for each in preview(tmp_path / "a.csv", source, zone=ZONE, most=5)] == [True, False]
