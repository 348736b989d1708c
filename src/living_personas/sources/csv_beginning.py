"""How a CSV file begins: what stands above its header, and the mark that parts its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from living_personas.domain.raw import bare
from living_personas.domain.value import value
from living_personas.sources.rows import Unreadable

__all__ = ["Beginning", "as_wide_as_rows", "beginning"]

_DELIMITERS = ",;\t|^~\x01\x1f"
_SAID = re.compile(r'"?sep=(.)"?')
_COMMENT = re.compile(r"#(\W|$)")
"""A line that explains the file; `#id` names a column."""
_LOOKED_AT = 25
_MOST_TITLES = 5
_FEWEST_WORDS = 3
"""A customer, a time, and what happened: fewer may be one name of a column, and one of a customer."""


@value
class Beginning:
    """What parts the fields, how many lines stand above the header, and what stands before quotes that are letters.

    ``escape`` is empty where that is known of no row: such quotes are doubled then. ``padded`` if blanks stand between
    the quotes of the header and its delimiters, as where people line columns up.
    """

    delimiter: str
    above: int
    escape: str = ""
    padded: bool = False

    def unpadded(self, line: str) -> str:
        """A line without the blanks around its quoted fields."""
        mark = re.escape(self.delimiter)
        return re.sub(rf'"[ \t]+(?={mark}|[\r\n]*$)', '"', re.sub(rf'(^|{mark})[ \t]+"', r'\1"', line))


def beginning(lines: Iterator[str | Unreadable]) -> Beginning:
    r"""What the first lines of a file show.

    Above the header may stand blank lines, the line by which spreadsheets say their delimiter (``sep=;``), comments
    (``# ...``), the last of which is the header if it has as many fields as the line below, and titles:
    at most five lines of a single field, where all that follow have several. Of the marks that part the header, the
    delimiter is one that parts the next line into as many fields, if there is any; of several, the one that stands
    there most often outside quotes. Where there is none, and three or more words above as many, blanks part the fields.

    >>> beginning(iter(["Orders of May\n", "\n", "id;name, first\n", "u1;Ann\n"]))
    Beginning(delimiter=';', above=2, escape='', padded=False)
    """
    texts = [each if isinstance(each, str) else each.raw for each in islice(lines, _LOOKED_AT)]
    places = [place for place, text in enumerate(texts) if bare(text).strip(_DELIMITERS)]
    said = _SAID.fullmatch(bare(texts[places[0]])) if places else None
    places = places[bool(said) :]
    marks = [_outside(texts[place]) for place in places]
    comments = _comments(marks)
    places, marks = places[comments:], marks[comments:]
    if not places:
        return Beginning(delimiter=said[1] if said else ",", above=0)
    titles = _titles(marks)
    delimiter = said[1] if said else _delimiter(*marks[titles : titles + 2])
    found = Beginning(delimiter=delimiter, above=places[titles])
    header = texts[found.above]
    return replace(found, padded=delimiter not in " \t" and found.unpadded(header) != header)


def as_wide_as_rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The header with as many fields as rows have, where only one of them ends each line with a delimiter.

    A single row shows nothing: it may hold a delimiter too many.

    >>> as_wide_as_rows(["id", "at"], [["u1", "2026-05-01", ""], ["u2", "2026-05-02", ""]])
    ('id', 'at', '')
    """
    if len(rows) > 1 and all(len(row) == len(header) + 1 and not row[-1] for row in rows):
        return (*header, "")
    if rows and not bare(header[-1]) and all(len(row) == len(header) - 1 for row in rows):
        return tuple(header[:-1])
    return tuple(header)


def _comments(lines: Sequence[str]) -> int:
    """How many of these lines are comments above the header."""
    found = next((place for place, line in enumerate(lines) if not _COMMENT.match(bare(line))), 0)
    return found - 1 if found and _agree(lines[found - 1], lines[found]) else found


def _agree(line: str, following: str) -> bool:
    """Whether a mark parts two lines into as many fields."""
    return any(0 < line.count(mark) == following.count(mark) for mark in _DELIMITERS)


def _titles(lines: Sequence[str]) -> int:
    """How many of these lines are titles above the header."""
    found = next((place for place, line in enumerate(lines[: _MOST_TITLES + 1]) if not _is_single(line)), 0)
    below = lines[found:]
    agree = len(below) > 1 and _agree(*below[:2])
    return found if agree and not any(map(_is_single, below)) else 0


def _is_single(line: str) -> bool:
    """Whether no mark parts a line into several fields that hold anything."""
    return all(sum(bool(bare(field)) for field in line.split(mark)) < 2 for mark in _DELIMITERS)


def _delimiter(header: str, following: str = "") -> str:
    if not any(mark in header + following for mark in _DELIMITERS):
        words = len(header.split())
        return " " if words >= _FEWEST_WORDS and words == len(following.split()) else ","
    agreeing = [mark for mark in _DELIMITERS if 0 < header.count(mark) == following.count(mark)]
    return max(agreeing or _DELIMITERS, key=header.count)


def _outside(line: str) -> str:
    """A line with one letter for each text in quotes."""
    return re.sub('"[^"]*"?', "x", line)
