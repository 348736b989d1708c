"""What is promised of this workspace's corrections, and what their accounts must hold today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from living_personas.domain.book import Book
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.settings import Promise
from living_personas.loop.context import Context
from living_personas.loop.event_days.lateness import Unmeasured, unmeasured
from living_personas.loop.folding.vouched_exposures import is_doubted
from living_personas.loop.learning.learn import EvidenceState
from living_personas.memory.records import BOOKS
from living_personas.refining.apply import EVIDENCE
from living_personas.refining.promise import bars_of_all, beliefs, first_budget, promise_of
from living_personas.stats.arrays import Floats

__all__ = ["budget_of_each", "budget_of_first", "correction_bars", "open_book", "promised"]


def promised(context: Context) -> Promise:
    """Whether the error budget is each belief's, or that of all together."""
    return promise_of(context.settings.promise, attributes=beliefs(context.personas))


def budget_of_first(context: Context) -> float:
    """The budget that the first correction has: what plans reckon with."""
    return first_budget(promised(context), beliefs=beliefs(context.personas), alpha=context.alpha)


def budget_of_each(context: Context) -> float:
    """What the error of one belief by itself may cost: all of the budget, or its part of the largest book's."""
    if promised(context) == "each":
        return context.alpha
    sizes = [len(book.subjects) for book in BOOKS.read(context.store) or []]
    return context.alpha / max(beliefs(context.personas), *sizes, 1)


def open_book(context: Context, states: Sequence[EvidenceState], day: date) -> None:
    """Under a promise about all, remember which beliefs it is about from ``day`` on."""
    if promised(context) == "all":
        BOOKS.write(context.store, _books(context, states, day))


def correction_bars(
    context: Context, states: Sequence[EvidenceState], day: date, *, alarming: Sequence[frozenset[int]]
) -> tuple[Floats, ...]:
    """What each account must hold for a correction, by state; ``alarming`` are each state's subjects that hold."""
    each = tuple(np.full(len(state.panel), 1 / context.alpha) for state in states)
    own = [state.accounts.own(state.panel).max(-1, initial=0.0) for state in states]
    books = _books(context, states, day) if promised(context) == "all" else ()
    if not any((wealth >= bar).any() for wealth, bar in zip(own, each, strict=True)):
        return each
    free = _free(context, states, alarming)
    for book in books:
        spots = [(s, a) for s, state in enumerate(states) for a in _places(state, book)]
        found = bars_of_all(
            np.array([own[s][a] for s, a in spots], dtype=np.float64),
            np.array([(s, a) in free for s, a in spots], dtype=bool),
            size=len(book.subjects),
            made=_made(context, book),
            alpha=context.alpha,
        )
        for (s, a), bar in zip(spots, found, strict=True):
            each[s][a] = bar
    return each


def _books(context: Context, states: Sequence[EvidenceState], day: date) -> list[Book]:
    """The books there are, and one more for subjects that are in none."""
    books = BOOKS.read(context.store) or []
    known = {subject for book in books for subject in book.subjects}
    new = sorted(str(s) for state in states for s in state.panel.subjects if str(s) not in known)
    return [*books, Book(opened=day, subjects=tuple(new))] if new else books


def _places(state: EvidenceState, book: Book) -> list[int]:
    held = set(book.subjects)
    return [a for a, subject in enumerate(state.panel.subjects) if str(subject) in held]


def _made(context: Context, book: Book) -> int:
    """Corrections that were applied in a book since it was opened; what was rolled back was made, too."""
    held = set(book.subjects)
    return sum(
        found.kind == "correct" and found.verdict == "apply" and found.day >= book.opened and str(found.subject) in held
        for found in context.store.refinements.all()
    )


def _free(
    context: Context, states: Sequence[EvidenceState], alarming: Sequence[frozenset[int]]
) -> frozenset[tuple[int, int]]:
    """The subjects (state, place) whose corrections need nobody's consent, and which nothing holds today."""
    versions = {version.id: version for version in context.versions()}
    unknown = unmeasured(context)
    return frozenset(
        (s, a)
        for s, state in enumerate(states)
        for a in range(len(state.panel))
        if a not in alarming[s] and _changes_by_itself(context, state, a, versions, unknown)
    )


def _changes_by_itself(
    context: Context, state: EvidenceState, a: int, versions: Mapping[str, PersonaVersion], unknown: Unmeasured
) -> bool:
    subject = state.panel.subjects[a]
    version = versions[subject.persona]
    standing = version.standing(subject.attribute, subject.channel)
    allowed = (context.settings.autonomy, version.persona.attribute(subject.attribute).change)
    return (
        allowed == ("auto", "auto")
        and not standing.pinned
        and standing.decided_by in ("", EVIDENCE)
        and not is_doubted(version.persona.goal, context.settings)
        and not _is_unmeasured(state, a, version, unknown)
    )


def _is_unmeasured(state: EvidenceState, a: int, version: PersonaVersion, unknown: Unmeasured) -> bool:
    """Whether nobody knows how late the outcomes come that would decide about a subject now."""
    attribute = version.persona.attribute(state.panel.subjects[a].attribute)
    best = int(state.accounts.own(state.panel)[a].argmax())
    decisive = (state.panel.options[a][k] for k in (int(state.panel.current[a]), best))
    return bool(unknown(version.persona, attribute, decisive))
