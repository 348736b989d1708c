"""Who may sign in, and who is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from living_personas.domain.value import value

__all__ = ["SCRYPT_COST", "Account", "Invite", "Role", "SignIn"]

Role = Literal["viewer", "editor", "approver", "admin"]
"""A viewer reads; an editor proposes, names and sets aside; an approver decides; an admin keeps people and keys."""

SCRYPT_COST = 2**15
"""With blocks of 8: 32 MiB and about a tenth of a second for each guess (RFC 7914)."""


@value
class Account:
    """Somebody who may sign in; ``salt`` and ``password`` are bytes in base64, ``n`` is scrypt's cost."""

    name: str
    role: Role
    salt: str
    password: str
    n: int = SCRYPT_COST


@value
class SignIn:
    """A browser that is signed in ``until`` then, under the password of that time; ``said`` is for its next page."""

    name: str
    until: datetime
    password: str
    said: str = ""


@value
class Invite:
    """A link by which somebody may choose a password until then: a new person, or one who is known (``reset``)."""

    name: str
    role: Role
    until: datetime
    by: str
    reset: bool = False
