"""Who types: the account that is logged in. Whoever it acts for is a note beside it, and never stands for it."""

from __future__ import annotations

import getpass
import os

from living_personas.errors import InvalidDecisionError
from living_personas.people.person import Person
from living_personas.wiring import owner, system_clock

__all__ = ["account", "account_or_number", "person"]


def person(by: str) -> Person:
    """The account that is logged in, with the name it acts for if that is another's; now, as this worker.

    Raises
    ------
    InvalidDecisionError
        If it is not known who is logged in, or ``by`` is not the name of a person.
    """
    now, typing = system_clock(), account()
    typed = Person(by=typing, now=now, owner=owner())
    noted = Person(by=by, now=now, owner=typed.owner).by.strip() if by else typing
    if noted.casefold() == typing.casefold():
        return typed
    return Person(by=f"{typing} for {noted}", account=typing, now=now, owner=typed.owner)


def account() -> str:
    """The name of the login account, as the system knows it: no variable of the environment changes it.

    Raises
    ------
    InvalidDecisionError
        If the system has no name for it.
    """
    try:
        return _account_of_process()
    except (KeyError, OSError) as error:
        raise InvalidDecisionError(
            "It is not known who you are: the system has no name for this account.",
            hint="decide in the dashboard, or run it as an account that has a name.",
        ) from error


def account_or_number() -> str:
    """The same for a note, which nothing is held up for: an account without a name is its number."""
    try:
        return account()
    except InvalidDecisionError:
        return f"account {os.getuid()}"


def _account_of_process() -> str:
    try:
        import pwd  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return getpass.getuser()
    return pwd.getpwuid(os.getuid()).pw_name
