"""CSV: every value is text, an empty one is missing, and one broken row never takes its neighbours with it."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from living_personas.domain.raw import bare
from living_personas.errors import IngestError, Location
from living_personas.sources.blocks import Block
from living_personas.sources.csv_beginning import Beginning, as_wide_as_rows, beginning
from living_personas.sources.delimited_columns import Part, csv_reader, in_columns, text_blocks
from living_personas.sources.file_or_body import File
from living_personas.sources.opened_rows import Rows
from living_personas.sources.repeated_header import RepeatedHeader
from living_personas.sources.rows import Row, Unreadable
from living_personas.sources.text_lines import NOT_UTF8, LineReader, chunked, line_reader, read_lines

__all__ = ["open_csv"]

_ESCAPED = '\\"'
"""A quote as MySQL, Redshift and Hive write it inside quotes."""
_EMPTY = "it is empty"
_TWICE = "rename one of them; if that line is a row, put one with the names of the columns above it."
_CUT = "the file ends within it: it may have been cut off, so compare its size with the original's"
_LOOKED_AT = 25
"""Records that show how wide rows are."""
_LONGEST_ROW = 1 << 17
"""Characters; also the default of ``csv.field_size_limit``, so that an unclosed quote cannot swallow a file."""


def open_csv(path: File, *, chunk: int, escape: str = "") -> Rows:
    """The rows of a CSV file; its first line names the columns, and shows what parts them (``beginning`` says how).

    ``escape`` is what stands before letters that part or quote nothing, in every row; it is read so in a row that is
    none otherwise in any case.

    Raises
    ------
    IngestError
        If there is no header, or it names a column twice.
    """
    begun = replace(beginning(read_lines(path)), escape=escape)
    header, *rows = islice(chain(_records(path, begun), [Unreadable(raw="", detail=_EMPTY)]), _LOOKED_AT)
    if isinstance(header, Unreadable):
        what = "header" if header.detail == _EMPTY else "readable header"
        raise _bad_header(path, f"has no {what}: {header.detail}", hint=_advice(header.detail))
    wide = as_wide_as_rows(header, [row for row in rows if not isinstance(row, Unreadable)])
    columns = tuple(bare(name) or f"column {place}" for place, name in enumerate(wide, start=1))
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise _bad_header(path, f"names the column {twice[0]!r} twice", hint=_TWICE)
    again = RepeatedHeader(header if len(header) == len(columns) else ())
    return Rows(
        name=path.name,
        columns=columns,
        chunks=lambda: chunked(_rows(columns, again.left_out(_records(path, begun, len(columns)))), chunk),
        blocks=lambda: _blocks(path, begun, columns, chunk, again),
        headers=lambda: again.count,
        typed=False,
        where=Location(file=str(path)),
        escaped=lambda most: _is_escaped(path, begun, len(columns), most),
    )


def _is_escaped(path: File, begun: Beginning, width: int, most: int) -> bool:
    """Whether one of the first rows can only be read if a backslash stands before quotes that are letters."""
    lines = _Lines(read_lines(path))
    return any(lines.escaped for _ in islice(_taken_apart(lines, begun, width), most + 1))


def _rows(columns: tuple[str, ...], records: Iterator[list[str] | Unreadable]) -> Iterator[Row | Unreadable]:
    for record in records:
        if isinstance(record, Unreadable):
            yield record
        else:
            yield {name: text or None for name, text in zip(columns, record, strict=True)}


def _blocks(
    path: File, begun: Beginning, columns: tuple[str, ...], chunk: int, again: RepeatedHeader
) -> Iterator[Block]:
    with line_reader(path) as lines:
        yield from text_blocks(again.left_out_of_parts(_parts(lines, begun, columns)), columns, chunk)


def _parts(lines: LineReader, begun: Beginning, columns: tuple[str, ...]) -> Iterator[Part]:
    """The rows after the header, part by part: plain ones in columns, the others record by record."""
    single = _Lines(iter(lines))
    records = _taken_apart(single, begun, len(columns))
    next(records)
    while single.waiting or (text := lines.block()):
        by_record = single.waiting or begun.delimiter == " " or begun.padded
        plain = None if by_record else in_columns(text, begun, columns)
        if plain is not None:
            lines.take(len(text))
            yield plain
            continue
        end = lines.taken + (0 if single.waiting else len(text))
        found = []
        while (single.waiting or lines.taken < end) and (record := next(records, None)) is not None:
            found.append(record)
        yield found


def _records(path: File, begun: Beginning, width: int | None = None) -> Iterator[list[str] | Unreadable]:
    return _taken_apart(_Lines(read_lines(path)), begun, width)


def _taken_apart(lines: _Lines, begun: Beginning, width: int | None) -> Iterator[list[str] | Unreadable]:
    """The header and the records of a file.

    ``width`` is how many fields each record has; unknown, all are taken as they are.
    """
    for _ in islice(lines, begun.above):
        pass
    wanted: int | None = None
    for line in lines:
        if isinstance(line, Unreadable):
            yield line
        elif line.strip("\r\n"):
            record = _begun_by(line, lines, begun, wanted)
            wanted = wanted if isinstance(record, Unreadable) else width
            yield record


def _begun_by(line: str, lines: _Lines, begun: Beginning, width: int | None) -> list[str] | Unreadable:
    """The record that begins with a line; where one of several lines fails, only its first line is given up."""
    taken: list[str] = [line]
    record = _record(chain([line], lines.more(taken)), begun, width)
    may_be = not begun.escape and width is not None and any(_ESCAPED in each for each in taken)
    if isinstance(record, str) and may_be:
        lines.put_back(taken[1:])
        taken, said = [line], record
        record = _record(chain([line], lines.more(taken)), replace(begun, escape="\\"), width)
        lines.escaped = lines.escaped or not isinstance(record, str)
        record = said if isinstance(record, str) else record
    failed = isinstance(record, str)
    if begun.delimiter == "\t" and width is not None and _is_unquoted(taken, width, failed=failed):
        lines.put_back(taken[1:])
        return line.rstrip("\r\n").split("\t")
    if not isinstance(record, str):
        return record
    lines.put_back(taken[1:])
    detail = record if taken[-1].endswith(("\n", "\r")) else f"{record}; {_CUT}"
    return Unreadable(raw=line, detail=detail, reason="too large" if len(line) > _LONGEST_ROW else "unreadable row")


def _record(lines: Iterator[str], begun: Beginning, width: int | None) -> list[str] | str:
    """The fields of the record that these lines begin with, or what is wrong with it.

    Quotes inside quotes are doubled, or stand behind an escape, as databases write them.
    """
    blanks = begun.delimiter == " "
    try:
        texts = (line.strip() for line in lines) if blanks else map(begun.unpadded, lines) if begun.padded else lines
        fields = next(csv_reader(texts, begun, skipinitialspace=blanks))
    except csv.Error as error:
        return f"it is not CSV: {error}"
    if width is not None and len(fields) != width:
        return f"it has {len(fields)} fields where the header has {width}"
    return fields


def _is_unquoted(lines: list[str], width: int, *, failed: bool) -> bool:
    """Whether quotes in tab-separated lines are letters, as databases write them: each line is a whole row without.

    ``lines`` are those that a record takes by its quotes; ``failed`` says that it is none by them.
    """
    looked_at = lines[:1] if failed else lines
    return (failed or len(lines) > 1) and all(line.count("\t") == width - 1 for line in looked_at)


class _Lines:
    """Lines that can be put back; ``escaped`` once a record was none until a backslash escaped its quotes."""

    def __init__(self, lines: Iterator[str | Unreadable]) -> None:
        self._lines = lines
        self._back: deque[str | Unreadable] = deque()
        self.escaped = False

    @property
    def waiting(self) -> bool:
        """Whether lines that were put back come next."""
        return bool(self._back)

    def __iter__(self) -> Iterator[str | Unreadable]:
        return self

    def __next__(self) -> str | Unreadable:
        return self._back.popleft() if self._back else next(self._lines)

    def put_back(self, lines: list[str]) -> None:
        """Give these lines out again, first to last."""
        self._back.extendleft(reversed(lines))

    def more(self, taken: list[str]) -> Iterator[str]:
        """Further lines of a record, noted in ``taken``, until one is unreadable or the record is too long."""
        size = 0
        for line in self:
            if isinstance(line, Unreadable) or size > _LONGEST_ROW:
                self._back.appendleft(line)
                return
            size += len(line)
            taken.append(line)
            yield line


def _advice(detail: str) -> str:
    """What to do about a header that cannot be read."""
    if "UTF-8" in detail or "NUL" in detail:
        return f"{NOT_UTF8}."
    if "new-line character" in detail:
        return "save it with the line ends of Unix or Windows: those of old Macs part no lines."
    return "the first line must name the columns."


def _bad_header(path: File, what: str, *, hint: str) -> IngestError:
    return IngestError(f"The file {path.name!r} {what}.", hint=hint, where=Location(file=str(path), line=1))
