"""The key in a page's source: from a browser a no, never a yes, for customers whom a server named."""

from __future__ import annotations

import hmac
import json
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import apsw
import pytest
from starlette.testclient import TestClient

from living_personas.channels.user_hash import IDENTITY_SECRET
from living_personas.domain.customer_id import canonical_id
from living_personas.domain.event import BROWSER, SENT_FROM, Event
from living_personas.errors import InvalidSettingsError
from living_personas.http.app import create_app
from living_personas.http.service import open_service
from living_personas.loop import cycle
from living_personas.loop.privacy.consent import agreeing, refusing
from living_personas.loop.recording.messages import replay_messages
from living_personas.loop.recording.record import record
from living_personas.loop.recording.strangers import as_strangers
from living_personas.loop.relations import table_of
from living_personas.memory.records import NAMES_RECALLED
from living_personas.memory.tables import CUSTOMERS
from living_personas.serving.ad_lists import ad_lists
from service.shop import KEYS, NOON, WORKSPACE, Served, track

SECRET = "a-secret-that-the-site-shares"  # noqa: S105 - of a test
KNOWN = ("u0", "u1", "u2", "Ann@Example.com")
DEAL = {"utm_campaign": "summer deal"}
YES = {"consent": True, "consent_email": "yes", "consent_ads": True, "consent_marketing": "granted", "gpc": False}


@pytest.fixture
def shop(served: Served) -> Served:
    """The shop after its server spoke of four customers: who they are, that three want no e-mail, what they bought."""
    for n, id_ in enumerate(KNOWN):
        said = {**DEAL, "consent_email": n == 0, "consent_ads": n == 0, "email": f"own{n}@example.com"}
        batch = [
            {"type": "identify", "userId": id_, "anonymousId": f"a{n}", "messageId": f"i{n}", "traits": said},
            track(f"o{n}", userId=id_, event="Order Completed", properties={"revenue": 40}),
        ]
        assert served.post("/v1/batch", {"batch": batch}, key="secret").json()["stored"] == 2
    return turned(served)


def turned(served: Served) -> Served:
    """The shop a day later, after its worker's turn."""
    served.clock.on(days=1)
    cycle.run(served.service.context, now=served.clock(), owner="tests")
    served.service.watch.look()
    return served


@contextmanager
def again(shop: Served, **variables: str) -> Iterator[Served]:
    """The same shop, served once more, with these variables in its environment."""
    service = open_service(shop.folder, clock=shop.clock, lookup=variables.get)
    with TestClient(create_app(service)) as client:
        yield Served(shop.folder, service, client, shop.clock, KEYS)


@pytest.fixture
def proving(shop: Served) -> Iterator[Served]:
    """The shop, which shares a secret with the site's server, and another that takes its place some day."""
    with again(shop, **{IDENTITY_SECRET: f"the-one-of-tomorrow {SECRET}"}) as served:
        yield served


def theirs(served: Served) -> dict[str, object]:
    """All that may not change: personas, consents, links, identities."""
    context = served.service.context
    asked = [*KNOWN, *(f"a{n}" for n in range(len(KNOWN)))]
    answers = [served.post("/v1/decide", {"customer": id_, "channel": "landing"}, key="secret").json() for id_ in asked]
    members = table_of(CUSTOMERS.newest(context.store)).to_pylist()
    ads = ad_lists(context, "saver", at=served.clock())
    return {
        "answers": [(answer["persona"], answer["held_for"]) for answer in answers],
        "members": [row for row in members if row["customer"] in asked],
        "links": [[link[2:] for link in context.store.inbox.links_made({id_})] for id_ in asked],
        "customers": [row for row in context.store.inbox.links().to_pylist() if row["customer"] in asked],
        "agreed": [[id_ for id_ in agreeing(context, {name}).to_pylist() if id_ in asked] for name in sorted(YES)],
        "refused": refusing(context, "email").to_pylist(),
        "ads": (ads.agreed, [[person.email for person in people] for people in ads.lists.values()]),
    }


