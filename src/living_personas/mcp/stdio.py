"""The server over stdin and stdout, for an agent on the same machine."""

from __future__ import annotations

import anyio
from mcp.server.stdio import stdio_server

from living_personas.mcp.server import AgentService, agent_server

__all__ = ["serve_stdio"]


def serve_stdio(service: AgentService) -> None:
    """Answer until the other side hangs up."""
    anyio.run(_serve, service)


async def _serve(service: AgentService) -> None:
    server = agent_server(service)
    async with stdio_server() as (reads, writes):
        await server.run(reads, writes, server.create_initialization_options())
