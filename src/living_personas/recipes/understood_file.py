"""What a file was taken for: a recipe and what its sources see, or nothing that anybody may guess."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

from living_personas.domain.moment import understood
from living_personas.domain.raw import bare
from living_personas.domain.value import value
from living_personas.errors import BadValueError
from living_personas.recipes.evidence import SeenInSource, seen_in
from living_personas.recipes.first_rows import FirstRows, first_rows
from living_personas.recipes.recipe import Recipe
from living_personas.recipes.recognise import recognise

__all__ = ["UnderstoodFile", "describe_column", "understand"]


@value
class UnderstoodFile:
    """A file with its recipe, and what each of the recipe's sources sees in it; without one, its columns alone."""

    rows: FirstRows
    recipe: Recipe | None
    seen: tuple[SeenInSource, ...]

    @property
    def events(self) -> Counter[str]:
        """The events that its first rows would become, by name."""
        return sum((each.events for each in self.seen), Counter())


def understand(file: Path, *, zone: ZoneInfo) -> UnderstoodFile:
    """Look at a file, and say what it is.

    Raises
    ------
    IngestError
        If it cannot be read, or may be two things.
    """
    rows = first_rows(file)
    recipe = recognise(rows)
    seen = tuple(seen_in(rows, source, recipe, zone=zone) for source in recipe.sources) if recipe else ()
    return UnderstoodFile(rows=rows, recipe=recipe, seen=seen)


def describe_column(rows: FirstRows, column: str) -> str:
    """What can be said of a column without guessing what it is for.

    >>> rows = FirstRows(file=Path("f"), columns=("a",), rows=({"a": "x@y.de"},), typed=False, whole=True)
    >>> describe_column(rows, "a")
    'e-mail addresses, each once'
    """
    said = [bare(each) if isinstance(each, str) else each for each in rows.values(column)]
    if not said:
        return "empty in all rows that were looked at"
    alike = [words for words, fits in _KINDS if all(map(fits, said))]
    what = alike[0] if alike else "texts" if all(isinstance(each, str) for each in said) else "values"
    distinct = len({str(each) for each in said})
    often = ", each once" if distinct == len(said) else f", {distinct:,} different"
    missing = len(rows.rows) - len(said)
    return what + often + (f", missing in {missing:,}" if missing else "")


def _is_time(said: object) -> bool:
    try:
        understood(said)
    except BadValueError:
        return False
    return True


def _is_address(said: object) -> bool:
    return isinstance(said, str) and said.count("@") == 1 and "." in said.rpartition("@")[2]


def _is_number(said: object) -> bool:
    if isinstance(said, bool):
        return False
    return isinstance(said, int | float) or (isinstance(said, str) and said.lstrip("-").replace(".", "", 1).isdigit())


_KINDS = (("e-mail addresses", _is_address), ("times", _is_time), ("numbers", _is_number))
