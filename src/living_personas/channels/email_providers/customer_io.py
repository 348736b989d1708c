"""Customer.io: one JSON object a request, signed with a keyed hash.

The format is that of docs.customer.io, "Reporting Webhooks": HMAC-SHA256 in hex of ``v0:<timestamp>:<body>``. Opens
that were prefetched or came through a proxy are flagged in ``data`` where the workspace reports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from living_personas.channels.email_providers.email_event import EmailEvent, Said
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.outcomes import object_reader
from living_personas.channels.email_providers.proof import Sent, check_fresh, hmac_of, refuse, same
from living_personas.channels.email_providers.provider_body import header
from living_personas.channels.email_providers.provider_fields import inner, text_at

__all__ = ["CUSTOMER_IO"]

_NAMES: dict[str, EmailEvent] = {
    "delivered": "Email Delivered",
    "opened": "Email Opened",
    "clicked": "Email Link Clicked",
    "bounced": "Email Bounced",
    "spammed": "Email Marked as Spam",
    "unsubscribed": "Unsubscribed",
}
_FLAGS = ("prefetched", "proxied", "machine")


def _said(raw: Mapping[str, object]) -> Iterable[Said | str]:
    kind, about = text_at(raw, "metric"), text_at(raw, "object_type")
    if kind not in _NAMES or about not in ("email", "customer") or (about == "customer" and kind != "unsubscribed"):
        yield f"{about} {kind}"
        return
    data = inner(raw, "data")
    customer = text_at(data, "customer_id") or text_at(data, "identifiers", "id")
    yield Said(
        name=_NAMES[kind],
        key=text_at(raw, "event_id"),
        address=text_at(data, "recipient") or text_at(data, "identifiers", "email") or text_at(data, "email_address"),
        time=raw.get("timestamp"),
        given={**data, **inner(data, "tracked_data"), "customer_id": customer},
        mail=text_at(data, "delivery_id"),
        agent=text_at(data, "user_agent"),
        ip=text_at(data, "ip_address"),
        link=text_at(data, "href") or text_at(data, "link_url"),
        reason=text_at(data, "failure_message"),
        machine=any(data.get(flag) is True for flag in _FLAGS),
    )


def _verify(sent: Sent) -> None:
    stamp = header(sent.headers, "x-cio-timestamp")
    message = f"v0:{stamp}:".encode("utf-8", "surrogatepass") + sent.body
    meant = hmac_of(sent.secret.encode("utf-8", "surrogatepass"), message).hex()
    if not sent.secret or not same(header(sent.headers, "x-cio-signature"), meant):
        refuse("The signature of Customer.io does not fit the body.")
    check_fresh(stamp, sent.now)


CUSTOMER_IO = Provider(
    name="customer_io",
    secret="the signing key of the reporting webhook",  # noqa: S106 - says where it is
    read=object_reader("customer_io", _said),
    verify=_verify,
)
