"""What the documents name exists: modules and what is in them, files, and targets of make."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

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
