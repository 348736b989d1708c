"""The digest that README.md shows is what the demo's digest says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from living_personas.cli import app
from living_personas.cli.failures import code_of

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_digest_of_the_demo_is_that_of_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert code_of(lambda: app(["demo"])) == 0
    capsys.readouterr()
    assert code_of(lambda: app(["digest", "--since", "45d", "--workspace", "demo"])) == 0
    said, _, _ = capsys.readouterr().out.partition("\nAll that was published")  # whose hash is of every run
    printed = re.sub(r"^#+ (.*)$", r"**\1**", said, flags=re.MULTILINE)
    shown = "\n".join(line.removeprefix(">").strip() for line in README.splitlines() if line.startswith(">"))
    assert shown.strip() == printed.strip()
