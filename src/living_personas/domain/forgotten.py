"""What is left of a customer who was erased: a mark that nobody can read back, and that the customer stays away."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Literal

from living_personas.domain.customer_id import canonical_id
from living_personas.domain.event import Json, Quarantined
from living_personas.domain.value import value

__all__ = [
    "ERASED",
    "PrivacyAct",
    "PrivacyRequest",
    "Tombstone",
    "is_sure",
    "marked",
    "names_any",
    "text_names_any",
    "tombstone_of",
    "values_of",
]

ERASED = "erased"
"""Why an event is refused; also what stands where another customer's event named an erased one."""

PrivacyRequest = Literal["erased", "exported", "lifted", "listed", "looked at"]


@value
class Tombstone:
    """That an id was erased: when, and whether it was the one that the customer was known by or asked for by."""

    at: datetime
    main: bool


@value
class PrivacyAct:
    """What somebody asked for or looked at of customers, without saying whom: how many, when, and by whom."""

    kind: PrivacyRequest
    by: str
    at: datetime
    customers: int


def tombstone_of(id_: str, *, salt: str) -> str:
    """The mark of an id: SHA-256 of salt, `erased` and the id in its canonical form, in hex.

    >>> tombstone_of("Ann@Example.com", salt="s") == tombstone_of("ann@example.com", salt="s")
    True
    >>> tombstone_of("u1", salt="s")[:8], tombstone_of("u1", salt="t")[:8]
    ('1e5ae8c9', '6fb4bd37')
    """
    return sha256(f"{marked(salt)}{canonical_id(id_)}".encode("utf-8", "surrogatepass")).hexdigest()


def marked(salt: str) -> str:
    """What stands before a canonical id where its mark is made."""
    return f"{salt}|{ERASED}|"


_SURE = 10
"""Characters from which on a text says an id and nothing else: a customer "12" is not meant by every "12"."""


def is_sure(id_: str) -> bool:
    """Whether a text that is this id surely means it.

    >>> is_sure("a@b.c"), is_sure("4711"), is_sure("cus_9f83ab12")
    (True, False, True)
    """
    return "@" in id_ or len(id_) >= _SURE


def names_any(row: Quarantined, ids: Collection[str]) -> bool:
    """Whether a row as it came names one of these ids: as a value, or, where it is sure to be meant, in any text."""
    if not values_of(row).isdisjoint(ids):
        return True
    return any(_says_any(text, ids) for text in (row.payload, row.detail, row.message_id, row.source))


def text_names_any(text: str, ids: Collection[str]) -> bool:
    """Whether what a person wrote names one of these ids: anywhere where it is sure to be meant, or as a word.

    A number of a few digits is no name: a customer "12" is not meant by "12 orders".

    >>> text_names_any("Called by u7, twice.", ["u7"]), text_names_any("Called by u71.", ["u7"])
    (True, False)
    >>> text_names_any("<mailto:Ann@Example.com>", ["ann@example.com"]), text_names_any("12 orders", ["12"])
    (True, False)
    """
    words = {part for word in text.split() for part in (word, *_WORDS.split(word))}
    named = {form for word in words for form in (word, canonical_id(word))}
    asked = {id_ for id_ in ids if is_sure(id_) or not id_.isdecimal()}
    return not named.isdisjoint(asked) or any(_says_any(each, asked) for each in (text, text.casefold()))


_WORDS = re.compile(r"[^\w@+-]+")


def _says_any(text: str, ids: Collection[str]) -> bool:
    """Whether a text holds one of these ids that is sure to be meant by it."""
    forms = {form for id_ in filter(is_sure, ids) for form in (id_, json.dumps(id_, ensure_ascii=False)[1:-1])}
    return any(form in text for form in forms)


def values_of(row: Quarantined) -> frozenset[str]:
    """Every value of a row as it came, in its canonical form: the ids that it may name."""
    try:
        found = _leaves(json.loads(row.payload))
    except (ValueError, RecursionError):
        found = iter(re.split(r"[\s,;\"'|]+", row.payload))
    return frozenset(form for text in found for form in (text, canonical_id(text)))


def _leaves(said: Json) -> Iterator[str]:
    if isinstance(said, dict):
        said = [*said, *said.values()]
    if isinstance(said, list):
        for each in said:
            yield from _leaves(each)
    elif isinstance(said, str):
        yield said
    elif isinstance(said, int) and not isinstance(said, bool):
        yield str(said)
