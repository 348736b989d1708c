"""A process that works on a workspace until it is done, or dies; run as a script by ``test_processes.py``."""

from __future__ import annotations

import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

from living_personas.errors import LeaseHeldError
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.samples import NOON, batch_of, exposure_event


def main(role: str, root: str, *details: str) -> None:
    """Do what the role says; a printed line is an acknowledgement."""
    ticks = count()
    store = SqliteStore(Path(root), clock=lambda: NOON + timedelta(minutes=next(ticks)))
    say("ready")
    sys.stdin.readline()
    if role == "record":
        record(store, *details)
    elif role == "seal":
        for _ in count():
            store.inbox.seal()
    elif role == "lease":
        lease(store, *details)
    store.close()


def record(store: SqliteStore, first: str, last: str, step: str) -> None:
    """Record events one batch of three after the other, and say which are on disk."""
    for n in range(int(first), int(last), int(step)):
        ids = [f"m{n + i}" for i in range(3)]
        store.inbox.record(batch_of(*(exposure_event(id_, hours=len(id_)) for id_ in ids)), received=NOON)
        say(" ".join(ids))


def lease(store: SqliteStore, owner: str) -> None:
    """Try to work; hold the lease until told to stop."""
    try:
        with store.lease(owner, now=NOON, seconds=60):
            say("held")
            sys.stdin.readline()
    except LeaseHeldError as error:
        say(error.message)
        sys.stdin.readline()


def say(line: str) -> None:
    """Print a line that is read at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
