"""Several processes share a workspace; some of them are killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from living_personas.errors import LeaseHeldError
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.expect import refuses, rows_of
from living_personas.testing.samples import NOON, batch_of, exposure_event

Start = Callable[..., "Worker"]


class Worker:
    """One process, its acknowledgements and its end."""

    def __init__(self, root: Path, role: str, *details: object) -> None:
        command = [sys.executable, str(Path(__file__).with_name("worker.py")), role, str(root), *map(str, details)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def rest(self) -> list[str]:
        """What it says until its end."""
        return list(iter(self.says, ""))

    def kill(self) -> None:
        self.process.kill()

    def end(self) -> int:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        return self.process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts workers on the test's folder."""
    workers: list[Worker] = []

    def start_one(role: str, *details: object) -> Worker:
        workers.append(Worker(tmp_path, role, *details))
        return workers[-1]

    yield start_one
    for worker in workers:
        worker.end()


@pytest.mark.long
@pytest.mark.promise("P1")
@pytest.mark.parametrize("lines", [1, 23])
def test_killed_at_a_random_instant_nothing_acknowledged_is_lost(start: Start, tmp_path: Path, lines: int) -> None:
    recorder, sealer = start("record", 0, 100_000, 2), start("seal")
    for worker in (recorder, sealer):
        assert worker.says() == "ready"
        worker.go()
    acknowledged = [recorder.says() for _ in range(lines)]
    sealer.kill()
    recorder.kill()
    acknowledged += recorder.rest()
    _check(tmp_path, {id_ for line in acknowledged for id_ in line.split()})


@pytest.mark.long
def test_two_writers_and_a_sealer_at_once(start: Start, tmp_path: Path) -> None:
    """The writers open the new folder at the same time, and half of what each sends is sent by the other, too."""
    writers, sealer = [start("record", 0, 90, 3), start("record", 45, 135, 3)], start("seal")
    for worker in (*writers, sealer):
        assert worker.says() == "ready"
    for worker in (*writers, sealer):
        worker.go()
    acknowledged = {id_ for worker in writers for line in worker.rest() for id_ in line.split()}
    assert [worker.process.wait() for worker in writers] == [0, 0]
    sealer.kill()
    assert acknowledged == {f"m{n}" for n in range(135)}
    _check(tmp_path, acknowledged)


def test_one_of_two_workers_gets_the_lease(start: Start, open_store: Callable[[], SqliteStore]) -> None:
    workers = {name: start("lease", name) for name in ("worker 1", "worker 2")}
    for worker in workers.values():
        assert worker.says() == "ready"
    for worker in workers.values():
        worker.go()
    answers = {name: worker.says() for name, worker in workers.items()}
    (holder,) = [name for name, answer in answers.items() if answer == "held"]
    (refused,) = [answer for answer in answers.values() if answer != "held"]
    assert repr(holder) in refused
    workers[holder].end()  # killed: it cannot give the lease back
    store = open_store()
    with refuses(LeaseHeldError, holder), store.lease("worker 3", now=NOON + timedelta(seconds=59), seconds=60):
        raise AssertionError("the lease has not run out")
    with store.lease("worker 3", now=NOON + timedelta(seconds=60), seconds=60):
        pass


def _check(root: Path, acknowledged: set[str]) -> None:
    """What was acknowledged is there once, with its exposures; sent again, it is a duplicate."""
    store = SqliteStore(root, clock=lambda: NOON)
    again = store.inbox.record(batch_of(*map(exposure_event, sorted(acknowledged))), received=NOON)
    assert not any(again)
    store.inbox.seal()
    events = [row["message_id"] for row in rows_of(store.partitions.read("events", date.min, date.max))]
    exposures = [row["message_id"] for row in rows_of(store.partitions.read("exposures", date.min, date.max))]
    store.close()
    assert len(events) == len(set(events))
    assert acknowledged <= set(events)
    assert sorted(exposures) == sorted(events * 2)
