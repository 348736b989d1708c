"""What the documents name of settings, events and keys is what the program takes: in blocks, sentences, tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from living_personas.channels.email_providers.email_event import EmailEvent
from living_personas.channels.exposure_tokens import VIEWED
from living_personas.channels.posthog import _NAMES as POSTHOG
from living_personas.channels.segment import KINDS
from living_personas.domain.consent import is_consent
from living_personas.domain.customer_id import NOBODY, customer_id, spellings
from living_personas.domain.event import EXPOSED, MACHINE_EVENTS
from living_personas.domain.key import SCOPES, SCOPES_OF
from living_personas.domain.meaning import EVENT_MEANINGS
from living_personas.errors import BadValueError
from living_personas.workspace.schema import persona_schema, settings_schema
from test_docs import PAGES, ROOT
from workspace.conftest import problems
from workspace.test_schema import objects

Schema = dict[str, Any]

HTTP, CLI, PROVIDERS = (ROOT / "docs/reference" / f"{page}.md" for page in ("http", "cli", "email-providers"))
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))

EVENTS = {EXPOSED, VIEWED, *get_args(EmailEvent), *MACHINE_EVENTS.values(), *EVENT_MEANINGS}
"""Names of events that something here makes, or takes to mean something."""


def partial(schema: Any) -> Any:
    """A schema of files that asks for no key: pages show parts of files."""
    if isinstance(schema, dict):
        return {key: partial(below) for key, below in schema.items() if key != "required"}
    return [partial(each) for each in schema] if isinstance(schema, list) else schema


SETTINGS, PERSONA = partial(settings_schema()), partial(persona_schema())
RECORDS = [*objects(SETTINGS), *objects(PERSONA)]
KEYS = {key for record in RECORDS for key in record["properties"]}


def prose(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def against(item: Any, *schemas: Schema) -> list[str]:
    """What the schema that likes an item best has against it."""
    said = json.loads(json.dumps(item, default=str))
    return min((problems(said, schema) for schema in schemas), key=len)


def below(schema: Schema, *keys: str) -> Schema:
    for key in keys:
        schema = schema.get("properties", {}).get(key) or schema["additionalProperties"]
    return schema


def places(block: str) -> list[Schema]:
    """Where in which file a block belongs, as its first line says; a whole file, or a key of it, without one."""
    inside = re.match(r"# workspace\.yaml, in addition to `(\w+):`", block)
    if inside:
        return [below(SETTINGS, inside[1])]
    if block.startswith("# workspace.yaml, in place of the line of this name"):
        return [below(SETTINGS, "sources", "any", "columns")]
    if re.match(r"# personas/\S+, an attribute", block):
        return [below(PERSONA, "attributes")]
    return [SETTINGS] if block.startswith("# workspace.yaml") else [SETTINGS, PERSONA]


def wrong_blocks(text: str) -> list[str]:
    """What is wrong with the parts of files that a page shows."""
    found = re.findall(r"```ya?ml\n(.*?)```", text, re.DOTALL)
    return [problem for block in found for problem in against(yaml.safe_load(block), *places(block))]


def said_in(text: str) -> Iterator[tuple[str, str, Any]]:
    """The code in sentences that says a key and what it holds, as YAML reads it."""
    for span in re.findall(r"`([^`\n]+)`", prose(text)):
        if re.match(r"\{?[a-z][a-z_]*:( |$)", span) and "..." not in span and " | " not in span:
            try:
                said = yaml.safe_load(span)
            except yaml.YAMLError:
                continue
            if isinstance(said, dict):
                yield from ((span, str(key), held) for key, held in said.items())


def wrong_settings(text: str) -> list[str]:
    """Keys in sentences that nothing here knows, or that cannot hold what is said.

    What is no key of a file is a trait, a field of an answer or an option of a tool: then the code names it.
    """
    found = []
    for span, key, held in said_in(text):
        if key in KEYS and held is not None and not (is_consent(key) and isinstance(held, bool)):
            takers = [record for record in RECORDS if key in record["properties"]]
            found += [f"{span}: {problem}" for problem in against({key: held}, *takers)]
        elif key not in KEYS and not is_consent(key) and not re.search(rf"\b{key}\b", SOURCES):
            found.append(f"{span}: unknown key {key}")
    return found


def unknown_events(text: str) -> set[str]:
    """Names written as Segment writes those of events, of which nothing here knows."""
    names = re.findall(r"`([A-Z][a-z]+(?: (?:[A-Z][a-z]+|as|to|of))+)`", text)
    return set(names) - EVENTS


def test_what_cannot_be_set_is_found() -> None:
    text = "`retentoin: 30 days`, `promise: both`, `caps: {month: 3}`, `consent_email: false`, `promise: all`"
    assert [problem.split(":")[0] for problem in wrong_settings(text)] == ["retentoin", "promise", "caps"]
    block = "```yaml\n# workspace.yaml, in addition\ncontact: {channels: [email], cap: {day: 1}}\n```"
    assert wrong_blocks(block) == ["$.contact: Additional properties are not allowed ('cap' was unexpected)"]
    assert unknown_events("`Email Link Clicked`, `Email Link Pressed`") == {"Email Link Pressed"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_says_of_files_can_be_written_in_them(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert wrong_blocks(text) == []
    assert wrong_settings(text) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_an_event_that_a_page_names_is_made_or_understood(page: Path) -> None:
    yours = {"Signed Up"}  # what a shop may call an event of its own
    assert unknown_events(page.read_text(encoding="utf-8")) <= yours


def rows_of(page: Path, head: str) -> list[list[str]]:
    """The cells of the table under this head, each with the code in it."""
    table = page.read_text(encoding="utf-8").split(head, 1)[1].split("\n\n", 1)[0]
    return [row.split(" | ") for row in re.findall(r"^\| (.*) \|$", table, re.MULTILINE)]


def test_the_page_of_mails_knows_exactly_the_events_that_are_made_of_them() -> None:
    rows = rows_of(PROVIDERS, "| event | is it the customer's doing? |")
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row[0])]
    assert sorted(named) == sorted([*get_args(EmailEvent), *MACHINE_EVENTS.values()])


def test_the_page_of_the_service_knows_exactly_the_calls_that_become_events() -> None:
    rows = rows_of(HTTP, "| call | becomes |")
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row[0])} - {"context.campaign"}
    assert named == {*KINDS, *POSTHOG}


def test_the_pages_of_keys_know_exactly_what_each_kind_may_do() -> None:
    rows = rows_of(HTTP, "| kind | may | belongs |")
    may = {row[0].strip("`"): {word for word in SCOPES if re.search(rf"\b{word}\b", row[1])} for row in rows}
    everything = [row[0].strip("`") for row in rows if row[1] == "everything"]
    assert {**may, **{kind: set(SCOPES) for kind in everything}} == SCOPES_OF
    command = CLI.read_text(encoding="utf-8").split("### `personas keys create KIND`", 1)[1]
    kinds, scopes = re.search(r"Creates (.*?) key", command), re.search(r"\| `--scope SCOPE` \| (.*?);", command)
    assert kinds
    assert scopes
    assert re.findall(r"`(\w+)`", kinds[1]) == list(SCOPES_OF)
    assert re.findall(r"`(\w+)`", scopes[1]) == list(SCOPES)


def test_no_page_names_a_scope_that_is_none() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert set(re.findall(r"\bscopes? `(\w+)`", text)) <= set(SCOPES)


def test_every_word_for_nobody_is_written_down() -> None:
    page = (ROOT / "docs" / "reference" / "workspace-file.md").read_text(encoding="utf-8")
    told = page.split("The words for nobody, in any case: ")[1].split("; and fields of templates")[0]
    joined, exact = (re.findall(r"`([^`]+)`", part) for part in told.split("`): ")[1].split("; as they are: "))
    zeros = {word for word in NOBODY if not word.strip("0")}
    assert spellings(joined) | set(exact) | zeros == NOBODY
    assert spellings(joined).isdisjoint(exact)
    for field in ("{{user_id}}", "${user_id}", "%user_id%", "*|EMAIL|*", "[[id]]", "<%= id %>"):
        assert f"`{field}`" in page
        with pytest.raises(BadValueError, match="names nobody"):
            customer_id(field)
