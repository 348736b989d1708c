"""Stored text stays data (P28): it comes back only inside the boundary, and asking writes nothing."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AbstractContextManager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client
from mcp.shared.exceptions import MCPError

from agents.conversation import BOUNDARY, every_answer, service_of, talk, text_of
from agents.shops import CANARY, HOSTILE
from domain.test_legible import NAMES as LEGIBLE
from laws import law
from living_personas.domain.legible import blemish
from living_personas.errors import StoreError
from living_personas.loop.context import Context
from living_personas.mcp.framing import Frame, unframed
from living_personas.mcp.server import agent_server

FRAMED = re.compile(rf"<{BOUNDARY}>(.*?)</{BOUNDARY}>", re.DOTALL)


def outside(text: str) -> str:
    """What an answer says in its own name."""
    return FRAMED.sub("", text)


def bytes_of(folder: Path) -> dict[str, str]:
    """Every file of a workspace by its digest; what SQLite shares between processes is no content."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")
    }


async def prompts(client: Client) -> dict[str, str]:
    """What the prompts say, with hostile arguments."""
    asked: tuple[tuple[str, dict[str, str]], ...] = (
        ("write_copy", {"persona": "regular", "channel": HOSTILE[3], "goal": HOSTILE[0]}),
        ("explain_change", {"persona": "regular", "attribute": "framing"}),
        ("explain_change", {}),
        ("plan_next_test", {"persona": "newcomer"}),
        ("plan_next_test", {}),
        ("draft_persona", {"notes": "\n".join(HOSTILE)}),
    )
    found: dict[str, str] = {}
    for name, given_ in asked:
        (message,) = (await client.get_prompt(name, given_)).messages
        found[f"{name} {sorted(given_)}"] = message.content.model_dump()["text"]
    return found


async def failures(client: Client) -> dict[str, str]:
    """What errors say when their own arguments are hostile."""
    found: dict[str, str] = {}
    for hostile in HOSTILE:
        for name, given_ in (
            ("get_persona", {"persona": hostile}),
            ("get_evidence", {"persona": "regular", "attribute": hostile}),
            ("what_changed", {"since": hostile[:20]}),
            ("list_segments", {"state": hostile}),
            ("get_persona", {hostile: "regular"}),
            (hostile, {}),
            ("preview_decision", {"customer": hostile, "traits": {hostile: hostile}}),
        ):
            found[f"{name} {given_}"] = text_of(await client.call_tool(name, given_))
        for uri in (f"persona://{re.sub(r'[^A-Za-z]', '', hostile)}", f"persona://{CANARY}@1"):
            with pytest.raises(MCPError) as raised:
                await client.read_resource(uri)
            found[uri] = raised.value.error.message
        with pytest.raises(MCPError) as raised:
            await client.get_prompt("write_copy", {"persona": hostile, "channel": "x", "goal": "x"})
        found[f"prompt {hostile}"] = raised.value.error.message
    return found


@pytest.mark.promise("P28")
@pytest.mark.parametrize("detail", [False, True])
def test_hostile_text_comes_back_only_inside_the_boundary(hostile: Path, *, detail: bool) -> None:
    async def asked(client: Client) -> dict[str, str]:
        return {**await every_answer(client, detail=detail), **await prompts(client), **await failures(client)}

    answers = talk(service_of(hostile), asked)
    seen = [name for name, text in answers.items() if CANARY in text]
    assert len(seen) > 40  # the search must find something, or it proves nothing
    for name, text in answers.items():
        assert CANARY not in outside(text), name
        assert "evil.example" not in outside(text), name
        for stored in FRAMED.findall(text):
            assert not re.search(r"[<>]", stored), name
            assert blemish(stored, lines=True) == "", name


def test_every_hostile_text_was_told(hostile: Path) -> None:
    """The control of the search above: each string of the corpus is in some answer."""
    answers = talk(service_of(hostile), lambda client: every_answer(client, detail=True))
    told = "\n".join(json.dumps(json.loads(t)) if t.startswith("{") else t for t in answers.values())
    for text in HOSTILE:
        start = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")[:40]
        assert start in told or json.dumps(start)[1:-1] in told, text


@pytest.mark.promise("P28")
def test_asking_writes_nothing(hostile: Path) -> None:
    service = service_of(hostile)
    before = bytes_of(hostile)
    talk(service, lambda client: every_answer(client, detail=True))
    talk(service, prompts)
    talk(service, failures)
    assert bytes_of(hostile) == before


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("error", [StoreError(HOSTILE[0], hint=HOSTILE[1]), RuntimeError(HOSTILE[2])])
def test_what_fails_beside_a_question_is_framed_or_not_told(
    hostile: Path, error: Exception, mode: Literal["auto", "legacy"]
) -> None:
    def broken() -> AbstractContextManager[Context]:
        raise error

    async def asked() -> list[str]:
        found = []
        async with Client(agent_server(replace(service_of(hostile), opening=broken)), mode=mode) as client:
            for question in (
                client.call_tool("list_personas", {}),
                client.read_resource("changes://week"),
                client.list_resources(),
                client.get_prompt("plan_next_test", {}),
            ):
                with pytest.raises(MCPError) as raised:
                    await question
                found.append(raised.value.error.message)
        return found

    messages = asyncio.run(asked())
    assert len(messages) == 4
    for message in messages:
        assert CANARY not in outside(message)
        assert (CANARY in message) == isinstance(error, StoreError)


@pytest.mark.promise("P28")
@law()
@given(text=st.text())
def test_a_frame_cannot_be_left(text: str) -> None:
    framed = Frame(boundary=BOUNDARY).data(text, most=10_000)
    assert FRAMED.fullmatch(framed)
    assert "<" not in framed[10:-11]
    assert blemish(framed[10:-11]) == ""


@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_what_is_framed_can_be_passed_back(text: str) -> None:
    assert unframed(Frame(boundary=BOUNDARY).data(text, most=10_000)) == text


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\ufeff", "\ufe0f", "\U000e0041", "\x1b", "\ud800"])
def test_signs_that_nobody_sees_are_shown(sign: str) -> None:
    assert Frame(boundary=BOUNDARY).data(f"a{sign}b") == f"<{BOUNDARY}>a\\u{ord(sign):04x}b</{BOUNDARY}>"


@pytest.mark.parametrize("name", LEGIBLE)
def test_agents_get_names_as_people_write_them(name: str) -> None:
    framed = Frame(boundary=BOUNDARY).data(name)
    assert framed == f"<{BOUNDARY}>{name}</{BOUNDARY}>"
    assert unframed(framed) == name
