"""The how-to pages of exports are run as written: from an invented file of each shape to a first refinement."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import ClassVar

import pytest

from living_personas import wiring
from living_personas.cli import app, starting
from living_personas.cli.failures import code_of
from living_personas.loop.context import Context
from living_personas.wiring import open_context
from recipes.invented import EXPORTS, World

LISTS = Path(__file__).parents[1] / "docs" / "how-to" / "lists.md"
"""What comes after each of the pages: shown with Shopify's orders."""
PAGES = LISTS.parent / "exports"
HEADINGS = [
    "## 1. Begin with the file",
    "## 2. See what each row becomes",
    "## 3. Load it, and send lists",
    "## What the file cannot say",
]


class Calendar(datetime):
    """The clock of whoever follows a page: weeks pass where it says so."""

    at: ClassVar[datetime]

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Calendar:
        moment = cls.at.astimezone(tz or UTC)
        return cls(*moment.timetuple()[:6], tzinfo=moment.tzinfo)


@pytest.fixture(autouse=True)
def same_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages show what was printed: the clock and the salt are the same in every run."""
    monkeypatch.setattr(wiring, "datetime", Calendar)
    monkeypatch.setattr(starting, "salt_bytes", lambda: bytes(16))
    monkeypatch.setenv("COLUMNS", "200")


def parts(text: str) -> Iterator[tuple[str, str]]:
    """What a page does, in order: its blocks by language, and the weeks that pass."""
    for found in re.finditer(
        r"```(\w+)\n(.*?)```|<!-- (a week passes|both steps twice more) -->", text, flags=re.DOTALL
    ):
        if found[3] == "both steps twice more":
            yield from twice_more(text[: found.start()])
        else:
            yield (found[1], found[2]) if found[1] else ("week", "")


def twice_more(steps: str) -> Iterator[tuple[str, str]]:
    """Steps again, and once more without its last command, in whose place the page has another."""
    *others, last = [part for part in parts(steps) if part[0] != "text"]
    assert last[1].endswith("$ personas run\n")
    yield from [*others, last, *others, (last[0], last[1].removesuffix("$ personas run\n"))]


def follow(text: str, world: World, name: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Do what a page says; what it shows is what is printed. What the last command printed."""
    printed = ""
    for kind, said in parts(text):
        if kind == "console":
            printed = "".join(typed(line.removeprefix("$ "), capsys) for line in said.splitlines())
        elif kind == "text":
            assert shown_in(said, printed), f"the page shows\n{said}\nand this was printed:\n{printed}"
        elif kind == "yaml":
            settle(Path("workspace.yaml"), said)
        else:
            world.week(Path("list.csv"))
            Calendar.at = world.now
            EXPORTS[name].write(world, Path())
    return printed


def settle(workspace: Path, said: str) -> None:
    """What a page writes into workspace.yaml: one line, in place of that of the same key."""
    head, line = said.rstrip("\n").split("\n")
    assert head == "# workspace.yaml, in place of the line of this name"
    key = f"{line.partition(':')[0]}:"
    held = workspace.read_text().splitlines()
    (place,) = [number for number, each in enumerate(held) if each.startswith(key)]
    workspace.write_text("\n".join([*held[:place], line, *held[place + 1 :]]) + "\n")


def typed(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    program, *words = shlex.split(line)
    assert program == "personas"
    capsys.readouterr()
    assert code_of(lambda: app(words)) in (0, 3), line
    written = capsys.readouterr()
    return written.out + written.err


def shown_in(block: str, printed: str) -> bool:
    """Whether the lines of a block were printed, in order; blanks do not matter, and `...` stands for lines between."""
    lines = iter(" ".join(line.split()) for line in printed.splitlines())
    return all(" ".join(line.split()) in lines for line in block.splitlines() if line.strip() not in ("", "..."))


@pytest.mark.long
@pytest.mark.parametrize("name", EXPORTS)
def test_from_the_export_to_a_first_refinement(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    world = World(EXPORTS[name].spelt)
    Calendar.at = world.now
    EXPORTS[name].write(world, tmp_path)
    page, lists = (place.read_text(encoding="utf-8") for place in (PAGES / f"{name}.md", LISTS))
    follow(page, world, name, capsys)
    printed = follow(lists if name == "shopify" else lists_of(page, lists), world, name, capsys)
    _, context = open_context(tmp_path)
    (refinement,) = context.store.refinements.all()
    check_loaded(context, world, name)
    context.store.close()
    assert (refinement.subject.attribute, refinement.new, refinement.verdict) == ("framing", "quality", "review")
    assert "waits for you" in printed


def lists_of(page: str, lists: str) -> str:
    """The steps that follow, with the loads of a page in place of that of Shopify, and nothing that is printed then."""
    loaded = page[page.index(HEADINGS[2]) : page.index(HEADINGS[3])]
    commands = "".join(re.findall(r"^\$ personas ingest .*\n", loaded, flags=re.MULTILINE))
    without = re.sub(r"```text\n.*?```", "", lists, flags=re.DOTALL)
    return without.replace("$ personas ingest orders_export.csv --source shopify\n", commands)


def check_loaded(context: Context, world: World, name: str) -> None:
    """Nothing is in quarantine, and each exposure of a list has come back once, the holdout's among them."""
    assert context.store.quarantine.counts() == {}
    with Path("list.csv").open(newline="") as file:
        listed = [row for row in csv.DictReader(file) if row["deliver"] == "true"]
    assert len(listed) > 200
    assert any(row["holdout"] == "true" for row in listed)


def test_the_pages_share_one_skeleton() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {*EXPORTS}
    for name in EXPORTS:
        text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
        assert re.findall(r"^## .*", text, flags=re.MULTILINE) == HEADINGS, name
        assert len(text.splitlines()) <= 60, name


def test_output_that_was_not_printed_is_found() -> None:
    printed = "orders.csv: 5 rows\n  stored   5\nthe end\n"
    assert shown_in("orders.csv: 5 rows\nstored 5", printed)
    assert shown_in("orders.csv: 5 rows\n...\nthe end", printed)
    assert not shown_in("stored 6", printed)
    assert not shown_in("the end\nstored 5", printed)


def test_a_world_is_the_same_every_time() -> None:
    one, other = (World(EXPORTS["shopify"].spelt) for _ in range(2))
    assert one.deeds == other.deeds
    assert one.now - one.deeds[-1].at < timedelta(days=4)
