"""What a program imports."""

from __future__ import annotations

import pytest

import living_personas as lp


def test_every_public_name_is_there() -> None:
    assert all(getattr(lp, name) for name in lp.__all__)


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'open_workspace'; it has .*, open, "):
        _ = lp.open_workspace
