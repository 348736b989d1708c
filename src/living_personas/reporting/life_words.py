"""What happened to a segment, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo

from living_personas.domain.head_count import SMALLEST, head_share
from living_personas.domain.names import named
from living_personas.domain.segment import LifeEvent, LifeKind, Segment
from living_personas.domain.told_number import share_words
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.segments.lives import known_segments
from living_personas.reporting.labels import Labels, labels_of
from living_personas.reporting.words import when_text

__all__ = ["NOBODY", "Called", "called_in", "life_sentence", "life_words"]


@value
class Called:
    """What a workspace calls its personas and segments, by their ids (else by the id), and by which clocks it tells."""

    personas: Labels
    segments: Mapping[str, str]
    zone: tzinfo = UTC

    def persona(self, id_: str) -> str:
        """What a persona is called."""
        return self.personas.persona(id_)

    def segment(self, id_: str) -> str:
        """What a segment is called."""
        return self.segments.get(id_, id_)


NOBODY = Called(personas=labels_of(()), segments={})
"""No names: everything is called by its id."""


def called_in(context: Context) -> Called:
    """The names of a workspace: of its segments, and of every persona that there ever was."""
    return Called(
        personas=labels_of(each.persona for each in context.store.versions.latest()),
        segments={each.id: each.name for each in known_segments(context.store)},
        zone=context.zone,
    )


def life_words(segment: Segment, called: Called) -> tuple[str, ...]:
    """Everything that happened to it after its first sighting, with its day or moment, the oldest first."""
    return tuple(
        f"{when_text(event, called.zone)}: {life_sentence(event, called, of=segment.of)}" for event in segment.life
    )


def life_sentence(event: LifeEvent, called: Called, *, of: int) -> str:
    """One thing that happened to a segment, its shares in whole groups of the ``of`` customers that there are.

    >>> from datetime import date
    >>> grown = LifeEvent(day=date(2026, 3, 2), kind="resized", share=0.0668, share_before=0.05)
    >>> life_sentence(grown, NOBODY, of=10_000)
    'it grew from 5.0 % to 6.5 % of all customers'
    """
    if event.kind == "resized":
        way = "grew" if event.share > event.share_before else "shrank"
        return f"it {way} from {_share(event.share_before, of)} to {_share(event.share, of)} of all customers"
    if event.kind in ("adopted", "undone"):
        return f"{_SAID[event.kind]} by {event.by} (persona {named(called.personas.persona(event.other))})"
    if event.kind == "renamed":
        return f"{_SAID[event.kind]} by {event.by} (it was called {named(event.other)})"
    if event.by:
        return f"{_SAID[event.kind]} by {event.by}"
    return _SAID[event.kind] + (f" (segment {named(called.segment(event.other))})" if event.other else "")


def _share(share: float, of: int) -> str:
    told = head_share(share, of=of)
    return f"fewer than {SMALLEST}" if told is None else share_words(told, 1)


_SAID: Mapping[LifeKind, str] = {
    "confirmed": "every search has found it for a week",
    "drifted": "many of its members are others than when it was found before",
    "split": "members of one segment became another one",
    "merged": "members of one segment are in another one now",
    "missing": "it was not found; it is gone if it is not found in a week either",
    "gone": "it is gone: it was not found for a week",
    "returned": "it was found again",
    "adopted": "it was adopted",
    "undone": "its adoption was undone",
    "dismissed": "it was dismissed",
    "reopened": "it was opened again",
    "renamed": "it was renamed",
}
