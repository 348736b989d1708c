"""Resend: one JSON object a request, signed as Svix does.

The format is that of resend.com/docs/dashboard/webhooks and docs.svix.com/receiving/verifying-payloads: HMAC-SHA256
over id, timestamp and body with the secret ``whsec_...``. The id of an event is a header.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from living_personas.channels.email_providers.email_event import EmailEvent, Read, Said
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.outcomes import read_items
from living_personas.channels.email_providers.proof import Sent, check_fresh, refuse, same
from living_personas.channels.email_providers.provider_body import header, read_objects
from living_personas.channels.email_providers.provider_fields import inner, plain, text_at
from living_personas.channels.standard_webhooks import signature_of

__all__ = ["RESEND"]

_NAMES: dict[str, EmailEvent] = {
    "email.delivered": "Email Delivered",
    "email.opened": "Email Opened",
    "email.clicked": "Email Link Clicked",
    "email.bounced": "Email Bounced",
    "email.complained": "Email Marked as Spam",
}


def _read(body: bytes, headers: Mapping[str, str], *, nobody: frozenset[str]) -> Read:
    key = plain(header(headers, "svix-id"))
    return read_items("resend", read_objects(body), lambda raw: _said(raw, key), nobody=nobody)


def _said(raw: Mapping[str, object], key: str) -> Iterable[Said | str]:
    kind = text_at(raw, "type")
    data = inner(raw, "data")
    if kind not in _NAMES or text_at(data, "bounce", "type") == "Transient":
        yield kind
        return
    about = inner(data, "click") if kind == "email.clicked" else inner(data, "open")
    to = data.get("to")
    yield Said(
        name=_NAMES[kind],
        key=key,
        address=text_at({"it": to[0] if isinstance(to, list) and to else to}, "it"),
        time=text_at(about, "timestamp") or text_at(raw, "created_at"),
        given=_tags(data.get("tags")),
        mail=text_at(data, "email_id"),
        agent=text_at(about, "userAgent"),
        ip=text_at(about, "ipAddress"),
        link=text_at(about, "link"),
        reason=text_at(data, "bounce", "message"),
    )


def _tags(said: object) -> Mapping[str, object]:
    """Tags by name; they are sent as a mapping, or as a list of names and values."""
    if isinstance(said, list):
        return {text_at(each, "name"): text_at(each, "value") for each in said}
    return said if isinstance(said, Mapping) else {}


def _verify(sent: Sent) -> None:
    key, stamp = header(sent.headers, "svix-id"), header(sent.headers, "svix-timestamp")
    meant = signature_of(sent.body, id_=key, timestamp=stamp, secret=sent.secret)
    signatures = header(sent.headers, "svix-signature").split(" ")
    if not any(same(each, meant) for each in signatures):
        refuse("The signature of Resend does not fit the body.")
    check_fresh(stamp, sent.now)


RESEND = Provider(
    name="resend",
    secret="the signing secret `whsec_...` of the webhook",  # noqa: S106 - says where it is
    read=_read,
    verify=_verify,
)
