"""F9 and F10: the answer is lost after the commit, and two processes have one workspace."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from clients.flaky import flaky
from faults.books import EvidenceState, check, client_of, new_ids, send, sending
from figures import tell
from living_personas.wiring import open_context, system_clock
from service.running import personas, serving

pytestmark = pytest.mark.faults


@pytest.mark.promise("P3")
def test_an_answer_that_is_lost_is_asked_for_again_and_counts_once(shop: Path) -> None:
    """P3: what was recorded before the answer was lost is a duplicate when it comes again."""
    states, ids = EvidenceState(), new_ids(50)
    with serving(shop) as running, flaky(running.address, failure="lost") as between, client_of(between.url) as client:
        lost = [send(states, client, ids) for _ in range(2)]
        told = send(states, client, ids)
        assert [each.outcome for each in lost] == ["unknown", "unknown"]
        assert told.fates == ("duplicate",) * 50
        assert _stored(running.url) == 50
    assert sum(check(states, shop).values()) == 50
    tell("F9 two answers lost after the commit: 50 of 50 events counted once, the third answer said duplicate")


def test_two_services_of_one_workspace_record_side_by_side(shop: Path) -> None:
    """P3: the same ids sent to both are new to one of them."""
    states, ids = EvidenceState(), new_ids(200)
    with serving(shop) as one, serving(shop) as other:
        with sending(states, one, threads=2), sending(states, other, threads=2):
            time.sleep(1.5)
        for running in (one, other, one):
            with client_of(running.url) as client:
                assert send(states, client, ids).outcome == "acknowledged"
    found = check(states, shop)
    tell(f"F10 two services: 0 of {len(states.acknowledged)} acknowledged lost, each of {len(found)} stored once")


def test_a_second_worker_is_refused_clearly_and_goes_on_when_the_first_is_done(shop: Path) -> None:
    """F10: one worker at a time; the other is told who works, until when, and what to do."""
    _, context = open_context(shop)
    command = personas("run", "--workspace", str(shop))
    with context.store.lease("the first worker", now=system_clock(), seconds=60):
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
    context.store.close()
    assert refused.returncode == 1
    assert "the first worker" in refused.stderr
    assert "hint:" in refused.stderr
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_service_records_while_another_process_works(shop: Path) -> None:
    """F10: `personas run` beside a service and its worker; nothing is lost, nothing is there twice."""
    states, codes = EvidenceState(), []
    with serving(shop, worker=True) as running, sending(states, running, threads=2):
        for _ in range(2):
            done = subprocess.run(
                personas("run", "--workspace", str(shop)), capture_output=True, text=True, check=False
            )
            codes.append(done.returncode)
            assert done.returncode in (0, 1), done.stderr
            assert done.returncode == 0 or "hint:" in done.stderr
    check(states, shop)
    tell(f"F10 `personas run` beside a worker ended with {codes}: 0 of {len(states.acknowledged)} lost")


def _stored(url: str) -> float:
    """How many events were new, as the metrics say."""
    with client_of(url) as client:
        lines = client.get("/metrics").text.splitlines()
    [line] = [line for line in lines if line.startswith("living_personas_events_total") and '"stored"' in line]
    return float(line.rsplit(" ", 1)[1])
