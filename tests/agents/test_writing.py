"""Where writes are enabled, an agent may suggest and record; deciding stays with people."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from agents.conversation import NOW, said, service_of, talk, text_of
from cli.conftest import personas as personas  # noqa: PLC0414 - the hand that types
from cli.shop import Typed
from dashboard.lived import PASSWORD
from living_personas.cli import login
from living_personas.domain.belief import Subject
from living_personas.domain.event import Event
from living_personas.loop.forgetting import erase
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.mcp.framing import unframed
from living_personas.memory.tables import EVENTS
from living_personas.people.person import Person
from living_personas.people.person_accounts import add_person, remove_person
from living_personas.people.proposing import propose, proposer_of
from living_personas.refining.propose import refinement_id
from living_personas.wiring import open_context


def test_a_suggestion_waits_for_a_person_who_approves_it(own_shop: Path, personas: Typed) -> None:
    async def suggested(client: Client) -> list[dict[str, Any]]:
        given = {"persona": "regular", "attribute": "framing", "value": "discount", "why": "Stock must go."}
        return [await said(client, "propose_change", **given) for _ in range(2)]

    once, twice = talk(service_of(own_shop, writes=True), suggested)
    assert once["review"] == twice["review"]
    assert once["waits_for"] == "a person"
    assert unframed(once["belief"]["value"]) == "quality"
    listed = personas("review", "--workspace", own_shop)
    assert listed.code == 3
    assert "Proposed by tester, not by evidence: Stock must go." in listed.out
    assert personas("review", "approve", once["review"], "--by", "Ada", "--workspace", own_shop).code == 0
    _, context = open_context(own_shop)
    with closing(context.store):
        assert context.store.versions.history("regular")[-1].standing("framing").value == "discount"


def test_who_proposed_it_through_an_agent_does_not_approve_it_unless_alone(
    own_shop: Path, personas: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def suggested(client: Client) -> str:
        given = {"persona": "regular", "attribute": "framing", "value": "discount", "why": "Stock must go."}
        return str((await said(client, "propose_change", **given))["review"])

    review = talk(service_of(own_shop, writes=True), suggested)
    _, context = open_context(own_shop)
    with closing(context.store):
        assert proposer_of(context.store, review) == "tester"
        add_person(context, "Ada", role="approver", password=PASSWORD, salt=b"salt", n=2)
    for name in ("tester", "Tester"):
        monkeypatch.setattr(login, "account", lambda typing=name: typing)
        refused = personas("review", "approve", review, "--by", "Ada", "--workspace", own_shop)
        assert refused.code == 1
        assert f"{name!r} proposed this change." in refused.err
        assert "ask somebody else to decide" in refused.err
    with closing(open_context(own_shop)[1].store) as store:
        assert store.refinements.get(review).review == "open"
    _, context = open_context(own_shop)
    with closing(context.store):
        remove_person(context, "Ada", now=datetime(2026, 11, 1, tzinfo=UTC))
    assert personas("review", "approve", review, "--workspace", own_shop).code == 0


def test_what_somebody_else_proposed_is_approved_by_another_account_on_the_command_line(
    own_shop: Path, personas: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, context = open_context(own_shop)
    with closing(context.store):
        for name in ("Ada", "Bob"):
            add_person(context, name, role="approver", password=PASSWORD, salt=b"salt", n=2)
        bob = Person(by="Bob", now=datetime(2026, 3, 9, tzinfo=UTC), owner="desk")
        made = propose(context, Subject(persona="regular", attribute="framing"), bob, value="discount", why="")
    assert made.why == "Proposed by Bob, not by evidence: no reason given"
    for typing, why in (("bob", "'bob' proposed this change."), ("deploy", "'deploy' is no account of this workspace")):
        monkeypatch.setattr(login, "account", lambda name=typing: name)
        refused = personas("review", "approve", made.id, "--by", "Ada", "--workspace", own_shop)
        assert refused.code == 1
        assert why in refused.err
    monkeypatch.setattr(login, "account", lambda: "Ada")
    assert personas("review", "approve", made.id, "--by", "Cleo", "--workspace", own_shop).code == 0
    with closing(open_context(own_shop)[1].store) as store:
        assert store.refinements.get(made.id).decided_by == "Ada for Cleo"


def test_a_rejected_suggestion_never_silences_evidence(own_shop: Path, personas: Typed) -> None:
    async def suggest(client: Client) -> str:
        given = {"persona": "regular", "attribute": "framing", "value": "discount", "why": "I feel it."}
        result = await client.call_tool("propose_change", given)
        return text_of(result)

    talk(service_of(own_shop, writes=True), suggest)
    _, context = open_context(own_shop)
    with closing(context.store):
        (made,) = [r for r in context.store.refinements.all(persona="regular") if r.review == "open"]
        since = context.store.versions.history("regular")[-1].standing("framing").since
    subject = Subject(persona="regular", attribute="framing")
    assert made.id != refinement_id(subject, "correct", new="discount", since=since)
    assert personas("review", "reject", made.id, "--by", "Ada", "--workspace", own_shop).code == 0
    assert "rejected by Dana for Ada" in talk(service_of(own_shop, writes=True), suggest)


def test_a_pinned_or_present_value_cannot_be_proposed(own_shop: Path) -> None:
    async def suggest(client: Client) -> str:
        given = {"persona": "regular", "attribute": "framing", "value": "quality", "why": "Again."}
        result = await client.call_tool("propose_change", given)
        assert result.is_error
        return text_of(result)

    assert "nothing to propose" in talk(service_of(own_shop, writes=True), suggest)


def test_a_segment_gets_a_suggested_name_and_keeps_its_own(own_shop: Path, personas: Typed) -> None:
    async def name(client: Client) -> dict[str, Any]:
        (segment,) = (await said(client, "list_segments"))["segments"]
        return await said(client, "name_segment", segment=segment["segment"], name="Silent evaluators")

    named = talk(service_of(own_shop, writes=True), name)
    assert [unframed(each) for each in named["suggested"]] == ["Silent evaluators"]
    listed = personas("discover", "list", "--workspace", own_shop).out
    assert "heavy product use, opens nothing" in listed
    assert "Suggested name: 'Silent evaluators' (tester)" in listed


def test_an_outcome_counts_once(own_shop: Path) -> None:
    async def record(client: Client) -> list[dict[str, Any]]:
        given = {"customer": "c1", "event": "Order Completed", "message_id": "crm-1"}
        found = [await said(client, "record_outcome", **given) for _ in range(2)]
        unknown = await client.call_tool("record_outcome", given | {"event": "Order Dreamt"})
        assert unknown.is_error
        assert "Order Completed" in text_of(unknown)
        for wrong in ({"customer": True}, {"message_id": "crm\0"}, {"message_id": "crm" * 60 + "\ud800"}):
            assert (await client.call_tool("record_outcome", given | wrong)).is_error
        return found

    first, second = talk(service_of(own_shop, writes=True), record)
    assert (first["stored"], first["duplicate"]) == (1, 0)
    assert (second["stored"], second["duplicate"]) == (0, 1)
    assert first["counts_for"] == []


def test_what_an_agent_records_is_marked_and_takes_no_order_of_a_server_away(own_shop: Path) -> None:
    given = {"customer": "c1", "event": "Order Completed", "message_id": "crm-1"}

    async def outcome(client: Client) -> dict[str, Any]:
        return await said(client, "record_outcome", **given)

    talk(service_of(own_shop, writes=True), outcome)
    order = Event(message_id="crm-1", customer="c1", name="Order Completed", time=NOW)
    _, context = open_context(own_shop)
    with closing(context.store):
        assert record(context, [order], received=NOW).receipt.stored == 1
        context.store.inbox.seal()
        rows = table_of(EVENTS.read(context.store, NOW.date(), NOW.date())).to_pylist()
    found = {row["message_id"]: row["properties"] for row in rows if row["message_id"].endswith("crm-1")}
    assert found == {"agent:crm-1": '{"sent_from": "agent"}', "crm-1": "{}"}


def test_an_outcome_of_an_erased_customer_is_refused(own_shop: Path) -> None:
    _, context = open_context(own_shop)
    with closing(context.store):
        erase(context, ["c1"], now=NOW, by="Ada", owner="desk")

    async def outcome(client: Client) -> dict[str, Any]:
        return await said(client, "record_outcome", customer="c1", event="Order Completed", message_id="crm-1")

    answer = talk(service_of(own_shop, writes=True), outcome)
    assert {kind: answer[kind] for kind in ("received", "stored", "duplicate", "refused")} == {
        "received": 1,
        "stored": 0,
        "duplicate": 0,
        "refused": 1,
    }
