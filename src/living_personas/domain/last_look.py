"""What is remembered of the units that an applied correction rests on."""

from __future__ import annotations

from living_personas.domain.value import value

__all__ = ["LastLook"]


@value
class LastLook:
    """A digest of a correction's units and outcomes as they were when it was last looked at.

    ``comparable`` says whether the account, reckoned from them by the rules of now, had reached its bar: that of a
    correction by the rules of an older version need not have.
    """

    digest: str
    comparable: bool
