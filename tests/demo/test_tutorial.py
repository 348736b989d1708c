"""The commands of the tutorial work as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from living_personas.cli import app
from living_personas.cli.failures import code_of

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial" / "first-hour.md").read_text()


def commands(remark: str) -> list[list[str]]:
    """What is typed in the block behind a remark."""
    (block,) = re.findall(rf"<!-- {remark} -->\n```console\n(.*?)```", PAGE, flags=re.DOTALL)
    return [line.removeprefix("$ personas ").split() for line in str(block).splitlines()]


def typed(words: list[str]) -> int:
    return code_of(lambda: app(words))


@pytest.mark.long
def test_a_demo_can_be_explored_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert typed(["demo", "--customers", "300", "--days", "3"]) == 0
    assert (tmp_path / "demo" / "report.html").exists()
    for words in commands("tested on a demo"):
        assert typed(words) in (0, 3), words


def test_a_workspace_is_begun_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in commands("tested in an empty folder"):
        assert typed(words) == 0, words
    assert (tmp_path / "acme" / "personas" / "budget-first-buyer.yaml").exists()
