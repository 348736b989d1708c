"""Providers post what became of mails: only what is proven is recorded, each thing once."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.testclient import TestClient

from channels.test_proof import CERTIFICATE, EC_KEY, NOW, REQUESTS, RSA_KEY, STAMP, TOPIC, URL, certificate, sendgrid
from living_personas.channels.email_providers.secrets import SECRET, with_secrets
from living_personas.cli.understood import understood
from living_personas.errors import DeliveryError
from living_personas.http.app import create_app
from living_personas.http.service import open_service
from living_personas.loop import cycle
from living_personas.loop.recording.signatures import KEPT_FOR
from living_personas.memory.records import SIGNATURES
from service.shop import Hands, write_shop

BODIES = Path(__file__).parents[2].parent / "shared" / "data" / "esp_webhooks"
POSTMARK = {"Authorization": "Basic dXM6YSBzZWNyZXQ="}
CONFIRM = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=t&Token=abc"


class Post:
    """The shop, with every provider's secret set."""

    def __init__(self, folder: Path) -> None:
        self.fetched: list[str] = []
        self.reachable = True
        self.clock = Hands()
        self.service = open_service(write_shop(folder), clock=self.clock)
        cycle.run(self.service.context, now=self.clock(), owner="tests")
        self.secrets = {f"LIVING_PERSONAS_WEBHOOK_{name.upper()}": made().secret for name, made in REQUESTS.items()}
        self.secrets["LIVING_PERSONAS_URL"] = URL.removesuffix("/webhooks/mandrill")
        app = create_app(self.service, fetch=self.fetch, lookup=self.secrets.get)
        self.client = TestClient(app, raise_server_exceptions=False)

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        if not self.reachable:
            raise DeliveryError("nobody answers", hint="try again.")
        return b"" if url == CONFIRM else certificate(url)

    def __call__(self, provider: str, body: bytes, headers: Mapping[str, str]) -> Any:
        return self.client.post(f"/v1/webhooks/{provider}", content=body, headers=dict(headers))


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    found = Post(tmp_path / "shop")
    with found.client:
        yield found


def click(number: int = 0, second: int = 0) -> bytes:
    said = {"RecordType": "Click", "MessageID": f"m{number}", "Recipient": "ann@example.com"}
    return json.dumps({**said, "ReceivedAt": f"2026-11-25T12:00:{second:02d}Z"}).encode()


@pytest.mark.parametrize("provider", sorted(set(REQUESTS) - {"mandrill"}))
def test_what_is_signed_is_taken_and_what_is_not_is_refused(post: Post, provider: str) -> None:
    signed = REQUESTS[provider]()
    assert post(provider, signed.body, signed.headers).status_code == 200
    forged = {name: text[:-4] + "AAA=" for name, text in signed.headers.items()}
    body = signed.body.replace(b"hello", b"hullo").replace(b'"token": "token"', b'"token": "other"')
    answer = post(provider, body, forged)
    assert (answer.status_code, answer.json()["status"]) == (401, 401)


def test_the_address_that_is_signed_is_the_one_outside(post: Post) -> None:
    address = "https://personas.example/v1/webhooks/mandrill"
    signature = hmac.new(b"key", f"{address}mandrill_events[]".encode(), hashlib.sha1).digest()
    headers = {"X-Mandrill-Signature": b64encode(signature).decode()}
    assert post("mandrill", b"mandrill_events=%5B%5D", headers).status_code == 200


def test_each_thing_has_a_fate_and_is_recorded_once(post: Post) -> None:
    body = json.dumps([json.loads(click(1)), {"RecordType": "Nonsense"}, {"RecordType": "Open", "MessageID": "m2"}])
    found = post("postmark", body.encode(), POSTMARK)
    assert found.status_code == 200, found.text
    said = found.json()
    assert Counter(each["fate"] for each in said["events"]) == {"stored": 1, "quarantined": 1}
    assert said["passed"] == ["Nonsense"]
    again = post("postmark", body.encode(), POSTMARK).json()
    assert (again["stored"], again["duplicate"]) == (0, 2)
    text = post.service.metrics.text().decode()
    assert "living_personas_events_received_total 4.0" in text


def test_a_signature_that_covers_no_body_proves_the_first_it_came_with(post: Post) -> None:
    """Mailgun signs a moment and a token: whoever saw one could say anything with it."""
    body, _ = proven("mailgun", {"event-data": {"event": "opened", "id": "e1", "recipient": "ann@example.com"}})
    forged = body.replace(b"ann@", b"bob@").replace(b"opened", b"unsubscribed")
    assert post("mailgun", body, {}).status_code == 200
    assert post("mailgun", forged, {}).status_code == 401
    post.clock.on(hours=8)
    assert post("mailgun", body, {}).status_code == 200, "a retry"
    assert post("mailgun", forged, {}).status_code == 401
    context = post.service.context
    assert len(SIGNATURES.all(context.store)) == 1
    cycle.run(context, now=post.clock() + KEPT_FOR, owner="tests")
    assert not SIGNATURES.all(context.store), "too old to be taken"


def test_a_burst_over_several_bodies_is_a_machine(post: Post) -> None:
    for number in range(4):
        assert post("postmark", click(number, second=number), POSTMARK).json()["stored"] == 1
    store = post.service.context.store
    store.inbox.seal()
    days = store.partitions.days("events")
    paths = store.partitions.read("events", days[0], days[-1])
    names = Counter(ds.dataset(list(paths)).to_table()["name"].to_pylist())
    assert names == {"Email Link Clicked": 2, "Email Link Clicked By Machine": 2}


