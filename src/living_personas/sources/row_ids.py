"""What makes a row itself where nothing names it: what it says, and how often the same file has said it before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from hashlib import blake2b

from living_personas.domain.raw import bare
from living_personas.sources.rows import Row

__all__ = ["MARK", "RowIds", "plain_text"]

MARK = "#"
"""What the id of a row begins with that is made of its content: the name of a file may begin with anything else."""


class RowIds:
    """Gives each row of one file an id: read again, shuffled or beside other rows, it is the same.

    Takes about 100 bytes of memory a row. ``columns`` are in order.

    Parameters
    ----------
    columns
        The columns by which rows are told apart; one that is empty, or not there, says nothing.

    >>> ids = RowIds(["id"])
    >>> one, two, three = ids.of({"id": "a"}), ids.of({"id": " a", "note": "x"}), ids.of({"id": "b"})
    >>> two == one + ".2", three == one
    (True, False)
    """

    def __init__(self, columns: Iterable[str]) -> None:
        self.columns = tuple(sorted(columns))
        self._seen: dict[int, int] = {}

    def of(self, row: Row) -> str:
        """The id of the next row."""
        said = ((column, plain_text(row.get(column))) for column in self.columns)
        # With its length each text ends where it ends, whatever it holds; JSON would take three times as long.
        return self.of_text("".join([f"{column}:{len(text)}:{text};" for column, text in said if text]))

    def of_text(self, text: str) -> str:
        """The id of the next row, if all that is known of it is its text."""
        return self.of_bytes(text.encode("utf-8", "surrogatepass"))

    def of_bytes(self, text: bytes) -> str:
        """The same, of a text in UTF-8."""
        digest = blake2b(text, digest_size=16).digest()
        key = int.from_bytes(digest[:8], "big")
        number = self._seen[key] = self._seen.get(key, 0) + 1
        return f"{MARK}{digest.hex()}" + (f".{number}" if number > 1 else "")


def plain_text(found: object) -> str:
    """A value as every kind of file would write it.

    >>> plain_text(17.0), plain_text(" u1 "), plain_text(None)
    ('17', 'u1', '')
    """
    if isinstance(found, str):
        return bare(found)
    if found is None or found is True or found is False:
        return "" if found is None else str(found).lower()
    if isinstance(found, Decimal):
        found = float(found)
    if isinstance(found, float):
        return str(int(found)) if found.is_integer() else "" if found != found else repr(found)  # noqa: PLR0124 - not a number
    if isinstance(found, date | time):
        return found.isoformat()
    return json.dumps(found, sort_keys=True, default=str) if isinstance(found, list | dict) else str(found)
