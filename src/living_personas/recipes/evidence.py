"""What the first rows of a file show of what a workspace has to say: events, currencies, how numbers are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from living_personas.domain.currency import currency_code
from living_personas.domain.event import IDENTIFY, Quarantined
from living_personas.domain.number_text import DecimalMark, currency_mark, number
from living_personas.domain.settings import Source
from living_personas.domain.value import value
from living_personas.errors import BadValueError
from living_personas.recipes.first_rows import FirstRows
from living_personas.recipes.recipe import Recipe
from living_personas.sources.read import preview

__all__ = ["SeenInSource", "WrittenNumbers", "seen_in", "written_numbers"]

_MARKS: tuple[DecimalMark, DecimalMark] = (".", ",")


@value
class WrittenNumbers:
    """How numbers are written in text.

    ``decimal`` is the mark that all texts agree on where one of them leaves no doubt, as ``example`` does; ``doubtful``
    is a text that may be two numbers.
    """

    decimal: DecimalMark | None = None
    example: str = ""
    doubtful: str = ""


@value
class SeenInSource:
    """What the first rows would become: events by name, rows that are left out or quarantined, currencies by code.

    ``absent`` are optional columns that the file lacks.
    """

    source: Source
    events: Counter[str]
    left_out: int
    quarantined: Counter[str]
    currencies: Counter[str]
    absent: tuple[str, ...]
    numbers: WrittenNumbers


def seen_in(found: FirstRows, source: Source, recipe: Recipe, *, zone: ZoneInfo) -> SeenInSource:
    """What a source sees in the first rows of a file.

    Raises
    ------
    IngestError
        If the file lacks a column that the source cannot do without.
    """
    events, quarantined, left_out = Counter[str](), Counter[str](), 0
    for outcome in (each.outcome for each in preview(found.file, source, zone=zone, most=len(found.rows) or 1)):
        if outcome is None:
            left_out += 1
        elif isinstance(outcome, Quarantined):
            quarantined[outcome.reason] += 1
        else:
            events.update(event.name for event in outcome)
    taken = {each.name: each.column for each in source.columns}
    worth = taken.get(recipe.goal.value, recipe.goal.value) if recipe.goal.value else None
    texts = [said for said in found.values(worth) if isinstance(said, str)] if worth else []
    currency = taken.get(source.currency or "", source.currency)
    codes = [currency_code(said) for said in found.values(currency)] if currency else []
    codes = codes or [currency_code(currency_mark(text)) for text in texts]
    return SeenInSource(
        source=source,
        events=Counter({name: count for name, count in events.items() if name != IDENTIFY}),
        left_out=left_out,
        quarantined=quarantined,
        currencies=Counter(filter(None, codes)),
        absent=tuple(each.column for each in source.columns if each.optional and not found.has(each.column)),
        numbers=WrittenNumbers() if source.decimal else written_numbers(texts),
    )


def written_numbers(texts: Iterable[str]) -> WrittenNumbers:
    """How numbers are written: by texts that can be read in only one way.

    >>> written_numbers(["1.029", "29,90"])
    WrittenNumbers(decimal=',', example='29,90', doubtful='1.029')
    """
    shown: dict[DecimalMark, str] = {}
    doubtful = ""
    for text in texts:
        readings = {mark: found for mark in _MARKS if (found := _read(text, mark)) is not None}
        if len(readings) == 1:
            shown.setdefault(next(iter(readings)), text)
        elif len(set(readings.values())) == 2:
            sure = _read(text, None)
            if sure is None:
                doubtful = doubtful or text
            else:
                shown.setdefault(next(mark for mark, found in readings.items() if found == sure), text)
    if len(shown) != 1:
        return WrittenNumbers(doubtful=doubtful)
    (decimal, example), *_ = shown.items()
    return WrittenNumbers(decimal=decimal, example=example, doubtful=doubtful)


def _read(text: str, mark: DecimalMark | None) -> float | None:
    try:
        return number(text, decimal=mark)
    except BadValueError:
        return None
