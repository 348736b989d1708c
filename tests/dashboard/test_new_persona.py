"""A new persona is built in the dashboard: counted while it is built, and nobody is given away by a count."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.desk import Desk, csrf, submit
from laws import law
from living_personas.dashboard.rule_form import COMPARISONS, rule_of
from living_personas.errors import InvalidRuleError
from living_personas.loop.relations import table_of
from living_personas.memory.tables import CUSTOMERS
from living_personas.people.file_saves import saves_of
from living_personas.rules.parse import parse
from living_personas.rules.tree import Kind
from living_personas.workspace.files import read_workspace

PAGE = "/new-persona"
KINDS: dict[str, Kind] = {"orders": "number", "country": "text", "member": "boolean"}
BUILT = {"groups": "1", "rows0": "1", "r0.0.name": "orders_total", "r0.0.is": ">=", "r0.0.to": "1"}


def test_a_persona_is_counted_and_written_down(desk: Desk) -> None:
    client = desk.client("Dana")
    token = csrf(client.get(PAGE).text)
    piece = client.post(f"{PAGE}/count", data={"csrf": token, **BUILT}).text
    table = table_of(CUSTOMERS.newest(desk.context.store))
    true = sum(1 for each in table["orders_total"].to_pylist() if each is not None and each >= 1)
    told = re.search(r">([\d,]+) customers<", piece)
    assert told is not None
    assert int(told[1].replace(",", "")) == true // 50 * 50
    assert "<html" not in piece
    sent = {
        **BUILT,
        "name": "Steady  buyers",
        "brief": "They come back.\r\nAlways.",
        "goal.event": "Order Completed",
        "goal.within": "3 days",
        "channels": "email, landing",
        "a.name": "framing",
        "a.options": "discount\r\nquality",
        "a.labels": "\r\nMade to last",
        "a.believe": "quality",
        "a.confidence": "hunch",
        "a.why": "They said so.",
        "why": "Workshop of Monday",
    }
    assert submit(client, PAGE, PAGE, **sent).headers["location"] == "/personas/steady-buyers/edit"
    made = read_workspace(desk.root).persona("steady-buyers")
    assert (made.who, made.brief, made.channels) == (
        "orders_total >= 1",
        "They come back.\nAlways.",
        ("email", "landing"),
    )
    assert made.attribute("framing").believed == "quality"
    assert made.attribute("framing").labels == (("quality", "Made to last"),)
    assert made.priority == max(persona.priority for persona in desk.context.personas) + 1
    assert saves_of(desk.context.store)[1].before is None
    assert 'href="/personas/steady-buyers/edit">Steady  buyers<' in client.get("/personas").text
    assert "Workshop of Monday" in client.get("/personas/steady-buyers/edit").text
    assert submit(client, "/personas/steady-buyers/edit", "/saves/1/undo").headers["location"] == "/personas"
    assert not (desk.root / "personas/steady-buyers.yaml").exists()


def test_a_label_without_an_option_is_told_at_its_field(desk: Desk) -> None:
    client = desk.client("Dana")
    sent = {
        **BUILT,
        "name": "Steady",
        "goal.event": "Order Completed",
        "a.name": "framing",
        "a.labels": "Less\r\n\r\nMore",
    }
    answer = submit(client, PAGE, PAGE, **sent, **{"a.options": "discount\r\nquality"})
    assert answer.status_code == 422
    assert re.search(r'id="a[.]\w+-wrong">[^<]*line 3', answer.text), re.findall(r'-wrong">[^<]*', answer.text)
    assert not (desk.root / "personas/steady.yaml").exists()


def test_a_persona_that_is_asked_first_takes_whom_others_match_too(desk: Desk) -> None:
    client = desk.client("Dana")
    before = min(persona.priority for persona in desk.context.personas)
    token = csrf(client.get(PAGE).text)
    for overlap, said in (("leave", "where they would stay"), ("take", "from which they would come")):
        assert said in client.post(f"{PAGE}/count", data={"csrf": token, **BUILT, "overlap": overlap}).text
    sent = {**BUILT, "name": "First", "goal.event": "Order Completed", "overlap": "take"}
    assert submit(client, PAGE, PAGE, **sent).headers["location"] == "/personas/first/edit"
    made = read_workspace(desk.root)
    assert made.persona("first").priority == before - 1
    assert made.personas[0].id == "first"


def test_ten_examples_name_nobody_and_few_customers_are_no_number(desk: Desk) -> None:
    client = desk.client("Dana")
    token = csrf(client.get(PAGE).text)
    shown = client.post(f"{PAGE}/examples", data={"csrf": token, **BUILT}).text
    ids = set(table_of(CUSTOMERS.newest(desk.context.store))["customer"].to_pylist())
    assert shown.count("<tr>") == 11
    assert not ids & set(re.findall(r"[\w.@:-]+", shown))
    few = client.post(f"{PAGE}/examples", data={"csrf": token, "who": "orders_total > 9999"}).text
    assert "Fewer than 50 customers" in few
    assert "<table" not in few
    one = client.post(f"{PAGE}/count", data={"csrf": token, "who": f"customer = '{min(ids)}'"}).text
    assert "asks who a customer is" in one
    wrong = client.post(f"{PAGE}/count", data={"csrf": token, "who": "orders_total >= <script>"}).text
    assert 'class="error"' in wrong
    assert "<script>" not in wrong


def test_what_is_wrong_is_said_at_its_field(desk: Desk) -> None:
    client = desk.client("Dana")
    before = sorted((desk.root / "personas").iterdir())
    sent = {**BUILT, "name": "Other", "goal.event": "Order Completed", "goal.within": "soon", "id": "../../x"}
    answer = submit(client, PAGE, PAGE, **sent)
    assert answer.status_code == 422
    assert re.search(r'name="goal.within" value="soon"[^>]*aria-invalid', answer.text)
    assert re.search(r'name="id" value="../../x"[^>]*aria-invalid', answer.text)
    assert submit(client, PAGE, PAGE, **{**sent, "id": "budget-first-buyer", "goal.within": ""}).status_code in (
        409,
        422,
    )
    assert sorted((desk.root / "personas").iterdir()) == before


def test_rows_and_groups_are_added_and_keep_what_was_typed(desk: Desk) -> None:
    page = submit(desk.client("Dana"), PAGE, PAGE, **BUILT, name="Kept", more="row0").text
    assert 'name="r0.1.name"' in page
    assert 'value="Kept"' in page
    more = submit(desk.client("Dana"), PAGE, PAGE, **{**BUILT, "rows0": "2"}, more="group").text
    assert 'name="r1.0.name"' in more
    assert 'name="r0.1.name"' in more


@pytest.mark.parametrize("name", ["Eve", "Vic"])
def test_only_who_decides_writes_personas(desk: Desk, name: str) -> None:
    client = desk.client(name)
    assert client.get(PAGE).status_code == 403
    token = csrf(client.get("/tester").text)
    assert client.post(PAGE, data={"csrf": token, **BUILT}).status_code == 403
    assert client.post(f"{PAGE}/count", data={"csrf": token, **BUILT}).status_code == 403


@law()
@given(
    groups=st.lists(
        st.lists(
            st.sampled_from(list(KINDS)).flatmap(
                lambda name: st.tuples(st.just(name), st.sampled_from(list(COMPARISONS[KINDS[name]])))
            ),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=3,
    ),
    words=st.text(st.sampled_from("a'%\"\\ ;-"), min_size=1, max_size=6).filter(str.strip),
    joins=st.lists(st.sampled_from(["and", "or"]), min_size=4, max_size=4),
)
def test_every_form_of_rows_is_a_rule_of_its_names(
    groups: list[list[tuple[str, str]]], words: str, joins: list[str]
) -> None:
    typed = {"groups": str(len(groups)), "join": joins[3]}
    for g, rows in enumerate(groups):
        typed |= {f"rows{g}": str(len(rows)), f"join{g}": joins[g]}
        for i, (name, sign) in enumerate(rows):
            typed |= {
                f"r{g}.{i}.name": name,
                f"r{g}.{i}.is": sign,
                f"r{g}.{i}.to": "2.5" if name == "orders" else words,
            }
    rule = parse(rule_of(typed, KINDS))
    assert {name for name, _ in rule.columns} == {name for rows in groups for name, _ in rows}
    told = {name for rows in groups for name, sign in rows if sign not in ("known", "unknown")}
    assert all(KINDS[name] == kind for name, kind in rule.columns if name in told)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("nobody", "=", "1"), "no feature or trait"),
        (("orders", "like", "1"), "cannot be compared so"),
        (("orders", ">=", "many"), "no number"),
        (("country", "=", " "), "compared with nothing"),
    ],
)
def test_a_row_that_cannot_be_meant_says_why(row: tuple[str, str, str], said: str) -> None:
    typed = dict(zip(("r0.0.name", "r0.0.is", "r0.0.to"), row, strict=True))
    with pytest.raises(InvalidRuleError, match=said):
        rule_of(typed, KINDS)
