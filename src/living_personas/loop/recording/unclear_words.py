"""Words of a file that are neither a yes nor a no to any reader, and what says what they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from living_personas.domain.consent import is_consent
from living_personas.domain.counted import counted
from living_personas.domain.event import IDENTIFY, Event, Quarantined
from living_personas.domain.names import named
from living_personas.domain.raw import shown
from living_personas.domain.settings import Source
from living_personas.domain.yes_no import is_unclear
from living_personas.domain.yes_no_abroad import two_words
from living_personas.loop.context import Context
from living_personas.loop.privacy.consent import named_consent
from living_personas.sources.read import Previewed
from living_personas.workspace.yaml_text import scalar_text

__all__ = ["outcomes_abroad", "unclear_consents"]

_SHOWN = 3


def outcomes_abroad(source: Source, rows: Sequence[Previewed]) -> Iterator[str]:
    """Outcomes that are said by a yes and a no of another language: their rows are quarantined as no number."""
    bad = [each.row for each in rows if isinstance(each.outcome, Quarantined) and each.outcome.reason == "bad number"]
    for outcome in source.outcomes:
        said = [row.get(outcome.column) for row in bad if isinstance(row, dict)]
        found = two_words(said) if outcome.value is None else None
        if found:
            mean = ", ".join(f"{scalar_text(word)}: '{means}'" for word, means in found.words.items())
            yield (
                f"{named(outcome.column)} says {' and '.join(map(named, found.words))}: are they a yes and a no in "
                f"{found.language}? A column of your own says what they mean, as the one that `outcomes` names: "
                f"`columns: {{came_about: {{from: {scalar_text(outcome.column)}, words: {{{mean}}}}}}}`."
            )


def unclear_consents(context: Context, events: Sequence[Event]) -> Iterator[str]:
    """Words on consents that nobody understands; where there are two, and they are a language's, what they mean."""
    named_no, said = named_consent(context.settings), dict[str, Counter[object]]()
    for event in events:
        for name, word in (event.properties or {}).items() if event.name == IDENTIFY else ():
            if is_consent(name, named=named_no) and isinstance(word, str | int | float | bool):
                said.setdefault(name, Counter())[word] += 1
    for name, every in said.items():
        words = [(word, count) for word, count in every.most_common() if is_unclear(word)]
        if not words:
            continue
        told = ", ".join(f"{_word(word)} {count:,}" for word, count in words[:_SHOWN]) + ", ..." * bool(words[_SHOWN:])
        found = two_words(every, surely=False)
        means = found.words if found else {str(words[0][0]): "no"}  # what is pasted unread may say no, never yes
        mean = ", ".join(f"{scalar_text(word)}: '{mean}'" for word, mean in means.items())
        asked = f" Are they a yes and a no in {found.language}?" if found else ""
        yield (
            f"{counted(sum(count for _, count in words), 'row says', 'rows say')} something on {name} that is neither "
            f"a yes nor a no: each is a no ({told}).{asked} A column of your own says what they mean: "
            f"`columns: {{{scalar_text(name)}: {{from: COLUMN, words: {{{mean}}}}}}}`."
        )


def _word(said: object) -> str:
    return named(said) if isinstance(said, str) else shown(said)
