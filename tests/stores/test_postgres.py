"""A store in PostgreSQL keeps the promises, and what only a server can break."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from living_personas.domain.forgotten_ids import ForgettingIds
from living_personas.domain.kept_days import Retired
from living_personas.domain.store_address import Address
from living_personas.errors import LeaseLostError, OutcomeUnknownError, StoreAwayError, StoreError
from living_personas.loop.folding.retention import drop_old_events
from living_personas.memory.retired_records import FORGETTING_IDS, IDS_FORGOTTEN, RETIRED
from living_personas.ports import Store
from living_personas.stores.postgres import pooled, server_keys
from living_personas.stores.postgres.postgres_store import PostgresStore
from living_personas.testing.expect import forget_all, refuses, rows_of
from living_personas.testing.lease import GONE
from living_personas.testing.samples import FIRST_DAY, NOON, batch_of, event, exposure_event, snapshot, version
from living_personas.testing.store import StoreSuite
from local_postgres import PostgresServer, local_postgres
from loop.shops import SETTINGS, context_of
from stores.cutting import Cutting

pytestmark = pytest.mark.long

Open = Callable[..., PostgresStore]


class TestPostgresStore(StoreSuite):
    chunk = 200_000

    @pytest.fixture(autouse=True)
    def _where(self, tmp_path: Path, postgres: PostgresServer) -> None:
        self.root, self.server = tmp_path, postgres

    def make_store(self) -> Store:
        folder = Path(mkdtemp(dir=self.root))
        return PostgresStore(self.server.address(), folder, clock=lambda: NOON, chunk=self.chunk, is_gone=GONE.__eq__)


@pytest.mark.slow
class TestPostgresStoreInTinyChunks(TestPostgresStore):
    chunk = 2


@pytest.fixture
def opened(tmp_path: Path, postgres: PostgresServer) -> Iterator[Open]:
    """Opens the store of one schema, as another machine would: each with a folder of its own."""
    schema = postgres.address().schema
    stores: list[PostgresStore] = []

    def open_one(*, busy_seconds: float = 5.0, port: int = 0) -> PostgresStore:
        folder = Path(mkdtemp(dir=tmp_path))
        address = postgres.address(schema, port=port)
        stores.append(PostgresStore(address, folder, clock=lambda: NOON, busy_seconds=busy_seconds))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE document SET body = '' WHERE number = 1", "never changed"),
        ("DELETE FROM document", "never deleted"),
        ("TRUNCATE document", "never deleted"),
        ("INSERT INTO document SELECT * FROM document", "never replaced"),
        ("UPDATE head SET number = 5", "one document at a time"),
        ("DELETE FROM head", "never deleted"),
        ("TRUNCATE head", "never deleted"),
    ],
)
def test_the_database_itself_refuses_to_change_history(opened: Open, sql: str, says: str) -> None:
    store = opened()
    store.versions.append(version(1))
    store.snapshots.publish(snapshot(1))
    with refuses(StoreError, says):
        store.connection.rows(sql)
    store.versions.verify()


def test_another_machine_reads_the_days_and_forgets_who_was_erased(opened: Open) -> None:
    here, there = opened(), opened()
    here.inbox.record(batch_of(event("m1", "ann"), event("m2", "bob")), received=NOON)
    here.inbox.seal()
    read = rows_of(there.partitions.read("events", FIRST_DAY, FIRST_DAY))
    assert [row["message_id"] for row in read] == ["m1", "m2"]
    [copy] = [Path(path) for path in there.partitions.read("events", FIRST_DAY, FIRST_DAY)]
    copy.write_bytes(b"damaged")  # what lies here is a copy: it is fetched again
    assert len(rows_of(there.partitions.read("events", FIRST_DAY, FIRST_DAY))) == 2
    copy.unlink()
    assert len(rows_of(there.partitions.read("events", FIRST_DAY, FIRST_DAY))) == 2


def test_writers_wait_and_then_give_up_and_readers_never_wait(opened: Open) -> None:
    busy, other = opened(), opened(busy_seconds=0.05)
    with busy.commit():
        busy.facts.set({"a": b"1"})
        with refuses(StoreError, "another process is writing"):
            other.facts.set({"b": b"1"})
        assert other.facts.keys() == ()
    other.facts.set({"b": b"1"})
    assert other.facts.keys() == ("a", "b")


def test_what_a_level_writes_fails_with_that_level_and_is_taken_back_alone(opened: Open) -> None:
    """What needs no answer waits for the next question; that is no reason for it to fail somewhere else."""
    store = opened()
    with store.commit():
        store.facts.set({"a": b"1"})
        with refuses(StoreError, "duplicate key"), store.commit():
            store.facts.set({"c": b"1"})
            store.connection.run_many("INSERT INTO fact VALUES (?, ?)", [("a", b"2")])
        with store.commit(), store.commit():
            store.facts.set({"b": b"1"})
    assert (store.facts.keys(), store.facts.get("a")) == (("a", "b"), b"1")
    with refuses(StoreError, "duplicate key"), store.commit():
        store.facts.set({"d": b"1"})
        store.connection.run_many("INSERT INTO fact VALUES (?, ?)", [("a", b"2")])
    assert store.facts.keys() == ("a", "b")


def test_a_transaction_that_asks_nothing_keeps_nobody_waiting(opened: Open) -> None:
    idle, other = opened(), opened(busy_seconds=0.05)
    with idle.commit(), idle.commit():
        other.facts.set({"a": b"1"})
    assert idle.facts.keys() == ("a",)


def test_connections_that_the_server_ended_are_opened_again(opened: Open, postgres: PostgresServer) -> None:
    store = opened()
    store.facts.set({"a": b"1"})
    with suppress(StoreError), store.commit():
        store.facts.set({"b": b"1"})
        _end_connections(postgres)
        store.facts.set({"c": b"1"})
    assert store.facts.keys() == ("a",)
    store.facts.set({"d": b"1"})
    assert store.facts.keys() == ("a", "d")


@pytest.mark.parametrize("arrives", [True, False], ids=["the commit arrived", "it did not"])
def test_a_connection_cut_in_mid_commit_is_unknown_and_the_retry_counts_once(
    opened: Open, postgres: PostgresServer, *, arrives: bool
) -> None:
    batch = batch_of(*(exposure_event(f"m{n}") for n in range(3)))
    with Cutting(postgres.port) as between:
        store = opened(port=between.port)
        between.cut_at(b"COMMIT", arrives=arrives)
        with refuses(OutcomeUnknownError, "send it again"):
            store.inbox.record(batch, received=NOON)
        between.mend()
        assert store.inbox.record(batch, received=NOON) == (not arrives,) * 3
    store = opened()
    assert store.inbox.recorded() == store.inbox.waiting() == 3
    store.inbox.seal()
    assert len(rows_of(store.partitions.read("exposures", date.min, date.max))) == 6


def test_many_threads_and_machines_record_each_event_once(opened: Open) -> None:
    """Half of what each sends is sent by the next one, too."""
    stores = [opened(busy_seconds=30.0) for _ in range(3)]

    def record(number: int) -> int:
        store, stored = stores[number % 3], 0
        for first in range(0, 40, 4):
            batch = batch_of(*(event(f"m{number * 20 + first + n}") for n in range(4)))
            stored += sum(store.inbox.record(batch, received=NOON))
        return stored

    with ThreadPoolExecutor(6) as threads:
        stored = sum(threads.map(record, range(6)))
    distinct = len({f"m{number * 20 + n}" for number in range(6) for n in range(40)})
    assert stored == stores[0].inbox.recorded() == stores[1].inbox.waiting() == distinct


def test_ids_are_forgotten_page_by_page(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Months lie one behind the other, and in one page where one ends and the next begins."""
    store, each = opened(), 300
    monkeypatch.setattr(server_keys, "_PAGES_AT_ONCE", 1)
    months = [NOON + timedelta(days=31 * number) for number in range(3)]
    for number, month in enumerate(months):
        store.inbox.record(batch_of(*(event(f"m{number}-{n}") for n in range(each))), received=month)
    [(pages,)] = store.connection.rows("SELECT pg_relation_size('seen') / 8192")
    assert pages > 3
    forget = partial(store.inbox.forget_ids, before=months[2].date())
    assert forget_all(forget) == 2 * each
    assert store.inbox.known([f"m{number}-{n}" for number in range(3) for n in range(each)]) == {
        f"m2-{n}" for n in range(each)
    }
    assert forget_all(forget) == 0


