"""F3: the disk is full, and then it is not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import httpx
import pytest

from faults.books import EvidenceState, check, client_of, new_ids, send, sending
from faults.disk import small_disk
from faults.shop import open_shop
from figures import tell
from service.running import serving

pytestmark = pytest.mark.faults

SPARE = 64 << 10
"""Bytes that are left at first: a few commits go well."""


def fill(filler: Path) -> None:
    """Take all room but a little."""
    free = os.statvfs(filler.parent)
    with filler.open("wb") as file:
        file.write(bytes(max(0, free.f_bavail * free.f_frsize - SPARE)))


def decides(client: httpx.Client) -> bool:
    return client.post("/v1/decide", json={"customer": "u1", "channel": "email"}).status_code == 200


@pytest.mark.promise("P7")
def test_a_full_disk_is_said_and_recovered_from(tmp_path: Path) -> None:
    """P7: 503 with a time to come back, decisions go on, and so does everything once there is room."""
    states = EvidenceState()
    with small_disk(tmp_path / "disk") as disk:
        folder, filler = open_shop(disk / "shop"), disk / "filler"
        with serving(folder) as running, client_of(running.url) as client:
            send(states, client, new_ids())
            fill(filler)
            with sending(states, running):
                time.sleep(2)
                assert decides(client)
            full = send(states, client, new_ids(500))
            assert (full.status, full.retry_after) == (503, "2")
            assert decides(client)
            filler.unlink()
            began = time.monotonic()
            while send(states, client, new_ids()).outcome != "acknowledged":
                assert time.monotonic() - began < 5
            took = time.monotonic() - began
            with sending(states, running):
                time.sleep(0.5)
        check(states, folder)
    statuses = states.statuses()
    assert set(statuses) == {200, 503}
    assert all(each.retry_after for each in states.history if each.status == 503)
    tell(
        f"F3 disk full: {statuses[503]} answers were 503 with Retry-After, {statuses[200]} were 200; "
        f"0 of {len(states.acknowledged)} lost; recorded again {took:.2f} s after there was room"
    )
