"""F7: the process is killed at its n-th system call that changes the disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from faults.books import EvidenceState, Operation, check, client_of, new_ids, send, sending
from faults.shop import EVERY, LONG, open_shop
from faults.trace import DISK_CALLS, injected
from figures import tell
from living_personas.domain.event import Event
from living_personas.loop import cycle
from living_personas.loop.recording.record import record
from living_personas.stores.sql.migrations import MIGRATIONS, upgrade
from living_personas.stores.sqlite.connection import Connection
from living_personas.wiring import open_context, system_clock
from service.running import personas, serving

pytestmark = pytest.mark.faults

RUNS = 12
"""More small files a day than are left alone: they are compacted, too."""


def lived(folder: Path) -> EvidenceState:
    """Three days with events in many files, in rows that wait and in files that wait; what was recorded."""
    open_shop(folder)
    states = EvidenceState()
    _, context = open_context(folder)
    for number in range(RUNS):
        count = 1_000 if number == RUNS - 1 else 20  # as many of one day go into a file at once
        ids, day = new_ids(count), system_clock() - timedelta(days=1 + (0 if count > 20 else number % 3))
        events = [Event(message_id=each, customer=each[:2], name="Counted", time=day) for each in ids]
        assert record(context, events, received=system_clock()).receipt.stored == count
        states.note(Operation(ids=ids, outcome="acknowledged", status=200, fates=("stored",) * count, began=number))
        if number < RUNS - 2:
            context.store.inbox.seal()
    context.store.close()
    return states


def of_an_older_version(folder: Path) -> EvidenceState:
    """A workspace as the first version would have written it: the same rows, in the tables of that time."""
    open_shop(folder)
    states = EvidenceState()
    with serving(folder) as running, client_of(running.url) as client:
        send(states, client, new_ids(100))
    newer = (folder / ".living" / "state.db").rename(folder / "newer.db")
    older = Connection(folder / ".living" / "state.db")
    upgrade(older, migrations=MIGRATIONS[:1])
    older.rows("ATTACH ? AS newer", (str(newer),))
    for (table,) in older.rows("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY rowid"):
        columns = ", ".join(name for (name,) in older.rows("SELECT name FROM pragma_table_info(?, 'main')", (table,)))
        older.run(f"INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")  # noqa: S608 - our own tables
    older.close()
    newer.unlink()
    return states


def killed(folder: Path) -> EvidenceState:
    """A workspace whose service was killed: its log must be read back first."""
    open_shop(folder)
    states = EvidenceState()
    with serving(folder) as running, sending(states, running):
        time.sleep(0.5)
        os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()
    return states


def run(folder: Path, before: list[str]) -> bool:
    """Whether `personas run` came to its end."""
    done = subprocess.run([*before, *personas("run", "--workspace", str(folder))], capture_output=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode == 0


def start(folder: Path, before: list[str]) -> bool:
    """Whether `personas serve` came to answer; then it is told to stop, and comes to its end."""
    try:
        with serving(folder, before=before) as running:
            running.process.terminate()
            return running.process.wait(60) == 0
    except AssertionError as error:
        assert "ended with -9" in str(error)  # noqa: PT017 - serving itself says so
        return False


Scene = tuple[Callable[[Path], EvidenceState], Callable[[Path, list[str]], bool]]
SCENES: dict[str, Scene] = {
    "sealing, compacting, closing days": (lived, run),
    "a migration": (of_an_older_version, run),
    "start-up after a crash": (killed, start),
}


def instants() -> Iterator[tuple[str, Iterable[int]]]:
    """Every n-th call of each kind in the long run, a few in the quick one."""
    some = {"pwrite64": (5, 31), "fdatasync": (3,)}
    for call in DISK_CALLS:
        yield call, range(1, 10_000, EVERY) if LONG else some.get(call, ())


@pytest.mark.promise("P9")
@pytest.mark.parametrize("scene", SCENES)
def test_it_starts_again_whichever_call_was_the_last(tmp_path: Path, scene: str) -> None:
    """P9: after a crash at any call it starts without help in less than 10 seconds, and nothing is lost."""
    make, act = SCENES[scene]
    states = make(tmp_path / "made")
    took: list[float] = []
    for call, numbers in instants():
        for n in numbers:
            folder = shutil.copytree(tmp_path / "made", tmp_path / f"{call}-{n}")
            ended = act(folder, injected(f"{call}:signal=KILL:when={n}"))
            if not ended:
                took.append(_starts_again(folder, states))
            shutil.rmtree(folder)
            if ended:
                break
    assert took
    assert max(took) < 10
    tell(f"F7 {scene}: killed at {len(took)} calls; started again in at most {max(took):.1f} s, 0 lost")


def _starts_again(folder: Path, before: EvidenceState) -> float:
    """Seconds until it answers; what was there is there, the loop runs, and more is recorded."""
    states, began = EvidenceState(history=[*before.history]), time.monotonic()
    with serving(folder) as running, client_of(running.url) as client:
        took = time.monotonic() - began
        assert send(states, client, new_ids()).outcome == "acknowledged"
    _, context = open_context(folder)
    cycle.run(
        context, now=system_clock() + timedelta(hours=2), owner="tests"
    )  # when the dead worker's lease has run out
    context.store.close()
    check(states, folder)
    return took
