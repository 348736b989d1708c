"""What every store refuses, in the same words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from living_personas.errors import LeaseHeldError, LeaseLostError, StoreError, UnknownNameError

__all__ = ["LONGEST_LEASE", "check_kind", "check_next", "lease_held", "lease_lost", "no_snapshot"]

LONGEST_LEASE = timedelta(days=1)
"""No lease runs longer: one that seems to was taken while a clock ran ahead."""


def check_kind(kind: str) -> None:
    """Refuse a kind of partition that could not be the name of a folder."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", kind):
        raise StoreError(
            f"{kind!r} cannot be a kind of partition.",
            hint="use a short name of lower-case letters, digits and underscores, such as 'cells'.",
        )


def check_next(what: str, number: int, *, held: int) -> None:
    """Refuse a number that is taken or leaves a gap; the first is 1."""
    if number <= held:
        raise StoreError(
            f"The {what} has number {number}, which is taken.",
            hint=f"somebody else may have written it: read again, then write number {held + 1}.",
        )
    if number > held + 1:
        raise StoreError(
            f"The {what} has number {number}, but the last one is {held}.", hint=f"the next number is {held + 1}."
        )


def lease_held(owner: str, until: datetime) -> LeaseHeldError:
    """The refusal of a lease that somebody has."""
    return LeaseHeldError(
        f"{owner!r} works on this workspace until {until.isoformat()} at the latest.",
        hint="wait until it is done, or stop it; a lease that ran out is taken over.",
    )


def lease_lost(holder: str) -> LeaseLostError:
    """The refusal to commit for whoever held a lease that somebody has taken over."""
    return LeaseLostError(
        f"{holder!r} took this workspace over while this worker stood still.",
        hint="nothing of this step was kept; the other one goes on, and this one takes its next turn as usual.",
    )


def no_snapshot(number: int, *, held: int) -> UnknownNameError:
    """The refusal of a snapshot that does not exist."""
    return UnknownNameError(
        f"There is no snapshot {number!r}.",
        hint=f"snapshots are numbered 1 to {held}." if held else "none has been published yet.",
    )
