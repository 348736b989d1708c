"""What customers said of being decided for: a word on a consent, and whose last word is a no."""

from __future__ import annotations

import re
from typing import Literal

import pyarrow as pa

from living_personas.domain.contact import CONSENT
from living_personas.domain.yes_no import consents

__all__ = [
    "CONSENT_SCHEMA",
    "LEAVING",
    "PRIVACY_CONTROL",
    "Consent",
    "consent_names",
    "consent_of",
    "is_consent",
    "is_no",
    "is_yes",
    "may_be_leaving",
    "yes_names",
]

Consent = Literal["assumed", "required"]
"""What it means that a customer never said yes or no: a yes, or a no."""

CONSENT_SCHEMA = pa.schema(
    [
        pa.field("customer", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("day", pa.date32(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("message_id", pa.string(), nullable=False),
        pa.field("refuses", pa.bool_(), nullable=False),
    ]
)
"""One row a word: which id said it, on which consent, and whether it is a no."""

PRIVACY_CONTROL = "gpc"
"""The signal of a browser (Global Privacy Control): the only one that is a no when it is true."""

LEAVING = ("Unsubscribed", "Email Marked as Spam", "Email Bounced")
"""Events that are a no for their channel (e-mail, unless they say another), until a later yes."""

_OF_A_CHANNEL = "consent_"
_LEAVES = re.compile(
    r"unsubscri|opt(ed)?[ _-]?out|spam|complain|bounce|suppress|do[ _-]?not[ _-]?(e-?mail|contact)"
    r"|abgemeldet|abmeldung|désabonn|désinscri|desabonn|desinscri|desuscri|dado de baja|descadastr|disiscri|disdett"
    r"|uitgeschreven|afgemeld|avregistrer|avslutat|afmeldt|avmeldt|peruutt|wypisa|odhlá|leiratkoz|dezabon|отпис|відпис"
    r"|配信停止|退会|退订|退訂|수신거부|구독취소",
    re.IGNORECASE,
)


def may_be_leaving(event: str) -> bool:
    """Whether an event is called as if somebody left, and is none of those that are a no.

    >>> may_be_leaving("users.messages.email.Unsubscribe"), may_be_leaving("Unsubscribed"), may_be_leaving("Bought")
    (True, False, False)
    >>> may_be_leaving("Newsletter abgemeldet"), may_be_leaving("suppressed")
    (True, True)
    """
    return event not in LEAVING and _LEAVES.search(event) is not None


def consent_of(channel: str) -> str:
    """The consent that speaks for one channel.

    >>> consent_of("email")
    'consent_email'
    """
    return _OF_A_CHANNEL + channel


def is_consent(name: str, *, named: tuple[str, ...] = CONSENT) -> bool:
    """Whether a trait is a consent: one of those that speak for every channel, or that of a channel.

    >>> is_consent("consent_email"), is_consent("gpc"), is_consent("plan")
    (True, True, False)
    """
    return name in named or name == PRIVACY_CONTROL or name.startswith(_OF_A_CHANNEL)


def consent_names(channel: str, *, named: tuple[str, ...] = CONSENT) -> frozenset[str]:
    """The consents that speak for a channel."""
    return frozenset({*named, PRIVACY_CONTROL, consent_of(channel)})


def is_no(name: str, said: object) -> bool | None:
    """Whether a word on a consent is a no; None if nothing was said. What is not understood is a no.

    >>> is_no("consent", "off"), is_no("consent", "perhaps"), is_no("consent", None), is_no("gpc", True)
    (True, True, None, True)
    """
    agreed = consents(said, inverted=name == PRIVACY_CONTROL)
    return None if agreed is None else not agreed


def yes_names(channel: str, *, named: tuple[str, ...] = CONSENT) -> frozenset[str]:
    """The consents of which one yes is a yes for a channel: a browser without a signal has agreed to nothing."""
    return consent_names(channel, named=named) - {PRIVACY_CONTROL}


def is_yes(name: str, said: object) -> bool:
    """Whether a word on a consent is a yes.

    >>> is_yes("consent", "on"), is_yes("consent", "perhaps"), is_yes("consent", None), is_yes("gpc", False)
    (True, False, False, False)
    """
    return name != PRIVACY_CONTROL and is_no(name, said) is False
