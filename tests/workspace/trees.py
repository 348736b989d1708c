"""Files as trees of nodes."""

from __future__ import annotations

from living_personas.workspace.file_problems import Problems
from living_personas.workspace.nodes import Node, parse_yaml


def tree(text: str) -> Node:
    """What is written in a file without problems."""
    problems = Problems()
    node = parse_yaml(text, file="a.yaml", problems=problems)
    problems.raise_if_any()
    return node
