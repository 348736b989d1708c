"""A service under attack: its memory, what a server's key is answered, what is lost, and when news is seen."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import httpx
from limits.attacks import ATTACKS, OFFERED, OVERLOAD, Attack
from limits.flood import flooding
from refinement.figures import Benchmark, Figure, Side, quantile

from faults.books import EvidenceState, Operation, Outcome, client_of, faults_in, new_ids, recorded, send
from faults.shop import open_shop
from living_personas.people.keys import keys_of
from living_personas.wiring import open_context
from service.running import Running, personas, serving

OPEN_FILES = "1024"
"""As few as many systems allow by default."""
MEMORY, NEWS, TIMES = 200.0, 2.0, 5.0
"""Bars: MiB that the server may grow by, seconds until news is seen, capacities that an overload offers at least."""
PACE = 0.1
"""Seconds between two rounds of a client of the server's key."""
PATIENCE = 30.0
"""Seconds after which news that was not seen is given up."""
CAPACITY_SECONDS, FEW = 5.0, 8
"""For how long capacity is measured, and clients that are too few for anybody to be refused."""
OFFER = 8.0
"""Times the capacity that an overload tries to offer, so that it is five."""


@dataclass
class Seen:
    """What was measured: MiB, seconds until each kind of news was seen during and after the attack, operations."""

    memory: list[float] = field(default_factory=list)
    events: EvidenceState = field(default_factory=EvidenceState)
    decisions: EvidenceState = field(default_factory=EvidenceState)
    news: dict[tuple[str, str], list[float]] = field(default_factory=dict)


def attacked(name: str, seconds: int) -> Iterator[Figure]:
    """The figures of an attack that lasts for so many seconds, and until news was told once."""
    seen, others = Seen(), EvidenceState()
    with tempfile.TemporaryDirectory() as folder:
        root = open_shop(Path(folder) / "shop")
        with serving(root, before=["prlimit", f"--nofile={OPEN_FILES}:{OPEN_FILES}"]) as running:
            _ask(running, Seen(events=others), until=time.monotonic() + 2)
            base = _memory(running)
            capacity = _capacity(running, others) if name == OVERLOAD else 0.0
            attack = Attack(name, running.port, rate=OFFER * capacity)
            with _watched(running, seen), _asking(running, seen):
                began = time.monotonic()
                attack.begin()
                _tell_news(running, seen, "during", until=began + seconds)
                did, sent = attack.end()
                ended = time.monotonic()
                _tell_news(running, seen, "after", until=ended)
            did["connections cut by the service"] = _connections_cut(running)
        found = recorded(root)
    seconds = round(ended - began)
    for what, count in did.items():
        yield _number(f"the attack: {what}", count, seconds)
    if capacity:
        yield _number("capacity: events stored a second", capacity, seconds)
        yield _number("offered, of the capacity", did[OFFERED] / capacity, seconds, TIMES, "at least")
    yield _number("growth of memory, MiB", max(seen.memory) - base, seconds, MEMORY)
    for what, states in (("events", seen.events), ("decisions", seen.decisions)):
        yield from _answers(what, [each for each in states.history if began <= each.began <= ended], seconds)
    yield from _books([*others.history, *seen.events.history, *sent], found, seconds)
    for (what, when), each in seen.news.items():
        yield _number(f"{what} seen {when} it, seconds at most", max(each), seconds, NEWS)


BENCHMARKS = {name: Benchmark(partial(attacked, name), worlds=60, quick=10) for name in ATTACKS}
"""All attacks by name; each lasts for so many seconds."""


def _number(what: str, value: float, seconds: int, bar: float | None = None, side: Side = "at most") -> Figure:
    return Figure(what, value, value, value, seconds, bar, side)


def _answers(what: str, asked: Sequence[Operation], seconds: int) -> Iterator[Figure]:
    """What the server's key was answered: taken, told honestly to come again, or neither; and how soon."""
    taken = sum(200 <= each.status < 300 for each in asked)
    again = sum(each.status in (429, 503) and bool(each.retry_after) for each in asked)
    yield _number(f"{what}: answered 2xx", taken, seconds)
    yield _number(f"{what}: 429 or 503 with Retry-After", again, seconds)
    yield _number(f"{what}: any other answer, or none", len(asked) - taken - again, seconds, 0)
    took = [each.ended - each.began for each in asked]
    for part in (0.5, 0.99):
        yield replace(quantile(f"{what}: seconds, p{round(100 * part)}", took, part), worlds=seconds)


