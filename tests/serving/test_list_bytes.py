"""Files of tools depend on what lists are: decided in the engine, they are to the byte what they were before."""

from __future__ import annotations

import pytest

from serving.happenings import Kind
from serving.known_lists import ASKING, differences


@pytest.mark.parametrize("asking", ASKING)
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_lists_are_what_they_were(kind: Kind, asking: str) -> None:
    assert differences(kind, asking) == []