def test_a_yes_an_address_and_a_trait_of_a_browser_are_not_the_customers(shop: Served) -> None:
    before = theirs(shop)
    lie = {**YES, "email": "forged@example.com", "phone": "+49301234567", "utm_campaign": "none"}
    for n, id_ in enumerate(KNOWN):
        call = {"userId": id_, "messageId": f"f{n}", "traits": lie}
        assert shop.post("/v1/identify", call).json()["stored"] == 1
        assert shop.post("/v1/identify", {**call, "messageId": f"g{n}", "anonymousId": "mine"}).json()["stored"] == 1
    assert theirs(shop) == before


def test_an_alias_of_a_browser_joins_no_customers(shop: Served) -> None:
    before = theirs(shop)
    for n, (one, other) in enumerate((one, other) for one in (*KNOWN, "a0") for other in (*KNOWN, "a1", "v")):
        shop.post("/v1/alias", {"userId": one, "previousId": other, "messageId": f"l{n}"})
        event = {"event": "$create_alias", "uuid": f"p{n}", "properties": {"alias": other, "distinct_id": one}}
        shop.post("/capture", {**event, "api_key": KEYS["publishable"]})
    assert theirs(shop) == before


@pytest.mark.parametrize("order", [("publishable", "secret"), ("secret", "publishable")])
def test_a_message_id_of_a_browser_is_not_that_of_a_server(served: Served, order: tuple[str, str]) -> None:
    for key in order:
        assert served.post("/v1/track", track("o-77", event="Order Completed"), key=key).json()["stored"] == 1
    for key in order:
        fates = served.post("/v1/track", track("o-77", event="Order Completed"), key=key).json()
        assert (fates["duplicate"], fates["events"][0]["message_id"]) == (1, "o-77")


def test_a_replayed_message_of_a_browser_does_not_take_the_servers_id_either(served: Served) -> None:
    bad = track("o-78", userId="u1", event="Order Completed", timestamp="1950-01-01T00:00:00Z")
    assert served.post("/v1/track", bad).json()["events"][0]["message_id"] == "o-78"
    settings = served.folder / "workspace.yaml"
    settings.write_text(settings.read_text() + "earliest: 1900-01-01\n")
    with again(served) as mended:
        receipt = replay_messages(mended.service.context, "segment", received=served.clock())
        assert receipt.stored == 1
        assert mended.post("/v1/track", track("o-78", event="Order Completed"), key="secret").json()["stored"] == 1


def test_a_no_of_a_browser_counts(shop: Served) -> None:
    yes = {"userId": "u1", "messageId": "y1", "traits": {"consent_email": True}}
    shop.post("/v1/identify", {**yes, "timestamp": NOON.isoformat()}, key="secret")
    shop.clock.on(seconds=1)
    assert shop.post("/v1/decide", {"customer": "u1", "channel": "email"}, key="secret").json()["deliver"]
    shop.post(
        "/v1/identify", {"userId": "u1", "anonymousId": "v1", "messageId": "n1", "traits": {"consent_email": "no"}}
    )
    for key in ("secret", "publishable"):
        answer = shop.post("/v1/decide", {"customer": "u1", "channel": "email"}, key=key).json()
        assert answer["held_for"] == "no consent", key
    shop.clock.on(seconds=1)
    shop.post("/v1/identify", {**yes, "messageId": "y2", "anonymousId": "v1"})
    assert shop.post("/v1/decide", {"customer": "u1", "channel": "email"}, key="secret").json()["deliver"] is False


def test_who_leaves_by_a_browser_has_left(shop: Served) -> None:
    shop.post("/v1/identify", {"userId": "u2", "messageId": "y", "traits": {"consent_email": True}}, key="secret")
    shop.clock.on(seconds=1)
    shop.post("/v1/track", track("bye", userId="u2", event="Unsubscribed"))
    assert "u2" in refusing(shop.service.context, "email").to_pylist()