def test_a_subscription_is_confirmed_only_when_it_is_proven(post: Post) -> None:
    body = confirmation()
    assert post("amazon_ses", body, {}).json()["passed"] == ["SubscriptionConfirmation"]
    assert post.fetched.count(CONFIRM) == 1
    assert post("amazon_ses", body.replace(b"Token=abc", b"Token=abd"), {}).status_code == 401
    post.reachable = False
    unreachable = post("amazon_ses", body, {})
    assert (unreachable.status_code, unreachable.headers["retry-after"]) == (503, "60")


def confirmation() -> bytes:

    said = {
        "Message": "You have chosen to subscribe",
        "MessageId": "n1",
        "SubscribeURL": CONFIRM,
        "Timestamp": NOW.isoformat(),
        "Token": "abc",
        "TopicArn": TOPIC,
        "Type": "SubscriptionConfirmation",
    }
    text = "".join(f"{name}\n{told}\n" for name, told in sorted(said.items()))
    signature = b64encode(RSA_KEY.sign(text.encode(), PKCS1v15(), SHA256())).decode()
    more = {"SignatureVersion": "2", "SigningCertURL": CERTIFICATE, "Signature": signature}
    return json.dumps(said | more).encode()


def test_who_is_unknown_or_not_set_up_is_told_so(post: Post) -> None:
    assert "postmark" in post("postmrk", b"{}", {}).json()["hint"]
    del post.secrets["LIVING_PERSONAS_WEBHOOK_POSTMARK"]
    answer = post("postmark", click(), POSTMARK)
    assert (answer.status_code, "LIVING_PERSONAS_WEBHOOK_POSTMARK" in answer.json()["hint"]) == (404, True)


def test_a_secret_may_be_in_a_file(post: Post, tmp_path: Path) -> None:
    name = "LIVING_PERSONAS_WEBHOOK_POSTMARK"
    path = tmp_path / "postmark"
    post.secrets[f"{name}_FILE"] = str(path)
    assert f"Both {name}" in post("postmark", click(), POSTMARK).json()["detail"]
    secret = post.secrets.pop(name)
    assert "cannot be read" in post("postmark", click(), POSTMARK).json()["detail"]
    path.write_text("\n")
    assert "is empty" in post("postmark", click(), POSTMARK).json()["detail"]
    path.write_text(f"{secret}\n")
    assert post("postmark", click(), POSTMARK).json()["stored"] == 1
    assert with_secrets({f"{name}_FILE": str(path), f"{SECRET}BREVO": ""}) == ("postmark",)


def test_what_is_wrong_with_secrets_is_said_when_files_are_checked(tmp_path: Path) -> None:
    environment = {
        f"{SECRET}POSTMRK": "x",
        f"{SECRET}BREVO_FILE": str(tmp_path / "nowhere"),
        f"{SECRET}RESEND": "whsec",
    }
    found = understood(write_shop(tmp_path / "shop"), environment=environment)
    brevo, postmark = sorted((w for w in found.warnings if w.where.file == "environment"), key=lambda w: w.message)
    assert "BREVO_FILE names" in brevo.message
    assert (f"{SECRET}POSTMRK is set" in postmark.message, "POSTMARK" in postmark.hint) == (True, True)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 500, b"null"])
def test_what_cannot_be_read_is_refused_whole(post: Post, body: bytes) -> None:
    assert post("postmark", body, POSTMARK).status_code == 400


@pytest.mark.skipif(not BODIES.exists(), reason="the recorded bodies are not there: ../shared/data/esp_webhooks")
def test_recorded_bodies_count_once_however_often_they_come(post: Post) -> None:
    first, again = replay(post), replay(post)
    assert first["stored"] > 10
    assert (first["refused"], again["stored"], again["quarantined"], again["refused"]) == (0, 0, 0, 0)
    assert again["received"] == again["duplicate"] == first["received"]


def replay(post: Post) -> Counter[str]:
    fates: Counter[str] = Counter()
    for name in ("mailgun", "postmark", "sendgrid"):
        for each in json.loads((BODIES / f"{name}.json").read_text()):
            if "payload" not in each:
                continue
            body, headers = proven(name, each["payload"])
            answer = post(name, body, headers)
            assert answer.status_code == 200, (each["test"], answer.text)
            fates.update({fate: count for fate, count in answer.json().items() if isinstance(count, int)})
    return fates


def proven(name: str, payload: Any) -> tuple[bytes, Mapping[str, str]]:
    """A recorded body, signed anew: those in the files are old, and their signatures were left out."""
    if name == "mailgun":
        token = hashlib.sha256(json.dumps(payload).encode()).hexdigest()[:50]
        signature = hmac.new(b"key", f"{STAMP}{token}".encode(), hashlib.sha256).hexdigest()
        payload = {**payload, "signature": {"timestamp": STAMP, "token": token, "signature": signature}}
        return json.dumps(payload).encode(), {}
    body = json.dumps(payload).encode()
    if name == "postmark":
        return body, POSTMARK
    sign = b64encode(EC_KEY.sign(STAMP.encode() + body, ec.ECDSA(SHA256()))).decode()
    return body, {**sendgrid().headers, "X-Twilio-Email-Event-Webhook-Signature": sign}
