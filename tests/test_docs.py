"""What the documents name exists: modules and what is in them, files, targets of make, commands and their options."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from cyclopts import App

from living_personas.cli import app
from living_personas.domain.announcement import CHANGES

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(page for top in ("docs", "examples") for page in (ROOT / top).rglob("*.md"))],
    key=str,
)
PACKAGE = "living_personas"


def exists(name: str) -> bool:
    """Whether a dotted name can be imported, or is in what can be."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def missing(text: str) -> set[str]:
    """What a text names that is not there."""
    names = set(re.findall(rf"\b{PACKAGE}(?:\.[A-Za-z_]\w*)+", text))
    rooms = set(re.findall(r"`((?:[a-z_]+/)+[\w.-]+\.py)`", text))
    paths = set(re.findall(r"`((?:src|tests|benchmarks|docs|examples)/[\w/.-]*\w)`?", text))
    targets = set(re.findall(r"`make ([a-z][\w-]*)", text))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return (
        {name for name in names if not exists(name.removesuffix(".md"))}
        | {each for each in rooms if not any((ROOT / top / each).exists() for top in ("", "src", f"src/{PACKAGE}"))}
        | {each for each in paths if not (ROOT / each).exists()}
        | {f"make {target}" for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)}
    )


def test_what_is_not_there_is_found() -> None:
    text = "`living_personas.nowhere.at_all`, `loop/nothing.py`, `benchmarks/none.py`, `make nonsense`, `make test`"
    assert missing(text) == {"living_personas.nowhere.at_all", "loop/nothing.py", "benchmarks/none.py", "make nonsense"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_exists(page: Path) -> None:
    assert missing(page.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def options_of(command: App) -> set[str]:
    """The options of a command, or of all the commands of a group that is none itself."""
    if command.default_command is None:
        return {name for word in command if not word.startswith("-") for name in options_of(command[word])}
    return {name for each in command.assemble_argument_collection() for name in each.names}


def unknown_calls(text: str) -> set[str]:
    """Commands, and options of commands, that a text calls and that `personas` does not have."""
    wrong = set()
    joined = re.sub(r"\\\n\s*", " ", text)
    for call in re.findall(r"(?:`|^|\$ |&& )personas ([a-z][^`\n|;#&>]*)", joined, re.MULTILINE):
        words = call.split()
        if words[0] not in set(app):
            wrong.add(f"personas {words[0]}")
            continue
        command, path = app[words[0]], words[0]
        if len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]) and words[1] in set(command):
            command, path = command[words[1]], f"{path} {words[1]}"
        known = options_of(command) | {"--help"}
        options = {word.split("=")[0].rstrip(".,:)]") for word in re.findall(r"(?:(?<=\s)|(?<=\[))--[a-z][\w-]*", call)}
        wrong |= {f"personas {path} {option}" for option in options - known}
    return wrong


def test_a_call_of_what_is_not_there_is_found() -> None:
    text = "`personas fly`, `personas run --sideways`, `personas keys list --upwards`, `personas run --workspace shop`"
    assert unknown_calls(text) == {"personas fly", "personas run --sideways", "personas keys list --upwards"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_calls_can_be_called(page: Path) -> None:
    assert unknown_calls(page.read_text(encoding="utf-8")) == set()


def test_the_page_of_webhooks_knows_exactly_these_changes() -> None:
    page = (ROOT / "docs" / "reference" / "webhooks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_]+\.[^|]*)\|", page, re.MULTILINE)
    assert sorted(name for row in rows for name in re.findall(r"`([a-z_.]+)`", row)) == sorted(CHANGES)


def test_the_changelog_has_one_line_a_capability() -> None:
    """Lines that begin alike are one capability told twice: merging keeps both sides of a line that both changed."""
    lines = [line[:40] for line in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines() if line.strip()]
    assert sorted({line for line in lines if lines.count(line) > 1}) == []
