"""What is read as a file: one on disk, or one that came in memory, such as the body of a request."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from living_personas.domain.value import value

__all__ = ["Body", "Encoded", "File"]


@value
class Body:
    """A file in memory; its name is only said in errors and may end in what it is.

    >>> Body(name="rows.csv", data=b"a,b").suffix
    '.csv'
    """

    name: str
    data: bytes

    def __str__(self) -> str:
        return self.name

    @property
    def suffix(self) -> str:
        """The end of the name, from its last point."""
        return Path(self.name).suffix

    @property
    def suffixes(self) -> list[str]:
        """All ends of the name."""
        return Path(self.name).suffixes

    def open(self, mode: str) -> BytesIO:  # noqa: ARG002 - as a path is opened
        """The bytes."""
        return BytesIO(self.data)


@value
class Encoded:
    """A file whose text is in another encoding than UTF-8, by a name that Python knows; a byte-order mark knows better.

    >>> Encoded(file=Body(name="rows.csv", data=b"a,b"), encoding="windows-1252").suffix
    '.csv'
    """

    file: Path | Body
    encoding: str

    def __str__(self) -> str:
        return str(self.file)

    @property
    def name(self) -> str:
        """That of the file."""
        return self.file.name

    @property
    def suffix(self) -> str:
        """The end of the name, from its last point."""
        return self.file.suffix

    @property
    def suffixes(self) -> list[str]:
        """All ends of the name."""
        return self.file.suffixes


File: TypeAlias = Path | Body | Encoded
"""A file of any kind."""
