"""The how-to pages are run as written."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import duckdb
import pytest

from living_personas import wiring
from living_personas.cli import app
from living_personas.cli.failures import code_of

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "how-to"
MAILS = ("email-tool", "lifecycle", "in-product-nudge", "ads")
ENOUGH = "6000"
"""So many of the demo's customers are enough for the correction of newcomers that the pages speak of."""


class SoonAfter(datetime):
    """A week after the demo's last day: by the wall clock each run would close every day since, more each day."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> SoonAfter:
        return cls(2026, 4, 6, 12, tzinfo=tz or UTC)


@pytest.fixture(scope="module", autouse=True)
def soon_after() -> Iterator[None]:
    """The clock of whoever follows a page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "datetime", SoonAfter)
        yield


def blocks(page: str) -> list[tuple[str, str]]:
    """The blocks of a page in order: language and text."""
    return re.findall(r"```(\w+)\n(.*?)```", (PAGES / f"{page}.md").read_text(encoding="utf-8"), flags=re.DOTALL)


def run(command: str) -> None:
    program, *words = command.split()
    assert program == "personas"
    assert code_of(lambda: app(words)) in (0, 3), command


def write_demo(folder: Path, *options: str) -> Path:
    """The demo's files, and its data."""
    shutil.copytree(ROOT / "examples" / "orders", folder)
    generate = [sys.executable, "generate.py", "--out", "orders.csv", *options]
    subprocess.run(generate, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def lived(soon_after: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as `make demo` leaves it, of fewer customers."""
    folder = write_demo(tmp_path_factory.mktemp("lived") / "demo", "--customers", ENOUGH)
    assert code_of(lambda: app(["ingest", str(folder / "orders.csv"), "--workspace", str(folder)])) == 0
    assert code_of(lambda: app(["run", "--workspace", str(folder)])) == 0
    return folder


def add(workspace: Path, text: str) -> None:
    """What a page adds to workspace.yaml; a key that is there is replaced."""
    held = workspace.read_text()
    if text.startswith("# workspace.yaml, in addition to `sources:`"):
        line = text.split("\n", 1)[1]
        workspace.write_text(held.replace("sources:\n", f"sources:\n{line}"))
    elif text.startswith("# workspace.yaml, in addition"):
        kept = "\n".join(line for line in held.splitlines() if not line.startswith("time_zone:"))
        zone = "" if "time_zone:" in text else "time_zone: UTC\n"
        workspace.write_text(f"{kept}\n{zone}{text}")


def people(folder: Path) -> None:
    lines = (f"c{n},2026-03-01T08:00:00Z,c{n}@example.com,030 {901000 + n},{n % 2 == 0}" for n in range(2_000))
    (folder / "people.csv").write_text("\n".join(["id,at,email,phone,consent_ads", *lines]) + "\n")


@pytest.mark.long
@pytest.mark.parametrize("page", MAILS)
def test_the_page_works(page: str, lived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shutil.copytree(lived, tmp_path / "demo"))
    people(Path.cwd())
    for language, text in blocks(page):
        if language == "yaml":
            add(Path("workspace.yaml"), text)
        elif language == "console":
            for line in text.splitlines():
                run(line.removeprefix("$ "))
        elif language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(text, page, "exec"), {})  # noqa: S102 - that is the test
            assert printed.getvalue() == dict(blocks(page))["text"]
    check_files(page)


def check_files(page: str) -> None:
    if page == "email-tool":
        with Path("again.csv").open(newline="") as file:
            assert {(row["deliver"], row["held_for"]) for row in csv.DictReader(file)} == {("false", "cap")}
    if page == "ads":
        names = {path.name for folder in ("google", "meta") for path in Path(folder).iterdir()}
        assert names == {"lp_p1_v2.csv", "lp_p1_v2.requests.jsonl"}
        assert {path.name for path in Path("by-option").iterdir()} >= {"lp_p1_v2_a1_o2.csv"}


@pytest.mark.long
def test_from_a_warehouse_to_the_first_correction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write_demo(tmp_path / "demo"))
    printed: list[str] = []
    for language, text in blocks("warehouse"):
        if language == "sql":
            with duckdb.connect() as duck:
                if Path("views").is_dir():
                    duck.execute(Path("views/views.sql").read_text())
                for statement in filter(str.strip, text.split(";")):
                    rows = duck.execute(statement).fetchall()
                    printed += [" ".join(map(str, row)) for row in rows] if Path("views").is_dir() else []
        elif language == "yaml":
            add(Path("workspace.yaml"), text)
        elif language == "console":
            for line in text.splitlines():
                run(line.removeprefix("$ "))
    assert "visits: 1,000 received = 1,000 stored" in capsys.readouterr().out
    assert "\n".join(printed) + "\n" == dict(blocks("warehouse"))["text"]


def test_orders_with_several_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Path("personas").mkdir()
    files = iter(["orders.jsonl", "workspace.yaml", "personas/tea-drinker.yaml"])
    printed: list[str] = []
    for language, text in blocks("baskets"):
        if language in ("json", "yaml"):
            Path(next(files)).write_text(text)
        elif language == "console":
            run(text.strip().removeprefix("$ "))
            printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
        else:
            assert [line for line in text.splitlines() if line not in printed] == []
