"""A page in blocks: composed once, shown as Markdown, on a terminal, or anywhere else."""

from __future__ import annotations

from typing import TypeAlias

from living_personas.domain.value import value

__all__ = ["Block", "Bullets", "Code", "Fold", "Heading", "Page", "Table", "Text"]


@value
class Heading:
    """A line that says what follows; level 1 is the page's own."""

    text: str
    level: int = 2


@value
class Text:
    """A paragraph."""

    text: str


@value
class Bullets:
    """Some lines, each its own thing; none is no block at all."""

    items: tuple[str, ...]


@value
class Code:
    """Lines that are shown as they are."""

    text: str
    language: str = ""


@value
class Table:
    """Rows of text under named columns; the columns in ``numbers`` are set to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()


@value
class Fold:
    """What not everybody needs: folded away where a page can fold, below a heading of its own where it cannot."""

    title: str
    blocks: tuple[Heading | Text | Bullets | Code | Table, ...]


Block: TypeAlias = Heading | Text | Bullets | Code | Table | Fold
Page: TypeAlias = tuple[Block, ...]
