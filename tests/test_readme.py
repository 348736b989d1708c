"""The README's example is run, and prints what the README says."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def block(language: str) -> str:
    """The only block of a language in the README."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    return str(found)


@pytest.mark.long
def test_the_example_prints_what_the_readme_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples" / "orders", tmp_path / "orders")
    generate = [sys.executable, "orders/generate.py", "--out", "orders/orders.csv"]
    subprocess.run(generate, cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block("python"), "README.md", "exec"), {})  # noqa: S102 - that is the test
    assert printed.getvalue() == block("text")
