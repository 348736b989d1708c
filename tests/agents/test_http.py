"""The same tools over HTTP: a real server, a real client, and a key for every request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.applications import Starlette
from starlette.routing import Mount

from agents.conversation import said, service_of
from listening import running
from living_personas.mcp.asgi import AgentApp
from living_personas.mcp.asking import Caller
from living_personas.mcp.framing import unframed

KEYS = {"reading-key": Caller(name="reader"), "writing-key": Caller(name="crm-bot", writes=True)}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server that runs in a thread of its own."""
    agents = AgentApp(service_of(folder), check=KEYS.get, origins=["https://personas.example"])

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with agents.running():
            yield

    app = Starlette(routes=[Mount("/mcp", app=agents)], lifespan=lifespan)
    with running(uvicorn.Config(app, port=0, log_level="error", ws="none")) as address:
        yield f"{address}/mcp/"


def ask(address: str, key: str, tool: str, **given: Any) -> tuple[int, dict[str, Any]]:
    """How many tools a key sees, and what one of them says."""

    async def held() -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            return len((await client.list_tools()).tools), await said(client, tool, **given)

    return asyncio.run(held())


def test_a_key_reads_and_another_writes_in_its_own_name(own_shop: Path) -> None:
    with served(own_shop) as address:
        tools, answer = ask(address, "reading-key", "get_persona", persona="regular")
        assert (tools, unframed(answer["beliefs"][0]["value"])) == (7, "quality")
        given = {"persona": "regular", "attribute": "framing", "value": "discount", "why": "Stock."}
        tools, answer = ask(address, "writing-key", "propose_change", **given)
        assert (tools, answer["waits_for"]) == (10, "a person")
        _, answer = ask(address, "writing-key", "what_changed", detail=True)
        assert answer["waiting"] == 2  # the newcomers' own, and this one


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost.evil.example:80", 403),
        ("http://[", 403),
        ("http://localhost:6274", 200),
        ("http://[::1]:6274", 200),
        ("https://personas.example", 200),
    ],
)
def test_the_page_of_another_site_is_not_answered(shop: Path, origin: str, status: int) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accepts = {"Accept": "application/json, text/event-stream", "Authorization": "Bearer reading-key"}
    with served(shop) as address:
        answer = httpx2.post(address, json=body, headers={**accepts, "Origin": origin})
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic reading-key"}, {"Authorization": "reading-key"}],
)
def test_without_a_key_nothing_is_answered(shop: Path, headers: dict[str, str]) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    with served(shop) as address:
        answer = httpx2.post(address, json=body, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "list_personas" not in answer.text


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_no_stream_is_opened(shop: Path, method: str) -> None:
    """Every request is answered on its own: a stream would have nothing to tell, and hold a connection for ever."""
    with served(shop) as address:
        headers = {"Authorization": "Bearer reading-key", "Accept": "text/event-stream"}
        answer = httpx2.request(method, address, headers=headers, timeout=20)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
