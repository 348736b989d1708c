"""Mandrill (Mailchimp Transactional): a form whose one field is a JSON array, signed with a keyed hash.

The format is that of mailchimp.com/developer/transactional, "Webhooks" and "Authenticating webhook requests": HMAC-SHA1
in base64 over the exact address of the webhook and the fields of the form in order of their names. Nothing in it says
when it was signed, so age cannot be checked.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping

from living_personas.channels.email_providers.email_event import EmailEvent, Read, Said
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.outcomes import read_items
from living_personas.channels.email_providers.proof import Sent, hmac_of, refuse, same
from living_personas.channels.email_providers.provider_body import header, read_form, read_objects
from living_personas.channels.email_providers.provider_fields import inner, text_at
from living_personas.errors import WebhookError

__all__ = ["MANDRILL"]

_FIELD = "mandrill_events"
_NAMES: dict[str, EmailEvent] = {
    "delivered": "Email Delivered",
    "open": "Email Opened",
    "click": "Email Link Clicked",
    "hard_bounce": "Email Bounced",
    "spam": "Email Marked as Spam",
    "unsub": "Unsubscribed",
}


def _read(body: bytes, headers: Mapping[str, str], *, nobody: frozenset[str]) -> Read:  # noqa: ARG001 - every reader's form
    form = read_form(body)
    if _FIELD not in form:
        raise WebhookError(f"The form has no field {_FIELD!r}.", hint="is the webhook that of Mandrill's events?")
    return read_items("mandrill", read_objects(form[_FIELD].encode()), _said, nobody=nobody)


def _said(raw: Mapping[str, object]) -> Iterable[Said | str]:
    kind = text_at(raw, "event") or text_at(raw, "type")
    if kind not in _NAMES:
        yield kind
        return
    mail = text_at(raw, "_id") or text_at(raw, "msg", "_id")
    yield Said(
        name=_NAMES[kind],
        key=f"{mail}:{kind}:{text_at(raw, 'ts')}" if mail else "",
        address=text_at(raw, "msg", "email"),
        time=raw.get("ts"),
        given=inner(raw, "msg", "metadata"),
        mail=mail,
        agent=text_at(raw, "user_agent"),
        ip=text_at(raw, "ip"),
        link=text_at(raw, "url"),
        reason=text_at(raw, "msg", "bounce_description"),
    )


def _verify(sent: Sent) -> None:
    form = read_form(sent.body)
    message = sent.url + "".join(name + form[name] for name in sorted(form))
    key = sent.secret.encode("utf-8", "surrogatepass")
    meant = b64encode(hmac_of(key, message.encode("utf-8", "surrogatepass"), digest="sha1")).decode()
    if not sent.secret or not same(header(sent.headers, "x-mandrill-signature"), meant):
        refuse("The signature of Mandrill does not fit the form.", hint="are key and address those of the webhook?")


MANDRILL = Provider(
    name="mandrill",
    secret="the key that is shown beside the webhook",  # noqa: S106 - says where it is
    read=_read,
    verify=_verify,
)
