"""The worker: takes turns by the clock that it is given, one at a time."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from discovery.made import a_segment
from living_personas.channels.webhooks.post import PostAnswer
from living_personas.domain.belief import Subject
from living_personas.domain.event import Event, Exposure
from living_personas.errors import LeaseHeldError
from living_personas.http.worker import turn, work
from living_personas.loop.recording.record import record
from living_personas.loop.segments.lives import live
from living_personas.memory.records import DISCOVERED
from living_personas.people.acting import pin
from living_personas.people.person import Person
from living_personas.wiring import is_gone, open_context, owner
from processes import runs
from service.shop import NOON, WORKSPACE, Hands, Served, write_shop


def met(id_: str, clock: Hands) -> Event:
    exposure = Exposure(attribute="framing", option="quality", persona="other", policy="", epoch=id_)
    return Event(message_id=id_, customer=id_, name="Persona Exposed", time=clock(), exposures=(exposure,))


@pytest.mark.long
def test_a_turn_closes_days_and_looks_for_segments_once_a_week(tmp_path: Path) -> None:
    clock = Hands()
    root = write_shop(tmp_path / "shop")
    _, context = open_context(root, clock=clock)
    first = turn(context, root, clock=clock)
    assert (first.days, first.snapshot, first.found) == ((), 1, None)
    found = []
    for day in range(9):
        record(context, [met(f"c{day}", clock)], received=clock())
        clock.on(days=1)
        record(context, [Event(message_id=f"n{day}", customer="x", name="Seen", time=clock())], received=clock())
        found.append(turn(context, root, clock=clock).found)
    assert [number for number, each in enumerate(found) if each is not None] == [0, 7]
    assert turn(context, root, clock=clock).days == ()
    context.store.close()


def test_two_workers_do_not_run_at_once(tmp_path: Path) -> None:
    clock = Hands()
    root = write_shop(tmp_path / "shop")
    (_, one), (_, other) = open_context(root, clock=clock), open_context(root, clock=clock)
    with one.store.lease("another host", now=NOON, seconds=60), pytest.raises(LeaseHeldError):
        turn(other, root, clock=clock)
    one.store.close()
    other.store.close()


def test_it_works_until_it_is_stopped_and_the_service_sees_what_it_published(served: Served) -> None:
    (served.folder / "personas" / "other.yaml").write_text(
        (served.folder / "personas" / "other.yaml").read_text().replace("we_believe: quality", "we_believe: discount")
    )
    stop = threading.Event()
    arguments = {"every": timedelta(seconds=60), "stop": stop, "clock": served.clock}
    worker = threading.Thread(target=work, args=(served.folder,), kwargs=arguments)
    worker.start()
    for _ in range(200):
        desk = served.service.view.desk
        if desk is not None and desk.published.snapshot.number > 1:
            break
        stop.wait(0.05)
    stop.set()
    worker.join()
    assert served.client.get("/readyz").text == "ready, snapshot 2\n"


def test_what_is_news_goes_out_with_each_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, clock, sent = write_shop(tmp_path / "shop"), Hands(), list[str]()
    hook = "webhooks:\n  - {url: 'https://hooks.example/in', secret_env: HOOK}\n"
    (root / "workspace.yaml").write_text((root / "workspace.yaml").read_text() + hook)
    monkeypatch.setenv("HOOK", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3")

    def send(url: str, body: bytes, headers: Mapping[str, str]) -> PostAnswer:
        sent.append(body.decode())
        return PostAnswer(status=204)

    _, context = open_context(root, clock=clock)
    assert turn(context, root, clock=clock, send=send).told == 0  # what is there already is no news
    pin(context, Subject(persona="other", attribute="framing"), Person(by="ann", now=NOON, owner="tests"))
    done = turn(context, root, clock=clock, send=send)
    assert done.told == len(sent) > 0
    assert any('"other"' in body for body in sent)
    assert turn(context, root, clock=clock, send=send).told == 0
    context.store.close()


def test_what_evidence_adopts_is_logged_posted_and_a_persona_after_the_next_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The night: a search saw the same group as a week ago, and the workspace says that evidence adopts."""
    root, clock, sent = write_shop(tmp_path / "shop"), Hands(), list[str]()
    hook = "webhooks:\n  - {url: 'https://hooks.example/in', events: [segment.adopted], secret_env: HOOK}\n"
    (root / "workspace.yaml").write_text(WORKSPACE + "discovery: {adopt: auto}\n" + hook)
    monkeypatch.setenv("HOOK", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3")

    def send(_: str, body: bytes, _headers: Mapping[str, str]) -> PostAnswer:
        sent.append(body.decode())
        return PostAnswer(status=204)

    def night() -> tuple[int, tuple[str, ...]]:
        _, context = open_context(root, clock=clock)
        with closing(context.store):
            record(
                context, [Event(message_id=f"n{clock()}", customer="x", name="Seen", time=clock())], received=clock()
            )
            clock.on(days=1)
            done = turn(context, root, clock=clock, send=send)
            return done.adopted, tuple(version.id for version in context.versions())

    assert night() == (0, ("other", "saver"))
    _, context = open_context(root, clock=clock)
    today = context.yesterday(clock())
    for day in (today - timedelta(days=7), today):
        found = replace(a_segment(), nearest="other", who="utm_campaign = 'x'", first_seen=day, last_seen=day)
        live(context.store, [(found, pa.table({"customer": [f"c{n}" for n in range(100)]}))], day)
    DISCOVERED.write(context.store, today)
    context.store.close()
    with caplog.at_level(logging.INFO, logger="living_personas.worker"):
        assert night() == (1, ("other", "saver"))
    (line,) = [each for each in caplog.records if each.getMessage() == "something happened to a segment"]
    assert (line.__dict__["kind"], line.__dict__["other"], line.__dict__["by"]) == (
        "adopted",
        "heavy-product-use",
        "evidence",
    )
    assert len(sent) == 1
    assert '"other": "heavy-product-use"' in sent[0].replace('":"', '": "')
    assert night() == (0, ("heavy-product-use", "other", "saver"))


def test_the_lease_of_a_process_that_was_killed_blocks_nobody(tmp_path: Path) -> None:
    root, clock = write_shop(tmp_path / "shop"), Hands()
    _, context = open_context(root, clock=clock)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        began = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
        theirs = f"{socket.gethostname()}:{process.pid}:{began}"
        with context.store.lease(theirs, now=NOON, seconds=3600):
            with pytest.raises(LeaseHeldError):
                turn(context, root, clock=clock)
            process.kill()
            process.wait()
            assert turn(context, root, clock=clock).snapshot == 1
    context.store.close()
    assert not is_gone(owner())


@pytest.mark.long
def test_a_worker_ends_with_the_service_that_started_it(tmp_path: Path) -> None:
    """Also when that was killed, and could say nothing."""
    root = write_shop(tmp_path / "shop")
    code = (
        "import os, subprocess, sys, time;"
        "words = [sys.executable, '-m', 'living_personas.http.worker', sys.argv[1], '600', str(os.getpid())];"
        "p = subprocess.Popen(words);"
        "print(p.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(root)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    for _ in range(300):
        if not runs(worker):
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    raise AssertionError("the worker outlived the service")
