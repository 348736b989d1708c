"""Killed or cut from power between any two operations on the disk, nothing acknowledged is lost or doubled.

The store runs once while every write, sync, rename and removal is written down. Then the disk is rebuilt as it would
have been after each of them: in full (the process was killed), or with only what had been synced for sure, plus a
random part of the rest, torn at sectors (the power was cut). Two controls show that the test can fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pyarrow as pa
import pytest

from living_personas.domain.event import Event
from living_personas.errors import StoreError
from living_personas.stores.sql import sealing
from living_personas.stores.sqlite import connection, page_checksums
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import rows_of
from living_personas.testing.samples import FIRST_DAY, NOON, batch_of, event, exposure_event, version

_SECTOR = 512
_BATCHES: tuple[tuple[Event, ...], ...] = (
    (event("m1"), exposure_event("m2", hours=1), event("m3", hours=24)),
    (event("m1"), event("m4", hours=2), exposure_event("m5", hours=-3)),
    tuple(event(f"n{n}", hours=n) for n in range(30)),
    (exposure_event("m6"), event("m2")),
)
_ALL = {one.message_id for batch in _BATCHES for one in batch}
_EXPOSED = {one.message_id for batch in _BATCHES for one in batch if one.exposures}

Operation = tuple[Any, ...]


@pytest.fixture(autouse=True)
def _no_checksums(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written down must be what SQLite itself writes: the checksums of pages are made below it."""
    for module in (connection, page_checksums):
        monkeypatch.setattr(module, "checksum_vfs", str)


@pytest.mark.long
@pytest.mark.promise("P9")
def test_killed_after_any_operation(tmp_path: Path) -> None:
    operations = _recorded(tmp_path / "run")
    for n in range(0, len(operations) + 1, 15):
        _check(operations[:n], _killed(operations[:n]), tmp_path / str(n))


@pytest.mark.long
@pytest.mark.promise("P1")
def test_cut_from_power_after_any_operation(tmp_path: Path) -> None:
    operations = _recorded(tmp_path / "run")
    for n in range(2, len(operations) + 1, 13):
        _check(operations[:n], _cut(operations[:n], luck=_luck(n) if n % 2 else None), tmp_path / str(n))


@pytest.mark.slow
def test_every_operation_with_more_luck(tmp_path: Path) -> None:
    operations = _recorded(tmp_path / "run")
    for n in range(len(operations) + 1):
        _check(operations[:n], _killed(operations[:n]), tmp_path / f"killed-{n}")
        for seed in (None, 1, 2, 3):
            luck = None if seed is None else _luck(seed * 1000 + n)
            _check(operations[:n], _cut(operations[:n], luck=luck), tmp_path / f"cut-{n}-{seed}")


@pytest.mark.long
@pytest.mark.promise("P1")
def test_control_an_unsynced_log_loses_what_was_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lazy = [pragma.replace("synchronous = FULL", "synchronous = NORMAL") for pragma in connection._PRAGMAS]
    with monkeypatch.context() as patch:
        patch.setattr(connection, "_PRAGMAS", lazy)
        operations = _recorded(tmp_path / "run")
    assert _loses(operations, tmp_path)


@pytest.mark.long
def test_control_unsynced_files_lose_what_was_sealed(tmp_path: Path) -> None:
    operations = [
        operation
        for operation in _recorded(tmp_path / "run")
        if not (operation[0] == "sync" and _is_part(operation[1]))
    ]
    assert _loses(operations, tmp_path)


def _luck(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - no secret, but the same every time


def _recorded(root: Path) -> list[Operation]:
    """The life of a store, operation by operation; ``acknowledged`` stands where a call returned."""
    times = (NOON + timedelta(minutes=n) for n in count())  # replaced files grow old while we watch
    with _Recorder(root).recording() as operations, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "MANY", 1)  # so that days are compacted
        store = SqliteStore(root, clock=times.__next__, chunk=20)
        for n, batch in enumerate(_BATCHES):
            store.inbox.record(batch_of(*batch), received=NOON)
            operations.append(("acknowledged", {one.message_id for one in batch}))
            if n:
                store.inbox.seal()
            with store.commit():
                store.versions.append(version(n + 1))
                store.partitions.replace("numbers", {_day(d): pa.table({"n": [n]}) for d in range(2)})
            operations.append(("committed", n))
        store.close()
    return operations


