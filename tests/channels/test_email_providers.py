"""What providers send becomes events once, whoever opened it, and whatever the bytes are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.channels.email_providers.email_event import Read
from living_personas.channels.email_providers.registry import PROVIDERS
from living_personas.domain.customer_id import NOBODY, nobody_words
from living_personas.domain.event import Event
from living_personas.errors import WebhookError
from living_personas.loop.recording.click_bursts import told_apart
from living_personas.loop.recording.record import record
from living_personas.workspace.default_features import default_features
from loop.shops import context_of

BODIES = Path(__file__).parents[2].parent / "shared" / "data" / "esp_webhooks"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT = int(NOW.timestamp())

SES_MAIL = {"messageId": "m1", "destination": ["Ann@Example.com"], "tags": {"customer_id": ["u1"], "token": ["t1"]}}


def sns(event: object) -> bytes:
    message = {"Type": "Notification", "MessageId": "n1", "Timestamp": NOW.isoformat(), "Message": json.dumps(event)}
    return json.dumps(message).encode()


def js(item: object) -> bytes:
    return json.dumps(item).encode()


CLICKS: Mapping[str, bytes] = {
    "amazon_ses": sns({"eventType": "Click", "mail": SES_MAIL, "click": {"link": "https://a", "timestamp": AT}}),
    "brevo": js(
        {
            "event": "click",
            "email": "Ann@Example.com",
            "message-id": "<m1>",
            "ts_epoch": AT * 1000,
            "X-Mailin-custom": '{"customer_id": "u1", "token": "t1"}',
        }
    ),
    "customer_io": js(
        {
            "event_id": "e1",
            "object_type": "email",
            "metric": "clicked",
            "timestamp": AT,
            "data": {"customer_id": "u1", "recipient": "ann@example.com", "token": "t1"},
        }
    ),
    "mailgun": js(
        {
            "event-data": {
                "event": "clicked",
                "id": "e1",
                "timestamp": AT + 0.25,
                "recipient": "Ann@Example.com",
                "user-variables": {"customer_id": "u1", "token": "t1"},
            }
        }
    ),
    "mandrill": urlencode(
        {
            "mandrill_events": json.dumps(
                [
                    {
                        "event": "click",
                        "_id": "m1",
                        "ts": AT,
                        "msg": {"email": "Ann@Example.com", "metadata": {"customer_id": "u1", "token": "t1"}},
                    }
                ]
            )
        }
    ).encode(),
    "postmark": js(
        {
            "RecordType": "Click",
            "MessageID": "m1",
            "Recipient": "Ann@Example.com",
            "ReceivedAt": NOW.isoformat(),
            "Metadata": {"customer_id": "u1", "token": "t1"},
        }
    ),
    "resend": js(
        {
            "type": "email.clicked",
            "created_at": NOW.isoformat(),
            "data": {"to": ["Ann <Ann@Example.com>"], "tags": {"customer_id": "u1", "token": "t1"}, "click": {}},
        }
    ),
    "sendgrid": js(
        [
            {
                "event": "click",
                "sg_event_id": "e1",
                "email": "Ann@Example.com",
                "timestamp": AT,
                "customer_id": "u1",
                "token": "t1",
            }
        ]
    ),
    "sparkpost": js(
        [
            {
                "msys": {
                    "track_event": {
                        "type": "click",
                        "event_id": "e1",
                        "rcpt_to": "ann@example.com",
                        "timestamp": str(AT),
                        "customer_id": "an account of SparkPost",
                        "rcpt_meta": {"customer_id": "u1", "token": "t1"},
                    }
                }
            },
            {"msys": {}},
        ]
    ),
}
HEADERS = {"Svix-Id": "e1"}


def read(provider: str, body: bytes) -> Read:
    return PROVIDERS[provider].read(body, HEADERS, nobody=NOBODY)


def one(provider: str, body: bytes) -> Event:
    found = read(provider, body)
    assert found.refusals == ()
    (event,) = found.events
    return event


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_words_for_nobody_are_the_workspace_s(provider: str) -> None:
    found = PROVIDERS[provider].read(CLICKS[provider], HEADERS, nobody=nobody_words(add=["U1"]))
    said = {event.customer for event in found.events} or {each.reason for each in found.refusals}
    assert said in ({"ann@example.com"}, {"missing customer"})


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_click_is_the_customer_s_with_its_decision(provider: str) -> None:
    event = one(provider, CLICKS[provider])
    assert (event.name, event.customer, event.channel) == ("Email Link Clicked", "u1", "email")
    assert event.time.replace(microsecond=0) == NOW
    assert event.message_id.startswith(f"{provider}:")
    assert event.properties is not None
    assert event.properties["token"] == "t1"  # noqa: S105 - a token of a test
    assert "machine" not in event.properties


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_without_an_id_the_customer_is_the_address(provider: str) -> None:
    body = CLICKS[provider].replace(b"customer_id", b"something").replace(b"customer%5Fid", b"something")
    assert one(provider, body).customer == "ann@example.com"


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("sendgrid", [{"event": "open", "sg_event_id": "e", "email": "a@b", "timestamp": AT, "sg_machine_open": True}]),
        (
            "sendgrid",
            [{"event": "open", "sg_event_id": "e", "email": "a@b", "timestamp": AT, "useragent": "Mozilla/5.0"}],
        ),
        ("sendgrid", [{"event": "open", "sg_event_id": "e", "email": "a@b", "timestamp": AT, "ip": "66.102.6.229"}]),
        ("brevo", {"event": "unique_proxy_open", "message-id": "m", "email": "a@b", "ts_epoch": AT * 1000}),
        (
            "mailgun",
            {
                "event-data": {
                    "event": "clicked",
                    "id": "e",
                    "recipient": "a@b",
                    "timestamp": AT,
                    "client-info": {"bot": "generic"},
                }
            },
        ),
        (
            "sparkpost",
            [
                {
                    "msys": {
                        "track_event": {
                            "type": "open",
                            "event_id": "e",
                            "rcpt_to": "a@b",
                            "timestamp": AT,
                            "user_agent_parsed": {"is_prefetched": True},
                        }
                    }
                }
            ],
        ),
        (
            "customer_io",
            {
                "event_id": "e",
                "object_type": "email",
                "metric": "opened",
                "timestamp": AT,
                "data": {"recipient": "a@b", "prefetched": True},
            },
        ),
    ],
)
def test_what_a_machine_did_has_another_name(provider: str, body: object) -> None:
    event = one(provider, js(body))
    assert event.name.endswith(" By Machine")
    assert (event.properties or {})["machine"] is True


def test_a_link_scanner_clicks_faster_than_people(  # seven links within a second, and one click an hour later
) -> None:
    clicks = [
        {"event": "click", "sg_event_id": f"e{n}", "email": "a@b", "timestamp": AT + (3600 if n == 7 else n // 7)}
        for n in range(8)
    ]
    names = [event.name for event in read("sendgrid", js(clicks)).events]
    assert names == ["Email Link Clicked By Machine"] * 7 + ["Email Link Clicked"]


def test_bursts_are_seen_over_several_bodies() -> None:
    context = context_of()
    names: list[str] = []
    for n in range(5):
        click = {"event": "clicked", "id": f"e{n}", "recipient": "a@b", "timestamp": AT + n}
        body = js({"event-data": click})
        told = told_apart(context, read("mailgun", body).events)
        assert record(context, told, received=NOW + timedelta(seconds=n)).receipt.stored == 1
        names += [event.name for event in told]
        again = told_apart(context, read("mailgun", body).events)
        assert record(context, again, received=NOW + timedelta(seconds=n)).receipt.duplicate == len(again) == 1
    # The first two could be a person's; what is recorded stays.
    assert names == ["Email Link Clicked"] * 2 + ["Email Link Clicked By Machine"] * 3


def test_features_do_not_count_machines() -> None:
    names = ["Email Delivered", "Email Opened", "Email Opened By Machine", "Email Link Clicked By Machine"]
    features = default_features(names, ["email"], None)
    assert not [each for each in features if "machine" in each.name]
    (share,) = [each for each in features if each.name == "email_opened_share"]
    assert "Machine" not in share.sql
    (active,) = [each for each in features if each.name == "active_days_28d"]
    assert "'Email Opened By Machine'" in active.sql


def test_a_first_open_that_brevo_tells_twice_counts_once() -> None:
    told = [
        {"event": kind, "message-id": "m", "email": "a@b", "ts_epoch": AT * 1000}
        for kind in ("opened", "unique_opened")
    ]
    assert len({event.message_id for event in read("brevo", js(told)).events}) == 1


def test_a_complaint_that_brevo_tells_is_a_harm() -> None:
    told = [{"event": kind, "message-id": "m", "email": "a@b", "ts_epoch": AT * 1000} for kind in ("complaint", "spam")]
    found = read("brevo", js(told))
    assert not found.passed
    assert {event.name for event in found.events} == {"Email Marked as Spam"}


def test_amazon_asks_for_a_confirmation_of_its_own_address_only() -> None:
    asked = {
        "Type": "SubscriptionConfirmation",
        "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=a",
    }
    assert read("amazon_ses", js(asked)).confirm == asked["SubscribeURL"]
    for url in ("https://sns.evil.example/?Action=ConfirmSubscription&Token=a", "http://169.254.169.254/"):
        with pytest.raises(WebhookError):
            read("amazon_ses", js(asked | {"SubscribeURL": url}))


def bodies(provider: str) -> list[bytes]:
    path = BODIES / f"{provider}.json"
    if not path.is_file():
        pytest.skip("the recorded bodies are not there: ../shared/data/esp_webhooks")
    return [js(each["payload"]) for each in json.loads(path.read_text())]


@pytest.mark.parametrize("provider", ["mailgun", "postmark", "sendgrid"])
def test_recorded_bodies_sent_twice_count_once(provider: str) -> None:
    context = context_of()
    receipts, machines, humans = [], 0, 0
    for _ in range(2):
        for body in bodies(provider):
            found = PROVIDERS[provider].read(body, HEADERS, nobody=NOBODY)
            receipt = record(context, found.events, found.refusals, received=NOW).receipt
            assert receipt.balanced
            assert receipt.received + len(found.passed) == found.received >= 1
            receipts.append(receipt)
            machines += sum(event.name == "Email Opened By Machine" for event in found.events)
            humans += sum(event.name == "Email Opened" for event in found.events)
    half = len(receipts) // 2
    assert sum(r.stored for r in receipts[:half]) >= 4
    assert sum(r.stored + r.quarantined for r in receipts[half:]) == 0
    # SendGrid's and Postmark's open is Gmail's image proxy; Mailgun's is Chrome on a Mac.
    assert (machines, humans) == ((0, 2) if provider == "mailgun" else (2, 0))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=9), below, max_size=4),
    max_leaves=12,
)


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, bytes]:
    """A body that is nearly right: one value of it replaced by anything."""
    provider = draw(st.sampled_from(sorted(set(PROVIDERS) - {"mandrill"})))
    found = json.loads(CLICKS[provider])
    item = found[0] if isinstance(found, list) else found
    while True:
        key = draw(st.sampled_from(sorted(item)))
        if isinstance(item[key], dict) and item[key] and draw(st.booleans()):
            item = item[key]
            continue
        item[key] = draw(JSON)
        return provider, json.dumps(found).encode("utf-8", "surrogatepass")


def check_harmless(provider: str, body: bytes) -> None:
    try:
        found = read(provider, body)
    except WebhookError:
        return
    context = context_of()
    receipt = record(context, found.events, found.refusals, received=NOW).receipt
    assert receipt.balanced
    for event in found.events:
        assert event.customer
        assert event.time.astimezone(ZoneInfo("Pacific/Kiritimati")).year > 1900


@law()
@given(spoiled())
def test_nearly_right_bodies_are_events_or_refusals(case: tuple[str, bytes]) -> None:
    check_harmless(*case)


@given(st.sampled_from(sorted(PROVIDERS)), st.binary(max_size=300) | JSON.map(lambda j: json.dumps(j).encode()))
def test_hostile_bytes_raise_nothing_but_ours(provider: str, body: bytes) -> None:
    check_harmless(provider, body)


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 50 + b"1" + b"}" * 50, b"x" * (1 << 21), b'"\\ud800"', b"9" * 5000]
)
def test_known_bombs_are_refused(provider: str, body: bytes) -> None:
    with pytest.raises(WebhookError):
        read(provider, body)
