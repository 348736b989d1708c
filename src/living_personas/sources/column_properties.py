"""What travels with the events of a block: JSON objects, put together by Arrow from the JSON of single values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import written
from living_personas.domain.currency import currency_of
from living_personas.domain.money import CURRENCY
from living_personas.domain.number_text import currency_mark
from living_personas.domain.value import value
from living_personas.sources.blocks import Block, BlockColumn, Mask, mask_of
from living_personas.sources.column_values import numbers_in, properties_in
from living_personas.sources.source_reading import SourceReading

__all__ = ["Kept", "foreign_money", "kept_in", "objects_of"]


@value
class Kept:
    """The JSON text of values by the property that they are kept under, NULL where nothing was said; the bad rows."""

    said: Mapping[str, pa.StringArray]
    bad: Mask


def kept_in(block: Block, columns: Iterable[str], events: BlockColumn, reading: SourceReading) -> Kept:
    """The values that travel with events of these names; those that are used as numbers are numbers."""
    bad = np.zeros(block.size, np.bool_)
    said: dict[str, pa.StringArray] = {}
    for name in columns:
        used = np.array([name in reading.intake.numbers.of(str(event)) for event in events.values], np.bool_)
        column = block.column(name)
        as_number = used[events.rows] if used.any() and not used.all() else None
        found = None
        if not used.all():
            answers = properties_in(column, name, typed=reading.typed)
            found = answers.taken(pa.string())
            bad |= answers.bad_rows if as_number is None else answers.bad_rows & ~as_number
        if used.any():
            answers = numbers_in(column, name, decimal=reading.source.decimal)
            bad |= answers.bad_rows if as_number is None else answers.bad_rows & as_number
            numbers = answers.taken(pa.string())
            found = numbers if found is None else pc.if_else(pa.array(as_number), numbers, found)
        said[name] = found
    return Kept(said=said, bad=bad)


def objects_of(said: Mapping[str, pa.StringArray], size: int) -> pa.StringArray:
    """The JSON objects that hold these values, with their keys in order.

    >>> objects_of({"b": pa.array(["1", None]), "a": pa.array(['"x"', None])}, 2).to_pylist()
    ['{"a": "x", "b": 1}', '{}']
    """
    pairs = [pc.binary_join_element_wise(f"{written(key)}: ", said[key], "") for key in sorted(said)]
    if not pairs:
        return pa.repeat("{}", size)
    # Arrow leaves out the rows in which all that is joined is NULL: the empty text before them keeps their places.
    joined = pc.binary_join_element_wise("", *pairs, ", ", null_handling="skip")
    inner = pc.utf8_slice_codeunits(joined, start=len(", "))
    return pc.binary_join_element_wise("{", inner, "}", "")


def foreign_money(
    block: Block,
    amounts: Mapping[str, BlockColumn],
    kept: Mapping[str, pa.StringArray],
    events: BlockColumn,
    reading: SourceReading,
) -> Mask:
    """The rows in which a summed value may be in another currency than its sum, or says its own where that has none.

    ``amounts`` are the columns that values come from, by the property that they are kept under.
    """
    found = np.zeros(block.size, np.bool_)
    money = reading.intake.money
    unsaid = ~mask_of(pc.is_valid(kept[CURRENCY])) if CURRENCY in kept else np.ones(block.size, np.bool_)
    for place, event in enumerate(events.values):
        summed = money.by_event.get(str(event), {})
        for name in money.undeclared.get(str(event), frozenset()) & kept.keys():
            its_own = _says_another(block, amounts.get(name), kept, reading, summed="")
            found |= its_own & unsaid & mask_of(pc.is_valid(kept[name])) & (events.rows == place)
        for name in summed.keys() & kept.keys():
            foreign = _says_another(block, amounts.get(name), kept, reading, summed=summed[name])
            found |= foreign & mask_of(pc.is_valid(kept[name])) & (events.rows == place)
    return found


def _says_another(
    block: Block,
    amount: BlockColumn | None,
    kept: Mapping[str, pa.StringArray],
    reading: SourceReading,
    *,
    summed: str,
) -> Mask:
    """The rows in which anything that is said of an amount's currency, taken alone, is not the summed one."""
    names = filter(None, (reading.source.currency, CURRENCY if CURRENCY in kept else None))
    said = [block.column(name).each(lambda text: currency_of(text, summed=summed) != summed) for name in names]
    if amount is not None:
        said.append(amount.each(lambda text: _is_marked(text, summed)))
    found = np.zeros(block.size, np.bool_)
    for each in said:
        found |= mask_of(each.taken(pa.bool_()))
    return found


def _is_marked(amount: object, summed: str) -> bool:
    """Whether the sign beside an amount says another currency."""
    mark = currency_mark(amount)
    return bool(mark) and currency_of(mark, summed=summed) != summed
