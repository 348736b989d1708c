"""One of something is not several."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from living_personas.cli import app


def test_a_new_workspace_has_one_persona(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app(["init", str(tmp_path / "new")])
    app(["check", "--workspace", str(tmp_path / "new")])
    said = capsys.readouterr().out
    assert "1 persona, 4 features, 0 sources." in said
    assert not re.search(r"\b1 \w+s\b", said)