def test_a_browser_is_answered_as_a_stranger_and_is_not_told_who_it_is(shop: Served) -> None:
    for door in (ask, ask_ofrep, ask_flags):
        assert door(shop, "u1", "secret") == "saver", door.__name__
        for id_ in (*KNOWN, "ANN@example.com", "a0"):
            assert door(shop, id_, "publishable") == "other", (door.__name__, id_)
        assert door(shop, "somebody new", "publishable") == "other"
    found = shop.post("/v1/decide", {"customer": "u1", "traits": DEAL}).json()
    assert (found["customer"], found["persona"]) == ("u1", "saver")  # by what the page itself says


def ask(served: Served, id_: str, key: str, **more: Any) -> str:
    return str(served.post("/v1/decide", {"customer": id_, **more}, key=key).json()["persona"])


def ask_ofrep(served: Served, id_: str, key: str, **more: Any) -> str:
    body = {"context": {"targetingKey": id_, **more}}
    return str(served.post("/ofrep/v1/evaluate/flags/persona", body, key=key).json()["value"])


def ask_flags(served: Served, id_: str, key: str, **more: Any) -> str:
    found = served.post("/flags/", {"distinct_id": id_, "person_properties": more}, key=key).json()
    return str(json.loads(found["flags"]["framing"]["metadata"]["payload"])["persona"])


def proof(id_: str) -> str:
    return hmac.new(SECRET.encode(), id_.encode(), "sha256").hexdigest()


def test_whoever_proves_it_is_answered_as_the_customer(proving: Served) -> None:
    for door in (ask, ask_ofrep, ask_flags):
        assert door(proving, "u1", "publishable", user_hash=proof("u1")) == "saver", door.__name__
        assert door(proving, "u1", "publishable", user_hash=proof("u2")) == "other", door.__name__
    wrong = proving.post("/v1/decide", {"customer": "u1", "user_hash": 7})
    assert wrong.status_code == 400


PLACES: list[dict[str, Any]] = [
    {"traits": {"user_hash": proof("u1")}},
    {"context": {"traits": {"user_hash": proof("u1")}}},
    {"integrations": {"Living Personas": {"user_hash": proof("u1")}}},
    {"properties": {"user_hash": proof("u1")}},
]


@pytest.mark.parametrize("place", PLACES)
def test_what_is_proven_is_the_customers_and_the_proof_is_not_kept(proving: Served, place: dict[str, Any]) -> None:
    call = {"type": "track", "event": "Seen", "userId": "u1", "anonymousId": "phone", "messageId": "m1", **place}
    assert proving.post("/v1/batch", {"batch": [call]}).json()["stored"] == 1
    assert {"id": "phone", "customer": "u1"} in proving.service.context.store.inbox.links().to_pylist()
    assert proof("u1").encode() not in b"".join(
        p.read_bytes() for p in (proving.folder / ".living").rglob("*") if p.is_file()
    )


def test_what_is_proven_for_one_customer_says_nothing_of_another_and_grants_nothing(proving: Served) -> None:
    before = theirs(proving)
    traits = {**YES, "email": "forged@example.com", "user_hash": proof("u1")}
    for n, also in enumerate(("u2", "a2", "ann@example.com")):
        proving.post("/v1/identify", {"userId": "u1", "anonymousId": also, "messageId": f"m{n}", "traits": traits})
        alias = {"userId": "u1", "previousId": also, "messageId": f"l{n}", "context": {"traits": traits}}
        proving.post("/v1/alias", alias)
    assert theirs(proving) == before


def test_a_secret_that_can_be_guessed_is_refused(shop: Served) -> None:
    with pytest.raises(InvalidSettingsError, match="can be guessed"):
        open_service(shop.folder, clock=shop.clock, lookup={IDENTITY_SECRET: "short"}.get)


