"""Columns as arrays of PostgreSQL: read back as its protocol says, they are the column."""

from __future__ import annotations

import struct

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.batch import EXPOSURE_SCHEMA
from living_personas.stores.postgres.binary_arrays import BinaryArray, binary_array
from living_personas.testing.samples import batch_of, exposure_event

READ = {
    25: lambda body: body.decode(),
    20: lambda body: struct.unpack(">q", body)[0],
    701: lambda body: struct.unpack(">d", body)[0],
    16: lambda body: body != b"\0",
}


def elements(array: BinaryArray) -> list[object]:
    """The elements of an array, by the type that it says they have."""
    dimensions, has_missing, kind, count, first = struct.unpack(">iiiii", array[:20])
    assert (dimensions, kind, first) == (1, array.element, 1)
    found: list[object] = []
    at = 20
    for _ in range(count):
        [length] = struct.unpack(">i", array[at : at + 4])
        at += 4
        found.append(None if length < 0 else READ[kind](array[at : at + length]))
        at += max(length, 0)
    assert at == len(array)
    assert has_missing == (None in found)
    return found


@given(
    st.one_of(
        st.lists(st.one_of(st.text(), st.none()), min_size=1).map(lambda held: pa.array(held, pa.string())),
        st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.none()), min_size=1).map(
            lambda held: pa.array(held, pa.int64())
        ),
        st.lists(st.integers(-128, 127), min_size=1).map(lambda held: pa.array(held, pa.int8())),
        st.lists(st.one_of(st.floats(allow_nan=False), st.none()), min_size=1).map(
            lambda held: pa.array(held, pa.float64())
        ),
        st.lists(st.one_of(st.booleans(), st.none()), min_size=1).map(lambda held: pa.array(held, pa.bool_())),
    ),
    st.integers(0, 3),
)
def test_an_array_read_back_is_the_column(held: pa.Array, left_out: int) -> None:
    """Whatever is missing, in pieces, and where the column begins in the middle of its memory."""
    column = pa.chunked_array([held[left_out:], held[:left_out]], held.type)
    assert elements(binary_array(column)) == column.to_pylist()


def test_days_and_moments_are_whole_numbers() -> None:
    exposures = batch_of(exposure_event("m1")).exposures
    found = {name: elements(binary_array(exposures[name])) for name in EXPOSURE_SCHEMA.names}
    assert found["day"] == exposures["day"].cast(pa.int32()).to_pylist()
    assert found["time"] == exposures["time"].cast(pa.int64()).to_pylist()
    assert found["option"] == exposures["option"].to_pylist()
