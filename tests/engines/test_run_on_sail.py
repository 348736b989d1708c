"""`personas run` through Spark Connect says what it says through DuckDB; without the extra it says what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cli.shop import customer_rows, write_rows, write_shop
from living_personas.cli import app
from living_personas.cli.failures import code_of
from living_personas.wiring import open_store

pytestmark = pytest.mark.long

RUNNER = Path(__file__).parent.parent / "install" / "only_extra.py"


def _with_engine(shop: Path, address: str) -> Path:
    settings = shop / "workspace.yaml"
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\nengine: {{spark: '{address}'}}\n", encoding="utf-8")
    return shop


def _typed(*words: object) -> int:
    return code_of(lambda: app(list(map(str, words))))


def _unreachable(tmp_path: Path) -> Path:
    """A shop with rows, whose server does not run."""
    shop = write_shop(tmp_path / "shop")
    rows = write_rows(tmp_path / "orders.csv", customer_rows())
    assert _typed("ingest", rows, "--workspace", shop) == 0
    return _with_engine(shop, "sc://127.0.0.1:1")


def test_a_run_through_sail_makes_the_same_versions(tmp_path: Path, sail_address: str) -> None:
    rows = write_rows(tmp_path / "orders.csv", customer_rows())
    here, there = write_shop(tmp_path / "here"), _with_engine(write_shop(tmp_path / "there"), sail_address)
    stores = []
    for shop in (here, there):
        assert _typed("ingest", rows, "--workspace", shop) == 0
        assert _typed("run", "--workspace", shop) == 3
        stores.append(open_store(shop))
    mine, other = (store.versions.latest() for store in stores)
    assert any(version.version > 1 for version in mine)
    assert mine == other
    assert not list((there / ".living" / "spill").glob("*")), "what the server wrote goes with the conversation"
    for store in stores:
        store.close()


@pytest.mark.parametrize("address", ["spark.example.com:15002", "sc://host/;token=secret", "sc://"])
def test_an_address_that_is_none_is_refused_with_its_line(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = _with_engine(write_shop(tmp_path / "shop"), address)
    assert _typed("check", "--workspace", shop) == 1
    said = capsys.readouterr()
    assert "workspace.yaml:" in said.out + said.err
    assert "sc://spark.example.com:15002" in said.out + said.err


def test_a_server_that_is_not_there_is_an_error_with_a_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = _unreachable(tmp_path)
    assert _typed("run", "--workspace", shop) == 1
    said = capsys.readouterr().err
    assert "127.0.0.1:1" in said
    assert "Traceback" not in said


def test_without_the_extra_the_one_command_is_named(tmp_path: Path) -> None:
    shop = _unreachable(tmp_path)
    command = [sys.executable, str(RUNNER), "", "run", "--workspace", str(shop)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert found.returncode == 1
    assert "pip install 'living-personas[spark]'" in found.stderr
    assert "Traceback" not in found.stderr
