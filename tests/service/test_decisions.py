"""Decisions out: OFREP, /v1/decide and snapshots; an exposure counts by its token alone."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from living_personas.deciding.token import LIFETIME
from living_personas.domain.belief import Subject
from living_personas.loop import cycle
from living_personas.people.acting import pin
from living_personas.people.person import Person
from living_personas.serving.desk import desk_of
from living_personas.serving.question import Question
from living_personas.wiring import open_context
from service.shop import NOON, Served, track

DEAL = {"utm_campaign": "summer deal"}


def ask(served: Served, customer: str = "u1", **more: Any) -> dict[str, Any]:
    answer = served.post("/v1/decide", {"customer": customer, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def exposures(served: Served) -> list[dict[str, Any]]:
    store = served.service.context.store
    store.inbox.seal()
    days = store.partitions.days("exposures")
    paths = store.partitions.read("exposures", days[0], days[-1]) if days else ()
    assert isinstance(paths, tuple)
    return [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]


def test_a_customer_gets_all_attributes_at_once(served: Served) -> None:
    found = ask(served, traits=DEAL)
    assert (found["persona"], found["snapshot"], found["holdout"]) == ("saver", 1, False)
    assert set(found["attributes"]) == {"framing", "offer"}
    assert found["attributes"]["framing"]["propensity"] == 0.5
    assert set(ask(served, "u2")["attributes"]) == {"framing"}


def test_the_service_decides_as_one_who_asks_once(served: Served) -> None:
    for number in range(50):
        found = ask(served, f"c{number}", channel="email", traits=DEAL)
        question = Question(customer=f"c{number}", at=NOON, channel="email", traits=DEAL)
        decision = desk_of(served.service.context).answer(question).decision
        assert found["id"] == decision.id
        assert {name: each["option"] for name, each in found["attributes"].items()} == {
            choice.attribute: choice.option for choice in decision.choices
        }


def test_an_option_that_shows_nothing_counts_when_it_is_decided_if_whoever_asks_says_so(served: Served) -> None:
    found = ask(served, traits=DEAL, count=True)
    [row] = exposures(served)
    assert (row["attribute"], row["option"]) == ("offer", found["attributes"]["offer"]["option"])
    assert row["decision_id"] == found["id"]
    ask(served, traits=DEAL, count=True)  # the same moment: the same decision, counted once
    served.post("/v1/track", track("e1", event="Persona Exposed", properties={"token": found["token"]}))
    assert sorted(row["attribute"] for row in exposures(served)) == ["framing", "offer"]


def test_unless_asked_to_nothing_counts_before_it_is_met(served: Served) -> None:
    found = ask(served, traits=DEAL)
    assert exposures(served) == []
    served.post("/v1/track", track("e1", event="Persona Exposed", properties={"token": found["token"]}))
    assert {row["attribute"]: row["option"] for row in exposures(served)} == {
        name: chosen["option"] for name, chosen in found["attributes"].items()
    }


def test_only_what_was_asked_for_counts(served: Served) -> None:
    found = ask(served, traits=DEAL, attribute="framing", count=True)
    assert (set(found["attributes"]), exposures(served)) == ({"framing"}, [])
    found = ask(served, traits=DEAL, attributes=["offer"], count=True)
    assert (set(found["attributes"]), found["token"]) == ({"offer"}, "")
    assert [row["attribute"] for row in exposures(served)] == ["offer"]


def test_an_exposure_with_its_token_counts_once(served: Served) -> None:
    found = ask(served)
    for id_ in ("e1", "e2", "e3"):
        event = track(id_, event="Persona Exposed", properties={"decision_id": found["id"], "token": found["token"]})
        assert served.post("/v1/track", event).json()["quarantined"] == 0
    [row] = exposures(served)
    chosen = found["attributes"]["framing"]
    assert (row["option"], row["propensity"], row["policy"]) == (chosen["option"], 0.5, chosen["policy"])
    assert (row["persona"], row["epoch"], row["decision_id"]) == ("other", chosen["epoch"], found["id"])


@pytest.mark.parametrize("forged", ["nonsense", "", 7, None])
def test_a_forged_or_missing_token_moves_nothing(served: Served, forged: object) -> None:
    """From a browser it is an event like any other, or lies in quarantine."""
    properties = {"attribute": "framing", "option": "discount", "propensity": 0.01, "token": forged}
    fates = served.post("/v1/track", track("e1", event="Persona Exposed", properties=properties)).json()
    assert exposures(served) == []
    if forged is not None:
        assert fates["events"][0]["reason"] == "bad token"


def test_a_token_of_somebody_else_or_too_old_is_refused(served: Served) -> None:
    token = ask(served)["token"]
    stolen = track("e1", event="Persona Exposed", userId="u2", properties={"token": token})
    assert served.post("/v1/track", stolen).json()["events"][0]["reason"] == "bad token"
    served.clock.on(seconds=(LIFETIME + timedelta(seconds=1)).total_seconds())
    late = track("e2", event="Persona Exposed", properties={"token": token})
    assert served.post("/v1/track", late).json()["events"][0]["reason"] == "bad token"
    assert exposures(served) == []


def test_a_visitor_who_logs_in_keeps_the_token(served: Served) -> None:
    token = ask(served, "anon-1")["token"]
    met = track("e1", event="Experiment Viewed", anonymousId="anon-1", properties={"token": token})
    assert served.post("/v1/track", met).json()["stored"] == 1
    assert len(exposures(served)) == 1


def test_a_server_may_report_what_it_chose_itself_and_that_is_observational(served: Served) -> None:
    properties = {"experiment_name": "framing", "variation_name": "discount"}
    served.post("/v1/track", track("e1", event="Experiment Viewed", properties=properties), key="secret")
    [row] = exposures(served)
    assert (row["attribute"], row["option"], row["policy"], row["propensity"]) == ("framing", "discount", "", None)


WEIGHED: list[dict[str, Any]] = [
    {"variationWeights": {"discount": 0.25, "quality": 0.75}},
    {"variation_weights": [0.25, 0.75], "variations": ["discount", "quality"]},
]


@pytest.mark.parametrize("weights", WEIGHED)
def test_what_a_server_drew_with_weights_has_shares(served: Served, weights: dict[str, Any]) -> None:
    properties = {"experiment_name": "framing", "variation_name": "discount", **weights}
    served.post("/v1/track", track("e1", event="Experiment Viewed", properties=properties), key="secret")
    [row] = exposures(served)
    assert (row["option"], row["propensity"]) == ("discount", 0.25)
    block = served.service.context.store.facts.get(f"policy/{row['policy']}")
    assert block is not None
    assert json.loads(block) == {"discount": 0.25, "quality": 0.75}


def test_variations_without_names_are_counted_from_nothing(served: Served) -> None:
    properties = {"experimentId": "framing", "variationId": 1, "variationWeights": [0.25, 0.75]}
    served.post("/v1/track", track("e1", event="Experiment Viewed", properties=properties), key="secret")
    assert [(row["option"], row["propensity"]) for row in exposures(served)] == [("1", 0.75)]


@pytest.mark.parametrize(
    ("weights", "detail"),
    [
        ({"discount": 0.5, "quality": 0.6}, "add up to 1.1"),
        ({"discount": -0.5, "quality": 0.5}, "no share"),
        ({"discount": True}, "no share"),
        ({"discount": "half"}, "no share"),
        ({"discount": 0, "quality": 1}, "weight is 0.0"),
        ({"quality": 1}, "weight is None"),
        ([0.5, 0.5], "weight is None"),
        (0.5, "by name, or as a list"),
        ({}, "weight is None"),
    ],
)
def test_weights_that_are_no_shares_go_to_quarantine(served: Served, weights: object, detail: str) -> None:
    properties = {"experiment_name": "framing", "variation_name": "discount", "variationWeights": weights}
    event = track("e1", event="Experiment Viewed", properties=properties)
    [fate] = served.post("/v1/track", event, key="secret").json()["events"]
    assert (fate["fate"], fate["reason"]) == ("quarantined", "bad propensity")
    assert detail in fate["detail"]
    assert exposures(served) == []


def test_weights_from_a_browser_say_nothing(served: Served) -> None:
    properties = {"experiment_name": "framing", "variation_name": "discount", **WEIGHED[0]}
    assert served.post("/v1/track", track("e1", event="Experiment Viewed", properties=properties)).json()["stored"] == 1
    assert exposures(served) == []


def flag(served: Served, key: str, context: object) -> Any:
    return served.post(f"/ofrep/v1/evaluate/flags/{key}", {"context": context})


def test_a_flag_is_an_attribute(served: Served) -> None:
    found = flag(served, "framing", {"targetingKey": "u1", **DEAL}).json()
    assert found["value"] == found["variant"] == ask(served, traits=DEAL)["attributes"]["framing"]["option"]
    assert found["reason"] == "SPLIT"
    assert all(isinstance(each, str | int | float | bool) for each in found["metadata"].values())
    assert {"persona", "persona_version", "propensity", "decision_id", "holdout", "token"} <= set(found["metadata"])
    assert flag(served, "persona", {"targetingKey": "u1"}).json()["value"] == "other"
    assert "value" not in flag(served, "offer", {"targetingKey": "u1"}).json()


def test_a_flag_says_what_people_call_its_option_and_another_name_is_news(served: Served) -> None:
    body = {"context": {"targetingKey": "u1", **DEAL}}
    before = served.post("/ofrep/v1/evaluate/flags", body)
    assert all("label" not in each["metadata"] for each in before.json()["flags"])
    file = served.folder / "personas" / "saver.yaml"
    file.write_text(
        file.read_text().replace("we_believe: discount,", "we_believe: discount, labels: {discount: Less},")
    )
    served.service.watch.look()
    said = flag(served, "framing", body["context"]).json()
    assert (said["value"], said["metadata"]["label"]) == ("discount", "Less")
    headers = {**served.bearer("publishable"), "If-None-Match": before.headers["etag"]}
    again = served.client.post("/ofrep/v1/evaluate/flags", json=body, headers=headers)
    assert again.status_code == 200
    labels = {each["key"]: each["metadata"].get("label") for each in again.json()["flags"]}
    assert labels == {"persona": None, "framing": "Less", "offer": None}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "PARSE_ERROR"),
        ("[]", 400, "INVALID_CONTEXT"),
        ("{}", 400, "TARGETING_KEY_MISSING"),
        ('{"context": {"targetingKey": ""}}', 400, "TARGETING_KEY_MISSING"),
        ('{"context": {"targetingKey": "null"}}', 400, "TARGETING_KEY_MISSING"),
        ('{"context": {"targetingKey": 7.5}}', 400, "INVALID_CONTEXT"),
        ('{"context": {"targetingKey": true}}', 400, "INVALID_CONTEXT"),
        ('{"context": {"targetingKey": "\\u0000"}}', 400, "INVALID_CONTEXT"),
    ],
)
def test_errors_are_the_protocols_own(served: Served, body: str, status: int, code: str) -> None:
    for path in ("/ofrep/v1/evaluate/flags/framing", "/ofrep/v1/evaluate/flags"):
        answer = served.client.post(path, content=body, headers=served.bearer("publishable"))
        assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    missing = flag(served, "framng", {"targetingKey": "u1"})
    assert (missing.status_code, missing.json()["errorCode"]) == (404, "FLAG_NOT_FOUND")
    assert "'framing'" in missing.json()["errorDetails"]


def test_all_flags_come_with_a_tag_and_only_what_is_new_comes_again(served: Served) -> None:
    body = {"context": {"targetingKey": "u1", **DEAL}}
    first = served.post("/ofrep/v1/evaluate/flags", body)
    flags = {each["key"]: each for each in first.json()["flags"]}
    assert set(flags) == {"persona", "framing", "offer"}
    headers = {**served.bearer("publishable"), "If-None-Match": first.headers["etag"]}
    again = served.client.post("/ofrep/v1/evaluate/flags", json=body, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    served.clock.on(days=20)
    assert served.client.post("/ofrep/v1/evaluate/flags", json=body, headers=headers).status_code == 200


def test_the_token_of_a_flag_exposes_that_flag(served: Served) -> None:
    found = flag(served, "framing", {"targetingKey": "u1", **DEAL}).json()
    event = track("e1", event="Persona Exposed", properties={"token": found["metadata"]["token"]})
    served.post("/v1/track", event)
    [row] = exposures(served)
    assert (row["attribute"], row["option"]) == ("framing", found["value"])


def test_a_snapshot_is_for_servers_and_has_a_tag(served: Served) -> None:
    first = served.client.get("/v1/snapshot", headers=served.bearer("secret"))
    assert first.json()["number"] == 1
    headers = {**served.bearer("secret"), "If-None-Match": first.headers["etag"]}
    assert served.client.get("/v1/snapshot", headers=headers).status_code == 304


def test_what_is_published_elsewhere_is_decided_from_at_once(served: Served) -> None:
    person = Person(by="ann", now=NOON, owner="tests")
    pin(served.service.context, Subject(persona="other", attribute="framing"), person, value="quality")
    served.service.watch.look()
    assert {ask(served, f"c{n}")["attributes"]["framing"]["option"] for n in range(30)} == {"quality"}


def test_what_the_last_cycle_knew_is_known_and_what_the_request_says_goes_before_it(served: Served) -> None:
    traits = {"messageId": "t1", "type": "identify", "userId": "u1", "anonymousId": "a1", "traits": DEAL}
    served.post("/v1/batch", {"batch": [traits, track("m1", userId="u2")]})
    ask(served, "u3", traits=DEAL)  # the first exposure: days are closed from here on
    served.clock.on(days=2)
    served.post("/v1/track", track("later", userId="u2"))
    cycle.run(served.service.context, now=served.clock(), owner="tests")
    served.service.watch.look()
    assert ask(served, "u1")["persona"] == ask(served, "a1")["persona"] == "saver"
    assert ask(served, "u2")["persona"] == "other"
    assert ask(served, "u1", traits={"utm_campaign": "brand"})["persona"] == "other"


def test_posthog_flags(served: Served) -> None:
    body = {"distinct_id": "u1", "api_key": served.keys["publishable"], "person_properties": DEAL}
    found = served.client.post("/flags/?v=2", json=body).json()
    assert set(found["flags"]) == {"framing", "offer"}
    payload = json.loads(found["flags"]["framing"]["metadata"]["payload"])
    served.post("/v1/track", track("e1", event="Persona Exposed", properties={"token": payload["token"]}))
    assert {row["attribute"] for row in exposures(served)} == {"framing"}  # an offer counts when it is met, too
    nothing = {"distinct_id": "u1", "api_key": None, "token": None, "person_properties": None}  # as Go writes its nil
    assert served.post("/flags/", nothing).json()["flags"].keys() == {"framing"}


@pytest.fixture
def visited(served: Served) -> Served:
    """The shop with an attribute that is drawn anew on each visit."""
    path = served.folder / "personas" / "other.yaml"
    path.write_text(path.read_text() + "  banner: {options: [sea, hills], we_believe: sea, assign: visit}\n")
    _, context = open_context(served.folder, clock=served.clock)
    with closing(context.store):
        cycle.run(context, now=served.clock(), owner="tests")
    served.service.watch.look()
    return served


def test_an_attribute_that_lacks_its_visit_is_named_and_the_others_are_decided(visited: Served) -> None:
    found = ask(visited)
    assert (set(found["attributes"]), list(found["undecided"])) == ({"framing"}, ["banner"])
    assert "visit=" in found["undecided"]["banner"]
    both = ask(visited, visit="v1")
    assert (set(both["attributes"]), both["undecided"]) == ({"framing", "banner"}, {})
    assert both["attributes"]["framing"] == found["attributes"]["framing"]
    alone = ask(visited, attribute="banner")
    assert (alone["attributes"], alone["token"], list(alone["undecided"])) == ({}, "", ["banner"])
    refused = ask(visited, traits={"consent": False})
    assert (refused["persona"], refused["undecided"]) == ("unmatched", {})


def test_a_flag_that_lacks_its_visit_fails_alone(visited: Served) -> None:
    failed = flag(visited, "banner", {"targetingKey": "u1"})
    assert (failed.status_code, failed.json()["errorCode"]) == (400, "INVALID_CONTEXT")
    assert "visit=" in failed.json()["errorDetails"]
    assert flag(visited, "banner", {"targetingKey": "u1", "visit": "v1"}).json()["value"] in ("sea", "hills")
    every = visited.post("/ofrep/v1/evaluate/flags", {"context": {"targetingKey": "u1"}})
    flags = {each["key"]: each for each in every.json()["flags"]}
    assert (every.status_code, set(flags)) == (200, {"persona", "framing", "banner"})
    assert (flags["banner"]["errorCode"], "value" in flags["banner"]) == ("INVALID_CONTEXT", False)
    assert flags["framing"]["value"] in ("discount", "quality")
    body = {"distinct_id": "u1", "api_key": visited.keys["publishable"]}
    posthog = visited.client.post("/flags/", json=body).json()
    assert (set(posthog["flags"]), posthog["errorsWhileComputingFlags"]) == ({"framing"}, True)