def test_an_open_workspace_takes_a_browsers_word_for_what_is_done_alone(shop: Served) -> None:
    (shop.folder / "workspace.yaml").write_text(WORKSPACE + "browser_identity: open\n")
    with again(shop) as opened:
        before = theirs(opened)
        assert ask(opened, "u1", "publishable") == "saver"
        opened.post("/v1/identify", {"userId": "u1", "messageId": "f1", "traits": {**YES, "utm_campaign": "none"}})
        opened.post("/v1/alias", {"userId": "u1", "previousId": "u2", "messageId": "f2"})
        assert theirs(opened) == before
        opened.post("/v1/track", track("f3", userId="u1", anonymousId="phone", event="Seen"))
        assert {"id": "phone", "customer": "u1"} in opened.service.context.store.inbox.links().to_pylist()


@pytest.mark.parametrize("identity", ["verified", "open"])
def test_no_browser_takes_apart_what_a_server_joins(shop: Served, identity: str) -> None:
    (shop.folder / "workspace.yaml").write_text(WORKSPACE + f"browser_identity: {identity}\n")
    with again(shop, **{IDENTITY_SECRET: SECRET}) as served:
        before = theirs(served)
        for n, (one, other) in enumerate((one, other) for one in KNOWN for other in ("a0", "a1", "new-phone")):
            call = track(f"x{n}", userId=one, anonymousId=other, event="$unlink")
            served.post("/v1/track", {**call, "properties": {"user_hash": proof(one)}})
            served.post("/v1/track", track(f"y{n}", userId=other, anonymousId=one, event="$unlink"))
        served.post("/v1/track", track("z", userId="comes-soon", anonymousId="his-phone", event="$unlink"))
        links = served.service.context.store.inbox.links
        assert "apart" not in str(theirs(served)["links"])
        assert {"id": "his-phone", "customer": "comes-soon"} not in links().to_pylist()
        said = {"userId": "comes-soon", "anonymousId": "his-phone", "messageId": "s1", "traits": {"plan": "pro"}}
        served.post("/v1/identify", said, key="secret")
        assert {"id": "his-phone", "customer": "comes-soon"} in links().to_pylist()
        assert {**theirs(served), "links": before["links"]} == {**before, "links": before["links"]}


def test_what_older_workspaces_hold_is_known(served: Served) -> None:
    """Events of before anybody noted whom servers name, and message ids of browsers of before they had a space."""
    old = [
        Event(message_id="old-1", customer="u1", name="Seen", time=NOON),
        Event(message_id="old-2", customer="v1", name="Seen", time=NOON, properties={SENT_FROM: BROWSER}),
    ]
    record(served.service.context, old, received=NOON)
    NAMES_RECALLED.write(served.service.context.store, None)
    with closing(apsw.Connection(str(served.folder / ".living" / "state.db"))) as database:
        database.execute("DELETE FROM named")
    assert served.service.context.store.inbox.named({"u1"}) == frozenset()
    with again(served) as newer:
        assert newer.service.context.store.inbox.named({"u1", "v1"}) == {"u1"}
        for key in ("publishable", "secret"):
            assert newer.post("/v1/track", track("old-2", userId="v1"), key=key).json()["duplicate"] == 1


