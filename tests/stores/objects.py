"""Stores whose files are in object storage, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from living_personas.domain.damage import Examination
from living_personas.domain.files_address import FilesAddress
from living_personas.ports import Store
from living_personas.stores.sql import object_storage
from living_personas.stores.sqlite.examination import examine
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import rows_of
from living_personas.testing.samples import FIRST_DAY, NOON
from local_s3 import S3Server

from .conftest import Clock

Open = Callable[..., SqliteStore]

DAYS = [FIRST_DAY + timedelta(days=number) for number in range(3)]


@pytest.fixture
def files(s3: S3Server) -> str:
    """A folder of objects that is empty."""
    s3.mend()
    s3.asked.clear()
    return s3.uri()


@pytest.fixture
def opened(tmp_path: Path, clock: Clock, files: str) -> Iterator[Open]:
    """Opens the store of a folder, the test's own unless it names another."""
    stores: list[SqliteStore] = []

    def open_one(name: str = "shop", *, most: int = 10**9) -> SqliteStore:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        stores.append(SqliteStore(folder, clock=clock, files=FilesAddress.of(files), most_copied=most))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was refused by the storage asks again at once."""
    monkeypatch.setattr(object_storage, "_AWAY_SECONDS", 0.0)


def put_numbers(store: SqliteStore, *numbers: int) -> None:
    """Put one number into each of the first days."""
    tables = {day: pa.table({"n": [number]}) for day, number in zip(DAYS, numbers, strict=False)}
    store.partitions.replace("numbers", tables)


def numbers_of(store: Store) -> list[int]:
    return [row["n"] for row in rows_of(store.partitions.read("numbers", date.min, date.max))]


def paths_of(store: SqliteStore) -> tuple[str, ...]:
    paths = store.partitions.read("numbers", date.min, date.max)
    assert isinstance(paths, tuple)
    return paths


def events_of(store: Store) -> list[dict[str, object]]:
    return rows_of(store.partitions.read("events", date.min, date.max))


def examined(root: Path, *, deep: bool = False, clock: Callable[[], datetime] = lambda: NOON) -> Examination:
    return examine(root / ".living", clock=clock, deep=deep)


def gets(s3: S3Server) -> list[str]:
    return [asked for asked in s3.asked if asked.startswith("GET") and asked.endswith(".parquet")]


def files_held(folder: Path) -> int:
    return len(list(folder.rglob("*.parquet")))
