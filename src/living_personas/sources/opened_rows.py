"""A file or frame that is open: its columns, and its rows chunk by chunk, as dictionaries or in columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field

from living_personas.domain.value import value
from living_personas.errors import Location
from living_personas.sources.blocks import Block
from living_personas.sources.rows import Chunk

__all__ = ["Rows"]


@value
class Rows:
    """The rows of one file or frame, read chunk by chunk so that memory stays bounded.

    ``blocks`` are the same rows as ``chunks``, in columns; ``some`` gives them where it is quicker to find only some
    columns. ``name`` is the file's base name, or ``frame``. ``total`` is the number of rows where it is known without
    reading. ``typed`` is False where every value is text (CSV). ``lacks`` says which of some columns no row has; None
    means that ``columns`` is the whole truth. ``again`` says whether they can be read again and again: files can, a
    stream only once. ``numbered`` is False where rows come in any order: a table's have no numbers. ``narrow`` are
    columns of floats of fewer bits than Python's, with their types. ``escaped`` says, of so many first rows of text,
    whether one can only be read if a backslash stands before quotes that are letters. ``headers`` says how many lines
    that repeat the header were passed over the last time that the rows were read.
    """

    name: str
    columns: tuple[str, ...]
    chunks: Callable[[], Iterator[Chunk]]
    blocks: Callable[[], Iterator[Block]]
    some: Callable[[frozenset[str]], Iterator[Block]] | None = None
    total: int | None = None
    typed: bool = True
    where: Location | None = None
    lacks: Callable[[frozenset[str]], frozenset[str]] | None = None
    again: bool = True
    numbered: bool = True
    escaped: Callable[[int], bool] | None = None
    headers: Callable[[], int] | None = None
    narrow: Mapping[str, Callable[[float], object]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Chunk]:
        return self.chunks()

    @property
    def repeated(self) -> int:
        """How many lines that were read last repeat the header, and are no rows."""
        return self.headers() if self.headers else 0

    def blocks_with(self, columns: frozenset[str]) -> Iterator[Block]:
        """The blocks, of which only these columns are needed."""
        return self.some(columns) if self.some else self.blocks()

    def missing(self, wanted: Iterable[str]) -> frozenset[str]:
        """Which of the wanted columns are not there."""
        absent = frozenset(name for name in wanted if not self._has(name))
        return self.lacks(absent) if absent and self.lacks else absent

    def _has(self, name: str) -> bool:
        """Whether there is such a column, or one that a dotted name may reach into: text may be JSON."""
        parts = name.split(".")
        heads = {".".join(parts[:n]) for n in range(1, len(parts))}
        return name in self.columns or not heads.isdisjoint(self.columns)
