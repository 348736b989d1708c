"""What is served beside the routes where it is installed: the dashboard for people, and the tools of agents.

The only file of this room that knows of those two.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from living_personas.domain.key import matching
from living_personas.domain.value import value
from living_personas.http.service import Service
from living_personas.http.webhooks import ADDRESS
from living_personas.loop.fresh_context import FreshContext
from living_personas.wiring import boundary, open_served, owner

__all__ = ["AGENTS", "DASHBOARD", "Mounted", "mounted"]

DASHBOARD = "/dashboard"
AGENTS = "/mcp"

_DASHBOARD_NEEDS = ("altair", "jinja2", "python_multipart")
_AGENTS_NEED = ("mcp",)


@value
class Mounted:
    """Another application: the path below which it is, itself, and what must be open while it is asked."""

    path: str
    app: ASGIApp
    running: Callable[[], AbstractAsyncContextManager[None]]


def mounted(root: Path, service: Service, *, ended: Callable[[], bool] = lambda: False) -> tuple[Mounted, ...]:
    """The dashboard and the agents' tools of a workspace, each if what it needs is installed.

    Each has a connection of its own to the store, and reads the files again when they change. ``ended`` says that the
    process is told to stop: streams end then.
    """
    makers = ((_DASHBOARD_NEEDS, _dashboard), (_AGENTS_NEED, _agents))
    return tuple(make(root, service, ended) for needs, make in makers if all(find_spec(each) for each in needs))


def _dashboard(root: Path, service: Service, ended: Callable[[], bool]) -> Mounted:
    from living_personas.dashboard.app import dashboard_app  # noqa: PLC0415 - an extra

    context = _opened(root, service)
    app = dashboard_app(
        context.last,
        root=root,
        clock=service.clock,
        owner=owner(),
        secret=hmac.digest(service.secret, b"forms of the dashboard", "sha256"),
        prefix=DASHBOARD,
        ended=ended,
    )
    return Mounted(path=DASHBOARD, app=app, running=lambda: _until_closed(context))


def _agents(root: Path, service: Service, _ended: Callable[[], bool]) -> Mounted:
    from living_personas.mcp.asgi import AgentApp  # noqa: PLC0415 - an extra
    from living_personas.mcp.asking import Caller  # noqa: PLC0415 - an extra
    from living_personas.mcp.server import AgentService  # noqa: PLC0415 - an extra

    context = _opened(root, service)

    def caller(secret: str) -> Caller | None:
        """Whoever may read a snapshot may read the evidence; only whoever may manage may suggest and record."""
        key = matching(service.view.keys, secret) if secret else None
        if key is None or not key.may("snapshot"):
            return None
        return Caller(name=key.note or key.id, writes=key.may("manage"))

    asked = AgentService(
        opening=lambda: nullcontext(context.last()),
        clock=service.clock,
        boundary=boundary,
        owner=owner(),
        caller=Caller(name="nobody"),
    )
    app = AgentApp(asked, check=caller, origins=_own_origins(os.environ.get(ADDRESS, "")))

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        async with _until_closed(context), app.running():
            yield

    return Mounted(path=AGENTS, app=app, running=running)


def _own_origins(address: str) -> tuple[str, ...]:
    """The origin of the address under which the world reaches the service, where one was said."""
    parts = urlsplit(address)
    return (f"{parts.scheme}://{parts.netloc}",) if parts.scheme and parts.netloc else ()


def _opened(root: Path, service: Service) -> FreshContext:
    return FreshContext(root, open_served(root, clock=service.clock))


@asynccontextmanager
async def _until_closed(context: FreshContext) -> AsyncIterator[None]:
    try:
        yield
    finally:
        context.store.close()
