"""What a file was taken for: a recipe and what its sources see, or nothing that anybody may guess."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from living_personas.domain.moment import patterns_of, understood
from living_personas.domain.number_text import DecimalMark, number
from living_personas.domain.raw import bare
from living_personas.domain.value import value
from living_personas.domain.yes_no import yes_no
from living_personas.errors import BadValueError, UndeclaredZoneError
from living_personas.recipes.evidence import SeenInSource, seen_in
from living_personas.recipes.first_rows import FirstRows, first_rows
from living_personas.recipes.recipe import Recipe
from living_personas.recipes.recognise import recognise
from living_personas.sources.rows import BadRowError
from living_personas.sources.spelt_objects import as_object
from living_personas.workspace.yaml_text import scalar_text

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


def understand(file: Path, *, zone: ZoneInfo, encoding: str = "") -> UnderstoodFile:
    """Look at a file, and say what it is; ``encoding`` is that of text that is no UTF-8.

    Raises
    ------
    IngestError
        If it cannot be read, or may be two things.
    """
    rows = first_rows(file, encoding=encoding)
    recipe = recognise(rows)
    sources = (
        [replace(source, encoding=rows.encoding, escape=rows.escape) for source in recipe.sources] if recipe else []
    )
    seen = tuple(seen_in(rows, source, recipe, zone=zone) for source in sources) if recipe else ()
    return UnderstoodFile(rows=rows, recipe=recipe, seen=seen)


def describe_column(rows: FirstRows, column: str) -> str:
    """What can be said of a column without guessing what it is for.

    >>> rows = FirstRows(file=Path("f"), columns=("a",), rows=({"a": "x@y.de"},), typed=False, whole=True)
    >>> describe_column(rows, "a")
    'e-mail addresses, each once'
    """
    said = [bare(each) if isinstance(each, str) else each for each in rows.values(column)]
    if not said:
        return "empty in all rows that were looked at" if rows.rows else "not seen: no row was read"
    texts = list(dict.fromkeys(map(str, said)))
    what = _kind(said, texts)
    often = ", each once" if len(texts) == len(said) else f", {len(texts):,} different"
    worded = what in ("texts", "yes and no") and _are_texts(said)
    few = worded and len(texts) <= _FEW < len(said) and all(len(each) <= _SHORT for each in texts)
    missing = len(rows.rows) - len(said)
    return (
        what
        + often
        + (f" ({', '.join(map(scalar_text, texts))})" if few else "")
        + (f", missing in {missing:,}" if missing else "")
    )


_FEW, _SHORT = 5, 30
"""So few different texts are named, if they are no longer than that."""


def _kind(said: Sequence[object], texts: Sequence[str]) -> str:
    """What all of them are; digits may be numbers or dates."""
    alike = next((words for words, fits in _KINDS if all(map(fits, said))), "")
    dates = _dates(texts) if alike in ("", "numbers") else ""
    seen = " or ".join(filter(None, (alike, dates)))
    return seen or _objects(said) or ("texts" if _are_texts(said) else "values")


def _are_texts(said: Sequence[object]) -> bool:
    return all(isinstance(each, str) for each in said)


def _dates(texts: Sequence[str]) -> str:
    """Times that need a `format`."""
    patterns = patterns_of(texts)
    return f"times of the format {' or '.join(map(repr, patterns))}" if patterns else ""


def _objects(said: Sequence[object]) -> str:
    """Objects and arrays, also as JSON in text, with what dotted names reach in them."""
    try:
        found = [as_object(each) for each in said]
    except BadRowError:
        return ""
    if all(isinstance(each, dict) for each in found):
        keys = list(dict.fromkeys(key for each in found if isinstance(each, dict) for key in each))
        named = ", ".join(map(scalar_text, keys[:_FEW])) + (", ..." if keys[_FEW:] else "")
        return f"objects with {named}" if named else "empty objects"
    return "arrays, which `explode` takes apart" if all(isinstance(each, list) for each in found) else ""


def _is_time(said: object) -> bool:
    try:
        understood(said)
    except UndeclaredZoneError:
        return True
    except BadValueError:
        return False
    return True


def _is_midnight(said: object) -> bool:
    try:
        found = understood(said)
    except BadValueError:
        return False
    return isinstance(found, datetime) and found.time() == time()


def _is_address(said: object) -> bool:
    return isinstance(said, str) and said.count("@") == 1 and "." in said.rpartition("@")[2]


def _is_number(said: object) -> bool:
    is_truth = isinstance(said, bool) or (isinstance(said, str) and said.lower() in ("true", "false"))
    return not is_truth and any(_reads(said, mark) for mark in _MARKS)


def _reads(said: object, mark: DecimalMark) -> bool:
    try:
        number(said, decimal=mark)
    except BadValueError:
        return False
    return True


_MARKS: tuple[DecimalMark, DecimalMark] = (".", ",")
_KINDS: tuple[tuple[str, Callable[[object], bool]], ...] = (
    ("e-mail addresses", _is_address),
    ("days, written as midnights (`precision: day`)", _is_midnight),
    ("times", _is_time),
    ("numbers", _is_number),
    ("yes and no", lambda said: yes_no(said) is not None),
)
