"""Answers that a benchmark keeps count for the code that gave them, and for no other."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    cached = import_module("cached")


def test_code_is_another_when_it_does_something_else_and_not_when_a_comment_changes(tmp_path: Path) -> None:
    """Names of files count, too."""
    room = tmp_path / "room"
    room.mkdir()
    (room / "one.py").write_text("a = 1\n")
    before = cached.code_of(room)
    (room / "one.py").write_text("a = 1  # a comment\n")
    assert cached.code_of(room) == before
    (room / "one.py").write_text("a = 2\n")
    assert cached.code_of(room) != before
    (room / "one.py").rename(room / "two.py")
    assert cached.code_of(room) not in (before, cached.code_of(room / "two.py"))


def test_answers_of_other_code_are_not_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line that was half written when it was interrupted is none."""
    file = tmp_path / "kept.jsonl"
    old, new = ({"story": "a", "seed": seed, "code": code, "false": 0} for seed, code in ((1, "old"), (2, "new")))
    file.write_text("".join(f"{line}\n" for line in (str(old), str(new))).replace("'", '"') + '{"story": "a", "se')
    assert cached.answered(file, [("a", 2)], divmod, code="new", processes=1) == [new]
    assert "1 answers" in capsys.readouterr().err
