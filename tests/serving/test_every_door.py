"""One question, one answer: whoever asks, through whichever door, and whatever happened a moment ago."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from starlette.testclient import TestClient

from living_personas.api.open_workspace import open_workspace
from living_personas.http.app import create_app
from living_personas.http.service import open_service
from living_personas.loop import cycle
from living_personas.people.keys import create_key
from serving.doors import Doors, Said, Wanted

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY = "sk_test_1"
CONTACT = """\
contact:
  channels: [email]
  caps: {{day: 1}}
  cool_downs: {{Order Completed: 2 days}}
  quiet_hours: {{from: '{begins}', to: '07:00'}}
"""
PERSONA = """\
persona: {id}
name: {id}
who: {who}
priority: {priority}
channels: [email, landing]
goal: {{event: Order Completed, within: 1 day}}
attributes:
  framing: {{options: [discount, quality], we_believe: discount, assign: {assign}}}
  offer: {{options: [none, ten_percent_off], we_believe: none, assign: day}}
{more}"""
IGNORE = "customer like 'u1%' or customer in ('123', 'anon2') or seats = 3"
MORE = ("", "  tone: {options: [warm, cool], we_believe: warm, assign: visit}\n",
        "  banner: {options: [red, blue], we_believe: red, assign: campaign}\n")  # fmt: skip
WORDS: tuple[tuple[str, Any], ...] = (
    ("consent_email", False), ("consent_email", "no"), ("consent", "denied"), ("gpc", True),
    ("consent_email", "perhaps"), ("consent_landing", 0), ("consent_email", True), ("plan", "pro"),
    ("plan", "free"), ("time_zone", "Asia/Tokyo"),
    ("time_zone", "Mars"), ("seats", 12), ("seats", "3"), ("seats", "many"),
)  # fmt: skip
PEOPLE = [f"u{number}" for number in range(12)] + ["anon1", "anon2", "anon3", "123", "nobody-knows-me"]


def write_workspace(folder: Path, rng: Random) -> Path:
    """Some workspace: with or without a contact policy, with attributes of every kind."""
    (folder / "personas").mkdir(parents=True)
    contact = CONTACT.format(begins=rng.choice(["22:00", "11:00"])) if rng.random() < 0.5 else ""
    campaigns = "campaigns: {autumn: 2026-11-01}\n"
    ignore = f'ignore: "{IGNORE}"\n' if rng.random() < 0.5 else ""
    consent = rng.choice(["", "", "consent: required\n"])
    (folder / "workspace.yaml").write_text(
        f"name: Shop\nsalt: a-salt-for-tests-only\nholdout: 10%\n{consent}{campaigns}{contact}{ignore}"
    )
    rules = ("plan = 'pro'", "seats >= 5", "true")
    for priority, (id_, who) in enumerate(zip(("pro", "large", "other"), rules, strict=True)):
        assign, more = rng.choice(["day", "week", "always"]), rng.choice(MORE)
        text = PERSONA.format(id=id_, who=json.dumps(who), priority=priority, assign=assign, more=more)
        (folder / "personas" / f"{id_}.yaml").write_text(text)
    return folder


def call(rng: Random, number: int, at: datetime) -> tuple[str, dict[str, Any]]:
    """Something that a customer said, did or met, as a client sends it: the path and the body."""
    user, anonymous = rng.choice(PEOPLE[:12]), rng.choice(["anon1", "anon2", "anon3"])
    about = {"messageId": f"m{number}", "timestamp": at.isoformat(), "userId": user}
    kind = rng.random()
    if kind < 0.5:
        said = dict(rng.sample(WORDS, rng.randint(1, 2)))
        who = {"userId": user} if rng.random() < 0.7 else {"anonymousId": anonymous}
        return "identify", {"messageId": f"m{number}", "timestamp": at.isoformat(), **who, "traits": said}
    if kind < 0.7:
        return "identify", about | {"anonymousId": anonymous, "traits": {}}
    if kind < 0.85:
        return "track", about | {"event": "Order Completed", "properties": {}}
    met = {"experiment_id": "framing", "variation_name": rng.choice(["discount", "quality"])}
    return "track", about | {"event": "Experiment Viewed", "context": {"channel": "email"}, "properties": met}


def questions(rng: Random, count: int) -> list[Wanted]:
    """What is asked, of whom."""
    return [
        Wanted(
            customer=rng.choice(PEOPLE),
            channel=rng.choice(["email", "email", "landing", ""]),
            traits=tuple(dict(rng.sample(WORDS, rng.choice([0, 0, 1, 2]))).items()),
            visit=rng.choice(["", "", "v1"]),
            campaign=rng.choice(["", "", "autumn"]),
        )
        for _ in range(count)
    ]


@contextmanager
def lived(folder: Path, rng: Random) -> Iterator[tuple[Doors, TestClient]]:
    """A workspace that is served, with a past, a cycle, and a minute that no cycle knows."""
    clock = [NOW - timedelta(days=1)]
    service = open_service(write_workspace(folder, rng), clock=lambda: clock[0])
    create_key(service.context, "secret", KEY, now=NOW)
    cycle.run(service.context, now=clock[0], owner="tests")
    service.watch.look()
    with (
        TestClient(create_app(service)) as client,
        open_workspace(folder, clock=lambda: NOW) as workspace,
    ):
        past = [{"messageId": f"p{n}", "userId": f"u{n % 90}", "timestamp": (NOW - timedelta(days=2)).isoformat(),
                 "type": "identify", "traits": dict([WORDS[6 + n % 3], WORDS[11]])} for n in range(90)]  # fmt: skip
        send(client, "batch", {"batch": past})
        for number in range(rng.randint(0, 30)):
            send(client, *call(rng, number, NOW - timedelta(hours=rng.randint(25, 90))))
        cycle.run(service.context, now=NOW - timedelta(hours=6), owner="tests", until=(NOW - timedelta(days=1)).date())
        clock[0] = NOW
        service.watch.look()
        for number in range(100, 100 + rng.randint(0, 15)):
            send(client, *call(rng, number, NOW - timedelta(minutes=rng.randint(1, 600))))
            if rng.random() < 0.1:
                service.context.store.inbox.seal()
        yield Doors(folder, workspace, service.context, client, KEY, now=NOW), client


def send(client: TestClient, path: str, body: dict[str, Any]) -> None:
    """What the service acknowledges."""
    answer = client.post(f"/v1/{path}", json=body, headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200, answer.text


def disagreements(said: dict[str, Said]) -> list[str]:
    """The doors that do not say what the first says."""
    first = next(iter(said.values()))
    return [f"{name}: {each}, not {first}" for name, each in said.items() if not each.agrees(first)]


def asked(doors: Doors, rng: Random, count: int) -> tuple[int, list[tuple[Wanted, list[str]]]]:
    """How many questions were asked, and of those that were answered in several ways, how."""
    found: list[tuple[Wanted, list[str]]] = []
    wanted = questions(rng, count)
    for number, each in enumerate(wanted):
        said = doors.one(each, slow=number % 8 == 0)
        alike = [each, *(replace(each, customer=other) for other in rng.sample(PEOPLE, 2))]
        listed = doors.many(alike)
        said |= {name: answers[0] for name, answers in listed.items()}
        if number % 40 == 0:
            said |= doors.typed(each)
        if wrong := disagreements(said):
            found.append((each, wrong))
    return len(wanted), found


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_every_door_gives_the_same_answer(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - a world, not a secret
    with lived(tmp_path / "shop", rng) as (doors, _):
        count, found = asked(doors, rng, 60)
    assert count == 60
    assert found == []


@pytest.mark.slow
def test_every_door_gives_the_same_answer_ten_thousand_times(tmp_path: Path) -> None:
    total, wrong = 0, 0
    for seed in range(1000, 1050):
        rng = Random(seed)  # noqa: S311 - a world, not a secret
        with lived(tmp_path / str(seed), rng) as (doors, _):
            count, found = asked(doors, rng, 200)
        total, wrong = total + count, wrong + len(found)
        assert found == [], seed
    print(f"\none answer: {wrong} disagreements in {total:,} questions")
    assert total == 10_000
