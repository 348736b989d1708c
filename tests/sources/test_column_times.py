"""Times in columns are those of the clock, to the microsecond, in every zone and around every change of its clocks."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from living_personas.sources.blocks import BlockColumn
from living_personas.sources.column_times import dated
from living_personas.sources.intake import Intake
from living_personas.sources.local_times import as_local, as_utc, micros_of
from living_personas.sources.rows import BadRowError
from living_personas.sources.times import ColumnClock

ZONES = ["Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "Africa/Monrovia", "UTC"]
DAYS = ["2026-03-29", "2026-10-25", "2026-04-05", "2026-10-04", "2018-11-04", "1972-01-07", "2024-02-29", "2026-02-30"]
TIMES = [
    "00:00:00",
    "00:59:59.999999",
    "02:00:00",
    "02:29:59",
    "02:30:00",
    "03:00:00.5",
    "23:59:59",
    "24:00:00",
    "12:60:00",
]
OFFSETS = ["", "Z", "+05:45", "-14:00"]
EPOCHS = ["1772359200", "1772359200123", "1772359200123456", "1772359200123456789", "99999999999999999", "46082"]
TEXTS = [
    *DAYS,
    *(f"{day}{mark}{time}{offset}" for day in DAYS for mark in "T " for time in TIMES for offset in OFFSETS),
    *(*EPOCHS, "46082.5", "1772359200.5", "0000000001", "soon", " "),
    *("1899-12-31T23:00:00Z", "2200-01-01T00:00:00Z", "2199-12-31T23:59:59Z"),
]
INTAKE = Intake(earliest=datetime(1971, 1, 1, tzinfo=UTC), latest=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of any zone


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("intake", [INTAKE, Intake()])
def test_columns_and_the_clock_say_the_same(name: str, intake: Intake) -> None:
    clock = ColumnClock("at", None, zone=ZoneInfo(name), intake=intake)
    for column in (pa.array(TEXTS), pa.array(_numbers()), pa.array([*map(float, _numbers()), 46082.5, float("nan")])):
        said = column.to_pylist()
        for met in (True, False):
            found = dated(BlockColumn(column), clock, met=np.full(len(said), met))
            expected = [_read(clock, each, "exposure" if met else "outcome") for each in said]
            ours = [int(time) if known else None for time, known in zip(found.times, found.known, strict=True)]
            assert dict(zip(map(repr, said), ours, strict=True)) == dict(zip(map(repr, said), expected, strict=True))


@pytest.mark.parametrize("name", ZONES)
def test_local_times_are_python_s(name: str) -> None:
    zone = ZoneInfo(name)
    begun = micros_of(datetime(2018, 1, 1, tzinfo=UTC))
    times = begun + np.arange(0, 366 * 24 * 4) * 900_000_000 + 1
    moments = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time) for time in times.tolist()]
    local = [(each.astimezone(zone).replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1) for each in moments]
    assert as_local(times, zone).tolist() == local
    shown = [each.replace(tzinfo=zone).astimezone(UTC) for each in moments]
    assert as_utc(times, zone).tolist() == [micros_of(each) for each in shown]


def _numbers() -> list[int]:
    return [int(text) for text in TEXTS if text.isdigit()] + [10**17 - 1, 10**17, 10**14, 10**11, 0, -5, 7_258_118_400]


def _read(clock: ColumnClock, said: object, role: str) -> int | None:
    with suppress(BadRowError):
        return micros_of(clock({"at": said}, "", "exposure" if role == "exposure" else "outcome"))
    return None
