"""Files in object storage: named by their checksum, removed when nobody needs them, and never missing."""

from __future__ import annotations

import shutil
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from living_personas.domain.files_address import FilesAddress
from living_personas.errors import FilesAwayError, InvalidSettingsError, StoreError
from living_personas.outgoing.backup_folder import back_up, taken_from
from living_personas.ports import Holding
from living_personas.stores.sql.file_cache import copied_bytes
from living_personas.stores.sql.object_storage import ObjectStorage
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses
from living_personas.testing.samples import FIRST_DAY, NOON, batch_of, event
from local_s3 import S3Server
from stores.objects import Open, events_of, examined, gets, numbers_of, put_numbers
from stores.objects import files as files  # noqa: PLC0414 - a fixture
from stores.objects import impatient as impatient  # noqa: PLC0414 - a fixture
from stores.objects import opened as opened  # noqa: PLC0414 - a fixture

from .conftest import Clock


def test_an_object_is_named_by_its_checksum_and_fetched_once(
    opened: Open, s3: S3Server, files: str, tmp_path: Path
) -> None:
    store = opened()
    put_numbers(store, 1, 2)
    objects = s3.objects(files)
    sums = {part.sum.sha256.hex() for part in store.parts.needed() if part.sum}
    assert len(objects) == len(sums) == 2
    assert all(any(name.endswith(f"-{sum_}.parquet") for sum_ in sums) for name in objects)
    assert not gets(s3)  # what was written here lies here
    shutil.rmtree(tmp_path / "shop" / ".living" / "days")
    for _ in range(3):
        assert numbers_of(store) == [1, 2]
    assert len(gets(s3)) == 2
    [first, _] = [store.parts.path(part) for part in store.parts.needed()]
    first.write_bytes(b"damaged")  # what lies here is a copy: it is fetched again
    assert numbers_of(store) == [1, 2]
    assert len(gets(s3)) == 3


def test_what_was_replaced_is_removed_after_its_readers_and_is_tried_again(
    opened: Open, s3: S3Server, files: str, clock: Clock, impatient: None
) -> None:
    store = opened()
    put_numbers(store, 1)
    put_numbers(store, 2)
    assert len(s3.objects(files)) == 2
    clock.turn(11)
    s3.busy = 10**6
    opened().close()
    s3.mend()
    assert len(s3.objects(files)) == 2
    opened().close()
    [left] = s3.objects(files)
    assert left == store.parts.needed()[0].object
    assert numbers_of(store) == [2]


def test_a_commit_that_failed_leaves_no_object(opened: Open, s3: S3Server, files: str) -> None:
    store = opened()
    with suppress(RuntimeError), store.commit():
        put_numbers(store, 1)
        assert len(s3.objects(files)) == 1
        raise RuntimeError
    assert s3.objects(files) == {}


def test_an_object_that_nobody_knows_is_removed_once_it_is_old_enough(
    opened: Open, s3: S3Server, files: str, clock: Clock
) -> None:
    store, storage = opened(), ObjectStorage()
    put_numbers(store, 1)
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
    assert numbers_of(store) == [1]


@pytest.mark.parametrize(
    ("damage", "says", "deep"),
    [("flip", "not what was written", True), ("swap", "not what was written", True), ("cut", "bytes", False),
     ("delete", "is missing", False)],
)  # fmt: skip
def test_the_doctor_finds_what_is_wrong_there_and_takes_it_from_a_backup(
    opened: Open, s3: S3Server, files: str, tmp_path: Path, *, damage: str, says: str, deep: bool
) -> None:
    store = opened()
    put_numbers(store, 1, 2)
    root = tmp_path / "shop"
    back_up(root, tmp_path / "backup", clock=lambda: NOON)
    assert examined(root, deep=True).damages == ()
    (one, body), (_, other) = s3.objects(files).items()
    if damage == "delete":
        s3.delete(one)
    else:
        s3.write(one, {"flip": body[:50] + bytes([body[50] ^ 1]) + body[51:], "swap": other, "cut": body[:-9]}[damage])
    assert len(body) == len(other)
    if deep:
        assert examined(root).damages == ()
    [found] = examined(root, deep=deep).damages
    assert (found.place, found.table) == (one, "numbers")
    assert says in found.says
    shutil.rmtree(root / ".living" / "days")
    with pytest.raises(StoreError):
        numbers_of(store)
    assert taken_from(tmp_path / "backup", root, [found]) == (one,)
    assert examined(root, deep=True).damages == ()
    assert numbers_of(store) == [1, 2]


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
    assert [row["customer"] for row in events_of(store)] == ["bob"]
    with refuses(StoreError, "could not be removed", "do it again"), store.forgetting(["bob"], holdings=holdings):
        s3.busy = 10**6
    s3.mend()
    assert len(s3.objects(files)) == 1
    with store.forgetting(["bob"], holdings=holdings):
        pass
    assert s3.objects(files) == {}


def test_files_of_before_stay_where_they_are_and_later_settings_lose_none(
    tmp_path: Path, clock: Clock, s3: S3Server, files: str
) -> None:
    for number, where in enumerate([None, files, f"file://{tmp_path}/shared", None]):
        address = FilesAddress.of(where) if where else None
        with closing(SqliteStore(tmp_path, clock=clock, files=address, most_copied=1)) as store:
            store.partitions.replace("numbers", {FIRST_DAY + timedelta(days=number): pa.table({"n": [number]})})
            assert numbers_of(store) == list(range(number + 1))
    assert len(s3.objects(files)) == len(list((tmp_path / "shared").rglob("*.parquet"))) == 1
    assert examined(tmp_path, deep=True).damages == ()


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
