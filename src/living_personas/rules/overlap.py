"""Rules may overlap; then stated priority decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

__all__ = ["first_match"]


def first_match(
    rules: Sequence[Callable[[Mapping[str, object]], bool | None]], row: Mapping[str, object]
) -> int | None:
    """The index of the first rule that is true; false and NULL are both no.

    >>> first_match([lambda row: None, lambda row: True], {})
    1
    """
    for index, rule in enumerate(rules):
        if rule(row) is True:
            return index
    return None
