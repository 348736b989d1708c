"""The documentation as a site: every page is in its menu and in ``llms.txt``, every public name in its reference."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

import living_personas

DOCS = Path(__file__).parents[1] / "docs"
NOT_PAGES = {"agent-skill/SKILL.md"}


def menu(entries: object) -> list[tuple[str, str]]:
    """The pages of a menu with their titles, in order; a page without one is called by its first heading."""
    if isinstance(entries, str):
        return [(heading(entries), entries)]
    if isinstance(entries, list):
        return [each for entry in entries for each in menu(entry)]
    assert isinstance(entries, dict)
    return [
        each
        for title, below in entries.items()
        for each in ([(str(title), below)] if isinstance(below, str) else menu(below))
    ]


def heading(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ")


def pages() -> list[tuple[str, str]]:
    text = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    return menu(yaml.safe_load(text)["nav"])


def llms_txt() -> str:
    """What an agent reads first: each page with its address and its first sentence."""
    lines = ["# Living Personas", "", "> Personas as versioned documents that evidence rewrites.", "", "## Pages"]
    return "\n".join([*lines, *(f"- [{title}]({page}): {first_sentence(page)}" for title, page in pages()), ""])


def first_sentence(page: str) -> str:
    paragraphs = (DOCS / page).read_text(encoding="utf-8").split("\n\n")[1:]
    prose = next((each for each in paragraphs if re.match(r"[A-Z*`(]", each)), heading(page))
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(prose.split())).replace("**", "")
    return re.split(r"(?<=[.:?])\s", plain, maxsplit=1)[0]


def test_every_page_is_in_the_menu_once() -> None:
    listed = [page for _, page in pages()]
    there = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")} - NOT_PAGES
    assert sorted(listed) == sorted(there)


def test_agents_are_told_of_every_page() -> None:
    assert (DOCS / "llms.txt").read_text(encoding="utf-8") == llms_txt(), (
        'python -c \'import sys; sys.path.insert(0, "tests"); from test_docs_site import llms_txt; '
        'print(llms_txt(), end="")\' > docs/llms.txt'
    )


def test_every_public_name_is_in_the_reference() -> None:
    reference = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    named = {"open": "open_workspace", "simulate": "simulate.md", "__version__": "__version__"}
    missing = [name for name in living_personas.__all__ if named.get(name, name) not in reference]
    assert missing == []
