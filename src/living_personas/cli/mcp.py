"""``mcp``: answer an agent over stdin and stdout."""

from __future__ import annotations

from contextlib import closing, nullcontext
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.failures import say
from living_personas.cli.options import Folder
from living_personas.domain.head_count import SMALLEST
from living_personas.extras import extra_needed
from living_personas.loop.fresh_context import FreshContext
from living_personas.reporting.anonymous import Discretion
from living_personas.wiring import boundary, open_context, owner, system_clock

__all__ = ["mcp"]

Writes = Annotated[bool, Parameter(help="Let the agent suggest changes and names, and record outcomes.")]
Name = Annotated[str, Parameter(help="What the agent's suggestions are signed with.")]
Smallest = Annotated[int, Parameter(help="Tell nothing about fewer people than this; at least 20.")]


def mcp(
    *, writes: Writes = False, name: Name = "an agent", smallest: Smallest = SMALLEST, workspace: Folder = Path()
) -> None:
    """Answer an agent over stdin and stdout, by the Model Context Protocol, until it hangs up."""
    with extra_needed("mcp", what="Agents need"):
        from living_personas.mcp.asking import Caller  # noqa: PLC0415 - an extra
        from living_personas.mcp.server import AgentService  # noqa: PLC0415 - an extra
        from living_personas.mcp.stdio import serve_stdio  # noqa: PLC0415 - an extra
    discretion = Discretion(smallest=smallest)
    _, context = open_context(workspace)
    with closing(context.store):
        say(f"agents may {'read and suggest' if writes else 'read'}: {context.settings.name}")

        newest = FreshContext(workspace, context)
        serve_stdio(
            AgentService(
                opening=lambda: nullcontext(newest()),
                clock=system_clock,
                boundary=boundary,
                owner=owner(),
                caller=Caller(name=name, writes=writes),
                discretion=discretion,
            )
        )
