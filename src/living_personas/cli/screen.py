"""Answers on stdout: a page as tables or Markdown, or values as JSON."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TypeVar

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text as RichText

from living_personas.cli.options import Form
from living_personas.cli.pasted import pasted
from living_personas.cli.terminal import visible, write
from living_personas.reporting.markdown import markdown
from living_personas.reporting.page import Block, Bullets, Code, Fold, Heading, Page, Table, Text

__all__ = ["json_of", "show", "tell", "text_of"]

T = TypeVar("T")

WIDE = 200
"""Columns where no terminal says how many it has: a pipe has room."""


def show(form: Form, page: Callable[[], Page], data: Callable[[], str]) -> None:
    """Show an answer in the form that was asked for; only that form is made."""
    if form == "table":
        _draw(page(), Console(highlight=False, width=_width()))
    else:
        write(text_of(form, page, data))


def tell(*lines: str) -> None:
    """Lines of an answer."""
    sys.stdout.write("".join(f"{visible(pasted(line))}\n" for line in lines))


def text_of(form: Form, page: Callable[[], Page], data: Callable[[], str]) -> str:
    """An answer as text, for a file or a pipe."""
    if form == "json":
        return data()
    if form == "md":
        return markdown(page())
    console = Console(highlight=False, width=_width(), no_color=True, color_system=None, record=True, quiet=True)
    with console.capture() as captured:
        _draw(page(), console)
    return captured.get()


def json_of(subject: T, type_: type[T]) -> str:
    """A value as JSON: its fields are the keys."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - only JSON is written by it

    return TypeAdapter(type_).dump_json(subject, indent=2).decode() + "\n"


def _width() -> int | None:
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE


def _draw(page: Page, console: Console) -> None:
    for number, block in enumerate(page):
        if number and isinstance(block, Heading):
            console.print()
        for line in _drawn(block):
            console.print(line)


def _drawn(block: Block) -> list[RichText | RichTable]:
    match block:
        case Heading():
            return [RichText(_seen(block.text), style="bold")]
        case Text():
            return [RichText(_seen(block.text))]
        case Bullets():
            return [RichText(_seen(f"- {item}")) for item in block.items]
        case Code():
            return [RichText(_seen(block.text.rstrip("\n")))]
        case Table():
            return [_table(block)]
        case Fold():
            return [
                RichText(_seen(block.title), style="italic"),
                *(one for each in block.blocks for one in _drawn(each)),
            ]


def _table(table: Table) -> RichTable:
    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns:
        drawn.add_column(RichText(_seen(column)), justify="right" if column in table.numbers else "left")
    for row in table.rows:
        drawn.add_row(*(RichText(_seen(cell)) for cell in row))
    return drawn


def _seen(text: str) -> str:
    return visible(pasted(text))
