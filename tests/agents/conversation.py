"""Conversations through the SDK's own client: in one process, over a pipe, and over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, TextContent, TextResourceContents

from living_personas.mcp.asking import Caller
from living_personas.mcp.server import AgentService, agent_server
from living_personas.reporting.anonymous import Discretion
from living_personas.wiring import open_context

T = TypeVar("T")
Talk = Callable[[Client], Awaitable[T]]

SRC = Path(__file__).parents[2] / "src"
BOUNDARY = "b0b0b0b0"
NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)

READS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("list_personas", {}),
    ("get_persona", {"persona": "*"}),
    ("get_evidence", {"persona": "*", "attribute": "framing"}),
    ("what_changed", {"since": "90d"}),
    ("list_segments", {}),
    ("preview_decision", {"traits": {"orders": 0}}),
    ("preview_decision", {"customer": "c1"}),
    ("find_persona", {"description": "framing by quality, discount and orders"}),
)
"""Every read tool; ``*`` stands for the first persona."""


def service_of(folder: Path, *, writes: bool = False, smallest: int = 50) -> AgentService:
    """The service of a workspace, with a boundary that is known beforehand."""
    _, context = open_context(folder)
    return AgentService(
        opening=lambda: nullcontext(context),
        clock=lambda: NOW,
        boundary=lambda: BOUNDARY,
        owner="tests",
        caller=Caller(name="tester", writes=writes),
        discretion=Discretion(smallest=smallest),
    )


def talk(service: AgentService, conversation: Talk[T]) -> T:
    """A conversation in one process."""

    async def held() -> T:
        async with Client(agent_server(service)) as client:
            return await conversation(client)

    return asyncio.run(held())


def on_a_pipe(folder: Path, conversation: Talk[T], *options: str) -> T:
    """A conversation with ``personas mcp`` as a desktop assistant would start it."""
    code = "from living_personas.cli import main; main()"
    command = StdioServerParameters(
        command=sys.executable,
        args=["-c", code, "mcp", "--workspace", str(folder), *options],
        env={"PYTHONPATH": str(SRC), "PATH": os.environ["PATH"]},
    )

    async def held() -> T:
        async with Client(command) as client:
            return await conversation(client)

    return asyncio.run(held())


def text_of(result: CallToolResult) -> str:
    """The text of a result."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def said(client: Client, tool: str, /, **given: Any) -> dict[str, Any]:
    """The structured answer of a tool; the client has checked it against the tool's own schema."""
    result = await client.call_tool(tool, given)
    assert not result.is_error, text_of(result)
    assert json.loads(text_of(result)) == result.structured_content
    found: dict[str, Any] = result.structured_content
    return found


async def every_answer(client: Client, *, detail: bool = False) -> dict[str, str]:
    """What every read tool, resource and prompt says, and what errors say."""
    first = (await said(client, "list_personas"))["personas"][0]["persona"]
    found: dict[str, str] = {}
    for name, given in READS:
        asked = {key: first if value == "*" else value for key, value in given.items()}
        result = await client.call_tool(name, asked | ({"detail": True} if detail else {}))
        found[f"{name} {given}"] = text_of(result)
    for resource in (await client.list_resources()).resources:
        (contents,) = (await client.read_resource(resource.uri)).contents
        assert isinstance(contents, TextResourceContents)
        found[str(resource.uri)] = contents.text
    return found
