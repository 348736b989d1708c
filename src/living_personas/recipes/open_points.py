"""What the first rows of a file leave open, and only a person can settle: rows, names and times that are not clear."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from zoneinfo import ZoneInfo

from living_personas.domain.counted import counted, enumerated
from living_personas.domain.moment import patterns_of, understood
from living_personas.domain.names import named
from living_personas.domain.yes_no_abroad import TwoWords, two_words
from living_personas.errors import BadValueError, UndeclaredZoneError
from living_personas.recipes.first_rows import FirstRows
from living_personas.sources.header import NAME_THEM, is_a_row
from living_personas.workspace.yaml_text import scalar_text

__all__ = ["declared_words", "open_points"]


def open_points(rows: FirstRows, dated: Collection[str], *, zone: ZoneInfo | None) -> Iterator[str]:
    """Sentences on what is not clear.

    Parameters
    ----------
    dated
        The columns that may hold times.
    zone
        What is declared of times that say no zone.
    """
    if rows.unreadable:
        place, unreadable = next(iter(rows.unreadable.items()))
        many, all_ = counted(len(rows.unreadable), "row"), len(rows.rows) + len(rows.unreadable)
        yield f"{many} of the first {all_:,} cannot be read; row {place}: {unreadable.detail}."
    elif not rows.rows:
        yield "there is no row in it."
    if not rows.typed and is_a_row(rows.columns):
        first = ", ".join(map(repr, rows.columns[:3]))
        yield f"its first line names the columns {first}: if that is a row, {NAME_THEM}."
    for column in rows.columns:
        if found := two_words(rows.values(column)):
            yield (
                f"column {column!r} says {enumerated(list(map(named, found.words)))}: is that a yes and a no in "
                f"{found.language}? Where it is a consent, let the source say so, or each is a no: "
                f"{declared_words('consent_email', column, found)}."
            )
    for column in dated:
        if error := _undeclared(rows, column, zone):
            yield f"column {column!r}: {error.in_sentences}"


def declared_words(name: str, column: str, found: TwoWords) -> str:
    """How a source says what the words of a column mean.

    >>> declared_words("consent_email", "optin", TwoWords(language="French", yes=("oui",), no=("non",)))
    "`columns: {consent_email: {from: optin, words: {oui: 'yes', non: 'no'}}}`"
    """
    words = ", ".join(f"{scalar_text(word)}: '{means}'" for word, means in found.words.items())
    return f"`columns: {{{name}: {{from: {scalar_text(column)}, words: {{{words}}}}}}}`"


def _undeclared(rows: FirstRows, column: str, zone: ZoneInfo | None) -> UndeclaredZoneError | None:
    texts = [said for said in rows.values(column) if isinstance(said, str)]
    patterns = (None, *patterns_of(texts))
    for said in texts:
        for pattern in patterns:
            try:
                understood(said, pattern, zone=zone)
            except UndeclaredZoneError as error:
                return error
            except BadValueError:
                continue
    return None
