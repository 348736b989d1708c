"""What an advertising platform is given: a file to upload by hand, and the bodies of its requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from living_personas.channels.ads.identifiers import Identity, hashed_email, hashed_phone
from living_personas.domain.event import Json
from living_personas.domain.value import value
from living_personas.errors import ExportError

__all__ = ["LEAST", "Request", "Upload", "check_enough", "in_batches", "neutral_name", "recognised"]

LEAST = 100
"""People of whom a list must hold at least so many: platforms match no smaller ones, which give people away."""


@value
class Request:
    """One request of a platform's interface; ``path`` has placeholders in braces for what only the account knows."""

    path: str
    body: Json


@value
class Upload:
    """One list: its neutral name, its rows as a file, and the requests that upload it, in order."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    requests: tuple[Request, ...]


def neutral_name(number: int, version: int, *, attribute: int | None = None, option: int | None = None) -> str:
    """What a list is called: numbers, never words; a platform flags lists that say something of their people.

    >>> neutral_name(7, 3), neutral_name(7, 3, attribute=1, option=2)
    ('lp_p7_v3', 'lp_p7_v3_a1_o2')
    """
    end = f"_a{attribute}_o{option}" if attribute is not None and option is not None else ""
    return f"lp_p{number}_v{version}{end}"


def check_enough(name: str, people: int) -> None:
    """Refuse a list of too few.

    Raises
    ------
    ExportError
        Without the number: it would tell how many there are.
    """
    if people < LEAST:
        raise ExportError(
            f"The list {name!r} would hold fewer than {LEAST} people who agreed and can be recognised.",
            hint="wait for more, or ask for consent: a trait `consent_ads: true` beside `email` or `phone`.",
        )


def recognised(name: str, people: Iterable[Identity], *, region: str, before: str) -> tuple[tuple[str, str], ...]:
    """The hashes of address and number of everybody who has one of them; ``before`` stands before a number's digits.

    Raises
    ------
    ExportError
        If they are too few.
    """
    found = {
        (hashed_email(person.email), hashed_phone(person.phone, region=region, before=before)) for person in people
    }
    rows = tuple(sorted(found - {("", "")}))
    check_enough(name, len(rows))
    return rows


def in_batches(rows: Sequence[tuple[str, ...]], size: int) -> Iterable[Sequence[tuple[str, ...]]]:
    """The rows in as many parts as the platform's limit asks for."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
