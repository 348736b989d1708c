"""A dashboard on a workspace, and people who use it: a browser's hand without a browser."""

from __future__ import annotations

import re
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from httpx2 import Response
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from dashboard.lived import PASSWORD
from living_personas.dashboard.app import dashboard_app
from living_personas.loop.fresh_context import FreshContext
from living_personas.wiring import open_context


class Desk:
    """A dashboard on a workspace, and people who use it."""

    def __init__(self, root: Path, now: datetime) -> None:
        self.root, self.now = root, now
        _, self.context = open_context(root)
        self.fresh = FreshContext(root, self.context)
        self._alone = self._made("")
        self._open = ExitStack()
        self._server = self._open.enter_context(start_blocking_portal())

    def read_anew(self) -> None:
        """Forget what was read: what a test wrote beside the store's own steps is seen."""
        self._alone = self._made("")

    def close(self) -> None:
        self._open.close()
        self.context.store.close()

    def clock(self) -> datetime:
        return self.now

    def app(self, prefix: str = "") -> ASGIApp:
        return self._made(prefix) if prefix else self._alone

    def _made(self, prefix: str) -> ASGIApp:
        return dashboard_app(
            self.fresh, root=self.root, clock=self.clock, owner="test", secret=b"s" * 32, prefix=prefix, patience=60.0
        )

    def client(self, name: str = "") -> TestClient:
        """Somebody at a browser, signed in if named; one event loop serves all of them."""
        client = TestClient(self.app(), base_url="http://desk", follow_redirects=False)
        client.portal = self._server
        if name:
            assert sign_in(client, name, PASSWORD).status_code == 303
        return client


def csrf(page: str) -> str:
    """The token that the forms of a page carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


def sign_in(client: TestClient, name: str, password: str, **more: str) -> Response:
    token = csrf(client.get("/sign-in").text)
    return client.post("/sign-in", data={"csrf": token, "name": name, "password": password, **more})


def submit(client: TestClient, page: str, action: str, **fields: str) -> Response:
    """Submit a form of a page."""
    return client.post(action, data={"csrf": csrf(client.get(page).text), **fields})
