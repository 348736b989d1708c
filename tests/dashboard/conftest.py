"""The lived workspace, made once, and a browser's hand without a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dashboard.lived import PASSWORD, add_people, hostile_persona, live
from living_personas.dashboard.app import dashboard_app
from living_personas.dashboard.files import FreshParts
from living_personas.steps.parts import Parts
from living_personas.wiring import open_parts


class Desk:
    """A dashboard on a workspace, and people who use it."""

    def __init__(self, root: Path, now: datetime) -> None:
        self.root, self.now = root, now
        _, self.parts = open_parts(root)
        self.fresh = FreshParts(root, self.parts)

    def clock(self) -> datetime:
        return self.now

    def app(self, prefix: str = "") -> TestClient:
        app = dashboard_app(
            self.fresh, root=self.root, clock=self.clock, owner="test", secret=b"s" * 32, prefix=prefix, patience=60.0
        )
        return TestClient(app, base_url="http://desk", follow_redirects=False)

    def client(self, name: str = "") -> TestClient:
        """Somebody at a browser, signed in if named."""
        client = self.app()
        if name:
            assert sign_in(client, name, PASSWORD).status_code == 303
        return client


def csrf(page: str) -> str:
    """The token that the forms of a page carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


def sign_in(client: TestClient, name: str, password: str, **more: str):  # type: ignore[no-untyped-def] # httpx's own
    token = csrf(client.get("/sign-in").text)
    return client.post("/sign-in", data={"csrf": token, "name": name, "password": password, **more})


def submit(client: TestClient, page: str, action: str, **fields: str):  # type: ignore[no-untyped-def] # httpx's own
    """Submit a form of a page."""
    return client.post(action, data={"csrf": csrf(client.get(page).text), **fields})


@pytest.fixture(scope="session")
def lived_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace, to be copied; workers of one run share it."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    folder, done = shared / "lived", shared / "lived.json"
    try:
        folder.mkdir()
    except FileExistsError:
        while not done.exists():
            time.sleep(0.2)
        return folder
    noon = live(folder)
    with closing(open_parts(folder)[1].store):
        hostile_persona(folder, noon)
    written = done.with_suffix(".part")
    written.write_text(json.dumps(noon.isoformat()))
    written.rename(done)
    return folder


@pytest.fixture
def desk(lived_once: Path, tmp_path: Path) -> Iterator[Desk]:
    """A workspace that has lived, with a person of each role."""
    root = Path(shutil.copytree(lived_once, tmp_path / "shop"))
    noon = datetime.fromisoformat(json.loads((lived_once.parent / "lived.json").read_text()))
    desk = Desk(root, noon)
    add_people(desk.parts)
    with closing(desk.parts.store):
        yield desk


@pytest.fixture
def parts(desk: Desk) -> Parts:
    return desk.parts
