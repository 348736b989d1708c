"""Objects that several machines share, whose rows lie in PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from psycopg import sql

from living_personas.domain.files_address import FilesAddress
from living_personas.domain.store_address import Address
from living_personas.errors import OutcomeUnknownError, StoreError
from living_personas.stores.postgres.postgres_store import PostgresStore
from living_personas.stores.postgres.server_examination import examine_server
from living_personas.stores.sql.transfer import transfer
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses
from living_personas.testing.samples import FIRST_DAY, NOON, batch_of, event
from local_postgres import PostgresServer
from local_s3 import S3Server
from stores.cutting import Cutting
from stores.objects import events_of, numbers_of

pytestmark = pytest.mark.long

Open = Callable[[str], PostgresStore]


@pytest.fixture
def files(s3: S3Server) -> FilesAddress:
    """A folder of objects that is empty."""
    s3.mend()
    return FilesAddress.of(s3.uri())


@pytest.fixture
def address(postgres: PostgresServer) -> Address:
    """A schema that is empty."""
    return postgres.address()


@pytest.fixture
def opened(tmp_path: Path, address: Address, files: FilesAddress) -> Iterator[Open]:
    """Opens the store as a machine of this name would."""
    stores: list[PostgresStore] = []

    def open_one(machine: str) -> PostgresStore:
        folder = tmp_path / machine / ".living"
        folder.parent.mkdir(exist_ok=True)
        stores.append(PostgresStore(address, folder, clock=lambda: NOON, files=files))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


def test_machines_share_the_objects_and_each_fetches_one_once(opened: Open, s3: S3Server, files: FilesAddress) -> None:
    here, there = opened("here"), opened("there")
    here.inbox.record(batch_of(event("m1", "ann"), event("m2", "bob")), received=NOON)
    here.inbox.seal()
    [address] = s3.objects(files.uri)
    assert here.connection.rows("SELECT count(*) FROM part_piece") == [(0,)]
    s3.asked.clear()
    for _ in range(3):
        assert [row["message_id"] for row in events_of(there)] == ["m1", "m2"]
    path = address.removeprefix("s3:/")
    assert s3.asked == [f"HEAD {path}", f"GET {path}"]


def test_others_write_while_a_file_is_on_its_way(opened: Open, s3: S3Server) -> None:
    here, there = opened("here"), opened("there")
    s3.seconds = 2.0
    slow = threading.Thread(target=here.partitions.replace, args=("numbers", {FIRST_DAY: pa.table({"n": [1]})}))
    s3.asked.clear()
    slow.start()
    while not s3.asked:
        pass
    there.facts.set({"a": b"1"})
    assert slow.is_alive()
    slow.join()
    s3.mend()
    assert here.partitions.days("numbers") == (FIRST_DAY,)


@pytest.mark.parametrize("arrives", [True, False], ids=["the commit arrived", "it did not"])
def test_a_connection_cut_in_mid_commit_takes_no_object_from_a_commit_that_arrived(
    postgres: PostgresServer, address: Address, files: FilesAddress, tmp_path: Path, *, arrives: bool
) -> None:
    batch = batch_of(*(event(f"m{number}") for number in range(2_000)))  # as a file
    with Cutting(postgres.port) as between:
        through = postgres.address(address.schema, port=between.port)
        PostgresStore(through, tmp_path / ".living", clock=lambda: NOON, files=files).close()
        with closing(PostgresStore(through, tmp_path / ".living", clock=lambda: NOON, files=files)) as store:
            between.cut_at(b"COMMIT", arrives=arrives)
            with refuses(OutcomeUnknownError, "send it again"):
                store.inbox.record(batch, received=NOON)
            between.mend()
            assert sum(store.inbox.record(batch, received=NOON)) == (0 if arrives else 2_000)
            store.inbox.seal()
    (tmp_path / "other").mkdir()
    with closing(PostgresStore(address, tmp_path / "other" / ".living", clock=lambda: NOON, files=files)) as other:
        assert len(events_of(other)) == 2_000


@pytest.mark.parametrize(
    ("damage", "says"), [("flip", "not what was written"), ("cut", "bytes"), ("delete", "missing")]
)
def test_the_examination_reads_the_objects(
    opened: Open, address: Address, s3: S3Server, files: FilesAddress, tmp_path: Path, *, damage: str, says: str
) -> None:
    here = opened("here")
    here.partitions.replace("numbers", {FIRST_DAY: pa.table({"n": [1]})})
    [(name, body)] = s3.objects(files.uri).items()
    if damage == "delete":
        s3.delete(name)
    else:
        s3.write(name, {"flip": body[:50] + bytes([body[50] ^ 1]) + body[51:], "cut": body[:-1]}[damage])
    [found] = examine_server(address, tmp_path / "here" / ".living", clock=lambda: NOON, deep=True).damages
    assert (found.place, found.table) == (name, "numbers")
    assert says in found.says


def test_a_folder_is_copied_there_and_back_and_nothing_is_left_behind(
    opened: Open, s3: S3Server, files: FilesAddress, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with closing(SqliteStore(tmp_path / "first", clock=lambda: NOON)) as first:
        first.inbox.record(batch_of(*(event(f"m{number}") for number in range(2_000))), received=NOON)  # as a file
        first.partitions.replace("numbers", {FIRST_DAY: pa.table({"n": [1]})})
        there = opened("there")
        transfer(first, there)
        first.partitions.replace("numbers", {FIRST_DAY: pa.table({"n": [2]})})
    assert len(s3.objects(files.uri)) == 2
    there.inbox.seal()
    with closing(SqliteStore(tmp_path / "second", clock=lambda: NOON)) as second:
        done = transfer(there, second)
        assert done.files == 2
        before = s3.objects(files.uri)
        assert len(events_of(second)) == 2_000
        second.partitions.replace("numbers", {FIRST_DAY: pa.table({"n": [3]})})
        assert second.parts.purge() == ""
    assert s3.objects(files.uri) == before
    assert len(events_of(there)) == 2_000


def test_a_dump_that_was_restored_elsewhere_removes_nothing_of_the_first(
    opened: Open, postgres: PostgresServer, s3: S3Server, files: FilesAddress, tmp_path: Path
) -> None:
    first = opened("here")
    schema = Address.of(first.connection.place).schema
    first.partitions.replace("numbers", {FIRST_DAY: pa.table({"n": [1]})})
    before = s3.objects(files.uri)
    other = postgres.address()
    with closing(PostgresStore(other, tmp_path / "there", clock=lambda: NOON)) as second:
        second.close()
    with psycopg.connect(other.uri, autocommit=True) as raw:
        for table in ("part", "object_folder"):  # what a dump brings along
            names = (sql.Identifier(each, table) for each in (other.schema, schema))
            raw.execute(sql.SQL("INSERT INTO {} SELECT * FROM {}").format(*names))
    with closing(PostgresStore(other, tmp_path / "there", clock=lambda: NOON, files=files)) as second:
        second.connection.go_on_numbering()
        assert numbers_of(second) == [1]
        second.partitions.replace("numbers", {FIRST_DAY: pa.table({"n": [2]})})
        assert "another database" in second.parts.purge()
        assert numbers_of(second) == [2]
    assert before.items() < s3.objects(files.uri).items()
    assert numbers_of(first) == [1]


def test_whoever_owns_a_schema_alone_may_ask_which_database_it_is(address: Address, opened: Open) -> None:
    opened("here")
    with psycopg.connect(address.uri, autocommit=True) as raw:
        raw.execute("DROP ROLE IF EXISTS modest")
        raw.execute("CREATE ROLE modest")
        raw.execute("SET ROLE modest")
        assert raw.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
        raw.execute("RESET ROLE")
        raw.execute("DROP ROLE modest")


def test_where_old_files_are_pieces_and_the_setting_is_new_both_are_read(
    address: Address, files: FilesAddress, tmp_path: Path, s3: S3Server
) -> None:
    for number, where in enumerate([None, files, None]):
        with closing(PostgresStore(address, tmp_path / str(number), clock=lambda: NOON, files=where)) as store:
            store.partitions.replace("numbers", {date(2026, 9, number + 1): pa.table({"n": [number]})})
            assert numbers_of(store) == list(range(number + 1))
            assert store.connection.rows("SELECT count(DISTINCT part) FROM part_piece") == [(1 if number < 2 else 2,)]
    assert len(s3.objects(files.uri)) == 1
    assert examine_server(address, tmp_path / "0", clock=lambda: NOON, deep=True).damages == ()


def test_what_is_refused_is_refused_with_its_place(address: Address, tmp_path: Path, s3: S3Server) -> None:
    nowhere = FilesAddress.of("s3://nobody-made-it/x")
    with (
        closing(PostgresStore(address, tmp_path / ".living", clock=lambda: NOON, files=nowhere)) as store,
        pytest.raises(StoreError, match=r"s3://nobody-made-it/x/.*no such bucket"),
    ):
        store.partitions.replace("numbers", {FIRST_DAY: pa.table({"n": [1]})})
