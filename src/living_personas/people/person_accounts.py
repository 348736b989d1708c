"""People who may sign in: a name, a role, and the scrypt hash of a password, kept as facts."""

from __future__ import annotations

import base64
import hmac
from dataclasses import replace
from datetime import datetime
from hashlib import scrypt
from threading import BoundedSemaphore
from typing import get_args

from living_personas.domain.account import SCRYPT_COST, Account, Role
from living_personas.domain.legible import check_legible
from living_personas.domain.withdrawal import Withdrawal
from living_personas.errors import InvalidDecisionError, UnknownNameError, check_name
from living_personas.memory.people_records import INVITES, PEOPLE
from living_personas.people.person import NOBODY
from living_personas.ports import Store, Stored

__all__ = [
    "MIN_PASSWORD",
    "account_of",
    "add_person",
    "change_role",
    "check_password",
    "check_person",
    "forget_invites",
    "may",
    "people",
    "remove_person",
]

MIN_PASSWORD = 12
"""Characters of the shortest password that is taken."""

LONGEST_NAME = 80

_R, _P = 8, 1
_MEMORY = 64 * 2**20
_HASHING = BoundedSemaphore(2)
"""Each takes 32 MiB: however many guess at once, no more than two are looked at."""


def people(store: Store) -> tuple[Account, ...]:
    """Everybody who may sign in, by name."""
    return tuple(PEOPLE.all(store).values())


def account_of(name: str, *, role: Role, password: str, salt: bytes, n: int) -> Account:
    """An account; ``salt`` are fresh random bytes, ``n`` is scrypt's cost, a power of two.

    Raises
    ------
    InvalidDecisionError
        If the name, role or password cannot be taken.
    """
    _check(name, role, password)
    return Account(name=name, role=role, salt=_text(salt), password=_text(_hash(password, salt, n)), n=n)


def add_person(context: Stored, name: str, *, role: Role, password: str, salt: bytes, n: int = SCRYPT_COST) -> Account:
    """The account of a new person, or of one who gets another role or password."""
    account = account_of(name, role=role, password=password, salt=salt, n=n)
    PEOPLE.write(context.store, name, account)
    return account


def change_role(context: Stored, name: str, *, role: Role) -> Account:
    """The account of a person in another role, from the next request on."""
    account = PEOPLE.read(context.store, name)
    if account is None:
        raise UnknownNameError.among("person", name, PEOPLE.names(context.store))
    check_person(name, role)
    changed = replace(account, role=role)
    PEOPLE.write(context.store, name, changed)
    return changed


def remove_person(context: Stored, name: str, *, now: datetime) -> None:
    """Nobody of this name may sign in any more; sessions that are open end with the next request."""
    known = PEOPLE.names(context.store)
    check_name("person", name, known)
    with context.store.commit():
        forget_invites(context.store, name)
        context.withdrawn([Withdrawal(kind="person", id=name, time=now)])
        PEOPLE.write(context.store, name, None)


def forget_invites(store: Store, name: str) -> None:
    """No link of this person lets anybody choose a password any more."""
    INVITES.write_all(store, {key: None for key, each in INVITES.all(store).items() if each.name == name})


def check_password(account: Account | None, password: str) -> bool:
    """Whether the password is right; for nobody it takes as long, and is wrong."""
    salt = base64.b64decode(account.salt) if account else b"nobody's salt..."
    found = _hash(password, salt, account.n if account else SCRYPT_COST)
    expected = base64.b64decode(account.password) if account else bytes(len(found))
    return hmac.compare_digest(found, expected) and account is not None


def may(role: Role, needed: Role) -> bool:
    """Whether a role is enough.

    >>> may("approver", "editor"), may("viewer", "editor")
    (True, False)
    """
    ladder = get_args(Role)
    return bool(ladder.index(role) >= ladder.index(needed))


def check_person(name: str, role: str) -> None:
    """Refuse a name that nobody can be called by, and a role that there is not.

    Raises
    ------
    InvalidDecisionError
        For the name.
    UnknownNameError
        For the role.
    """
    if check_legible(name, what="The name", longest=LONGEST_NAME) != name or name in NOBODY:
        raise InvalidDecisionError(
            f"{name!r} is not the name of a person.", hint="write a name, without blanks before and after it."
        )
    if role not in get_args(Role):
        raise UnknownNameError.among("role", role, get_args(Role))


def _check(name: str, role: str, password: str) -> None:
    check_person(name, role)
    if len(password) < MIN_PASSWORD:
        raise InvalidDecisionError(
            f"The password has {len(password)} characters.", hint=f"use at least {MIN_PASSWORD}; a sentence is good."
        )


def _hash(password: str, salt: bytes, n: int) -> bytes:
    with _HASHING:
        return scrypt(password.encode(), salt=salt, n=n, r=_R, p=_P, maxmem=_MEMORY, dklen=32)


def _text(block: bytes) -> str:
    return base64.b64encode(block).decode()
