"""The lived workspace, made once and copied."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from dashboard.desk import Desk
from dashboard.lived import add_people, hostile_persona, live
from living_personas.wiring import open_parts


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
    """A workspace that has lived, with a person of each role; a test may change it."""
    with closing(_desk(lived_once, tmp_path / "shop")) as desk:
        yield desk


@pytest.fixture(scope="session")
def shown(lived_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The same, for tests that only look."""
    with closing(_desk(lived_once, tmp_path_factory.mktemp("shown") / "shop")) as desk:
        yield desk


def _desk(lived_once: Path, root: Path) -> Desk:
    shutil.copytree(lived_once, root)
    desk = Desk(root, datetime.fromisoformat(json.loads((lived_once.parent / "lived.json").read_text())))
    add_people(desk.parts)
    return desk