def _loses(operations: list[Operation], tmp_path: Path) -> bool:
    for n in range(0, len(operations), 5):
        try:
            _check(operations[:n], _cut(operations[:n], luck=None), tmp_path / str(n))
        except (AssertionError, StoreError):
            return True
    return False


def _check(operations: list[Operation], disk: dict[str, bytes], root: Path) -> None:
    """Open what is left of the disk: everything acknowledged is there once, everything can be sent again."""
    for path, content in disk.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    root.mkdir(exist_ok=True)
    store = SqliteStore(root, clock=lambda: NOON + timedelta(days=1))
    acknowledged = {id_ for kind, ids in _marks(operations) if kind == "acknowledged" for id_ in ids}
    committed = max((n for kind, n in _marks(operations) if kind == "committed"), default=-1)
    store.inbox.seal()
    assert _files(root) == _live(store)  # nothing half-written or replaced stays
    found = _ids(store, "events")
    assert len(found) == len(set(found))
    assert acknowledged <= set(found) <= _ALL
    assert sorted(_ids(store, "exposures")) == sorted([*(set(found) & _EXPOSED)] * 2)
    store.versions.verify()
    versions = len(store.versions.history("budget"))
    assert committed + 1 <= versions <= committed + 2
    numbers = {row["n"] for row in rows_of(store.partitions.read("numbers", date.min, date.max))}
    assert numbers == ({versions - 1} if versions else set())  # both days, or neither, and together with the version
    for batch in _BATCHES * 2:
        store.inbox.record(batch_of(*batch), received=NOON)
    store.inbox.seal()
    assert sorted(_ids(store, "events")) == sorted(_ALL)
    assert sorted(_ids(store, "exposures")) == sorted([*_EXPOSED] * 2)
    store.close()


def _marks(operations: list[Operation]) -> Iterator[tuple[str, Any]]:
    return ((one[0], one[1]) for one in operations if one[0] in ("acknowledged", "committed"))


def _ids(store: SqliteStore, kind: str) -> list[str]:
    return [row["message_id"] for row in rows_of(store.partitions.read(kind, date.min, date.max))]


def _files(root: Path) -> set[Path]:
    return {path.resolve() for path in (root / ".living" / "days").rglob("*") if path.is_file()}


def _live(store: SqliteStore) -> set[Path]:
    kinds = ("events", "exposures", "numbers")
    return {Path(path) for kind in kinds for path in store.partitions.read(kind, date.min, date.max)}


def _day(n: int) -> date:
    return FIRST_DAY + timedelta(days=n)


def _is_part(path: str) -> bool:
    return "/days/" in path


