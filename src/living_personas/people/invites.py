"""Links by which somebody chooses a password: a new person, or one who forgot theirs. Only their digests are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from living_personas.domain.account import Account, Invite, Role
from living_personas.domain.key import digest_of
from living_personas.errors import InvalidDecisionError, UnknownNameError
from living_personas.memory.people_records import INVITES, PEOPLE
from living_personas.people.person import Person
from living_personas.people.person_accounts import add_person, check_person, forget_invites
from living_personas.ports import Store, Stored

__all__ = ["INVITE_DAYS", "find_invite", "invite", "join", "open_invites"]

INVITE_DAYS = 3


def invite(context: Stored, name: str, person: Person, *, role: Role, secret: str, reset: bool) -> Invite:
    """Let whoever holds ``secret`` choose a password once, for three days; earlier links of this name end.

    Parameters
    ----------
    secret
        Fresh random text that nobody can guess.
    reset
        Whether it is for a person who is known, and keeps their role; for a new one otherwise.

    Raises
    ------
    InvalidDecisionError
        If the name cannot be taken.
    UnknownNameError
        If there is no such role, or no such person to reset.
    """
    check_person(name, role)
    with context.store.commit():
        known = PEOPLE.read(context.store, name)
        if reset and known is None:
            raise UnknownNameError.among("person", name, PEOPLE.names(context.store))
        if known is not None and not reset:
            raise InvalidDecisionError(f"{name!r} may sign in already.", hint="give another name, or reset theirs.")
        until = person.now + timedelta(days=INVITE_DAYS)
        made = Invite(name=name, role=known.role if known else role, until=until, by=person.by, reset=reset)
        forget_invites(context.store, name)
        over = [key for key, each in INVITES.all(context.store).items() if each.until <= person.now]
        INVITES.write_all(context.store, {**dict.fromkeys(over), digest_of(secret): made})
    return made


def find_invite(store: Store, secret: str, *, now: datetime) -> Invite | None:
    """What a link is for, unless it was used or ran out."""
    found = INVITES.read(store, digest_of(secret))
    return found if found is not None and found.until > now else None


def join(context: Stored, secret: str, *, password: str, salt: bytes, now: datetime) -> Account:
    """The account of whoever chose a password by a link, which ends; a person who is known keeps the role of now.

    Raises
    ------
    InvalidDecisionError
        If the link was used or ran out, or the password cannot be taken.
    """
    with context.store.commit():
        found = find_invite(context.store, secret, now=now)
        known = PEOPLE.read(context.store, found.name) if found else None
        if found is None or found.reset != (known is not None):
            raise InvalidDecisionError("The link was used, or ran out.", hint="ask for another one.")
        role = known.role if known else found.role
        account = add_person(context, found.name, role=role, password=password, salt=salt)
        forget_invites(context.store, found.name)
        return account


def open_invites(store: Store, *, now: datetime) -> tuple[Invite, ...]:
    """The links that were not used yet."""
    return tuple(each for each in INVITES.all(store).values() if each.until > now)
