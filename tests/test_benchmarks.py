"""Benchmarks ask for what is there: they run too long to run here, and what they measure goes on changing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
FILES = sorted(FOLDER.rglob("*.py"))


def asked_for(text: str) -> Iterator[tuple[str, str]]:
    """The modules of the product that a file imports from, and the names that it wants of them."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "living_personas":
            yield from ((node.module or "", each.name) for each in node.names)


def is_there(module: str, name: str) -> bool:
    """Whether a module has a name, or is a package with such a module."""
    try:
        return hasattr(import_module(module), name) or bool(import_module(f"{module}.{name}"))
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("file", FILES, ids=lambda each: each.relative_to(FOLDER).as_posix())
def test_what_a_benchmark_imports_is_there(file: Path) -> None:
    assert [each for each in asked_for(file.read_text("utf-8")) if not is_there(*each)] == []


def test_what_is_not_there_is_found() -> None:
    wanted = "from living_personas.serving.lists import Nobody\nfrom living_personas.nowhere import thing"
    assert [each for each in asked_for(wanted) if not is_there(*each)] == [
        ("living_personas.serving.lists", "Nobody"),
        ("living_personas.nowhere", "thing"),
    ]
