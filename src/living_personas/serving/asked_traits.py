"""What rules ask for: whoever tries out a decision is told of names that none of them asks for."""

from __future__ import annotations

from collections.abc import Iterable

from living_personas.domain.consent import is_consent
from living_personas.domain.contact import TIME_ZONE
from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.names import named
from living_personas.domain.snapshot import Snapshot
from living_personas.errors import did_you_mean
from living_personas.rules.parse import parse

__all__ = ["asked_traits", "unasked_words"]


def asked_traits(snapshot: Snapshot) -> tuple[str, ...]:
    """The names that the rules of a snapshot ask for."""
    return tuple(sorted({name for rule in snapshot.rules for name, _ in parse(rule).columns} - {CUSTOMER}))


def unasked_words(snapshot: Snapshot, given: Iterable[str], *, consents: tuple[str, ...]) -> str:
    """That no rule asks for some of what was given, which a misspelt name looks like; empty if all are asked for."""
    asked = asked_traits(snapshot)
    names = [each for each in given if each not in (*asked, TIME_ZONE) and not is_consent(each, named=consents)]
    if not names:
        return ""
    hint = did_you_mean(names[0], asked, kind="trait") if asked else ""
    return f"No rule asks for {', '.join(map(named, names))}{f': {hint}' if hint else '.'}"
