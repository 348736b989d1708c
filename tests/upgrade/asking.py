"""What a workspace of the past is asked: commands that anybody may type, and what they say."""

from __future__ import annotations

import csv
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from living_personas.cli import main

Said = dict[str, object]
"""The exit code of a command and what it says: ``json``, ``text``, or tables by the names of their files."""

_WRITTEN = {"views": ("views/persona_membership.csv", "views/persona_attributes.csv")}
"""The files that a command writes, and that are a part of its answer."""


def ask(*words: str) -> Said:
    """What a command says on stdout, and in the files that it writes."""
    out, code = io.StringIO(), object()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        try:
            main(words)
        except SystemExit as left:
            code = left.code
    text = out.getvalue()
    if words[1] in _WRITTEN:
        return {"code": code, **{name: Path(name).read_text() for name in _WRITTEN[words[1]]}}
    if "json" in words:
        return {"code": code, "json": json.loads(text)}
    if text.startswith('"customer"'):
        return {"code": code, "list.csv": text}
    return {"code": code, "text": text.splitlines()}


def rows_of(table: str) -> list[dict[str, str]]:
    """The rows of a CSV table, by the names of its columns."""
    return list(csv.DictReader(io.StringIO(table, newline="")))