def _books(history: Sequence[Operation], found: dict[str, int], seconds: int) -> Iterator[Figure]:
    """What was acknowledged and lost, and whatever else the clients' books and the store disagree about."""
    known = {each for operation in history if operation.outcome == "acknowledged" for each in operation.ids}
    yield _number("events acknowledged", len(known), seconds)
    yield _number("events acknowledged, and lost", len(known - set(found)), seconds, 0)
    yield _number("books that do not agree", len(faults_in(history, found)), seconds, 0)


def _ask(running: Running, seen: Seen, *, until: float = 0.0, stop: threading.Event | None = None) -> None:
    """Send and decide in turn, on one connection that is kept and on a new one each time."""
    over = stop or threading.Event()
    with client_of(running.url) as kept:
        while not over.is_set() and (stop or time.monotonic() < until):
            with client_of(running.url) as new:
                for client in (kept, new):
                    send(seen.events, client, new_ids())
                    _decide(seen.decisions, client)
            over.wait(PACE)


def _decide(states: EvidenceState, client: httpx.Client) -> None:
    began = time.monotonic()
    status, again = 0, ""
    with suppress(httpx.TransportError):
        answer = client.post("/v1/decide", json={"customer": new_ids(1)[0], "channel": "email"})
        status, again = answer.status_code, answer.headers.get("Retry-After", "")
    outcome: Outcome = "acknowledged" if status == 200 else "unknown"
    states.note(Operation((), outcome, status, began=began, ended=time.monotonic(), retry_after=again))


def _capacity(running: Running, states: EvidenceState) -> float:
    """Events a second that are stored while some clients wait for each answer."""
    first = len(states.history)
    began = time.monotonic()
    with flooding(states, running.port, clients=FEW):
        time.sleep(CAPACITY_SECONDS)
    taken = sum(each.fates.count("stored") for each in states.history[first:])
    return taken / (time.monotonic() - began)


@contextmanager
def _asking(running: Running, seen: Seen) -> Iterator[None]:
    with _beside(lambda stop: _ask(running, seen, stop=stop)):
        yield


@contextmanager
def _watched(running: Running, seen: Seen) -> Iterator[None]:
    def watch(stop: threading.Event) -> None:
        while not stop.wait(0.1):
            seen.memory.append(_memory(running))

    with _beside(watch):
        yield


@contextmanager
def _beside(work: Callable[[threading.Event], None]) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _memory(running: Running) -> float:
    """MiB that the server has in memory."""
    text = Path(f"/proc/{running.process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def _tell_news(running: Running, seen: Seen, when: str, *, until: float) -> None:
    """Revoke keys and turn the kill switch by the command line, once at least; how long each took to be seen."""
    while True:
        id_, key = _new_key(running)
        _until(running, lambda status, _number: status == 200, key=key)
        _command(running, "keys", "revoke", id_)
        took = _until(running, lambda status, _number: status == 401, key=key)
        seen.news.setdefault(("a revoked key", when), []).append(took)
        for state in ("on", "off"):
            newer = partial(_is_newer, _snapshot(running)[1])
            _command(running, "kill", state)
            seen.news.setdefault(("the kill switch", when), []).append(_until(running, newer))
        if time.monotonic() > until:
            return


def _is_newer(than: int, status: int, number: int) -> bool:
    return status == 200 and number > than


def _until(running: Running, is_seen: Callable[[int, int], bool], *, key: str = "") -> float:
    """Seconds until an answer has come that is as it should be, or more than ``PATIENCE``."""
    began = time.monotonic()
    while True:
        seen = is_seen(*_snapshot(running, key))
        took = time.monotonic() - began
        if seen or took > PATIENCE:
            return took
        time.sleep(0.02)


def _snapshot(running: Running, key: str = "") -> tuple[int, int]:
    """The status and the number of the snapshot that is decided from, on a new connection; zeros for no answer."""
    with client_of(running.url) as client, suppress(httpx.TransportError):
        answer = client.get("/v1/snapshot", auth=(key, "") if key else httpx.USE_CLIENT_DEFAULT)
        return answer.status_code, answer.json()["number"] if answer.is_success else 0
    return 0, 0


def _new_key(running: Running) -> tuple[str, str]:
    key = f"sk_{new_ids(1)[0]}"
    _command(running, "keys", "create", "secret", "--value", key)
    _, context = open_context(running.folder)
    with closing(context.store):
        return keys_of(context)[-1].id, key


def _command(running: Running, *words: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        [*personas(*words), "--workspace", str(running.folder)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"`personas {' '.join(words[:2])}` left with {done.returncode} under attack: {done.stderr}")


def _connections_cut(running: Running) -> int:
    with client_of(running.url, timeout=60) as client:
        text = client.get("/metrics").text
    [line] = [line for line in text.splitlines() if line.startswith("living_personas_connections_cut ")]
    return int(float(line.split()[1]))
