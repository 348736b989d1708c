"""Clients that send batches at a rate, whatever they are answered, and keep books; cheap ones, to be no limit."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from faults.books import EvidenceState, Operation, Outcome
from service.running import KEY

CLIENTS, BATCH = 80, 500
"""Twice as many events as may wait; each client has one batch under way."""
TIMEOUT = 120

_NAME = "n" * 32
_NUMBERS = tuple(f"{number:03}" for number in range(BATCH))


@contextmanager
def flooding(states: EvidenceState, port: int, *, clients: int = CLIENTS, rate: float = 0.0) -> Iterator[None]:
    """Send ``rate`` events a second for as long as the block lasts; as many as are answered in time if it is 0."""
    pace = _Pace(BATCH / rate if rate else 0.0)
    started = [threading.Thread(target=_send_on, args=(states, port, pace)) for _ in range(clients)]
    for thread in started:
        thread.start()
    try:
        yield
    finally:
        pace.stop.set()
        for thread in started:
            thread.join()


class _Pace:
    """When the next batch is due; what could not be sent in time is sent later."""

    def __init__(self, seconds: float) -> None:
        self.stop = threading.Event()
        self._seconds, self._next, self._lock = seconds, time.monotonic(), threading.Lock()

    def wait(self) -> None:
        with self._lock:
            due, self._next = self._next, self._next + self._seconds
        self.stop.wait(max(0.0, due - time.monotonic()))


def _send_on(states: EvidenceState, port: int, pace: _Pace) -> None:
    body = _body()
    while not pace.stop.is_set():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        with suppress(OSError, http.client.HTTPException):
            while not pace.stop.is_set():
                pace.wait()
                states.note(_sent(connection, body))
                if states.history[-1].status == 0:
                    break
        connection.close()


def _body() -> bytes:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    one = {"type": "track", "event": "Counted", "timestamp": now}
    batch = [{**one, "userId": f"u{number}", "messageId": _NAME + number} for number in _NUMBERS]
    return json.dumps({"batch": batch}).encode()


def _sent(connection: http.client.HTTPConnection, body: bytes) -> Operation:
    """Send a batch under ids of its own, and note what came of it."""
    name, began = uuid4().hex, time.monotonic()
    status, again, fates = 0, "", ()
    with suppress(OSError, http.client.HTTPException):
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/batch", body.replace(_NAME.encode(), name.encode()), headers)
        answer = connection.getresponse()
        said, again, status = answer.read(), answer.headers.get("Retry-After", ""), answer.status
        fates = tuple(each["fate"] for each in json.loads(said)["events"]) if status == 200 else ()
    outcome: Outcome = "acknowledged" if status == 200 else "refused" if status == 429 else "unknown"
    # Of millions that are refused the ids would take gigabytes: one that is stored all the same was sent by nobody.
    ids = () if outcome == "refused" else tuple(name + number for number in _NUMBERS)
    return Operation(ids, outcome, status, fates, began, time.monotonic(), again)