def requests(rng: random.Random, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """What somebody may send who has read the page's source and knows ids and message ids of customers."""
    ids = [*KNOWN, "ANN@example.com", *(f"a{n}" for n in range(len(KNOWN))), "v1", "v2", "u99"]
    words = [
        *YES.items(),
        ("email", "forged@example.com"),
        ("phone", "+49301234567"),
        ("utm_campaign", "none"),
        ("x", 1),
    ]
    for n in range(count):
        one, other, message = (
            rng.choice(ids),
            rng.choice(ids),
            rng.choice([f"f{n}", f"o{rng.randrange(9)}", f"next{n % 50}"]),
        )
        said = dict(rng.sample(words, rng.randrange(len(words))))
        call = {"userId": one, "messageId": message, "context": {"campaign": {"name": "a deal"}, "traits": said}}
        if rng.random() < 0.5:
            call["anonymousId"] = other
        event, joined = (
            rng.choice(["Order Completed", "Seen", "identify", "alias"]),
            {"distinct_id": one, "alias": other},
        )
        signed_in = {"distinct_id": one, "$anon_distinct_id": other}
        calls: list[tuple[str, dict[str, Any]]] = [
            ("/v1/identify", {**call, "traits": said}),
            ("/v1/track", {**call, "event": event, "properties": said}),
            ("/v1/alias", {**call, "previousId": other}),
            ("/v1/page", {**call, "properties": said}),
            ("/v1/group", {**call, "groupId": "g", "traits": said}),
            ("/capture", {"event": "$identify", "uuid": message, "$set": said, "properties": signed_in}),
            ("/capture", {"event": "$create_alias", "uuid": message, "properties": joined}),
            ("/capture", {"event": "buy", "uuid": message, "distinct_id": one, "properties": {"$set": said}}),
            ("/v1/decide", {"customer": one, "channel": "landing", "count": rng.random() < 0.5, "traits": said}),
            ("/ofrep/v1/evaluate/flags", {"context": {"targetingKey": one, **said}}),
            ("/flags/", {"distinct_id": one, "person_properties": said}),
        ]
        yield rng.choice(calls)


def hold(shop: Served, count: int, *, seed: int) -> None:
    """Whatever a browser sends but a no, nothing of a customer of a server is another; then its noes count."""
    before, rng = theirs(shop), random.Random(seed)  # noqa: S311 - a test that can be run again
    for path, body in requests(rng, count):
        answer = shop.post(path, body)
        assert answer.status_code == 200, (path, body, answer.text)
        found = answer.json()
        if path == "/v1/decide" and body["customer"] in KNOWN and "utm_campaign" not in body["traits"]:
            assert found["persona"] in ("other", "unmatched"), body
        if found.get("token"):
            met = track(
                f"t{rng.random()}",
                userId=body["customer"],
                event="Persona Exposed",
                properties={"token": found["token"]},
            )
            shop.post("/v1/track", met)
    assert theirs(turned(shop)) == before
    for n in range(50):  # no message id of a server was used up
        for key, fate in (("secret", "stored"), ("secret", "duplicate")):
            assert shop.post("/v1/track", track(f"next{n}", userId="u0"), key=key).json()[fate] == 1
    for n in range(len(KNOWN)):
        assert shop.post("/v1/track", track(f"o{n}", userId=KNOWN[n]), key="secret").json()["duplicate"] == 1
    shop.clock.on(seconds=1)
    for n, id_ in enumerate(KNOWN):
        shop.post("/v1/identify", {"userId": id_, "messageId": f"no{n}", "traits": {"consent": False}})
    assert {canonical_id(id_) for id_ in KNOWN} <= set(
        map(canonical_id, refusing(shop.service.context, "landing").to_pylist())
    )


@pytest.mark.long
@pytest.mark.promise("P26")
@pytest.mark.parametrize("seed", range(2))
def test_whatever_a_browser_sends_nothing_of_a_customer_of_a_server_changes(shop: Served, seed: int) -> None:
    hold(shop, 250, seed=seed)


@pytest.mark.promise("P26")
@pytest.mark.slow
def test_ten_thousand_requests_of_browsers_change_nothing(shop: Served) -> None:
    hold(shop, 10_000, seed=7)


def test_as_many_events_come_out_in_their_order(shop: Served) -> None:
    sent = [
        Event(message_id="1", customer="v", name="identify", time=NOON, properties={"consent": False}),
        Event(message_id="2", customer="u1", name="identify", time=NOON, properties={"consent": False}, also="v"),
        Event(message_id="3", customer="u1", name="Seen", time=NOON),
    ]
    kept = as_strangers(shop.service.context, sent, received=NOON)
    assert [each.message_id for each in kept] == ["1", "2", "3", "2:no"]
    assert [each.customer for each in kept][:2] == ["v", "v"]
    assert (kept[2].customer.startswith("browser:"), kept[3].customer) == (True, "u1")
