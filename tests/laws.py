"""Laws that take seconds: `make test` looks at some of their examples, `make test-long` at all of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st

Test = TypeVar("Test", bound=Callable[..., object])

_SHARE, _FEWEST = 5, 2
_WHOLE = os.environ.get("LAWS") == "whole"


def law(examples: int = 100, **more: Any) -> Callable[[Test], Test]:
    """A law of so many examples, of which a fifth, two at least, is looked at where the variable LAWS is not ``whole``.

    ``more`` are other settings of Hypothesis.
    """
    looked_at = examples if _WHOLE else max(_FEWEST, examples // _SHARE)

    def marked(test: Test) -> Test:
        found: Test = pytest.mark.law(settings(max_examples=looked_at, **more)(test))
        return found

    return marked


def printable(longest: int, without: str = "") -> st.SearchStrategy[str]:
    """Texts of 1 to ``longest`` letters that a line can show, with no space at either end and no letter of ``without``.

    Nothing is drawn to be thrown away, which Hypothesis counts against a law.
    """
    seen = st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=without)
    return st.builds(
        lambda first, rest: (first + rest).rstrip(" "), seen, st.text(seen | st.just(" "), max_size=longest - 1)
    )
