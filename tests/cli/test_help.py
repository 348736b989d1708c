"""Help comes at once, and the documentation knows every command and option."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from cli.shop import Typed
from living_personas import __version__
from living_personas.cli import COMMANDS, app
from living_personas.cli.pasted import WITHOUT_WORKSPACE

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
HEAVY = ("duckdb", "ibis", "numpy", "scipy", "pyarrow", "pydantic", "sqlglot", "apsw", "ruamel")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, time; began = time.process_time()\n"
        "from living_personas.cli import app; app(['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], time.process_time() - began, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name, _, _ in COMMANDS)
    loaded, _, seconds = done.stderr.rpartition(" ")
    assert loaded == "[]"
    assert float(seconds) < 2  # 0.2 on the machine it was written on; this only catches the unbearable


def described() -> Iterator[tuple[str, App]]:
    """Every command with all its words."""
    for name, _, _ in COMMANDS:
        command = app[name]
        below = [each for each in command if not each.startswith("-")]
        if command.default_command is not None:
            yield name, command
        for word in below:
            yield f"{name} {word}", command[word]


DESCRIBED = tuple(described())


def documented() -> dict[str, str]:
    """The section of the documentation for each command."""
    parts = DOCS.read_text().split("\n### `personas ")[1:]
    return {" ".join(re.findall(r"^[a-z]+|(?<= )[a-z]+(?=[ `])", part.split("\n")[0])): part for part in parts}


def test_the_documentation_knows_exactly_these_commands() -> None:
    assert sorted(documented()) == sorted(words for words, _ in DESCRIBED)


@pytest.mark.parametrize(("words", "command"), DESCRIBED, ids=[words for words, _ in DESCRIBED])
def test_the_documentation_knows_every_option(words: str, command: App) -> None:
    section = documented()[words]
    arguments = command.assemble_argument_collection(default_parameter=app.default_parameter)
    options = {name for argument in arguments for name in argument.names}
    written = set(re.findall(r"--[a-z][a-z-]*", section))
    assert {name for name in options if name.startswith("--")} == written


@pytest.mark.parametrize(("words", "command"), DESCRIBED, ids=[words for words, _ in DESCRIBED])
def test_messages_complete_exactly_the_commands_that_are_about_a_workspace(words: str, command: App) -> None:
    arguments = command.assemble_argument_collection(default_parameter=app.default_parameter)
    is_about = any("--workspace" in argument.names for argument in arguments)
    assert is_about == (words.split(maxsplit=1)[0] not in WITHOUT_WORKSPACE)


@pytest.mark.parametrize("words", [words for words, _ in DESCRIBED])
def test_every_command_explains_itself(personas: Typed, words: str) -> None:
    answer = personas(*words.split(), "--help")
    assert answer.code == 0
    assert f"personas {words}" in answer.out
    assert not re.search(r"\[default: (\"\"|\(\)|False|None)?\]|_\b", answer.out)  # as Python writes it, nobody reads


def test_the_version_is_that_of_the_package(personas: Typed) -> None:
    assert personas("--version").out.strip() == __version__


def test_the_package_is_the_command_where_that_is_not_on_the_path() -> None:
    module = [sys.executable, "-m", "living_personas"]
    said = subprocess.run([*module, "chekc"], check=False, capture_output=True, text=True)
    assert (said.returncode, "did you mean 'check'?" in said.stderr) == (2, True)
