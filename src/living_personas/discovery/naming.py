"""A suggested name from what differs most, and a first test to draft; both wait for a person who knows better."""

from __future__ import annotations

import re
from collections.abc import Sequence

from living_personas.discovery.themes import THEMES, Theme
from living_personas.domain.candidate import Difference, FirstTest

__all__ = ["first_test", "suggested_name"]


def suggested_name(differences: Sequence[Difference]) -> str:
    """What members do that others do not, in at most three phrases, the most telling first.

    A column of which nobody declared what it means, or that is a share of what is counted there, is called by its own
    name, and advises nothing.

    >>> use = Difference(column="sessions_28d", kind="count", deviations=2.1, members=40, persona=6, silent=False)
    >>> mail = Difference(
    ...     column="letters", kind="rate", deviations=-1.9, members=0, persona=0.3, silent=True, means="email_opened"
    ... )
    >>> suggested_name([use, mail])
    'many sessions, opens nothing'
    """
    phrases: dict[object, str] = {}
    for each in differences:
        phrases.setdefault(_theme(each) or each.column, _phrase(each))
    return ", ".join(list(phrases.values())[:_PHRASES]) or "like the others"


def first_test(differences: Sequence[Difference]) -> FirstTest | None:
    """The test that what differs most suggests: another channel for those who ignore one, help for those who ask.

    None where nobody declared what the columns speak of: then nothing advises anything.
    """
    for each in differences:
        theme = _theme(each)
        test = None if theme is None else (theme.test_more if each.deviations > 0 else theme.test_less)
        if test is not None:
            return test
    return None


_PHRASES = 3


def _theme(difference: Difference) -> Theme | None:
    """What the column speaks of, if it can be said of its kind: much of a share is not much of the whole."""
    theme = None if difference.means is None else THEMES[difference.means]
    return theme if theme is not None and difference.kind in theme.kinds else None


def _phrase(difference: Difference) -> str:
    theme, more = _theme(difference), difference.deviations > 0
    if theme is not None:
        return theme.none if difference.silent else theme.more if more else theme.less
    words = _words(difference.column)
    if difference.kind == "rate":
        return f"never {words}" if difference.silent else f"{'often' if more else 'rarely'} {words}"
    if difference.kind == "amount":
        return f"{'high' if more else 'low'} {words}"
    return f"no {words}" if difference.silent else f"{'many' if more else 'few'} {words}"


def _words(column: str) -> str:
    """A column's name without its window, or that it is a share, in plain words.

    >>> _words("docs_read_28d")
    'docs read'
    """
    return re.sub(r"(_share|_?\d+[dwm])$", "", column).replace("_", " ").strip() or column
