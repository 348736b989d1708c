"""The schema for editors: made of the reader's own declarations, strict, and explained on a page, key by key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from living_personas.domain.persona import PRIOR_CONVERSIONS
from living_personas.workspace.init import init
from living_personas.workspace.schema import persona_schema, settings_schema, write_schemas

DOCS = Path(__file__).parents[2] / "docs/reference"
Check = Callable[[str, dict[str, Any]], list[str]]


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for below in schema.values():
            yield from objects(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from objects(below)


def section(text: str, anchor: str) -> str:
    """What a page says under a heading."""
    (found,) = re.findall(rf"^## {anchor.replace('-', ' ')}\n(.*?)^## ", text, re.MULTILINE | re.DOTALL | re.IGNORECASE)
    return str(found)


def words(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        return {str(word) for word in schema.get("enum", [])}.union(*map(words, schema.values()))
    return set().union(*map(words, schema)) if isinstance(schema, list) else set()


@pytest.mark.parametrize(
    ("schema", "page"), [(persona_schema(), "persona-file.md"), (settings_schema(), "workspace-file.md")]
)
def test_every_key_and_word_is_documented_and_nothing_else(schema: dict[str, Any], page: str) -> None:
    """A page may say that something has the keys of a section of the other one, which then explains them for both.

    Where it says that a page has all words of a key, they stand there.
    """
    pages = {
        each.name: re.sub(r"```.*?```", "", each.read_text("utf-8"), flags=re.DOTALL) for each in DOCS.glob("*.md")
    }
    taken = re.findall(r"has the keys of \[[^\]]+\]\(([\w.-]+)#([\w-]+)\)", pages[page])
    text = "\n".join([pages[page], *(section(pages[other], anchor) for other, anchor in taken)])
    documented = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert documented == {key for record in objects(schema) for key in record["properties"]}
    told = [text, *(pages[name] for name in re.findall(r"\[all of them\]\(([\w.-]+)\)", pages[page]))]
    assert words(schema) <= set(re.findall(r"`([^`\n]+)`", "\n".join(told)))


@pytest.mark.parametrize("schema", [persona_schema(), settings_schema()])
def test_every_object_is_strict_and_every_key_explained(schema: dict[str, Any]) -> None:
    for record in objects(schema):
        assert record["additionalProperties"] is False
        assert all(key["description"].endswith((".", ")")) for key in record["properties"].values())


def test_the_words_are_those_of_the_domain() -> None:
    framing: Any = persona_schema()
    confidence = framing["properties"]["attributes"]["additionalProperties"]["properties"]["confidence"]
    assert confidence["enum"] == list(PRIOR_CONVERSIONS)


def test_the_schemas_accept_a_new_workspace_and_the_pages(tmp_path: Path, schema_problems: Check) -> None:
    init(tmp_path, name="acme", salt_bytes=b"0123456789abcdef")
    persona, settings = (json.loads(path.read_text(encoding="utf-8")) for path in write_schemas(tmp_path))
    assert schema_problems((tmp_path / "personas/budget-first-buyer.yaml").read_text(encoding="utf-8"), persona) == []
    assert schema_problems((tmp_path / "workspace.yaml").read_text(encoding="utf-8"), settings) == []
    for page, schema in (("persona-file.md", persona), ("workspace-file.md", settings)):
        (example,) = re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
        assert schema_problems(example, schema) == []
