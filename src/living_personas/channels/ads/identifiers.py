"""What a platform recognises a person by: an address or a number, brought into one form, as a SHA-256 hash.

Both platforms ask for texts without blanks in lower case. For phone numbers Google asks for E.164 with its ``+``, and
Meta for the digits alone, so the two hashes differ. Neither asks for Gmail's dots or plus signs to be taken out of
addresses of Customer Match or Custom Audiences (Google does so for conversions), so they stay.
"""

from __future__ import annotations

from living_personas.domain.key import digest_of
from living_personas.domain.value import value
from living_personas.extras import extra_module

__all__ = ["Identity", "hashed_email", "hashed_phone", "phone_digits"]


@value
class Identity:
    """A customer as it said of itself; empty where it did not."""

    email: str = ""
    phone: str = ""


def hashed_email(address: str) -> str:
    """The hash of an address; empty if it is none.

    >>> hashed_email(" Dana@Example.com")
    '07e2f1394b0ea80e2adca010ea8318df697001a005ba7452720edda4b0ce57b3'
    """
    plain = address.strip().lower()
    name, at, host = plain.rpartition("@")
    return digest_of(plain) if name and at and "." in host and not any(map(str.isspace, plain)) else ""


def phone_digits(number: str, *, region: str) -> str:
    """The digits of a phone number with its country, without a plus; empty if there is no such number.

    ``region`` (such as ``DE``) is where numbers without a country are at home; empty means that they cannot be known.

    >>> phone_digits("030 901820", region="DE"), phone_digits("030 901820", region="")
    ('4930901820', '')
    """
    phonenumbers = extra_module("phonenumbers", extra="server", what="Phone numbers need")
    try:
        found = phonenumbers.parse(number, region.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(found):
        return ""
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)).removeprefix("+")


def hashed_phone(number: str, *, region: str, before: str) -> str:
    """The hash of a phone number's digits behind ``before``; empty if there is no such number."""
    digits = phone_digits(number, region=region) if number else ""
    return digest_of(before + digits) if digits else ""
