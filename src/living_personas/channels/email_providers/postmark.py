"""Postmark: one JSON object a request, protected by basic auth.

The format is that of postmarkapp.com/developer/webhooks; Postmark signs nothing: it sends the user and password that
were set for the webhook. Whether an open was a person's is told by the client it names and its user agent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from living_personas.channels.email_providers.email_event import EmailEvent, Said
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.outcomes import object_reader
from living_personas.channels.email_providers.proof import verify_shared
from living_personas.channels.email_providers.provider_fields import inner, text_at

__all__ = ["POSTMARK"]

_NAMES: dict[str, EmailEvent] = {
    "Delivery": "Email Delivered",
    "Open": "Email Opened",
    "Click": "Email Link Clicked",
    "Bounce": "Email Bounced",
    "SpamComplaint": "Email Marked as Spam",
    "SubscriptionChange": "Unsubscribed",
}
_TIMES = ("DeliveredAt", "ReceivedAt", "BouncedAt", "ChangedAt")
_MANY_TIMES = ("Open", "Click")
_NOT_BOUNCED = (
    "AddressChange",
    "AutoResponder",
    "ChallengeVerification",
    "OpenRelayTest",
    "Subscribe",
    "Transient",
    "Unconfirmed",
)
_BOUNCED_AS: dict[str, EmailEvent] = {
    "Unsubscribe": "Unsubscribed",
    "SpamComplaint": "Email Marked as Spam",
    "SpamNotification": "Email Marked as Spam",
}
_PROXIED = ("Gmail", "Apple Mail Privacy Protection", "Yahoo! Mail")


def _said(raw: Mapping[str, object]) -> Iterable[Said | str]:
    kind, type_ = text_at(raw, "RecordType"), text_at(raw, "Type")
    if kind not in _NAMES or (kind == "Bounce" and type_ in _NOT_BOUNCED) or _stays(raw, kind):
        yield f"{kind} {type_}"
        return
    time = next((text for name in _TIMES if (text := text_at(raw, name))), "")
    mail = text_at(raw, "MessageID")
    yield Said(
        name=_BOUNCED_AS.get(type_, _NAMES[kind]) if kind == "Bounce" else _NAMES[kind],
        key=":".join([mail, kind, *([time] if kind in _MANY_TIMES else [])]) if mail else "",
        address=text_at(raw, "Recipient") or text_at(raw, "Email"),
        time=time,
        given=inner(raw, "Metadata"),
        mail=mail,
        agent=text_at(raw, "UserAgent"),
        ip=text_at(raw, "Geo", "IP"),
        link=text_at(raw, "OriginalLink"),
        reason=text_at(raw, "Description"),
        machine=kind == "Open" and text_at(raw, "Client", "Name") in _PROXIED,
    )


def _stays(raw: Mapping[str, object], kind: str) -> bool:
    """Whether a change of subscription is none of the customer's: bounces and complaints come by themselves, too."""
    left = raw.get("SuppressSending") is True and text_at(raw, "SuppressionReason") == "ManualSuppression"
    return kind == "SubscriptionChange" and not left


POSTMARK = Provider(
    name="postmark",
    secret="`user:password` as set under HTTP authentication of the webhook",  # noqa: S106 - says where it is
    read=object_reader("postmark", _said),
    verify=verify_shared,
)
