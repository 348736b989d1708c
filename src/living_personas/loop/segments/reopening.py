"""What people turned down waits for a person again: the one rule for reviews, segments and proposals about personas."""

from __future__ import annotations

from collections.abc import Sequence

from living_personas.errors import InvalidDecisionError

__all__ = ["check_settled"]


def check_settled(what: str, state: str, *, settled: Sequence[str], listed: str) -> None:
    """Refuse to open again what is in another state than the ``settled`` ones; ``listed`` is the command that lists it.

    >>> check_settled("Split 'a'", "open", settled=["rejected"], listed="personas review rejected")
    Traceback (most recent call last):
    living_personas.errors.InvalidDecisionError: Split 'a' is open, and only what was rejected can be opened again.
      hint: see `personas review rejected`.
    """
    if state not in settled:
        raise InvalidDecisionError(
            f"{what} is {state}, and only what was {' or '.join(settled)} can be opened again.",
            hint=f"see `{listed}`.",
        )
