"""How a part of a file that cannot be meant is refused: what is written, what is meant, and how to write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from living_personas.errors import LivingPersonasError, Location
from living_personas.workspace.file_problems import Problems
from living_personas.workspace.nodes import Node, Scalar, describe

__all__ = ["checked", "is_nothing", "label_of", "refuse_kind"]

T = TypeVar("T")


def checked(make: Callable[[], T], where: Location, problems: Problems, *, label: str = "") -> T:
    """What ``make`` makes; its error becomes a problem at ``where``."""
    try:
        return make()
    except LivingPersonasError as error:
        message = f"{label}: {error.message}" if label else error.message
        problems.refuse(where, message, hint=error.hint)


def is_nothing(node: Node) -> bool:
    """Whether a key is written with nothing after it."""
    return isinstance(node, Scalar) and node.kind == "nothing"


def label_of(node: Node) -> str:
    """What to call a node in a message."""
    if not node.path:
        return "The file"
    *around, last = node.path
    return f"Item {last} of `{'.'.join(around)}`" if last.isdigit() else f"`{'.'.join(node.path)}`"


def refuse_kind(node: Node, meant: str, problems: Problems, *, hint: str) -> NoReturn:
    """Refuse a node that is not of the kind that is meant."""
    if is_nothing(node):
        problems.refuse(node.where, f"{label_of(node)} is empty, where {meant} is meant.", hint=f"fill it in: {hint}")
    problems.refuse(node.where, f"{label_of(node)} is {describe(node)}, where {meant} is meant.", hint=hint)
