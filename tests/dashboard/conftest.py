"""The lived workspace, made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashboard.desk import Desk
from dashboard.lived import CHEAP, PASSWORD, add_people, hostile_persona, live
from living_personas.people.person_accounts import add_person
from living_personas.wiring import open_context
from once import made_once

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOON = "noon"
"""The file beside the workspace that says until when it lived."""


@pytest.fixture(scope="session")
def lived_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace, to be copied; workers of one run share it."""
    return made_once(tmp_path_factory, "lived", _live)


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from dashboard.browsing import launched  # noqa: PLC0415 - most tests need no browser

    with launched() as found:
        yield found


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    """The dashboard, served; Ada is its admin."""
    from dashboard.browsing import served  # noqa: PLC0415 - most tests need no browser

    add_person(desk.context, "Ada", role="admin", password=PASSWORD, salt=b"3" * 16, n=CHEAP)
    with served(desk.app()) as found:
        yield found


def _desk(lived_once: Path, root: Path) -> Desk:
    shutil.copytree(lived_once, root)
    desk = Desk(root, datetime.fromisoformat((lived_once.parent / NOON).read_text()))
    add_people(desk.context)
    return desk


def _live(folder: Path) -> None:
    noon = live(folder)
    with closing(open_context(folder)[1].store):
        hostile_persona(folder, noon)
    (folder.parent / NOON).write_text(noon.isoformat())
