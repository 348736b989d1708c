"""Workshop notes become a file that the real check accepts."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp import Client

from agents.conversation import BOUNDARY, service_of, talk
from cli.conftest import personas as personas  # noqa: PLC0414 - the hand that types
from cli.shop import Typed
from living_personas.mcp.framing import unframed


async def draft(client: Client) -> str:
    """The prompt for some notes."""
    (message,) = (await client.get_prompt("draft_persona", {"notes": "They compare.\nThey wait."})).messages
    text: str = message.content.model_dump()["text"]
    return text


def example_in(prompt: str) -> str:
    """The example, as an agent would read it out of its boundary."""
    start = prompt.index(f"<{BOUNDARY}>#")
    end = prompt.index(f"</{BOUNDARY}>", start) + len(f"</{BOUNDARY}>")
    return unframed(prompt[start:end])


def test_the_example_passes_the_real_check(own_shop: Path, personas: Typed) -> None:
    prompt = talk(service_of(own_shop), draft)
    (own_shop / "personas" / "careful-comparer.yaml").write_text(example_in(prompt))
    answer = personas("check", "--workspace", own_shop)
    assert answer.code == 0, answer.err
    assert "careful-comparer" in answer.out
    assert "They compare.\nThey wait." in prompt
    assert "Order Completed" in prompt


@pytest.mark.long
def test_it_passes_where_every_text_is_hostile_and_in_a_new_workspace(
    hostile: Path, tmp_path: Path, personas: Typed
) -> None:
    assert personas("init", tmp_path / "new").code == 0
    for folder in (hostile, tmp_path / "new"):
        prompt = talk(service_of(folder), draft)
        copy = tmp_path / "checked"
        assert personas("init", copy / folder.name).code == 0
        (copy / folder.name / "workspace.yaml").write_text((folder / "workspace.yaml").read_text())
        for path in (copy / folder.name / "personas").iterdir():
            path.unlink()
        (copy / folder.name / "personas" / "careful-comparer.yaml").write_text(example_in(prompt))
        answer = personas("check", "--workspace", copy / folder.name)
        assert answer.code == 0, answer.err
