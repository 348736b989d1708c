"""A shop that is served: two personas, the keys of every kind, and a clock that stands still."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from living_personas.http.app import create_app
from living_personas.http.service import Service, open_service
from living_personas.loop import cycle
from living_personas.people.keys import create_key
from written import write_workspace

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)

WORKSPACE = "name: Shop\nsalt: a-salt-for-tests-only\nholdout: 0%\n"

PERSONAS = {
    "saver": """\
persona: saver
name: Saver
who: utm_campaign like '%deal%'
priority: 1
goal: {event: Order Completed, within: 1 day}
attributes:
  framing: {options: [discount, quality], we_believe: discount, assign: week}
  offer: {options: [none, ten_percent_off], we_believe: none, assign: day}
""",
    "other": """\
persona: other
name: Other
who: "true"
priority: 2
goal: {event: Order Completed, within: 1 day}
attributes:
  framing: {options: [discount, quality], we_believe: quality, assign: week}
""",
}


def write_shop(folder: Path) -> Path:
    """The files of the shop."""
    return write_workspace(folder, WORKSPACE, PERSONAS)


@dataclass
class Hands:
    """A clock that tests move."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Served:
    """The shop and whoever asks it."""

    folder: Path
    service: Service
    client: TestClient
    clock: Hands
    keys: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, body: object, *, key: str = "publishable") -> Any:
        """The answer to JSON that was posted with a key."""
        return self.client.post(path, json=body, headers=self.bearer(key))

    def counts(self) -> dict[str, float]:
        """Events received, and by fate, as the metrics say."""
        text = self.client.get("/metrics", headers=self.bearer("admin")).text
        lines = (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("living_personas_events"))
        return {name.removeprefix("living_personas_events"): float(value) for name, value in lines}

    def bearer(self, kind: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[kind]}"}


KEYS = {"publishable": "wk_test_1", "secret": "sk_test_1", "admin": "ak_test_1"}


@contextmanager
def served_daily(
    folder: Path, *, goal: str = "", settings: str = WORKSPACE, lookup: Callable[[str], str | None] = os.environ.get
) -> Iterator[Served]:
    """The shop with customers who draw anew each day; ``goal`` is written into the goal of its personas."""
    root, clock = write_shop(folder), Hands()
    (root / "workspace.yaml").write_text(settings)
    for path in (root / "personas").iterdir():
        text = path.read_text().replace("assign: week", "assign: day")
        path.write_text(text.replace("within: 1 day", f"within: 1 day{goal}"))
    service = open_service(root, clock=clock, lookup=lookup)
    for kind in ("publishable", "secret"):
        create_key(service.context, kind, KEYS[kind], now=NOON)
    cycle.run(service.context, now=NOON, owner="tests")
    service.watch.look()
    with TestClient(create_app(service)) as client:
        yield Served(root, service, client, clock, KEYS)


def track(id_: str, **more: Any) -> dict[str, Any]:
    """A call as Segment's clients make it."""
    return {"type": "track", "event": "Seen", "userId": "u1", "messageId": id_, **more}
