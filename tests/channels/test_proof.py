"""Only what a provider signed, and signed just now, is taken."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from living_personas.channels.email_providers.mailgun import RETRIED_FOR
from living_personas.channels.email_providers.proof import Sent
from living_personas.channels.email_providers.registry import PROVIDERS
from living_personas.channels.standard_webhooks import signed_headers
from living_personas.errors import WebhookError

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
URL = "https://personas.example/webhooks/mandrill"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Signed:
    """A request as its provider signs it."""

    body: bytes
    headers: Mapping[str, str]
    secret: str
    dated: bool = True


def basic(secret: str) -> Signed:
    headers = {"Authorization": "Basic " + b64encode(secret.encode()).decode()}
    return Signed(b"{}", headers, secret, dated=False)


def sendgrid() -> Signed:
    body = b'[{"event": "open"}]'
    key = EC_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signature = EC_KEY.sign(STAMP.encode() + body, ec.ECDSA(SHA256()))
    headers = {
        "X-Twilio-Email-Event-Webhook-Timestamp": STAMP,
        "X-Twilio-Email-Event-Webhook-Signature": b64encode(signature).decode(),
    }
    return Signed(body, headers, b64encode(key).decode())


def mailgun() -> Signed:
    signature = hmac.new(b"key", f"{STAMP}token".encode(), hashlib.sha256).hexdigest()
    block = {"timestamp": STAMP, "token": "token", "signature": signature}
    return Signed(json.dumps({"signature": block, "event-data": {}}).encode(), {}, "key")


def customer_io() -> Signed:
    signature = hmac.new(b"key", f"v0:{STAMP}:{{}}".encode(), hashlib.sha256).hexdigest()
    return Signed(b"{}", {"X-CIO-Timestamp": STAMP, "X-CIO-Signature": signature}, "key")


def resend() -> Signed:
    secret = "whsec_" + b64encode(b"0123456789abcdef01234567").decode()
    headers = signed_headers(b"{}", id_="msg_1", now=NOW, secret=secret)
    named = {name.replace("webhook", "svix"): text for name, text in headers.items()}
    return Signed(b"{}", named | {"svix-signature": f"v1,other {named['svix-signature']}"}, secret)


def mandrill() -> Signed:
    signature = hmac.new(b"key", f"{URL}mandrill_events[]".encode(), hashlib.sha1).digest()
    body = urlencode({"mandrill_events": "[]"}).encode()
    return Signed(body, {"X-Mandrill-Signature": b64encode(signature).decode()}, "key", dated=False)


def amazon_ses() -> Signed:
    message = {
        "Type": "Notification",
        "MessageId": "n1",
        "TopicArn": TOPIC,
        "Message": "hello",
        "Timestamp": NOW.isoformat(),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
    }
    names = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
    text = "".join(f"{name}\n{message[name]}\n" for name in names)
    signature = b64encode(RSA_KEY.sign(text.encode(), PKCS1v15(), SHA256())).decode()
    return Signed(json.dumps(message | {"Signature": signature}).encode(), {}, TOPIC)


def certificate(url: str) -> bytes:
    assert url == CERTIFICATE
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(RSA_KEY.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(RSA_KEY, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


REQUESTS: Mapping[str, Callable[[], Signed]] = {
    "amazon_ses": amazon_ses,
    "brevo": lambda: Signed(b"{}", {"authorization": "Bearer abc"}, "Bearer abc", dated=False),
    "customer_io": customer_io,
    "mailgun": mailgun,
    "mandrill": mandrill,
    "postmark": lambda: basic("us:a secret"),
    "resend": resend,
    "sendgrid": sendgrid,
    "sparkpost": lambda: basic("us:a secret"),
}


def verify(provider: str, request: Signed, *, now: datetime = NOW, secret: str | None = None) -> None:
    shown = request.secret if secret is None else secret
    sent = Sent(body=request.body, headers=request.headers, secret=shown, now=now, url=URL, fetch=certificate)
    PROVIDERS[provider].verify(sent)


def test_every_provider_has_a_request() -> None:
    assert set(REQUESTS) == set(PROVIDERS)


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_what_is_signed_is_taken(provider: str) -> None:
    verify(provider, REQUESTS[provider]())


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_another_secret_or_none_is_refused(provider: str) -> None:
    request = REQUESTS[provider]()
    for secret in ("another", "", "whsec_AAAA", "whsec_" + b64encode(b"x" * 24).decode()):
        with pytest.raises(WebhookError):
            verify(provider, request, secret=secret)
    with pytest.raises(WebhookError):
        verify(provider, Signed(b"{}", {}, request.secret))


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_old_and_future_signatures_are_refused(provider: str) -> None:
    request = REQUESTS[provider]()
    windows = {"amazon_ses": timedelta(hours=1), "mailgun": RETRIED_FOR}
    window = windows.get(provider, timedelta(minutes=5))
    for away in (window + timedelta(seconds=1), -window - timedelta(seconds=1)):
        if request.dated:
            with pytest.raises(WebhookError, match="signature was made"):
                verify(provider, request, now=NOW + away)
        else:
            verify(provider, request, now=NOW + away)


@pytest.mark.parametrize("provider", ["amazon_ses", "customer_io", "mandrill", "resend", "sendgrid"])
def test_a_changed_body_is_refused(provider: str) -> None:
    request = REQUESTS[provider]()
    changed = request.body.replace(b"hello", b"jello").replace(b"%5B%5D", b"%5B1%5D") + (
        b"" if provider in ("amazon_ses", "mandrill") else b" "
    )
    assert changed != request.body
    with pytest.raises(WebhookError):
        verify(provider, Signed(changed, request.headers, request.secret))


def test_sendgrid_s_own_example() -> None:
    key = (
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/"
        "1FwCM/QmGUhA=="
    )
    body = b'{"category":"example_payload","event":"test_event","message_id":"message_id"}'
    headers = {
        "X-Twilio-Email-Event-Webhook-Timestamp": "1588788367",
        "X-Twilio-Email-Event-Webhook-Signature": (
            "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0="
        ),
    }
    then = datetime.fromtimestamp(1588788367, tz=UTC)
    PROVIDERS["sendgrid"].verify(Sent(body=body, headers=headers, secret=key, now=then))
    with pytest.raises(WebhookError):
        PROVIDERS["sendgrid"].verify(Sent(body=body + b" ", headers=headers, secret=key, now=then))


@pytest.mark.parametrize(
    "place",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0.pem",
        "https://sns.eu-west-1.amazonaws.com/bucket/mine.pem",
    ],
)
def test_amazon_s_certificate_comes_from_amazon(place: str) -> None:
    request = amazon_ses()
    body = json.dumps(json.loads(request.body) | {"SigningCertURL": place}).encode()
    with pytest.raises(WebhookError, match="not Amazon's"):
        verify("amazon_ses", Signed(body, {}, TOPIC))


@given(
    st.sampled_from(sorted(PROVIDERS)),
    st.binary(max_size=200),
    st.dictionaries(st.sampled_from(["svix-id", "svix-timestamp", "svix-signature", "Authorization"]), st.text()),
    st.text(st.characters(codec=None), max_size=40),
)
def test_hostile_requests_raise_nothing_but_ours(
    provider: str, body: bytes, headers: dict[str, str], secret: str
) -> None:
    with pytest.raises(WebhookError):
        PROVIDERS[provider].verify(Sent(body=body, headers=headers, secret=secret, now=NOW))
