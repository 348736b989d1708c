"""What is written into a place of a YAML file: texts and what is made of them, in block or in flow style."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from living_personas.domain.value import value
from living_personas.workspace.nodes import Entries, Items, Node, Scalar
from living_personas.workspace.yaml_text import block_text, scalar_text

__all__ = ["Bare", "Content", "Flow", "block_content", "flow_content", "says"]


@value
class Bare:
    """What is written as it is, without quotes: a number, or a word of the product."""

    text: str


@value
class Flow:
    """A record that is written on one line, in braces; its keys are declared, and need no quotes."""

    fields: Mapping[str, Content]


Content: TypeAlias = "str | Bare | Flow | Sequence[Content] | Mapping[str, Content]"
"""What a place is to hold: a text, or what is made of texts."""


def says(node: Node, content: Content) -> bool:
    """Whether a node means just this content already."""
    if isinstance(content, str):
        return isinstance(node, Scalar) and node.kind == "text" and node.text.strip() == content.strip()
    if isinstance(content, Bare):
        return isinstance(node, Scalar) and node.plain and node.text == content.text
    if isinstance(content, Flow | Mapping):
        fields = content.fields if isinstance(content, Flow) else content
        below = {key.text: each for key, each in node.pairs} if isinstance(node, Entries) else {}
        return below.keys() == fields.keys() and all(says(below[key], each) for key, each in fields.items())
    return isinstance(node, Items) and len(node.nodes) == len(content) and all(map(says, node.nodes, content))


def flow_content(content: Content) -> str:
    """A content on one line."""
    if isinstance(content, str):
        return scalar_text(content)
    if isinstance(content, Bare):
        return content.text
    if isinstance(content, Flow):
        return "{" + ", ".join(f"{key}: {flow_content(each)}" for key, each in content.fields.items()) + "}"
    if isinstance(content, Mapping):
        return "{" + ", ".join(f"{scalar_text(key)}: {flow_content(each)}" for key, each in content.items()) + "}"
    return "[" + ", ".join(map(flow_content, content)) + "]"


def block_content(content: Content, indent: str) -> str:
    """A content in block style below a key that stands at ``indent``."""
    deeper = indent + "  "
    if isinstance(content, str):
        return block_text(content, indent=deeper)
    if isinstance(content, Bare | Flow) or not content:
        return flow_content(content)
    if isinstance(content, Mapping):
        return "".join(_lines(content, deeper))
    if all(isinstance(each, str | Bare) for each in content):
        return flow_content(content)
    return "".join(f"\n{deeper}- {flow_content(each)}" for each in content)


def _lines(fields: Mapping[str, Content], indent: str) -> Iterator[str]:
    for key, each in fields.items():
        written = block_content(each, indent)
        yield f"\n{indent}{scalar_text(key)}:{'' if written.startswith(chr(10)) else ' '}{written}"
