"""``dashboard``: the personas as a page that is true today."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.failures import say
from living_personas.cli.opened import opened
from living_personas.cli.options import Folder, Proxies
from living_personas.extras import extra_needed
from living_personas.loop.fresh_context import FreshContext
from living_personas.people.person_accounts import people
from living_personas.wiring import owner, system_clock

__all__ = ["dashboard"]

Host = Annotated[str, Parameter(help="The address to listen on; only this machine unless given.")]
Port = Annotated[int, Parameter(help="The port to listen on.")]


def dashboard(
    *, host: Host = "127.0.0.1", port: Port = 8011, trusted_proxy: Proxies = (), workspace: Folder = Path()
) -> None:
    """Serve the dashboard until it is interrupted; people sign in with the accounts of `personas people`."""
    with extra_needed("server", what="The dashboard needs"):
        from living_personas.dashboard.app import dashboard_app  # noqa: PLC0415 - an extra
        from living_personas.http.bound import AnsweringServer, bound, url_of  # noqa: PLC0415 - an extra
        from living_personas.http.listening import listening  # noqa: PLC0415 - an extra

    with opened(workspace) as (files, context), bound(host, port) as sockets:
        app = dashboard_app(FreshContext(files.root, context), root=files.root, clock=system_clock, owner=owner())
        if not people(context.store):
            say(f'nobody can sign in yet: personas people add "Your Name" --role admin --workspace {workspace}')
        config = listening(app, proxies=trusted_proxy, drain=3)
        server = AnsweringServer(config, sockets=sockets, started=lambda: say(f"{url_of(host, sockets)}/"))
        # Streams stay open as long as pages do: they are given three seconds when it is interrupted.
        with suppress(KeyboardInterrupt):
            server.answer()
