"""Copies of a database whose files are objects: each reads all, and only the first removes anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from living_personas.outgoing.backup_folder import back_up, restore
from living_personas.stores.sqlite.copying import copy_store
from living_personas.stores.sqlite.file_identity import first_identity
from living_personas.stores.sqlite.store import SqliteStore
from local_s3 import S3Server
from stores.objects import DAYS, Open, examined, files_held, numbers_of, paths_of, put_numbers
from stores.objects import files as files  # noqa: PLC0414 - a fixture
from stores.objects import opened as opened  # noqa: PLC0414 - a fixture

from .conftest import Clock


@pytest.mark.parametrize("copies", [True, False], ids=["copies lie here", "nothing lies here"])
def test_a_backup_holds_all_files_and_a_copy_of_it_removes_no_object(
    opened: Open, s3: S3Server, files: str, tmp_path: Path, clock: Clock, *, copies: bool
) -> None:
    store = opened()
    put_numbers(store, 1, 2)
    if not copies:
        shutil.rmtree(tmp_path / "shop" / ".living" / "days")
    before = s3.objects(files)
    back_up(tmp_path / "shop", tmp_path / "backup", clock=clock)
    restore(tmp_path / "backup", tmp_path / "restored", prepare=lambda *_: None)
    copy_store(tmp_path / "shop" / ".living", tmp_path / "rehearsed" / ".living", clock=clock, linked=True)
    s3.asked.clear()
    for name in ("restored", "rehearsed"):
        with closing(SqliteStore(tmp_path / name, clock=clock)) as other:
            assert numbers_of(other) == [1, 2]
            put_numbers(other, 3)
            clock.turn(11)
            other.inbox.seal()
            assert other.parts.purge() == ""
    assert s3.asked == []
    assert s3.objects(files) == before


def test_a_database_that_was_copied_by_hand_reads_all_and_removes_nothing_of_the_first(
    opened: Open, s3: S3Server, files: str, tmp_path: Path, clock: Clock
) -> None:
    store = opened()
    put_numbers(store, 1, 2)
    before = s3.objects(files)
    store.close()
    shutil.copytree(tmp_path / "shop", tmp_path / "copy")
    copy = opened("copy")
    assert numbers_of(copy) == [1, 2]
    put_numbers(copy, 3)
    clock.turn(11)
    copy.inbox.seal()
    assert set(before) < set(s3.objects(files))
    assert "another database" in copy.parts.purge()
    assert before == {name: body for name, body in s3.objects(files).items() if name in before}
    clock.turn(60 * 25)
    assert "could not be removed" in " ".join(examined(tmp_path / "copy", clock=clock).notes)
    copy.connection.run("UPDATE object_folder SET owner = ''")  # the first is gone for good
    again = opened("copy")
    assert again.parts.purge() == ""
    assert len(s3.objects(files)) == 2
    assert numbers_of(again) == [2, 3]


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder on a disk: memory, where others may be, gives no number of a file again."""
    with TemporaryDirectory(dir="/var/tmp") as found:
        yield Path(found)


def test_a_copy_whose_file_has_the_number_of_the_first_is_another_database(
    opened: Open, s3: S3Server, files: str, disk: Path, clock: Clock
) -> None:
    """Two disks give the same numbers, and one disk gives a number again: files are made until one has it."""
    store = opened(str(disk / "shop"))
    put_numbers(store, 1, 2)
    before = s3.objects(files)
    number = (disk / "shop/.living/state.db").stat().st_ino
    store.close()
    shutil.copytree(disk / "shop", disk / "copy")
    shutil.rmtree(disk / "shop")
    copied, again = disk / "copy/.living/state.db", disk / "again.db"
    for attempt in range(1_000):
        again = disk / f"again-{attempt}.db"
        shutil.copy2(copied, again)
        if again.stat().st_ino == number:
            break
    else:
        pytest.skip("this disk gives no number of a file again")
    again.replace(copied)
    copy = opened(str(disk / "copy"))
    assert numbers_of(copy) == [1, 2]
    put_numbers(copy, 3)
    clock.turn(11)
    copy.inbox.seal()
    assert before == {name: body for name, body in s3.objects(files).items() if name in before}
    assert "another database" in copy.parts.purge()


def test_a_folder_that_was_claimed_by_the_number_of_the_file_alone_stays_its_own_also_after_a_move(
    opened: Open, s3: S3Server, files: str, tmp_path: Path, clock: Clock
) -> None:
    store = opened()
    put_numbers(store, 1)
    number = first_identity(Path(store.connection.place))
    store.connection.run("UPDATE object_folder SET owner = ?", (number,))  # as it was written before
    store.close()
    (tmp_path / "shop").rename(tmp_path / "moved")
    moved = opened("moved")
    put_numbers(moved, 2)
    clock.turn(11)
    moved.inbox.seal()
    assert moved.parts.purge() == ""
    assert len(s3.objects(files)) == 1
    assert len(moved.connection.rows("SELECT name FROM object_folder")) == 1


def test_copies_are_bounded_but_for_those_in_use(opened: Open, tmp_path: Path, clock: Clock) -> None:
    store = opened(most=1)
    put_numbers(store, 1, 2, 3)
    copies = tmp_path / "shop" / ".living" / "days"
    path = Path(paths_of(store)[0])
    clock.now = datetime.fromtimestamp(path.stat().st_mtime, UTC)  # the system notes when a file was read, too
    path.unlink()
    paths_of(store)
    assert files_held(copies) == 3  # all were asked for a moment ago
    clock.turn(11)
    path.unlink()
    store.partitions.read("numbers", DAYS[0], DAYS[0])
    assert files_held(copies) == 1
    assert numbers_of(store) == [1, 2, 3]
