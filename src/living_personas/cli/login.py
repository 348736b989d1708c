"""Who types: the person whose name a decision carries."""

from __future__ import annotations

import getpass

from living_personas.errors import InvalidDecisionError
from living_personas.people.person import Person
from living_personas.wiring import owner, system_clock

__all__ = ["person"]


def person(by: str) -> Person:
    """The person of that name, or whoever is logged in; now, as this worker."""
    return Person(by=by or _login(), now=system_clock(), owner=owner())


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise InvalidDecisionError("It is not known who you are.", hint="say it with --by NAME.") from error
