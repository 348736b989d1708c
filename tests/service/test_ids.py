"""One id at every door of the service, however it is written; what is none is refused by its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from service.shop import Served, track

SPEND = "metrics: {spend: {event: Order Completed, value: revenue, at_most: 500}}\n"


@pytest.fixture
def selling(served: Served) -> Served:
    """The shop, once a metric sums what was spent."""
    file = served.folder / "workspace.yaml"
    file.write_text(file.read_text() + SPEND)
    served.service.watch.look()
    return served


def _decided(served: Served, id_: object) -> dict[str, Any]:
    return dict(served.post("/v1/decide", {"customer": id_, "channel": "email"}).json())


def _flags(served: Served, id_: object) -> dict[str, Any]:
    found = served.post("/flags/", {"distinct_id": id_, "api_key": served.keys["publishable"]}).json()["flags"]
    return {"attributes": {name: {"option": each["variant"]} for name, each in found.items()}}


def _ofrep(served: Served, id_: object) -> dict[str, Any]:
    found = served.post("/ofrep/v1/evaluate/flags", {"context": {"targetingKey": id_}}).json()["flags"]
    return {"attributes": {each["key"]: {"option": each["value"]} for each in found if each["key"] != "persona"}}


@pytest.mark.parametrize("door", [_decided, _flags, _ofrep])
@pytest.mark.parametrize(
    "spelled", [("123", 123, 123.0, " 123.0\u200b"), ("u1", "u1 ", "\ufeffu1"), ("ann@example.com", "Ann@Example.COM ")]
)
def test_one_answer_for_one_customer(
    served: Served, door: Callable[[Served, object], dict[str, Any]], spelled: tuple[object, ...]
) -> None:
    answers = [door(served, id_)["attributes"] for id_ in spelled]
    options = [{name: each["option"] for name, each in answer.items()} for answer in answers]
    assert options == [options[0]] * len(spelled)
    assert options[0]


@pytest.mark.parametrize("id_", ["null", " ", "\u200b", 0, "00000000-0000-0000-0000-000000000000", 1.5, 2.0**53, True])
def test_a_question_about_nobody_is_refused(served: Served, id_: object) -> None:
    assert served.post("/v1/decide", {"customer": id_}).status_code == 400
    assert served.post("/flags/", {"distinct_id": id_}).status_code == 400
    assert served.post("/ofrep/v1/evaluate/flags", {"context": {"targetingKey": id_}}).status_code == 400


def test_a_token_counts_for_the_same_customer_however_it_is_spelled(served: Served) -> None:
    for number, (asked, said) in enumerate([("u1", "u1 "), ("Ann@Example.com", "ann@example.com"), (77, "77.0")]):
        token = _decided(served, asked)["token"]
        event = track(f"m{number}", event="Persona Exposed", userId=said, properties={"token": token})
        assert served.post("/v1/track", event).json()["events"][0]["fate"] == "stored"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"userId": "undefined"}, "missing customer"),
        ({"userId": None, "anonymousId": "[object Object]"}, "missing customer"),
        ({"userId": 2.0**53}, "bad customer"),
        ({"event": "Order Completed", "properties": {"revenue": "1.029"}}, "bad number"),
        ({"event": "Order Completed", "properties": {"revenue": "free"}}, "bad number"),
        ({"timestamp": "1970-01-01T00:00:01Z"}, "bad time"),
    ],
)
def test_what_cannot_be_understood_is_named(selling: Served, event: dict[str, Any], reason: str) -> None:
    (fate,) = selling.post("/v1/batch", {"batch": [track("m1", **event)]}).json()["events"]
    assert (fate["fate"], fate["reason"]) == ("quarantined", reason)


def test_what_can_be_understood_is_stored_as_it_is_meant(selling: Served) -> None:
    batch = [
        track("m1", event="Order Completed", userId=12, properties={"revenue": "29,90 €"}),
        track("m2", event="page", userId="12.0", properties=[]),
        track("m3", event="page", userId=" 12", properties={"revenue": "free"}),
    ]
    assert selling.post("/v1/batch", {"batch": batch}).json()["stored"] == 3
    store = selling.service.context.store
    news = store.inbox.news(0, names=["Order Completed", "page"])
    assert news is not None
    assert news[0].events["customer"].to_pylist() == ["12"] * 3
    said = [json.loads(text) for text in news[0].events["properties"].to_pylist()]
    assert [each.get("revenue") for each in said] == [29.9, None, "free"]


def test_no_browser_joins_two_known_customers(served: Served) -> None:
    batch = [
        track("m1", type="identify", userId="ann", anonymousId="v1"),
        track("m2", type="identify", userId="bob", anonymousId="v2"),
        track("m3", type="identify", userId="bob", anonymousId="v1"),
        track("m4", type="alias", userId="bob", previousId="ann"),
    ]
    served.post("/v1/batch", {"batch": batch})
    links = served.service.context.store.inbox.links().to_pylist()
    assert {row["id"]: row["customer"] for row in links} == {"v1": "ann", "v2": "bob"}
    served.post("/v1/alias", {"userId": "bob", "previousId": "ann", "messageId": "m5"}, key="secret")
    links = served.service.context.store.inbox.links().to_pylist()
    assert len({row["customer"] for row in links}) == 1


def test_what_clients_write_for_nothing_costs_no_answer_and_no_event(served: Served) -> None:
    """PHP has no empty object, templates leave empty texts, and forms send JSON as text."""
    plain = _decided(served, "u1")["attributes"]
    asked: list[dict[str, Any]] = [{"traits": []}, {"traits": None}, {"channel": None, "visit": None, "campaign": None}]
    for more in asked:
        assert served.post("/v1/decide", {"customer": "u1", **more}).json()["attributes"] == plain
    body = {"distinct_id": "u1", "api_key": served.keys["publishable"], "person_properties": []}
    assert served.post("/flags/", body).status_code == 200
    assert served.post("/v1/decide", {"customer": "u1", "traits": [{"plan": "pro"}]}).status_code == 400
    said: list[object] = [[], "", False, None, "{}", '{"price": 5}']
    events = [
        track(f"n{number}", event="page", userId="u1", properties=nothing, context=nothing)
        for number, nothing in enumerate(said)
    ]
    told = served.post("/v1/batch", {"batch": events}).json()
    assert (told["stored"], told["quarantined"]) == (len(said), 0)