class _Recorder:
    """Writes down what SQLite and ``files.py`` do to the disk under a folder."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        self.root = root
        self.operations: list[Operation] = []

    def note(self, kind: str, path: str | Path, *details: object) -> None:
        self.operations.append((kind, Path(path).relative_to(self.root).as_posix(), *details))

    @contextmanager
    def recording(self) -> Iterator[list[Operation]]:
        system = _System(self)
        # A file system of our own has no shared memory, which one connection alone does not need.
        apsw.connection_hooks.append(_alone)
        try:
            with pytest.MonkeyPatch.context() as patch:
                for name in ("fsync", "replace", "unlink"):
                    patch.setattr(os, name, getattr(self, name)(getattr(os, name)))
                yield self.operations
        finally:
            apsw.connection_hooks.remove(_alone)
            system.unregister()

    def fsync(self, original: Any) -> Any:
        def fsync(descriptor: int) -> None:
            there = os.fstat(descriptor)
            path = next(one for one in (self.root, *self.root.rglob("*")) if os.path.samestat(one.stat(), there))
            if path.is_dir():
                self.note("sync folder", path)
            else:
                content = path.read_bytes()
                self.note("write", path, 0, content[: len(content) // 2])
                self.note("write", path, len(content) // 2, content[len(content) // 2 :])
                self.note("sync", path)
            original(descriptor)

        return fsync

    def replace(self, original: Any) -> Any:
        def replace(old: Path, new: Path) -> None:
            original(old, new)
            self.note("rename", old, Path(new).relative_to(self.root).as_posix())

        return replace

    def unlink(self, original: Any) -> Any:
        def unlink(path: Path, **options: object) -> None:
            original(path, **options)
            self.note("remove", path)

        return unlink


def _alone(opened: apsw.Connection) -> None:
    opened.pragma("locking_mode", "exclusive")


class _System(apsw.VFS):
    def __init__(self, recorder: _Recorder) -> None:
        super().__init__("recorded", "unix", makedefault=True)
        self.recorder = recorder

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's word
        return _File(self.recorder, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001, N802 - SQLite's words
        super().xDelete(filename, syncdir)
        self.recorder.note("remove", filename)
        if syncdir:
            self.recorder.note("sync folder", Path(filename).parent)


class _File(apsw.VFSFile):
    def __init__(self, recorder: _Recorder, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self.recorder = recorder
        self.path = name.filename() if isinstance(name, apsw.URIFilename) else name
        # SQLite syncs the folder of a log or journal when it syncs the file for the first time (os_unix.c, DIRSYNC).
        self.folder_is_synced = not flags[0] & (apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's word
        super().xWrite(data, offset)
        if self.path:
            self.recorder.note("write", self.path, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's word
        super().xTruncate(newsize)
        if self.path:
            self.recorder.note("truncate", self.path, newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's word
        super().xSync(flags)
        if self.path:
            self.recorder.note("sync", self.path)
            if not self.folder_is_synced:
                self.recorder.note("sync folder", Path(self.path).parent)
            self.folder_is_synced = True


@dataclass
class _Inode:
    """A file: what is on disk for sure, and what was written since."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[Operation] = field(default_factory=list)

    def sync(self) -> None:
        for operation in self.pending:
            _apply(self.durable, operation)
        self.pending.clear()

    def left(self, luck: Random | None) -> bytes:
        """What a power cut leaves."""
        content = bytearray(self.durable)
        for operation in self.pending:
            for piece in _torn(operation):
                if luck and luck.random() < 0.5:
                    _apply(content, piece)
        return bytes(content)


def _torn(operation: Operation) -> list[Operation]:
    if operation[0] == "truncate":
        return [operation]
    _, path, offset, content = operation
    return [("write", path, offset + n, content[n : n + _SECTOR]) for n in range(0, len(content), _SECTOR)]


def _apply(content: bytearray, operation: Operation) -> None:
    if operation[0] == "truncate":
        del content[operation[2] :]
        return
    _, _, offset, data = operation
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


def _killed(operations: list[Operation]) -> dict[str, bytes]:
    """The disk after a kill: whatever was handed to the system is there."""
    everything = [*operations, *(("sync", path) for path in {one[1] for one in operations if one[0] == "write"})]
    return _cut([*everything, ("sync folder", None)], luck=None)


def _cut(operations: list[Operation], *, luck: Random | None) -> dict[str, bytes]:
    """The disk after a power cut: synced content under synced names, and with luck some of the rest."""
    now: dict[str, _Inode] = {}
    durable: dict[str, _Inode] = {}
    pending: list[Operation] = []
    for operation in operations:
        kind, path = operation[:2]
        if kind in ("write", "truncate"):
            now.setdefault(path, _Inode()).pending.append(operation)
        elif kind == "sync" and path in now:
            now[path].sync()
            if all(path not in one[1:] for one in pending):
                durable[path] = now[path]
        elif kind in ("rename", "remove"):
            _rename(now, operation)
            pending.append(operation)
        elif kind == "sync folder":
            mine = [one for one in pending if path is None or Path(one[1]).parent == Path(path)]
            for one in mine:
                _rename(durable, one)
                pending.remove(one)
    for one in pending[: luck.randrange(len(pending) + 1) if luck else 0]:
        _rename(durable, one)
    return {path: inode.left(luck) for path, inode in durable.items()}


def _rename(names: dict[str, _Inode], operation: Operation) -> None:
    inode = names.pop(operation[1], None)
    if operation[0] == "rename" and inode is not None:
        names[operation[2]] = inode
