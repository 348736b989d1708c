"""One story: what people decide is told alike by every page, command and message."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from mcp import Client

from agents.conversation import BOUNDARY, said, service_of, talk
from cli.shop import hand
from dashboard.desk import Desk, submit
from living_personas.domain.belief import Subject
from living_personas.domain.settings import WebhookTarget
from living_personas.loop.cycle import run
from living_personas.loop.segments.discovery import segments
from living_personas.memory.records import ANNOUNCED, ANNOUNCING_SINCE
from living_personas.outgoing import outbox
from living_personas.outgoing.announcements import changes_in
from living_personas.people import acting
from living_personas.people.person import Person
from living_personas.people.reviewing import waiting
from living_personas.workspace.text_file import put_text

Told = Mapping[str, str]

HOOK = WebhookTarget(url="https://hooks.example/x", secret_env="HOOK")  # noqa: S106 - the name of a variable
OFFER = "deal-hunter/offer"
LINES = ("--format", "md")
"""Tables that no width of a terminal wraps."""


def told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> Told:
    """What each surface says, in words alone."""
    typed, client = hand(capsys), desk.client("Dana")
    commands = {"report": ["report"], "review": ["review", *LINES], "digest": ["digest"]}
    pages = {"home": "/", "personas": "/personas", "persona": "/personas/deal-hunter", "queue": "/review"}
    return {
        **{name: _plain(typed(*words, "--workspace", desk.root).out) for name, words in commands.items()},
        **{name: _plain(unescape(re.sub("<[^>]*>", " ", client.get(path).text))) for name, path in pages.items()},
        "agents": _plain(_agents(desk)),
    }


def _agents(desk: Desk) -> str:
    async def asked(client: Client) -> str:
        return json.dumps(await said(client, "what_changed", detail=True), ensure_ascii=False)

    return re.sub(f"</?{BOUNDARY}>", "", talk(service_of(desk.root), asked))


def _plain(text: str) -> str:
    return re.sub(r"[\s“”'│|]+", " ", text)


def _waiting(desk: Desk) -> str:
    return next(each.id for each in desk.context.store.refinements.waiting() if str(each.subject) == OFFER)


def test_what_was_rejected_waits_nowhere(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    client, waits = desk.client("Dana"), "free_returns is proven better than ten_percent_off , and waits for you"
    before = told(desk, capsys)
    assert [name for name in ("report", "personas", "persona") if waits not in before[name]] == []
    submit(client, "/review", f"/review/{_waiting(desk)}/reject")
    after = told(desk, capsys)
    assert [name for name, text in after.items() if waits in text] == []


def test_what_is_set_aside_still_waits_and_is_said_to_be_set_aside(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    client, id_ = desk.client("Eve"), _waiting(desk)
    count = len(desk.context.store.refinements.waiting())
    submit(client, "/review", f"/review/{id_}/hold")
    found = told(desk, capsys)
    aside = f"set aside by Eve on {desk.now:%Y-%m-%d}"
    assert [name for name in ("report", "review", "digest") if aside not in found[name]] == []
    waits = f"{count} changes wait for a person, 1 of them set aside."
    assert [name for name in ("home", "queue") if waits not in found[name]] == []
    assert '"set_aside_by": "Eve"' in found["agents"]


def test_who_holds_everything_is_named_everywhere_and_told_once(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk.client("Dana")
    before = {each.id for each in changes_in(desk.context)}
    for who in (client, desk.client("Dana")):
        submit(who, "/changes", "/kill", state="on", sure="1")
    held = f"Dana threw the kill switch on {desk.now:%Y-%m-%d %H:%M}: everybody gets the present values"
    found = told(desk, capsys)
    places = ("report", "digest", "agents")
    assert [name for name in places if held not in found[name]] == []
    page = f"Dana threw the kill switch on {desk.now.day} {desk.now:%B %Y, %H:%M}: everybody gets the present values"
    assert page in found["home"]
    submit(client, "/changes", "/kill", state="off", sure="1")
    assert [name for name, text in told(desk, capsys).items() if held in text or page in text] == []
    assert "Dana let evidence go on on" in told(desk, capsys)["digest"]
    news = [each for each in changes_in(desk.context) if each.id not in before]
    assert [(each.name, each.data["by"], each.time) for each in news] == [
        ("workspace.held", "Dana", desk.now),
        ("workspace.released", "Dana", desk.now),
    ]


def test_what_people_do_is_sent_in_order_each_with_its_moment(desk: Desk) -> None:
    before = {each.id for each in changes_in(desk.context)}
    subject, id_ = Subject(persona="deal-hunter", attribute="offer"), _waiting(desk)
    acts: list[Callable[[Person], object]] = [
        lambda person: acting.pin(desk.context, subject, person),
        lambda person: acting.pin(desk.context, subject, person, hold=False),
        lambda person: acting.approve(desk.context, id_, person),
        lambda person: acting.roll_back(desk.context, "deal-hunter", person, to=1),
    ]
    moments = [desk.now + timedelta(minutes=number) for number in range(len(acts))]
    for act, now in zip(acts, moments, strict=True):
        act(Person(by="Dana", now=now, owner="test"))
    news = [each for each in changes_in(desk.context) if each.id not in before]
    told = [(each.name, each.data.get("version", each.data.get("decision")), each.time) for each in news]
    assert told == [
        ("persona.version.published", 2, moments[0]),
        ("persona.version.published", 3, moments[1]),
        ("review.decided", "approved", moments[2]),
        ("persona.version.published", 4, moments[2]),
        ("persona.version.rolled_back", 5, moments[3]),
    ]
    desk.context = replace(desk.context, settings=replace(desk.context.settings, webhooks=(HOOK,)))
    ANNOUNCING_SINCE.write(desk.context.store, desk.now)
    ANNOUNCED.write_all(desk.context.store, dict.fromkeys(before, True))
    outbox.collect(desk.context, now=desk.now)
    going = outbox.outgoing(desk.context.store)
    assert [each.id for each in going] == [each.id for each in news], "in order of time, not of their ids"


def test_a_segment_adopted_and_taken_back_keeps_its_names_its_moments_and_its_author(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    client, typed = desk.client("Dana"), hand(capsys)
    (segment,) = [each for each in segments(desk.context) if each.state == "open"]
    submit(client, "/segments", f"/segments/{segment.id}/name", name="Nachtschwärmer")
    submit(client, "/segments", f"/segments/{segment.id}/adopt")
    run(desk.fresh(), now=desk.now, owner="test")
    submit(client, "/segments", f"/segments/{segment.id}/undo")
    by = [line for line in typed("log", *LINES, "--workspace", desk.root).out.splitlines() if "Nachtschw" in line]
    assert len(by) == 1
    assert "discovery" in by[0], "who adopted it did not write it, also after it was taken back"
    moment = f"{desk.now:%Y-%m-%d %H:%M}: its adoption was undone by Dana (persona 'Nachtschwärmer')"
    for command in (["discover", "list"], ["digest"]):
        assert moment in " ".join(typed(*command, "--workspace", desk.root).out.split()), command
    page = f"{desk.now.day} {desk.now:%B %Y, %H:%M}: its adoption was undone by Dana (persona “Nachtschwärmer”)"
    assert page in unescape(client.get("/segments").text)
    told = {each.name: each for each in changes_in(desk.context) if each.data.get("persona") == "nachtschwarmer"}
    assert [each.data["by"] for each in told.values()] == ["discovery"]
    undone = next(each for each in changes_in(desk.context) if each.name == "segment.undone")
    assert (undone.time, undone.data["by"]) == (desk.now, "Dana")


def test_what_is_asked_about_a_persona_that_is_gone_waits_nowhere_until_it_is_back(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path, id_, count = desk.root / "personas" / "deal-hunter.yaml", _waiting(desk), len(waiting(desk.context))
    client, typed, text = desk.client("Dana"), hand(capsys), path.read_text()
    found = told(desk, capsys)
    assert f"{count} changes wait for a person." in found["home"]
    path.unlink()
    there = typed("review", "--format", "json", "--workspace", desk.root).out
    assert (id_ in there, len(json.loads(there))) == (False, count - 1)
    found = told(desk, capsys)
    assert f"{count - 1} changes wait for a person." in found["home"]
    assert [name for name in ("report", "digest", "queue", "personas", "agents") if id_ in found[name]] == []
    assert "There is no persona deal-hunter ." in found["persona"]
    assert submit(client, "/review", f"/review/{id_}/approve").status_code == 404
    path.write_text(text)
    assert id_ in typed("review", "--workspace", desk.root).out
    assert "waits for you" in told(desk, capsys)["persona"]


def test_a_persona_that_ends_and_returns_is_told_once_each_by_every_surface(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path, typed = desk.root / "personas" / "deal-hunter.yaml", hand(capsys)
    text, before = path.read_text(), {each.id for each in changes_in(desk.context)}
    for what in ("was taken away", "is there again"):
        put_text(path, text if what == "is there again" else None)
        for _ in range(2):
            run(desk.fresh(), now=desk.now, owner="test")
        found = {**told(desk, capsys), "log": _plain(typed("log", *LINES, "--workspace", desk.root).out)}
        for surface in ("log", "digest", "home", "agents"):
            assert found[surface].count(f"Its file {what}.") == 1, surface
    names = [each.name for each in changes_in(desk.context) if each.id not in before]
    assert names == ["persona.ended", "persona.returned"]
    assert [each.version for each in desk.context.store.versions.history("deal-hunter")] == [1]
    assert desk.client("Dana").get("/personas/deal-hunter/versions/1").status_code == 200


def test_what_was_proven_of_another_goal_waits_no_more(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    path, id_ = desk.root / "personas" / "deal-hunter.yaml", _waiting(desk)
    text = path.read_text()
    path.write_text(text.replace("within: 3 days", "within: 5 days"))
    run(desk.fresh(), now=desk.now, owner="test")
    found = told(desk, capsys)
    assert [name for name, words in found.items() if id_ in words] == []
    assert "Nobody knows yet about offer." in found["persona"]
    refused = submit(desk.client("Dana"), "/review", f"/review/{id_}/approve")
    assert (refused.status_code, "began anew on" in refused.text) == (409, True)
