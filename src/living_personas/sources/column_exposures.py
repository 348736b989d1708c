"""What the rows of a block have met, as ``exposures`` has it row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import merge

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.raw import is_absent
from living_personas.domain.value import value
from living_personas.sources.blocks import Block, Mask, Places, mask_of
from living_personas.sources.column_rows import combined
from living_personas.sources.column_values import options_in, texts_in
from living_personas.sources.rows import Row
from living_personas.sources.source_reading import SourceReading

__all__ = ["Met", "Shared", "met_in", "says_option"]


@value
class Met:
    """The options that rows met, empty where none, with what tells occasions apart; the rows that cannot be read."""

    option: pa.StringArray
    persona: pa.StringArray
    epoch: pa.StringArray
    stratum: pa.StringArray
    bad: Mask


def says_option(block: Block, reading: SourceReading) -> Mask:
    """The rows that tell of an exposure, and so are dated as one."""
    exposure = reading.source.exposure
    if exposure is None:
        return np.zeros(block.size, np.bool_)
    absent = block.column(exposure.option).each(is_absent)
    found: Mask = ~np.array(absent.values, np.bool_)[absent.rows]
    return found


def met_in(block: Block, reading: SourceReading) -> Met | None:
    """What the rows met; None if the source has no exposures."""
    exposure = reading.source.exposure
    if exposure is None:
        return None
    column = block.column(exposure.option)
    option = options_in(column, exposure.option)
    met = mask_of(pc.not_equal(option.texts, ""))
    said, bad = [], option.bad
    for name in (exposure.persona, exposure.epoch, exposure.stratum):
        found = texts_in(block.column(name), name or "", reason="bad properties")
        said.append(found.texts)
        bad = bad | (found.bad & met)
    return Met(option=option.texts, persona=said[0], epoch=said[1], stratum=said[2], bad=bad)


class Shared:
    """The shares of a block's exposures. New ones are left to the row reader, whose order decides what contradicts."""

    def __init__(self, block: Block, met: Met, reading: SourceReading) -> None:
        exposure, shares = reading.source.exposure, reading.shares
        if exposure is None or shares is None:
            raise ValueError("the source has no exposures")
        share = exposure.propensity if isinstance(exposure.propensity, str) else None
        names = [name for name in (exposure.option, exposure.policy, share) if name is not None]
        columns = [block.column(name) for name in names]
        first, self._rows = combined(columns, block.size)
        self._examples: list[Row] = [
            {name: column.values[column.rows[place]] for name, column in zip(names, columns, strict=True)}
            for place in first.tolist()
        ]
        self._options: list[str] = met.option.take(pa.array(first)).to_pylist()
        self._shares = shares

    def settle(self, readable: Mask, unread: Places, read: Callable[[int], object]) -> Mask:
        """Have rows read one by one, in their order, wherever a share is new or is refused.

        Parameters
        ----------
        readable
            The rows with an option that columns can tell.
        unread
            The places of the rows that are to be read one by one in any case.
        read
            Reads one row.

        Returns
        -------
        The rows of ``readable`` that were read one by one.
        """
        found = np.zeros(len(self._rows), np.bool_)
        open_ = [
            combination for combination in np.unique(self._rows[readable]).tolist() if not self._settled(combination)
        ]
        waiting = [self._rows_of(combination, readable) for combination in open_]
        for place, combination in merge(((int(place), -1) for place in unread), *waiting):
            if combination < 0 or not self._settled(combination):
                read(place)
                found[place] = combination >= 0
        return found

    def answers(self) -> tuple[pa.StringArray, pa.DoubleArray]:
        """The policy and the share of each row, where they are settled."""
        said = [self._shares.settled(row, option) for row, option in zip(self._examples, self._options, strict=True)]
        policies = pa.array([policy for policy, _ in (each or ("", None) for each in said)], pa.string())
        shares = pa.array([share for _, share in (each or ("", None) for each in said)], pa.float64())
        rows = pa.array(self._rows)
        return policies.take(rows), shares.take(rows)

    def _settled(self, combination: int) -> bool:
        return self._shares.settled(self._examples[combination], self._options[combination]) is not None

    def _rows_of(self, combination: int, readable: Mask) -> Iterator[tuple[int, int]]:
        for place in np.flatnonzero(readable & (self._rows == combination)).tolist():
            yield place, combination
            if self._settled(combination):
                return
