"""Columns of texts become indices: by number, and as a look-up row by row would."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.belief import Subject
from living_personas.refining.places import places_of

PERSONAS, ATTRIBUTES, CHANNELS, OPTIONS = ("p", "q", "pq"), ("a", "b"), ("", "web", "mail"), ("x", "y", "z", "old")

subjects = st.lists(
    st.builds(
        Subject,
        persona=st.sampled_from(PERSONAS),
        attribute=st.sampled_from(ATTRIBUTES),
        channel=st.sampled_from(CHANNELS),
    ),
    unique_by=str,
    max_size=8,
)
row = st.tuples(
    st.sampled_from([*PERSONAS, "nobody"]),
    st.sampled_from([*ATTRIBUTES, "none"]),
    st.sampled_from([*CHANNELS, "radio"]),
    st.sampled_from([*OPTIONS, "w"]),
)
COLUMNS = ("persona", "attribute", "channel", "option")


@given(subjects, st.lists(row, max_size=30), st.data())
def test_each_row_finds_what_a_dictionary_finds(
    known: list[Subject], rows: list[tuple[str, ...]], data: st.DataObject
) -> None:
    names = tuple(
        (tuple(data.draw(st.permutations(OPTIONS[:3]))), (("x", "old"),) if data.draw(st.booleans()) else ())
        for _ in known
    )
    spots: dict[tuple[str, ...], tuple[int, int]] = {}
    for a, (subject, (options, was)) in enumerate(zip(known, names, strict=True)):
        for k, option in enumerate(options):
            for name in (option, *(old for new, old in was if new == option)):
                spots[subject.persona, subject.attribute, subject.channel, name] = (a, k)
    pooled = {(subject.persona, subject.attribute) for subject in known if not subject.channel}
    expected = [
        spots.get((p, attribute, "" if (p, attribute) in pooled else channel, option), (-1, -1))
        for p, attribute, channel, option in rows
    ]
    table = pa.table({name: pa.array([each[i] for each in rows], pa.string()) for i, name in enumerate(COLUMNS)})
    found, place = places_of(table, tuple(known), names)
    assert [*zip(found.tolist(), place.tolist(), strict=True)] == expected


def test_no_rows_and_no_subjects_are_no_places() -> None:
    table = pa.table({name: pa.array([], pa.string()) for name in COLUMNS})
    assert [part.size for part in places_of(table, (), ())] == [0, 0]
    assert np.array_equal(places_of(pa.table(dict.fromkeys(COLUMNS, pa.array(["p"]))), (), ())[0], [-1])
