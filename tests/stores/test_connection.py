"""What can go wrong with a database says what to do, and leaves everything as it was."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from threading import Barrier

import pytest

from living_personas.errors import StoreError
from living_personas.stores.sqlite.connection import Connection, check_library
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses
from living_personas.testing.samples import NOON, batch_of, event, version

Open = Callable[[], SqliteStore]


def test_writers_wait_and_then_give_up(open_store: Open) -> None:
    busy, other = open_store(), open_store()
    with busy.commit():
        busy.facts.set({"a": b"1"})
        with refuses(StoreError, "another process is writing"):
            other.facts.set({"a": b"2"})
        with refuses(StoreError, "another process is writing"):
            other.inbox.record(batch_of(event("m1")), received=NOON)
    other.facts.set({"b": b"2"})
    assert busy.facts.keys() == ("a", "b")


def test_readers_are_never_blocked(open_store: Open) -> None:
    busy, reader = open_store(), open_store()
    busy.versions.append(version(1))
    with busy.commit():
        busy.versions.append(version(2))
        assert reader.versions.latest() == (version(1),)
        reader.versions.verify()
        assert reader.inbox.waiting() == 0
        open_store().close()
    assert reader.versions.latest() == (version(2),)


def test_what_others_wrote_is_a_change_once_it_is_committed(open_store: Open) -> None:
    writer, reader = open_store(), open_store()
    seen = [reader.changed()]
    for number in range(3):
        with writer.commit():
            writer.inbox.record(batch_of(event(f"m{number}")), received=NOON)
            assert reader.changed() == seen[-1]
        assert reader.changed() not in seen
        seen.append(reader.changed())
    writer.inbox.seal()
    assert reader.changed() not in seen


@pytest.mark.promise("P7")
def test_a_full_disk_keeps_nothing_and_recovers(open_store: Open) -> None:
    store = open_store()
    [(pages,)] = store.connection.rows("PRAGMA page_count")
    store.connection.rows(f"PRAGMA max_page_count = {pages}")
    many = batch_of(*(event(f"m{n}") for n in range(1000)))
    with refuses(StoreError, "full", "free some space"):
        store.inbox.record(many, received=NOON)
    with refuses(StoreError, "full"), store.commit():
        store.facts.set({"a": b"1"})
        store.facts.set({"big": bytes(100_000)})
    assert store.inbox.waiting() == 0
    assert store.facts.keys() == ()
    store.connection.rows("PRAGMA max_page_count = 1000000")
    assert all(store.inbox.record(many, received=NOON))


def test_after_a_failure_nothing_is_kept_on_its_own(open_store: Open) -> None:
    """SQLite may take back a whole transaction when a write fails; what the caller writes next must not stay."""
    store = open_store()
    assert isinstance(store.connection, Connection)
    with refuses(StoreError, "taken back", "try again"), store.commit():
        store.facts.set({"before": b"1"})
        store.connection._raw.execute("ROLLBACK")
        store.facts.set({"after": b"1"})
    assert store.facts.keys() == ()
    store.facts.set({"later": b"1"})
    assert store.facts.keys() == ("later",)


def test_a_file_that_is_no_database(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / ".living").mkdir()
    (tmp_path / ".living" / "state.db").write_bytes(b"no database at all, but long enough to look at" * 100)
    with refuses(StoreError, "state.db", "personas doctor --deep"):
        open_store()


def test_a_damaged_database(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    store.facts.set({f"key {n}": bytes(1000) for n in range(200)})
    store.close()
    path = tmp_path / ".living" / "state.db"
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = b"\xff" * (len(content) - 4096 * 3)
    path.write_bytes(content)
    with refuses(StoreError, "state.db", "personas doctor --deep"):
        open_store().facts.keys()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with refuses(StoreError, "nowhere", "personas init"):
        SqliteStore(tmp_path / "nowhere", clock=lambda: NOON)
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_a_file(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / ".living").write_text("a file")
    with refuses(StoreError, ".living", "check that this user may write"):
        open_store()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("has_store", [False, True])
def test_a_folder_that_may_not_be_written(open_store: Open, tmp_path: Path, *, has_store: bool) -> None:
    if has_store:
        store = open_store()
        store.facts.set({"a": b"1"})
        store.close()
    places = [*tmp_path.rglob("*"), tmp_path]
    with _as_somebody_else(places), refuses(StoreError, "check that this user may write"):
        open_store().facts.set({"a": b"2"})


def test_a_closed_store_says_so(open_store: Open) -> None:
    store = open_store()
    store.close()
    store.close()
    with refuses(StoreError, "closed", "open it again"):
        store.facts.get("a")


def test_threads_take_turns(open_store: Open) -> None:
    store = open_store()

    def write(name: str) -> None:
        for n in range(20):
            with store.commit():
                seen = len(store.facts.keys())
                store.facts.set({f"{name}/{n}": b"1"})
                assert len(store.facts.keys()) == seen + 1

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.facts.keys()) == 80


def test_an_old_library_is_refused() -> None:
    for version_ in ("3.40.1", "3.51.2"):
        with refuses(StoreError, version_, "3.51.3 or newer"):
            check_library(version_)
    for version_ in ("3.51.3", "3.54.1", "4.0.0"):
        check_library(version_)


def test_the_promises_to_the_disk_are_kept(tmp_path: Path) -> None:
    database = Connection(tmp_path / "state.db")
    asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
    assert [database.rows(f"PRAGMA {name}")[0][0] for name in asked] == ["wal", 2, 1, 1, 30_000]
    database.close()


class _as_somebody_else:  # noqa: N801 - reads as a context
    """Without the right to write: by permission bits, and as another user where bits do not bind (root)."""

    def __init__(self, places: list[Path]) -> None:
        self.places = places

    def __enter__(self) -> None:
        self.modes = [(path, path.stat().st_mode) for path in [*self.places, *self._above()]]
        for path, mode in self.modes:
            path.chmod(mode & ~0o222 | 0o555 if path in self.places else mode | 0o055)
        if os.geteuid() == 0:
            os.seteuid(65_534)

    def __exit__(self, *_: object) -> None:
        with suppress(PermissionError):
            os.seteuid(0)
        for path, mode in self.modes:
            path.chmod(mode)

    def _above(self) -> list[Path]:
        return [path for path in self.places[-1].parents if path.stat().st_uid == os.getuid() and len(path.parts) > 2]


def test_several_begin_a_database_at_once(tmp_path: Path) -> None:
    """Each has its turn to begin the log: SQLite tells who comes second that it is locked, and waits for nobody."""
    together = Barrier(3)

    def begun(path: Path) -> bool:
        together.wait()
        with closing(Connection(path)) as connection:
            return connection.rows("PRAGMA journal_mode") == [("wal",)]

    with ThreadPoolExecutor(3) as three:
        for number in range(25):
            assert all(three.map(begun, [tmp_path / f"{number}.db"] * 3))