def test_forgetting_tells_how_far_it_is_and_goes_on_where_it_was_interrupted(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, day = opened(), NOON.date()
    monkeypatch.setattr(server_keys, "_PAGES_AT_ONCE", 1)
    store.inbox.record(batch_of(*(event(f"m{n}") for n in range(600))), received=NOON - timedelta(days=40))
    RETIRED.write(store, Retired(through=day, again=day + timedelta(days=3)))
    told: list[tuple[int, int]] = []

    def interrupted(done: int, total: int, what: str) -> None:
        assert what == "message ids to forget"
        told.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    context = context_of(store=store, settings=replace(SETTINGS, events_kept=timedelta(days=30)))
    with pytest.raises(KeyboardInterrupt):
        drop_old_events(replace(context, progress=interrupted), now=NOON)
    month, left = day.replace(day=1), store.connection.row("SELECT count(*) FROM seen")
    assert FORGETTING_IDS.read(store) == ForgettingIds(before=month, place=2)
    assert left is not None
    assert 0 < left[0] < 600
    drop_old_events(replace(context, progress=interrupted), now=NOON)
    pages = told[0][1]
    assert told == [(done, pages) for done in range(1, pages + 1)]
    assert store.connection.row("SELECT count(*) FROM seen") == (0,)
    assert (FORGETTING_IDS.read(store), IDS_FORGOTTEN.read(store)) == (None, month)


def test_a_paused_worker_that_lost_its_lease_commits_nothing(opened: Open, tmp_path: Path) -> None:
    """SIGSTOP in the middle of its work; another takes over, and SIGCONT brings it back to a refusal."""
    store = opened()
    folder = Path(mkdtemp(dir=tmp_path))
    command = [sys.executable, str(Path(__file__).with_name("paused.py")), store.connection.place, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as paused:
        assert paused.stdout is not None
        assert paused.stdout.readline().strip() == "working"
        _wait_until_stopped(paused.pid)
        with store.lease("next", now=NOON + timedelta(minutes=2), seconds=60), store.commit():
            store.facts.set({"of": b"the next one"})
        paused.send_signal(signal.SIGCONT)
        assert paused.stdout.readline().strip() == LeaseLostError.__name__
        assert paused.wait() == 0
    assert store.facts.get("of") == b"the next one"
    assert store.facts.keys() == ("of",)


def test_a_password_is_shown_to_nobody(postgres: PostgresServer, tmp_path: Path) -> None:
    address = Address.of(f"postgresql://ann:sesame@127.0.0.1:{postgres.port}/nowhere?schema=a")
    assert "sesame" not in address.shown
    with pytest.raises(StoreError) as refused:
        PostgresStore(address, tmp_path / ".living", clock=lambda: NOON)
    assert "sesame" not in str(refused.value)
    assert "nowhere" in str(refused.value) or "ann" in str(refused.value)


def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    with refuses(StoreError, "cannot be reached", "pg_isready"):
        PostgresStore(Address.of("postgresql://ann@127.0.0.1:1/x"), tmp_path / ".living", clock=lambda: NOON)


def test_while_the_database_is_away_whoever_decides_is_told_within_a_moment(
    tmp_path: Path, durable: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooled, "_AWAY_SECONDS", 3.0)  # long enough for a machine that does other work
    with closing(PostgresStore(durable.address(), tmp_path, clock=lambda: NOON)) as store:
        before = store.changed()
        durable.kill()
        for most in (3.0, 0.1, 0.1):  # the second and third do not even ask
            began = time.monotonic()
            with refuses(StoreAwayError, "cannot be reached" if most > 1 else "a moment ago"):
                store.changed()
            assert time.monotonic() - began < most
        durable.start()
        time.sleep(3.0)
        store.changed()
        store.facts.set({"a": b"1"})
        assert store.changed() != before


def test_whoever_waits_while_the_database_starts_gets_a_connection_when_it_has(
    tmp_path: Path, durable: PostgresServer
) -> None:
    with closing(PostgresStore(durable.address(), tmp_path, clock=lambda: NOON)) as store:
        durable.kill()
        with ThreadPoolExecutor(4) as threads:
            writing = [threads.submit(store.facts.set, {name: b"1"}) for name in "abcd"]
            time.sleep(4.0)  # longer than the pool tries
            durable.start()
            began = time.monotonic()
            for done in as_completed(writing):
                done.result()
        assert time.monotonic() - began < 5.0


@pytest.mark.parametrize("rounds", [2, pytest.param(75, marks=pytest.mark.slow)])
def test_what_was_acknowledged_survives_kill_9_of_the_server(
    tmp_path: Path, durable: PostgresServer, rounds: int
) -> None:
    address = durable.address()
    acknowledged: set[str] = set()
    for number in range(rounds):
        with closing(PostgresStore(address, tmp_path / str(number), clock=lambda: NOON)) as store:
            acknowledged |= _recorded_until_killed(store, durable, first=number * 100_000)
        durable.start()
    with closing(PostgresStore(address, tmp_path / "after", clock=lambda: NOON)) as store:
        again = batch_of(*map(event, sorted(acknowledged)))
        assert not any(store.inbox.record(again, received=NOON))
        store.inbox.seal()
        held = [row["message_id"] for row in rows_of(store.partitions.read("events", date.min, date.max))]
    assert len(held) == len(set(held))
    assert acknowledged <= set(held)
    assert len(acknowledged) > rounds


@pytest.fixture
def durable() -> Iterator[PostgresServer]:
    """A server that may be killed, and writes through to the disk."""
    with local_postgres(durable=True) as server:
        yield server


def _recorded_until_killed(store: PostgresStore, server: PostgresServer, *, first: int) -> set[str]:
    """Which events were acknowledged before the server was killed under load."""
    acknowledged: set[str] = set()

    def record() -> None:
        for n in range(first, first + 100_000, 5):
            ids = [f"m{n + i}" for i in range(5)]
            try:
                store.inbox.record(batch_of(*map(event, ids)), received=NOON)
            except StoreError:
                return
            acknowledged.update(ids)

    with ThreadPoolExecutor(1) as thread:
        sending = thread.submit(record)
        while len(acknowledged) < 25 and not sending.done():
            pass
        server.kill()
        sending.result()
    return acknowledged


def _end_connections(server: PostgresServer) -> None:
    with psycopg.connect(server.address("public").uri, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


def _wait_until_stopped(process: int) -> None:
    until = time.monotonic() + 30
    while Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < until
        time.sleep(0.01)
