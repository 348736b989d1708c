"""Files of tools depend on what lists are: decided in the engine, they are to the byte what they were before."""

from __future__ import annotations

import pytest

from serving.known_lists import ASKING, differences


@pytest.mark.parametrize("asking", ASKING)
def test_lists_are_what_they_were(asking: str) -> None:
    assert differences("memory", asking) == []


@pytest.mark.parametrize(
    "asking", ["assumed", *(pytest.param(name, marks=pytest.mark.long) for name in list(ASKING)[1:])]
)
def test_a_store_on_the_disk_gives_the_same_lists(asking: str) -> None:
    assert differences("sqlite", asking) == []
