"""Mailgun: one event a request as JSON (or, before 2018, as a form), signed with a keyed hash.

The format is that of documentation.mailgun.com, "Webhooks" and "Securing Webhooks": HMAC-SHA256 of timestamp and token.
``client-info.bot`` says ``apple``, ``gmail`` or ``generic`` ("Open and Click Bot Detection").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from living_personas.channels.email_providers.email_event import EmailEvent, Read, Said
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.outcomes import read_items
from living_personas.channels.email_providers.proof import Sent, check_fresh, hmac_of, refuse, same
from living_personas.channels.email_providers.provider_body import read_form, read_json, said_object
from living_personas.channels.email_providers.provider_fields import content_key, inner, text_at
from living_personas.errors import WebhookError

__all__ = ["MAILGUN", "RETRIED_FOR"]

RETRIED_FOR = timedelta(hours=12)
"""Mailgun tries again for eight hours, and a retry carries the first signature. It proves the first body only."""

_NAMES: dict[str, EmailEvent] = {
    "delivered": "Email Delivered",
    "opened": "Email Opened",
    "clicked": "Email Link Clicked",
    "failed": "Email Bounced",
    "bounced": "Email Bounced",
    "complained": "Email Marked as Spam",
    "unsubscribed": "Unsubscribed",
}


def _read(body: bytes, headers: Mapping[str, str], *, nobody: frozenset[str]) -> Read:  # noqa: ARG001 - every reader's form
    raw = _raw(body)
    return read_items("mailgun", [raw], _said if "event-data" in raw else _said_of_old, nobody=nobody)


def _raw(body: bytes) -> Mapping[str, object]:
    if body.lstrip()[:1] in (b"{", b"["):
        return said_object(read_json(body))
    form = read_form(body)
    if "event" not in form:
        raise WebhookError("The form has no field 'event'.", hint="is the webhook that of Mailgun's events?")
    return form


def _said(raw: Mapping[str, object]) -> Iterable[Said | str]:
    event = inner(raw, "event-data")
    kind = text_at(event, "event")
    if kind not in _NAMES or text_at(event, "severity") == "temporary":
        yield f"{kind} {text_at(event, 'severity')}"
        return
    yield Said(
        name=_NAMES[kind],
        key=text_at(event, "id") or text_at(raw, "signature", "token") or content_key(event),
        address=text_at(event, "recipient"),
        time=event.get("timestamp"),
        given=inner(event, "user-variables"),
        mail=text_at(event, "message", "headers", "message-id"),
        agent=text_at(event, "client-info", "user-agent"),
        ip=text_at(event, "ip"),
        link=text_at(event, "url"),
        reason=text_at(event, "delivery-status", "message"),
        machine=bool(text_at(event, "client-info", "bot")),
    )


def _said_of_old(raw: Mapping[str, object]) -> Iterable[Said | str]:
    """An event as it was sent before 2018: its own fields and the sender's variables lie beside each other."""
    kind = text_at(raw, "event")
    if kind not in _NAMES:
        yield kind
        return
    yield Said(
        name=_NAMES[kind],
        key=text_at(raw, "token") or content_key(raw),
        address=text_at(raw, "recipient"),
        time=raw.get("timestamp"),
        given={key: item for key, item in raw.items() if key != "token"},
        mail=text_at(raw, "Message-Id") or text_at(raw, "message-id"),
        agent=text_at(raw, "user-agent"),
        ip=text_at(raw, "ip"),
        link=text_at(raw, "url"),
        reason=text_at(raw, "error") or text_at(raw, "description"),
    )


def _verify(sent: Sent) -> None:
    raw = _raw(sent.body)
    signature = inner(raw, "signature") or raw
    stamp, token = text_at(signature, "timestamp"), text_at(signature, "token")
    meant = hmac_of(sent.secret.encode("utf-8", "surrogatepass"), (stamp + token).encode()).hex()
    if not sent.secret or not same(text_at(signature, "signature"), meant):
        refuse("The signature of Mailgun does not fit its timestamp and token.")
    check_fresh(stamp, sent.now, window=RETRIED_FOR)


def _signed(body: bytes) -> str:
    """What is signed: the moment and the token, and nothing of the event."""
    raw = _raw(body)
    signature = inner(raw, "signature") or raw
    return f"{text_at(signature, 'timestamp')} {text_at(signature, 'token')}"


MAILGUN = Provider(
    name="mailgun",
    secret="the HTTP webhook signing key under API Security",  # noqa: S106 - says where it is
    read=_read,
    verify=_verify,
    loose=_signed,
)
