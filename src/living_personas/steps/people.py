"""People who may sign in: a name, a role, and the scrypt hash of a password, kept as facts."""

from __future__ import annotations

import base64
import hmac
import json
from hashlib import scrypt
from typing import Literal, get_args

from living_personas.domain.value import value
from living_personas.errors import InvalidDecisionError, UnknownNameError
from living_personas.steps.parts import Parts
from living_personas.steps.person import NOBODY

__all__ = [
    "MIN_PASSWORD",
    "Account",
    "Role",
    "account_of",
    "add_person",
    "check_password",
    "may",
    "people",
    "remove_person",
]

Role = Literal["viewer", "editor", "approver"]
"""A viewer reads; an editor proposes, names and sets aside; an approver decides."""

ACCOUNT = "person/"
"""Facts of this prefix hold the accounts, by name."""

MIN_PASSWORD = 12
"""Characters of the shortest password that is taken."""

LONGEST_NAME = 80

_N, _R, _P = (
    2**15,
    8,
    1,
)  # 32 MiB and about a tenth of a second for each guess (RFC 7914)
_MEMORY = 64 * 2**20


@value
class Account:
    """Somebody who may sign in; ``salt`` and ``password`` are bytes in base64."""

    name: str
    role: Role
    salt: str
    password: str
    n: int = _N


def people(parts: Parts) -> tuple[Account, ...]:
    """Everybody who may sign in, by name."""
    blocks = [parts.store.facts.get(key) for key in parts.store.facts.keys(ACCOUNT)]
    return tuple(Account(**json.loads(block)) for block in blocks if block)


def account_of(name: str, *, role: Role, password: str, salt: bytes, n: int = _N) -> Account:
    """An account; ``salt`` are fresh random bytes, ``n`` is scrypt's cost, a power of two.

    Raises
    ------
    InvalidDecisionError
        If the name, role or password cannot be taken.
    """
    _check(name, role, password)
    return Account(name=name, role=role, salt=_text(salt), password=_text(_hash(password, salt, n)), n=n)


def add_person(parts: Parts, name: str, *, role: Role, password: str, salt: bytes, n: int = _N) -> Account:
    """The account of a new person, or of one who gets another role or password."""
    account = account_of(name, role=role, password=password, salt=salt, n=n)
    known = {field: getattr(account, field) for field in ("name", "role", "salt", "password", "n")}
    parts.store.facts.set({ACCOUNT + name: json.dumps(known, sort_keys=True).encode()})
    return account


def remove_person(parts: Parts, name: str) -> None:
    """Nobody of this name may sign in any more; sessions that are open end with the next request."""
    known = [account.name for account in people(parts)]
    if name not in known:
        raise UnknownNameError.among("person", name, known)
    parts.store.facts.set({ACCOUNT + name: None})


def check_password(account: Account | None, password: str) -> bool:
    """Whether the password is right; for nobody it takes as long, and is wrong."""
    salt = base64.b64decode(account.salt) if account else b"nobody's salt..."
    found = _hash(password, salt, account.n if account else _N)
    expected = base64.b64decode(account.password) if account else bytes(len(found))
    return hmac.compare_digest(found, expected) and account is not None


def may(role: Role, needed: Role) -> bool:
    """Whether a role is enough.

    >>> may("approver", "editor"), may("viewer", "editor")
    (True, False)
    """
    ladder = get_args(Role)
    return bool(ladder.index(role) >= ladder.index(needed))


def _check(name: str, role: str, password: str) -> None:
    blank = name != name.strip() or not name or not name.isprintable() or len(name) > LONGEST_NAME
    if blank or name in NOBODY:
        raise InvalidDecisionError(
            f"{name!r} is not the name of a person.", hint=f"use up to {LONGEST_NAME} printable characters."
        )
    if role not in get_args(Role):
        raise UnknownNameError.among("role", role, get_args(Role))
    if len(password) < MIN_PASSWORD:
        raise InvalidDecisionError(
            f"The password has {len(password)} characters.", hint=f"use at least {MIN_PASSWORD}; a sentence is good."
        )


def _hash(password: str, salt: bytes, n: int) -> bytes:
    return scrypt(password.encode(), salt=salt, n=n, r=_R, p=_P, maxmem=_MEMORY, dklen=32)


def _text(block: bytes) -> str:
    return base64.b64encode(block).decode()
