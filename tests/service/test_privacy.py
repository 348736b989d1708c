"""Erasing over HTTP: with a key that may manage, and what comes of the customer after that is refused by name."""

from __future__ import annotations

import json

import pytest

from living_personas.domain.forgotten import ERASED
from living_personas.memory.people_records import PRIVACY_ACTS
from service.shop import Served, track

MANAGES = "create a key with this scope: `personas keys create secret --scope manage`."
ANN = "ann-of-the-shop"


def test_a_customer_is_erased_refused_and_let_back(served: Served) -> None:
    assert served.post("/v1/batch", {"batch": [{**track("m1"), "userId": ANN}]}, key="secret").json()["stored"] == 1
    done = served.post("/v1/erase", {"customers": [ANN, 4711]}, key="admin")
    assert done.status_code == 200, done.text
    assert (done.json()["erased"], done.json()["unknown"]) == (2, ["4711"])
    assert done.json()["rows"]["events"] == 1
    again = {"batch": [{**track("m2"), "userId": ANN}, {**track("m3"), "userId": "bob"}]}
    answer = served.post("/v1/batch", again, key="secret").json()
    assert answer["received"] == answer["stored"] + answer["refused"] == 2
    fates = {each["message_id"]: each for each in answer["events"]}
    assert fates["m2"] == {"message_id": "m2", "fate": "refused", "reason": ERASED}
    assert fates["m3"]["fate"] == "stored"
    assert ANN.encode() not in b"".join(each.read_bytes() for each in served.folder.rglob("*") if each.is_file())
    assert served.post("/v1/erase", {"customers": [ANN], "lift": True}, key="admin").json() == {"lifted": [ANN]}
    back = {"batch": [{**track("m4"), "userId": ANN}]}
    assert served.post("/v1/batch", back, key="secret").json()["stored"] == 1
    assert [act.kind for act in PRIVACY_ACTS.all(served.service.context.store).values()] == ["erased", "lifted"]


@pytest.mark.promise("P22")
def test_all_that_is_kept_is_told_to_who_may_manage(served: Served) -> None:
    served.post(
        "/v1/batch", {"batch": [{**track("m1"), "userId": ANN}, {**track("m2"), "userId": "bob"}]}, key="secret"
    )
    answer = served.post("/v1/export/person", {"customer": ANN}, key="admin")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    assert [json.loads(line)["customer"] for line in answer.text.splitlines()] == [ANN]
    assert served.post("/v1/export/person", {"customer": ""}, key="admin").status_code == 400
    refused = served.post("/v1/export/person", {"customer": ANN}, key="secret")
    assert (refused.status_code, refused.json()["hint"]) == (403, MANAGES)


def test_what_cannot_be_meant_is_refused_with_what_to_send(served: Served) -> None:
    bodies: list[object] = [{}, {"customers": []}, {"customers": [""]}, {"customers": ["a"], "all": True}, [], "a"]
    for body in bodies:
        answer = served.post("/v1/erase", body, key="admin")
        assert answer.status_code == 400, (body, answer.text)
        assert "customers" in answer.json()["hint"]
    assert served.post("/v1/erase", {"customers": ["guest"]}, key="admin").status_code == 400


def test_while_a_worker_runs_it_is_asked_again(served: Served) -> None:
    with served.service.context.store.lease("another:1:1", now=served.clock(), seconds=60):
        answer = served.post("/v1/erase", {"customers": [ANN]}, key="admin")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
