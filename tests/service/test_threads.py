"""Threads that must live: no failure ends one, each is counted, and a service in which one does not succeed says so."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from contextlib import closing
from errno import EMFILE
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from living_personas.domain.event import Event
from living_personas.http.app import create_app
from living_personas.http.kept_running import KeptRunning
from living_personas.http.service import open_service
from living_personas.http.supervised_thread import PERIODS, LivingThread
from living_personas.people.acting import kill
from living_personas.people.keys import create_key, revoke_key
from living_personas.people.person import Person
from living_personas.wiring import open_context
from service.shop import KEYS, NOON, Hands, Served, track

SOON = 10.0


def within(seconds: float, comes: Callable[[], bool]) -> bool:
    """Whether something comes true soon enough."""
    until = time.monotonic() + seconds
    while not comes():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("failure", [OSError(EMFILE, "no more files"), KeyError("x"), SystemExit(1), MemoryError()])
def test_no_failure_ends_it_and_each_is_counted(failure: BaseException) -> None:
    steps, told, sick = list[int](), list[BaseException](), threading.Event()
    sick.set()

    def step() -> None:
        steps.append(1)
        if sick.is_set():
            raise failure

    def tell(error: BaseException) -> None:
        told.append(error)
        raise OSError  # there is no room for the log either

    thread = LivingThread("a", step, period=0.05, pause=0.001, failed=tell)
    thread.start()
    assert within(SOON, lambda: thread.failures > 20)
    assert told == [failure]  # said once, not hundreds of times
    assert within(SOON, lambda: not thread.is_well)
    sick.clear()
    assert within(SOON, lambda: thread.is_well)
    thread.close()


def test_it_is_ill_after_three_periods_without_a_success() -> None:
    now = [0.0]
    gate = threading.Event()
    thread = LivingThread("a", gate.wait, period=10, clock=lambda: now[0])
    assert thread.is_well
    thread.start()
    for seconds, well in ((9.0, True), (10.0 * PERIODS, True), (10.0 * PERIODS + 1, False)):
        now[0] = seconds
        assert thread.is_well == well
    gate.set()
    assert within(SOON, lambda: thread.is_well)
    thread.close()
    assert thread.is_well  # it was told to end


def test_a_thread_that_does_not_succeed_makes_the_service_not_ready(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert served.client.get("/readyz").status_code == 200
    for thread in served.service.threads:
        with monkeypatch.context() as patched:
            patched.setattr(thread, "_step", lambda: 1 / 0)
            patched.setattr(thread, "_period", 0.01)
            assert within(SOON, partial(lambda one: not one.is_well, thread))
            answer = served.client.get("/readyz")
            assert (answer.status_code, thread.name in answer.json()["detail"]) == (503, True)
        assert within(SOON, lambda: served.client.get("/readyz").status_code == 200)
    assert served.client.get("/healthz").status_code == 200


@pytest.mark.promise("P20")
def test_what_fails_around_the_files_keeps_no_key_and_no_kill_switch_from_being_seen(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a persona file with a typo nor a process without free file descriptors."""
    folder = Path(shutil.copytree(published, tmp_path / "shop"))
    service = open_service(folder, clock=Hands())
    other = open_context(folder, clock=Hands())[1]
    with TestClient(create_app(service)) as client, closing(other.store):
        headers = {"Authorization": f"Bearer {KEYS['secret']}"}
        assert client.get("/v1/snapshot", headers=headers).json()["number"] == 1
        (folder / "personas" / "other.yaml").write_text("persona: [")
        kill(other, Person(by="dana", now=NOON, owner="tests"), on=True)
        assert within(2, lambda: client.get("/v1/snapshot", headers=headers).json()["number"] == 2)

        def no_file(*_: object, **__: object) -> None:
            raise OSError(EMFILE, "no more files")

        monkeypatch.setattr("living_personas.loop.fresh_context.FreshContext._signature", no_file)
        kill(other, Person(by="dana", now=NOON, owner="tests"), on=False)
        assert within(2, lambda: client.get("/v1/snapshot", headers=headers).json()["number"] == 3)
        create_key(other, "secret", "another_key", now=NOON)
        theirs = {"Authorization": "Bearer another_key"}
        assert within(2, lambda: client.get("/v1/snapshot", headers=theirs).status_code == 200)
        revoke_key(other, "k4", now=NOON)
        assert within(2, lambda: client.get("/v1/snapshot", headers=theirs).status_code == 401)
        assert client.get("/readyz").status_code == 200


def test_who_waits_for_the_writer_is_answered_whatever_fails(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> tuple[Event, ...]:
        raise SystemExit

    monkeypatch.setattr("living_personas.http.writer.record", broken)
    assert served.post("/v1/track", track("m1")).status_code == 503
    monkeypatch.undo()
    assert served.post("/v1/track", track("m1")).status_code == 200


def test_a_process_that_ends_is_started_again_and_told_of(tmp_path: Path) -> None:
    kept = KeptRunning(["sh", "-c", f"echo >> {tmp_path / 'starts'}; exit 3"])
    kept.look()
    assert within(SOON, lambda: kept.ended_with == 3)
    with pytest.raises(ChildProcessError, match="3"):
        kept.look()
    assert within(SOON, lambda: (tmp_path / "starts").read_text() == "\n\n")
    kept.end()
