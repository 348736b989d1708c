"""What is kept for a time only: rows that wait in quarantine longer than people said are dropped, and counted."""

from __future__ import annotations

from datetime import datetime

from living_personas.loop.context import Context
from living_personas.memory.records import EXPIRED

__all__ = ["drop_expired"]


def drop_expired(context: Context, *, now: datetime) -> int:
    """Drop the rows of quarantine that are older than `retention` in workspace.yaml; how many."""
    kept = context.settings.quarantine_kept
    if kept is None:
        return 0
    with context.store.commit():
        dropped = context.store.quarantine.expire(before=now - kept, now=now)
        if dropped:
            EXPIRED.write(context.store, (EXPIRED.read(context.store) or 0) + dropped)
    return dropped
