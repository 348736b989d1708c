"""A worker that stands still in the middle of its work; run as a script by ``test_postgres.py``."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import closing
from pathlib import Path

from living_personas.domain.store_address import Address
from living_personas.errors import LeaseLostError
from living_personas.stores.postgres.postgres_store import PostgresStore
from living_personas.testing.samples import NOON


def main(address: str, folder: str) -> None:
    """Hold the lease for a minute, stand still inside of it, and go on as if nothing had been."""
    with (
        closing(PostgresStore(Address.of(address), Path(folder), clock=lambda: NOON)) as store,
        store.lease("paused", now=NOON, seconds=60),
    ):
        print("working", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)
        try:
            with store.commit():
                store.facts.set({"of": b"the paused one", "late": b"1"})
        except LeaseLostError as error:
            print(type(error).__name__, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
