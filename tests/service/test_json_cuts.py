"""A batch is cut into its events whatever stands in them: each is judged alone."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.http.envelope import cut
from living_personas.http.json_cuts import elements_of, members_of
from living_personas.http.problems import ProblemError
from service.shop import Served, track

TEXTS = st.text(st.sampled_from('ab\\"{}[],: é\n'))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.floats() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@law()
@given(st.lists(VALUES), st.sampled_from([None, 1]))
def test_a_list_is_cut_as_it_is_read(values: list[Any], indent: int | None) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=False).encode()
    assert repr(list(map(json.loads, elements_of(text)))) == repr(values)


@law()
@given(st.dictionaries(TEXTS, VALUES))
def test_an_object_is_cut_as_it_is_read(values: dict[str, Any]) -> None:
    found = {key: json.loads(text) for key, text in members_of(json.dumps(values).encode()).items()}
    assert repr(found) == repr(values)


@pytest.mark.promise("P11")
@given(st.binary(max_size=40) | TEXTS.map(str.encode))
def test_what_is_no_batch_is_a_problem_and_never_a_failure(body: bytes) -> None:
    with suppress(ProblemError):
        assert all(isinstance(each, bytes) for each in cut(body).events)


@pytest.mark.parametrize(
    "body", [b"", b"[", b'{"batch": [1}', b'{"batch": [{]}', b"[1]]", b"[1][2]", b'{"a" 1}', b"hello"]
)
def test_what_does_not_close_is_no_batch(body: bytes) -> None:
    with pytest.raises(ProblemError):
        cut(body)


def test_nan_beside_an_event_without_end_refuses_no_batch(served: Served) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    bad = b'{"messageId": "m1", "x": NaN}, {"messageId": "m2", "x": ' + deep + b"}"
    body = b'{"batch": [' + json.dumps(track("m0")).encode() + b", " + bad + b"]}"
    answer = served.client.post("/v1/batch", content=body, headers={"Authorization": f"Bearer {served.keys['secret']}"})
    assert answer.status_code == 200, answer.text
    assert [each["fate"] for each in answer.json()["events"]] == ["stored", "quarantined", "quarantined"]
