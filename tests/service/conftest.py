"""A shop that is served."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from living_personas.http.app import create_app
from living_personas.http.service import open_service
from living_personas.loop import cycle
from living_personas.people.keys import create_key
from living_personas.wiring import open_context
from service.shop import KEYS, NOON, Hands, Served, write_shop


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop after its first cycle, with keys of every kind, to be copied."""
    folder = write_shop(tmp_path_factory.mktemp("published") / "shop")
    _, context = open_context(folder, clock=Hands())
    with closing(context.store):
        create_key(context, "publishable", KEYS["publishable"], now=NOON, origins=["https://shop.example"])
        create_key(context, "secret", KEYS["secret"], now=NOON)
        create_key(context, "admin", KEYS["admin"], now=NOON)
        cycle.run(context, now=NOON, owner="tests")
    return folder


@pytest.fixture
def served(published: Path, tmp_path: Path) -> Iterator[Served]:
    """The shop after its first cycle, served."""
    folder, clock = Path(shutil.copytree(published, tmp_path / "shop")), Hands()
    service = open_service(folder, clock=clock)
    service.watch.look()
    app = create_app(service, ended=lambda: True)  # this client waits until a stream ends
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Served(folder, service, client, clock, KEYS)
