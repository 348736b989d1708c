"""SparkPost: a JSON array of wrapped events, protected by basic auth or a token.

The format is that of developers.sparkpost.com/api/webhooks: each item is ``{"msys": {<class>: {...}}}``, an empty one a
ping. SparkPost signs nothing. ``customer_id`` at the top of an event is SparkPost's own account, never a customer of
ours: ids come from ``rcpt_meta``. ``initial_open`` is passed over: the ``open`` of the same mail follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from living_personas.channels.email_providers.email_event import EmailEvent, Said
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.outcomes import object_reader
from living_personas.channels.email_providers.proof import verify_shared
from living_personas.channels.email_providers.provider_fields import inner, text_at

__all__ = ["SPARKPOST"]

_NAMES: dict[str, EmailEvent] = {
    "delivery": "Email Delivered",
    "open": "Email Opened",
    "amp_open": "Email Opened",
    "click": "Email Link Clicked",
    "amp_click": "Email Link Clicked",
    "bounce": "Email Bounced",
    "out_of_band": "Email Bounced",
    "spam_complaint": "Email Marked as Spam",
    "list_unsubscribe": "Unsubscribed",
    "link_unsubscribe": "Unsubscribed",
}
_REPLIES = ("60", "80", "100")
"""Classes of bounces that are answers: a vacation notice, a subscription, a challenge."""
_LEFT = "90"


def _said(raw: Mapping[str, object]) -> Iterable[Said | str]:
    classes = [about for about in inner(raw, "msys").values() if isinstance(about, Mapping)]
    if not classes:
        yield "ping"
    for event in classes:
        kind, class_ = text_at(event, "type"), text_at(event, "bounce_class")
        if kind not in _NAMES or class_ in _REPLIES:
            yield kind
            continue
        yield Said(
            name="Unsubscribed" if class_ == _LEFT else _NAMES[kind],
            key=text_at(event, "event_id"),
            address=text_at(event, "rcpt_to") or text_at(event, "raw_rcpt_to"),
            time=event.get("timestamp"),
            given=inner(event, "rcpt_meta"),
            mail=text_at(event, "transmission_id"),
            agent=text_at(event, "user_agent"),
            ip=text_at(event, "ip_address"),
            link=text_at(event, "target_link_url"),
            reason=text_at(event, "reason"),
            machine=any(
                inner(event, "user_agent_parsed").get(flag) is True or event.get(flag) is True
                for flag in ("is_proxy", "is_prefetched")
            ),
        )


SPARKPOST = Provider(
    name="sparkpost",
    secret="`user:password` for basic auth, or `Bearer <token>`, as set for the webhook",  # noqa: S106 - says where it is
    read=object_reader("sparkpost", _said),
    verify=verify_shared,
)
