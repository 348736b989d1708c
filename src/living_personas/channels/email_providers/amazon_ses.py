"""Amazon SES: events inside messages of SNS, signed with a certificate.

The format is that of docs.aws.amazon.com, "Contents of event data in the Amazon SNS topic" and "Verifying the
signatures of Amazon SNS messages" (version 1 is SHA1, version 2 SHA256). SES does not say which of several recipients
opened or clicked, so each of them is credited. A message is published once and sent again for an hour while it
fails, with the moment of the first time: so an hour, not five minutes, is how old it may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta

from living_personas.channels.email_providers.email_event import EmailEvent, Read, Said
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.outcomes import read_items
from living_personas.channels.email_providers.proof import Sent, check_fresh, decoded, refuse, same
from living_personas.channels.email_providers.provider_body import read_json, said_object
from living_personas.channels.email_providers.provider_fields import inner, text_at
from living_personas.errors import WebhookError
from living_personas.extras import extra_needed

__all__ = ["AMAZON_SES"]

_HOST = r"https://sns\.[a-z0-9-]{1,30}\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE = re.compile(_HOST + r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem", re.ASCII)
_SUBSCRIBE = re.compile(_HOST + r"/\?Action=ConfirmSubscription&[A-Za-z0-9=&:%_.\-]{1,2000}", re.ASCII)
_SENT_AGAIN_FOR = timedelta(hours=1)
_NOTIFIED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIBED = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_VERSIONS = ("1", "2")
_NAMES: dict[str, EmailEvent] = {
    "Delivery": "Email Delivered",
    "Open": "Email Opened",
    "Click": "Email Link Clicked",
    "Bounce": "Email Bounced",
    "Complaint": "Email Marked as Spam",
    "Subscription": "Unsubscribed",
}


def _read(body: bytes, headers: Mapping[str, str], *, nobody: frozenset[str]) -> Read:  # noqa: ARG001 - every reader's form
    message = said_object(read_json(body))
    kind = text_at(message, "Type")
    if kind == "SubscriptionConfirmation":
        url = text_at(message, "SubscribeURL")
        if not _SUBSCRIBE.fullmatch(url):
            refuse(f"The subscription is to be confirmed at {url[:100]!r}.", hint="confirm it in the AWS console.")
        return Read(passed=(kind,), confirm=url)
    if kind != "Notification":
        return Read(passed=(kind or "unnamed",))
    try:
        event = said_object(read_json(text_at(message, "Message").encode()))
    except WebhookError:
        return Read(passed=("a message that is no event",))
    return read_items("amazon_ses", [event], lambda raw: _said(raw, message), nobody=nobody)


def _said(raw: Mapping[str, object], message: Mapping[str, object]) -> Iterable[Said | str]:
    kind = text_at(raw, "eventType") or text_at(raw, "notificationType")
    about = inner(raw, kind.lower())
    if kind not in _NAMES or text_at(about, "bounceType") == "Transient" or _stays(about, kind):
        yield kind
        return
    recipients = _recipients(raw, about)
    for number, address in enumerate(recipients or [""]):
        yield Said(
            name=_NAMES[kind],
            key=text_at(message, "MessageId") + (f":{number}" if len(recipients) > 1 else ""),
            address=address,
            time=text_at(about, "timestamp") or text_at(message, "Timestamp"),
            given=_tags(raw),
            mail=text_at(raw, "mail", "messageId"),
            agent=text_at(about, "userAgent") if kind in ("Open", "Click") else "",
            ip=text_at(about, "ipAddress"),
            link=text_at(about, "link"),
            reason=text_at(about, "bounceSubType") or text_at(about, "complaintFeedbackType"),
        )


def _recipients(raw: Mapping[str, object], about: Mapping[str, object]) -> list[str]:
    """Whom an event is about, or else everybody whom the mail was sent to."""
    for said in (about.get("bouncedRecipients"), about.get("complainedRecipients"), about.get("recipients")):
        if isinstance(said, list) and said:
            return [text_at(each, "emailAddress") or text_at({"it": each}, "it") for each in said]
    sent_to = inner(raw, "mail").get("destination")
    return [text_at({"it": each}, "it") for each in sent_to] if isinstance(sent_to, list) else []


def _tags(raw: Mapping[str, object]) -> dict[str, object]:
    """The tags of a mail, each of which has a list of values."""
    tags = inner(raw, "mail", "tags")
    return {name: said[0] if isinstance(said, list) and said else said for name, said in tags.items()}


def _stays(about: Mapping[str, object], kind: str) -> bool:
    left = inner(about, "newTopicPreferences").get("unsubscribeAll") is True
    return kind == "Subscription" and not left


def _verify(sent: Sent) -> None:
    message = said_object(read_json(sent.body))
    if not sent.secret or not same(text_at(message, "TopicArn"), sent.secret):
        refuse(f"The message is of the topic {text_at(message, 'TopicArn')[:100]!r}.")
    place = text_at(message, "SigningCertURL")
    if not _CERTIFICATE.fullmatch(place):
        refuse(f"The certificate is said to be at {place[:100]!r}, which is not Amazon's.")
    version = text_at(message, "SignatureVersion")
    if version not in _VERSIONS:
        refuse(f"The signature has the version {version[:20]!r}.", hint="use 1 or 2.")
    signature = decoded(text_at(message, "Signature"), what="signature")
    with extra_needed("server", what="Signatures by public keys need"):
        from living_personas.channels.email_providers.public_keys import check_amazon  # noqa: PLC0415 - an extra

    check_amazon(sent.fetch(place), signature, _signed(message), version=version, now=sent.now)
    check_fresh(text_at(message, "Timestamp"), sent.now, window=_SENT_AGAIN_FOR)


def _signed(message: Mapping[str, object]) -> bytes:
    """The text that is signed: names and values of some fields, a line each; the values as they were sent."""
    names = _NOTIFIED if text_at(message, "Type") == "Notification" else _SUBSCRIBED
    pairs = [(name, message[name]) for name in names if isinstance(message.get(name), str)]
    return "".join(f"{name}\n{said}\n" for name, said in pairs).encode("utf-8", "surrogatepass")


AMAZON_SES = Provider(
    name="amazon_ses",
    secret="the ARN of the SNS topic; anybody's topic is signed by Amazon",  # noqa: S106 - says where it is
    read=_read,
    verify=_verify,
)
