"""A workspace folder, and a clock that a test can turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.samples import NOON
from local_postgres import PostgresServer, local_postgres

if TYPE_CHECKING:
    from local_s3 import S3Server


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def turn(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_store(tmp_path: Path, clock: Clock) -> Iterator[Callable[[], SqliteStore]]:
    """Opens the store of the test's folder, as another process would."""
    opened: list[SqliteStore] = []

    def open_one() -> SqliteStore:
        opened.append(SqliteStore(tmp_path, clock=clock, busy_seconds=0.05))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for all tests of this process; each takes a schema of its own."""
    with local_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """A server for all tests of this process; each takes a folder of its own."""
    from local_s3 import local_s3  # noqa: PLC0415 - most tests need none, and it takes a second

    with local_s3() as server:
        yield server
