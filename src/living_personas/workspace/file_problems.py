"""Everything that is wrong with the files, told at once, each with its line and a way out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from living_personas.domain.counted import counted
from living_personas.domain.value import value
from living_personas.errors import LivingPersonasError, Location

__all__ = ["InvalidFilesError", "Problem", "Problems", "UnreadableError"]


@value
class Problem:
    """One thing that is wrong in one place of a file."""

    where: Location
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}\n  hint: {self.hint}"


class InvalidFilesError(LivingPersonasError):
    """The files of a workspace say things that cannot be meant; ``problems`` holds all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_place))
        first = self.problems[0]
        if len(self.problems) == 1 and first.where.line is None:  # of a whole file, in which no line is to be mended
            super().__init__(first.message, hint=first.hint, where=first.where)
            return
        files = {problem.where.file for problem in self.problems}
        listing = "\n".join(f"- {problem}" for problem in self.problems)
        super().__init__(
            f"{counted(len(self.problems), 'problem')} in {counted(len(files), 'file')}:\n{listing}",
            hint="mend these lines and run the same command again.",
        )


class UnreadableError(Exception):
    """A part of a file could not be read; what was wrong is noted already."""


class Problems:
    """Collects problems, so that a person can mend all of them in one sitting."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, where: Location, message: str, *, hint: str) -> None:
        """Note a problem and read on."""
        self.found.append(Problem(where=where, message=message, hint=hint))

    def refuse(self, where: Location, message: str, *, hint: str) -> NoReturn:
        """Note a problem and give up on the part that is being read."""
        self.add(where, message, hint=hint)
        raise UnreadableError

    def raise_if_any(self) -> None:
        """Raise ``InvalidFilesError`` with everything that was noted."""
        if self.found:
            raise InvalidFilesError(self.found)


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.where.file, problem.where.line or 0, problem.where.column or 0
