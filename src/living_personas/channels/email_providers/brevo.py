"""Brevo: one JSON object a request (or a batch of them), protected by basic auth or a token.

The format is that of developers.brevo.com, "Transactional webhooks". Brevo names no id of an event, and sends a
first open twice, as ``opened`` and ``unique_opened``: mail, kind and moment make it unique. ``proxy_open`` is Apple's.
Only ``ts_epoch`` is surely UTC. What the sender put into the header ``X-Mailin-custom`` comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

from living_personas.channels.email_providers.email_event import EmailEvent, Said
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.outcomes import object_reader
from living_personas.channels.email_providers.proof import verify_shared
from living_personas.channels.email_providers.provider_body import read_json
from living_personas.channels.email_providers.provider_fields import text_at
from living_personas.errors import WebhookError

__all__ = ["BREVO"]

_OPENS = ("opened", "unique_opened")
_PROXY_OPENS = ("proxy_open", "unique_proxy_open")
_NAMES: dict[str, EmailEvent] = {
    "delivered": "Email Delivered",
    **dict.fromkeys((*_OPENS, *_PROXY_OPENS), "Email Opened"),
    "click": "Email Link Clicked",
    "hard_bounce": "Email Bounced",
    "invalid_email": "Email Bounced",
    **dict.fromkeys(("spam", "complaint"), "Email Marked as Spam"),
    "unsubscribe": "Unsubscribed",
    "unsubscribed": "Unsubscribed",
}


def _said(raw: Mapping[str, object]) -> Iterable[Said | str]:
    kind = text_at(raw, "event")
    if kind not in _NAMES:
        yield kind
        return
    mail = text_at(raw, "message-id")
    time = raw.get("ts_epoch") or raw.get("ts_event") or raw.get("ts")
    about = (mail, _NAMES[kind], text_at(raw, "email").lower(), str(time), text_at(raw, "link"))
    yield Said(
        name=_NAMES[kind],
        key=sha256("\n".join(about).encode("utf-8", "surrogatepass")).hexdigest()[:32] if mail else "",
        address=text_at(raw, "email"),
        time=time,
        given=_custom(text_at(raw, "X-Mailin-custom")),
        mail=mail,
        agent=text_at(raw, "user_agent"),
        ip="",
        link=text_at(raw, "link"),
        reason=text_at(raw, "reason"),
        machine=kind in _PROXY_OPENS,
    )


def _custom(text: str) -> Mapping[str, object]:
    """The sender's own header, if it is an object in JSON."""
    try:
        found = read_json(text.encode()) if text else None
    except WebhookError:
        return {}
    return found if isinstance(found, dict) else {}


BREVO = Provider(
    name="brevo",
    secret="`user:password` for basic auth, or `Bearer <token>`, as set for the webhook",  # noqa: S106 - says where it is
    read=object_reader("brevo", _said),
    verify=verify_shared,
)
