"""Files in object storage: named by their checksum, removed when nobody needs them, and never missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from living_personas.domain.damage import Examination
from living_personas.domain.files_address import FilesAddress
from living_personas.errors import FilesAwayError, FilesRefusedError, InvalidSettingsError, StoreError
from living_personas.outgoing.backup_folder import back_up, restore, taken_from
from living_personas.ports import Holding
from living_personas.stores.sql import object_storage
from living_personas.stores.sql.file_cache import copied_bytes
from living_personas.stores.sql.object_storage import ObjectStorage
from living_personas.stores.sql.sealing import BULK
from living_personas.stores.sql.storage_failures import storage_failure
from living_personas.stores.sqlite.copying import copy_store
from living_personas.stores.sqlite.examination import examine
from living_personas.stores.sqlite.file_identity import first_identity
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses, rows_of
from living_personas.testing.samples import FIRST_DAY, NOON, batch_of, event
from local_s3 import S3Server

from .conftest import Clock

Open = Callable[..., SqliteStore]

_DAYS = [FIRST_DAY + timedelta(days=number) for number in range(3)]


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


def test_an_object_is_named_by_its_checksum_and_fetched_once(
    opened: Open, s3: S3Server, files: str, tmp_path: Path
) -> None:
    store = opened()
    _replace(store, 1, 2)
    objects = s3.objects(files)
    sums = {part.sum.sha256.hex() for part in store.parts.needed() if part.sum}
    assert len(objects) == len(sums) == 2
    assert all(any(name.endswith(f"-{sum_}.parquet") for sum_ in sums) for name in objects)
    assert not _gets(s3)  # what was written here lies here
    shutil.rmtree(tmp_path / "shop" / ".living" / "days")
    for _ in range(3):
        assert _numbers(store) == [1, 2]
    assert len(_gets(s3)) == 2
    [first, _] = [store.parts.path(part) for part in store.parts.needed()]
    first.write_bytes(b"damaged")  # what lies here is a copy: it is fetched again
    assert _numbers(store) == [1, 2]
    assert len(_gets(s3)) == 3


def test_what_was_replaced_is_removed_after_its_readers_and_is_tried_again(
    opened: Open, s3: S3Server, files: str, clock: Clock, impatient: None
) -> None:
    store = opened()
    _replace(store, 1)
    _replace(store, 2)
    assert len(s3.objects(files)) == 2
    clock.turn(11)
    s3.busy = 10**6
    opened().close()
    s3.mend()
    assert len(s3.objects(files)) == 2
    opened().close()
    [left] = s3.objects(files)
    assert left == store.parts.needed()[0].object
    assert _numbers(store) == [2]


def test_a_commit_that_failed_leaves_no_object(opened: Open, s3: S3Server, files: str) -> None:
    store = opened()
    with suppress(RuntimeError), store.commit():
        _replace(store, 1)
        assert len(s3.objects(files)) == 1
        raise RuntimeError
    assert s3.objects(files) == {}


def test_an_object_that_nobody_knows_is_removed_once_it_is_old_enough(
    opened: Open, s3: S3Server, files: str, clock: Clock
) -> None:
    store, storage = opened(), ObjectStorage()
    _replace(store, 1)
    [known] = s3.objects(files)
    folder = known.rpartition("/")[0]
    orphan, foreign = f"{folder}/numbers-left.parquet", f"{files}/of-another-store/numbers.parquet"
    s3.write(orphan, b"left")
    s3.write(foreign, b"not ours")
    clock.now = storage.listed(folder)[orphan] + timedelta(hours=23)
    store.inbox.seal()
    assert len(s3.objects(files)) == 3
    clock.turn(60 * 25)
    store.inbox.seal()
    assert set(s3.objects(files)) == {known, foreign}
    assert _numbers(store) == [1]


@pytest.mark.parametrize(
    ("damage", "says", "deep"),
    [("flip", "not what was written", True), ("swap", "not what was written", True), ("cut", "bytes", False),
     ("delete", "is missing", False)],
)  # fmt: skip
def test_the_doctor_finds_what_is_wrong_there_and_takes_it_from_a_backup(
    opened: Open, s3: S3Server, files: str, tmp_path: Path, *, damage: str, says: str, deep: bool
) -> None:
    store = opened()
    _replace(store, 1, 2)
    root = tmp_path / "shop"
    back_up(root, tmp_path / "backup", clock=lambda: NOON)
    assert _examined(root, deep=True).damages == ()
    (one, body), (_, other) = s3.objects(files).items()
    if damage == "delete":
        s3.delete(one)
    else:
        s3.write(one, {"flip": body[:50] + bytes([body[50] ^ 1]) + body[51:], "swap": other, "cut": body[:-9]}[damage])
    assert len(body) == len(other)
    if deep:
        assert _examined(root).damages == ()
    [found] = _examined(root, deep=deep).damages
    assert (found.place, found.table) == (one, "numbers")
    assert says in found.says
    shutil.rmtree(root / ".living" / "days")
    with pytest.raises(StoreError):
        _numbers(store)
    assert taken_from(tmp_path / "backup", root, [found]) == (one,)
    assert _examined(root, deep=True).damages == ()
    assert _numbers(store) == [1, 2]


def test_a_doctor_who_cannot_reach_the_storage_says_so_and_calls_nothing_damaged(
    opened: Open, s3: S3Server, tmp_path: Path, impatient: None
) -> None:
    _replace(opened(), 1)
    s3.busy = 10**6
    try:
        with refuses(FilesAwayError, "cannot be reached", "try again"):
            _examined(tmp_path / "shop")
    finally:
        s3.mend()


@pytest.mark.parametrize("copies", [True, False], ids=["copies lie here", "nothing lies here"])
def test_a_backup_holds_all_files_and_a_copy_of_it_removes_no_object(
    opened: Open, s3: S3Server, files: str, tmp_path: Path, clock: Clock, *, copies: bool
) -> None:
    store = opened()
    _replace(store, 1, 2)
    if not copies:
        shutil.rmtree(tmp_path / "shop" / ".living" / "days")
    before = s3.objects(files)
    back_up(tmp_path / "shop", tmp_path / "backup", clock=clock)
    restore(tmp_path / "backup", tmp_path / "restored", prepare=lambda *_: None)
    copy_store(tmp_path / "shop" / ".living", tmp_path / "rehearsed" / ".living", clock=clock, linked=True)
    s3.asked.clear()
    for name in ("restored", "rehearsed"):
        with closing(SqliteStore(tmp_path / name, clock=clock)) as other:
            assert _numbers(other) == [1, 2]
            _replace(other, 3)
            clock.turn(11)
            other.inbox.seal()
            assert other.parts.purge() == ""
    assert s3.asked == []
    assert s3.objects(files) == before


def test_a_database_that_was_copied_by_hand_reads_all_and_removes_nothing_of_the_first(
    opened: Open, s3: S3Server, files: str, tmp_path: Path, clock: Clock
) -> None:
    store = opened()
    _replace(store, 1, 2)
    before = s3.objects(files)
    store.close()
    shutil.copytree(tmp_path / "shop", tmp_path / "copy")
    copy = opened("copy")
    assert _numbers(copy) == [1, 2]
    _replace(copy, 3)
    clock.turn(11)
    copy.inbox.seal()
    assert set(before) < set(s3.objects(files))
    assert "another database" in copy.parts.purge()
    assert before == {name: body for name, body in s3.objects(files).items() if name in before}
    clock.turn(60 * 25)
    assert "could not be removed" in " ".join(_examined(tmp_path / "copy", clock=clock).notes)
    copy.connection.run("UPDATE object_folder SET owner = ''")  # the first is gone for good
    again = opened("copy")
    assert again.parts.purge() == ""
    assert len(s3.objects(files)) == 2
    assert _numbers(again) == [2, 3]


def test_a_copy_whose_file_has_the_number_of_the_first_is_another_database(
    opened: Open, s3: S3Server, files: str, tmp_path: Path, clock: Clock
) -> None:
    """Two disks give the same numbers, and one disk gives a number again: files are made until one has it."""
    store = opened()
    _replace(store, 1, 2)
    before = s3.objects(files)
    number = (tmp_path / "shop/.living/state.db").stat().st_ino
    store.close()
    shutil.copytree(tmp_path / "shop", tmp_path / "copy")
    shutil.rmtree(tmp_path / "shop")
    copied, again = tmp_path / "copy/.living/state.db", tmp_path / "again.db"
    for attempt in range(1_000):
        again = tmp_path / f"again-{attempt}.db"
        shutil.copy2(copied, again)
        if again.stat().st_ino == number:
            break
    else:
        pytest.skip("this disk gives no number of a file again")
    again.replace(copied)
    copy = opened("copy")
    assert _numbers(copy) == [1, 2]
    _replace(copy, 3)
    clock.turn(11)
    copy.inbox.seal()
    assert before == {name: body for name, body in s3.objects(files).items() if name in before}
    assert "another database" in copy.parts.purge()


def test_a_folder_that_was_claimed_by_the_number_of_the_file_alone_stays_its_own_also_after_a_move(
    opened: Open, s3: S3Server, files: str, tmp_path: Path, clock: Clock
) -> None:
    store = opened()
    _replace(store, 1)
    number = first_identity(Path(store.connection.place))
    store.connection.run("UPDATE object_folder SET owner = ?", (number,))  # as it was written before
    store.close()
    (tmp_path / "shop").rename(tmp_path / "moved")
    moved = opened("moved")
    _replace(moved, 2)
    clock.turn(11)
    moved.inbox.seal()
    assert moved.parts.purge() == ""
    assert len(s3.objects(files)) == 1
    assert len(moved.connection.rows("SELECT name FROM object_folder")) == 1


def test_forgetting_removes_the_objects_at_once_and_says_if_it_could_not(
    opened: Open, s3: S3Server, files: str, impatient: None
) -> None:
    store = opened()
    holdings = [Holding(kind="events", family=False, owners=("customer",))]
    store.inbox.record(batch_of(event("m1", "ann-4711"), event("m2", "bob")), received=NOON)
    store.inbox.seal()
    with store.forgetting(["ann-4711"], holdings=holdings):
        pass
    [object_] = s3.objects(files).values()
    assert b"ann-4711" not in object_
    assert [row["customer"] for row in _events(store)] == ["bob"]
    with refuses(StoreError, "could not be removed", "do it again"), store.forgetting(["bob"], holdings=holdings):
        s3.busy = 10**6
    s3.mend()
    assert len(s3.objects(files)) == 1
    with store.forgetting(["bob"], holdings=holdings):
        pass
    assert s3.objects(files) == {}


def test_copies_are_bounded_but_for_those_in_use(opened: Open, tmp_path: Path, clock: Clock) -> None:
    store = opened(most=1)
    _replace(store, 1, 2, 3)
    copies = tmp_path / "shop" / ".living" / "days"
    path = Path(_paths(store)[0])
    clock.now = datetime.fromtimestamp(path.stat().st_mtime, UTC)  # the system notes when a file was read, too
    path.unlink()
    _paths(store)
    assert _held(copies) == 3  # all were asked for a moment ago
    clock.turn(11)
    path.unlink()
    store.partitions.read("numbers", _DAYS[0], _DAYS[0])
    assert _held(copies) == 1
    assert _numbers(store) == [1, 2, 3]


def test_files_of_before_stay_where_they_are_and_later_settings_lose_none(
    tmp_path: Path, clock: Clock, s3: S3Server, files: str
) -> None:
    for number, where in enumerate([None, files, f"file://{tmp_path}/shared", None]):
        address = FilesAddress.of(where) if where else None
        with closing(SqliteStore(tmp_path, clock=clock, files=address, most_copied=1)) as store:
            store.partitions.replace("numbers", {FIRST_DAY + timedelta(days=number): pa.table({"n": [number]})})
            assert _numbers(store) == list(range(number + 1))
    assert len(s3.objects(files)) == len(list((tmp_path / "shared").rglob("*.parquet"))) == 1
    assert _examined(tmp_path, deep=True).damages == ()


def test_a_burst_of_503_and_slow_answers_are_waited_for(opened: Open, s3: S3Server) -> None:
    store = opened()
    s3.busy, s3.seconds = 2, 0.2
    _replace(store, 1)
    s3.seconds = 0.0
    assert s3.asked.count(next(asked for asked in s3.asked if asked.startswith("PUT"))) == 3
    assert _numbers(store) == [1]


@pytest.mark.long
def test_while_it_is_away_events_are_kept_as_rows_and_no_day_is_half(
    opened: Open, s3: S3Server, files: str, impatient: None
) -> None:
    store = opened()
    _replace(store, 1)
    few = [event("few")]
    many = [event(f"m{number}") for number in range(BULK)]
    s3.busy = 10**6
    try:
        for events in (few, many):
            assert all(store.inbox.record(batch_of(*events), received=NOON))
        with refuses(FilesAwayError, "cannot be reached", "nothing is lost"):
            store.inbox.seal()
        with refuses(FilesAwayError, "cannot be reached"):
            _replace(store, 7, 8)
    finally:
        s3.mend()
    assert (store.inbox.waiting(), _numbers(store)) == (BULK + 1, [1])
    store.inbox.seal()
    assert (store.inbox.waiting(), len(_events(store))) == (0, BULK + 1)
    assert len(s3.objects(files)) == 2
    assert not list(store.parts._folder.rglob("*.tmp"))


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken", "NoSuchBucket"])
def test_while_it_refuses_events_are_kept_as_rows_and_nothing_is_called_damaged(
    opened: Open, s3: S3Server, tmp_path: Path, code: str
) -> None:
    store = opened()
    _replace(store, 1)
    s3.refuses = code
    try:
        assert all(store.inbox.record(batch_of(*(event(f"m{n}") for n in range(BULK))), received=NOON))
        with refuses(FilesRefusedError, "The object storage"):
            store.inbox.seal()
        with refuses(FilesRefusedError, "The object storage"):
            _examined(tmp_path / "shop")
    finally:
        s3.mend()
    assert not _examined(tmp_path / "shop").damages
    store.inbox.seal()
    assert (store.inbox.waiting(), len(_events(store))) == (0, BULK)


def test_nobody_asks_again_for_a_moment_after_it_was_away(opened: Open, s3: S3Server) -> None:
    store = opened()
    s3.busy = 10**6
    with refuses(FilesAwayError, "cannot be reached"):
        _replace(store, 1)
    s3.asked.clear()
    s3.mend()
    with refuses(FilesAwayError, "a moment ago"):
        _replace(store, 1)
    assert s3.asked == []


def test_a_server_that_ends_in_mid_upload_leaves_nothing_half(opened: Open, s3: S3Server, impatient: None) -> None:
    store = opened()
    _replace(store, 1)
    s3.cut_at = "PUT /bucket"
    try:
        with refuses(FilesAwayError, "cannot be reached"):
            _replace(store, 7, 8)
    finally:
        s3.mend()
    assert _numbers(store) == [1]
    _replace(store, 7, 8)
    assert _numbers(store) == [7, 8]


def test_an_object_of_many_pieces_is_whole_or_not_at_all(s3: S3Server, files: str, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(bytes(range(256)) * (11 << 12))
    storage, address = ObjectStorage(), f"{files}/big"
    s3.cut_at = "PUT /bucket"
    with refuses(FilesAwayError, "cannot be reached"):
        storage.put(address, big)
    s3.mend()
    assert s3.objects(files) == {}
    storage = ObjectStorage()
    storage.put(address, big)
    assert b"".join(storage.pieces(address)) == big.read_bytes()
    assert (storage.size(address), storage.size(f"{files}/none")) == (11 << 20, None)


def test_a_bucket_that_is_not_there_is_told_with_what_to_do(tmp_path: Path, s3: S3Server) -> None:
    nowhere = FilesAddress.of("s3://nobody-made-it/x")
    with (
        closing(SqliteStore(tmp_path, clock=lambda: NOON, files=nowhere)) as store,
        refuses(StoreError, "no such bucket", "create the bucket"),
    ):
        _replace(store, 1)


@pytest.mark.parametrize(
    ("said", "kind", "hint"),
    [
        ("AWS Error ACCESS_DENIED during PutObject operation: no", FilesRefusedError, "check the credentials"),
        ("google::cloud::Status(PERMISSION_DENIED: no)", FilesRefusedError, "check the credentials"),
        ("AWS Error NO_SUCH_BUCKET during PutObject operation", FilesRefusedError, "create the bucket"),
        ("AWS Error SLOW_DOWN during PutObject operation", FilesAwayError, "nothing is lost"),
        ("", FilesAwayError, "nothing is lost"),
    ],
)
def test_what_the_storage_answers_is_said_in_our_words(said: str, kind: type[StoreError], hint: str) -> None:
    error = storage_failure(OSError(said), "s3://bucket/key")
    assert (type(error), str(error.where)) == (kind, "s3://bucket/key")
    assert hint in error.hint


@pytest.mark.parametrize(
    "text",
    ["", "bucket/prefix", "http://host/x", "s3://", "s3://UPPER/x", "s3://bucket/a//b", "s3://bucket/../x", "file://host/x",
     "file:///", "gs://bucket/a b", "s3://key:secret@bucket/x", "s3://bucket/x?region=eu", "s3://bucket/x#y"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidSettingsError) as refused:
        FilesAddress.of(text)
    assert "secret" not in str(refused.value)


def test_a_size_is_a_number_with_its_unit() -> None:
    assert [copied_bytes(text, variable="V") for text in ("1 MB", "20gb")] == [10**6, 20 * 10**9]
    for text in ("", "20", "-1GB", "lots"):
        with refuses(InvalidSettingsError, "20GB", " V"):
            copied_bytes(text, variable="V")


def _replace(store: SqliteStore, *numbers: int) -> None:
    """Put one number into each of the first days."""
    tables = {day: pa.table({"n": [number]}) for day, number in zip(_DAYS, numbers, strict=False)}
    store.partitions.replace("numbers", tables)


def _numbers(store: SqliteStore) -> list[int]:
    return [row["n"] for row in rows_of(store.partitions.read("numbers", date.min, date.max))]


def _paths(store: SqliteStore) -> tuple[str, ...]:
    paths = store.partitions.read("numbers", date.min, date.max)
    assert isinstance(paths, tuple)
    return paths


def _events(store: SqliteStore) -> list[dict[str, object]]:
    return rows_of(store.partitions.read("events", date.min, date.max))


def _examined(root: Path, *, deep: bool = False, clock: Callable[[], object] = lambda: NOON) -> Examination:
    return examine(root / ".living", clock=clock, deep=deep)  # type: ignore[arg-type]


def _gets(s3: S3Server) -> list[str]:
    return [asked for asked in s3.asked if asked.startswith("GET") and asked.endswith(".parquet")]


def _held(folder: Path) -> int:
    return len(list(folder.rglob("*.parquet")))
