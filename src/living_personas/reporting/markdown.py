"""A page as Markdown: what people wrote stays text, whatever signs it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable

from living_personas.domain.command_text import outside_code
from living_personas.reporting.page import Block, Bullets, Code, Fold, Heading, Page, Table, Text

__all__ = ["markdown"]

FOLDED = 3
"""The level of the heading of what other pages fold away."""

_MEANINGFUL = re.compile(r"([\\`*|<])")


def markdown(page: Page) -> str:
    r"""The page as Markdown text.

    >>> table = Table(columns=("a", "b"), rows=(("x|y", "1"),), numbers=("b",))
    >>> print(markdown((Heading(text="Hello"), table)), end="")
    ## Hello
    <BLANKLINE>
    | a | b |
    |---|---:|
    | x\|y | 1 |
    """
    written = (block for block in map(_written, page) if block)
    return "\n\n".join(written) + "\n"


def _written(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_plain(block.text)}"
        case Text():
            return _plain(block.text)
        case Bullets():
            return "\n".join(f"- {_plain(item)}" for item in block.items)
        case Code():
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.text)), default=0))
            return f"{fence}{block.language}\n{block.text.rstrip()}\n{fence}"
        case Table():
            return _table(block)
        case Fold():
            return markdown((Heading(text=block.title, level=FOLDED), *block.blocks)).rstrip("\n")


def _table(table: Table) -> str:
    rule = "|".join("---:" if column in table.numbers else "---" for column in table.columns)
    return "\n".join([_row(table.columns), f"|{rule}|", *map(_row, table.rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(_plain, cells))} |"


def _plain(text: str) -> str:
    """One line, in which no sign has a meaning; a link would begin where a bracket meets a parenthesis."""
    said = " ".join(text.split())
    return outside_code(said, lambda part: _MEANINGFUL.sub(r"\\\1", part).replace("](", "]\\("))
