"""A shop that is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from living_personas import loop
from living_personas.http.app import create_app
from living_personas.http.service import open_service
from living_personas.steps.keys import create_key
from service.shop import KEYS, NOON, Hands, Served, write_shop


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The shop after its first cycle, served."""
    folder, clock = write_shop(tmp_path / "shop"), Hands()
    service = open_service(folder, clock=clock)
    create_key(service.parts, "publishable", KEYS["publishable"], now=NOON, origins=["https://shop.example"])
    create_key(service.parts, "secret", KEYS["secret"], now=NOON)
    create_key(service.parts, "admin", KEYS["admin"], now=NOON)
    loop.run(service.parts, now=NOON, owner="tests")
    service.watch.look()
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        yield Served(folder, service, client, clock, KEYS)
