"""A hand that types commands, and the shop before and after its first cycle."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.shop import Typed, customer_rows, hand, write_rows, write_shop
from living_personas.cli import app, login
from living_personas.cli.failures import code_of
from once import made_once


@pytest.fixture
def personas(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type a command, logged in as Dana: its words, one by one."""
    monkeypatch.setattr(login, "account", lambda: "Dana")
    return hand(capsys)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The shop before its first day."""
    return write_shop(tmp_path / "shop")


@pytest.fixture(scope="session")
def learned_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop after its first cycle, to be copied."""
    return made_once(tmp_path_factory, "learned", _learn)


@pytest.fixture
def learned(learned_once: Path, tmp_path: Path) -> Path:
    """The shop after its first cycle."""
    return Path(shutil.copytree(learned_once, tmp_path / "learned"))


def _learn(folder: Path) -> None:
    write_shop(folder)
    file = write_rows(folder.parent / "orders.csv", customer_rows())
    assert code_of(lambda: app(["ingest", str(file), "--workspace", str(folder)])) == 0
    assert code_of(lambda: app(["run", "--workspace", str(folder)])) == 3
