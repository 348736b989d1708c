"""Options that several commands share, with the words that explain them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from living_personas.domain.table_reader import Reader

__all__ = ["By", "DryRun", "Folder", "For", "Form", "Format", "Proxies"]

Form = Literal["table", "json", "md"]
"""How an answer is shown."""

Format = Annotated[Form, Parameter(name="--format", help="How to show it; JSON has stable keys.")]
Folder = Annotated[Path, Parameter(name="--workspace", help="The folder of the workspace.")]
DryRun = Annotated[bool, Parameter(name="--dry-run", help="Do it on a copy, show the outcome, and change nothing.")]
By = Annotated[str, Parameter(name="--by", help="For whom you decide: noted beside your login name, which decides.")]
Proxies = Annotated[
    tuple[str, ...],
    Parameter(
        name="--trusted-proxy",
        help="An address or network whose X-Forwarded-For and X-Forwarded-Proto are believed; may be repeated.",
    ),
]
For = Annotated[
    Reader,
    Parameter(name="--for", help="Who reads it: tools find ids as they are; a spreadsheet, nothing that it would run."),
]
