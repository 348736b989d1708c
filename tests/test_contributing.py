"""Where to change what: the table of rooms in CONTRIBUTING.md is made of the rooms' own first sentences."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOUSE, PARAGRAPH = ROOT / "src/living_personas", "\n\n"
BEGIN, END = "<!-- rooms -->", "<!-- /rooms -->"


def rooms() -> list[str]:
    """Every room, from the top of the house to its ground."""
    house, loop, *_ = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    found: list[str] = []
    for each in layers(house):
        name = each.rpartition(".")[2]
        found += [name, *(f"loop/{part}" for part in layers(loop))] if name == "loop" else [name]
    return [name for name in found if (HOUSE / name / "__init__.py").exists()]


def layers(contract: dict[str, list[str]]) -> list[str]:
    """The names in a contract of layers, from the top down."""
    return [name.strip() for row in contract["layers"] for name in row.split("|")]


def table() -> str:
    """The table, as it must stand."""
    lines = ["| room | what is in it |", "|---|---|"]
    for name in rooms():
        said = ast.get_docstring(ast.parse((HOUSE / name / "__init__.py").read_text())) or ""
        lines.append(f"| `{name}/` | {' '.join(said.partition(PARAGRAPH)[0].split())} |")
    return "\n".join(lines)


def test_the_table_of_rooms_is_theirs() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    written = text.split(BEGIN)[1].split(END)[0].strip()
    assert written == table(), f"write this between {BEGIN} and {END}:\n{table()}"


def test_every_room_is_in_it() -> None:
    found = [*HOUSE.glob("*/__init__.py"), *HOUSE.glob("loop/*/__init__.py")]
    assert set(rooms()) == {path.parent.relative_to(HOUSE).as_posix() for path in found}
