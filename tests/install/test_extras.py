"""Without any extra, and with each alone, every command answers, or says with which command it would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

RUNNER = Path(__file__).with_name("only_extra.py")
EXTRAS = ("", "charts", "mcp", "openfeature", "pdf", "postgres", "server", "spark")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "acme"
    assert asked("", "init", folder).returncode == 0
    return folder


def asked(extra: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """What ``personas`` answers where nothing but the core and an extra is installed."""
    command = [sys.executable, str(RUNNER), extra, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=dict(os.environ)
    )


@pytest.mark.parametrize("extra", [EXTRAS[0], *(pytest.param(each, marks=pytest.mark.slow) for each in EXTRAS[1:])])
def test_the_basic_commands_answer_with_any_extra(extra: str, tmp_path: Path) -> None:
    there = ("--workspace", tmp_path / "acme")
    demo = ("demo", tmp_path / "demo", "--days", 2, "--customers", 300)
    commands = (("init", tmp_path / "acme"), *((each, *there) for each in ("check", "run", "report", "digest")), demo)
    found = asked(extra, *[word for command in commands for word in (*command, "then")])
    assert found.returncode == 0, found.stderr
    assert "Traceback" not in found.stderr
    assert ("pip install 'living-personas[charts]'" in found.stdout) == (extra not in {"charts", "pdf"})


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (("serve",), "server"),
        (("dashboard",), "server"),
        (("mcp",), "mcp"),
        (("report", "--format", "pdf", "--out", "report.pdf"), "pdf"),
    ],
)
def test_what_needs_an_extra_says_the_one_command_that_brings_it(
    command: tuple[str, ...], extra: str, workspace: Path
) -> None:
    found = asked("", *command, "--workspace", workspace)
    assert found.returncode == 1
    assert f"pip install 'living-personas[{extra}]'" in found.stderr
    assert "Traceback" not in found.stderr
