"""When the rows of a block happened: plain times by Arrow, everything else by the clock, once for each value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.moment import Role, settled
from living_personas.domain.value import value
from living_personas.sources.blocks import BlockColumn, Mask, mask_of
from living_personas.sources.intake import Intake
from living_personas.sources.local_times import Micros, as_utc, micros_of
from living_personas.sources.times import ColumnClock

__all__ = ["Dated", "dated"]

_Read: TypeAlias = tuple[Micros, Mask]

_DATE = (
    "(?:19|20|21)[0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)"
    "|(?:0[13578]|1[02])-31)"
)
_TIME = "[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,6})?"
_LOCAL = f"^{_DATE}{_TIME}$"
_ZONED = f"^{_DATE}{_TIME}(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])$"
"""Times as ISO 8601 writes them beyond doubt; 29 February is left to the clock."""
_EPOCH = "^[1-9][0-9]{8,18}$"

_FACTORS = ((1e17, 1e6 / 1e9), (1e14, 1e6 / 1e6), (1e11, 1e6 / 1e3), (1e8, 1e6 / 1.0))
"""From how large on a number is nano-, micro-, milliseconds or seconds, and what makes microseconds of it."""
_ROLES: tuple[Role, Role] = ("exposure", "outcome")
_MOMENT, _SHOWN = pa.timestamp("us", tz="UTC"), pa.timestamp("us")
_FIRST, _END = (micros_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (1900, 2200))
_LEAST, _MOST = -(2**63), 2**63 - 1


@value
class Dated:
    """The times of rows; where they are not ``known`` the row reader says why. ``by_day`` are known by their day."""

    times: Micros
    known: Mask
    by_day: Mask


def dated(column: BlockColumn, clock: ColumnClock, *, met: Mask) -> Dated:
    """The times of a column as the clock reads them; ``met`` are the rows that tell of an exposure."""
    times, known = _plain_times(column, clock)
    begins, by_day = times, np.zeros(len(known), np.bool_)
    rest = ~known
    if rest.any():
        times, begins = times.copy(), times.copy()
        said = column.only(rest).each(lambda found: _settled(clock.understood(found), clock))
        answers = np.array([found or (0, 0, False) for found in said.values], np.int64)[said.rows]
        by_day[rest] = answers[:, 2].astype(np.bool_)
        begins[rest] = answers[:, 0]
        times[rest] = np.where(by_day[rest] & ~met[rest], answers[:, 1], answers[:, 0])
        known = known.copy()
        known[rest] = ~said.bad_rows
    return Dated(times=times, known=known & _may_be(begins, clock.intake), by_day=by_day)


def _settled(found: datetime | date, clock: ColumnClock) -> tuple[int, int, bool]:
    """What was understood, if it tells of an exposure and if of something else, and whether it is a day."""
    begin, end = (micros_of(settled(found, zone=clock.zone, role=role)) for role in _ROLES)
    return begin, end, not isinstance(found, datetime)


def _may_be(begins: Micros, intake: Intake) -> Mask:
    """What lies neither before nor after what can have happened."""
    first = _LEAST if intake.earliest is None else micros_of(intake.earliest)
    last = _MOST if intake.latest is None else micros_of(intake.latest)
    found: Mask = (begins >= first) & (begins <= last)
    return found


def _plain_times(column: BlockColumn, clock: ColumnClock) -> _Read:
    """The moments that Arrow can read without doubt, and which rows those are."""
    array = column.array
    if array is None or clock.only_days:
        return _nothing(len(column))
    if pa.types.is_timestamp(array.type):
        return _of_timestamps(array, clock)
    if clock.pattern is not None:
        return _nothing(len(column))
    if column.is_text:
        return _of_texts(column.texts, clock)
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type):
        return _of_numbers(array)
    return _nothing(len(column))


def _nothing(size: int) -> _Read:
    return np.zeros(size, np.int64), np.zeros(size, np.bool_)


def _of_timestamps(array: pa.TimestampArray, clock: ColumnClock) -> _Read:
    times = _filled(array.cast(pa.int64()), 0)
    known = mask_of(array.is_valid()) & (times >= _FIRST) & (times < _END)
    if array.type.tz is None:
        times = as_utc(np.where(known, times, 0), clock.zone)
    return times, known


def _of_texts(texts: pa.StringArray, clock: ColumnClock) -> _Read:
    times, known = _nothing(len(texts))
    for pattern, kind in ((_ZONED, _MOMENT), (_LOCAL, _SHOWN), (_EPOCH, pa.float64())):
        if known.all():
            break
        here = mask_of(pc.fill_null(pc.match_substring_regex(texts, pattern), fill_value=False))
        if here.any():
            found = texts.filter(pa.array(here)).cast(kind)
            times[here], known[here] = _of_numbers(found) if pattern is _EPOCH else _of_timestamps(found, clock)
    return times, known


def _of_numbers(array: pa.Array) -> _Read:
    """Numbers since 1970, in the arithmetic of the clock; small and late ones are left to it."""
    said = np.asarray(_filled(array, 0), np.float64)
    factor = np.select([said >= least for least, _ in _FACTORS], [factor for _, factor in _FACTORS], np.nan)
    times = np.rint(said * factor)
    known = (times < _END) & ~((said > 0.99e17) & (said < 1.01e17))  # so close, a double rounds across the border
    return np.where(known, times, 0).astype(np.int64), known & mask_of(array.is_valid())


def _filled(array: pa.Array, nothing: int) -> Any:
    """The values as numpy has them, with something where there is none."""
    return pc.fill_null(array, pa.scalar(nothing, array.type)).to_numpy(zero_copy_only=False)
