"""SendGrid: a JSON array of events, signed with ECDSA.

The format is that of twilio.com/docs/sendgrid, "Event Webhook Reference" and "Event Webhook Security Features"
(P-256 over timestamp and body); custom arguments of a mail lie beside its other fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from living_personas.channels.email_providers.email_event import EmailEvent, Said
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.outcomes import object_reader
from living_personas.channels.email_providers.proof import Sent, check_fresh, decoded
from living_personas.channels.email_providers.provider_body import header
from living_personas.channels.email_providers.provider_fields import text_at
from living_personas.extras import extra_needed

__all__ = ["SENDGRID"]

_NAMES: dict[str, EmailEvent] = {
    "delivered": "Email Delivered",
    "open": "Email Opened",
    "click": "Email Link Clicked",
    "bounce": "Email Bounced",
    "spamreport": "Email Marked as Spam",
    "unsubscribe": "Unsubscribed",
    "group_unsubscribe": "Unsubscribed",
}


def _said(raw: Mapping[str, object]) -> Iterable[Said | str]:
    kind = text_at(raw, "event")
    if kind not in _NAMES:
        yield kind
        return
    yield Said(
        name=_NAMES[kind],
        key=text_at(raw, "sg_event_id"),
        address=text_at(raw, "email"),
        time=raw.get("timestamp"),
        given=raw,
        mail=text_at(raw, "sg_message_id").partition(".")[0],
        agent=text_at(raw, "useragent"),
        ip=text_at(raw, "ip"),
        link=text_at(raw, "url"),
        reason=text_at(raw, "reason"),
        machine=raw.get("sg_machine_open") is True,
    )


def _verify(sent: Sent) -> None:
    stamp = header(sent.headers, "x-twilio-email-event-webhook-timestamp")
    signature = decoded(header(sent.headers, "x-twilio-email-event-webhook-signature"), what="signature")
    with extra_needed("server", what="Signatures by public keys need"):
        from living_personas.channels.email_providers.public_keys import check_sendgrid  # noqa: PLC0415 - an extra

    check_sendgrid(_public_key(sent.secret), signature, stamp.encode("utf-8", "surrogatepass") + sent.body)
    check_fresh(stamp, sent.now)


def _public_key(secret: str) -> bytes:
    lines = [line for line in secret.splitlines() if line and not line.startswith("-----")]
    return decoded("".join(lines), what="verification key")


SENDGRID = Provider(
    name="sendgrid",
    secret="the verification key under Settings, Mail Settings, Signed Event Webhook Requests",  # noqa: S106 - says where it is
    read=object_reader("sendgrid", _said),
    verify=_verify,
)
