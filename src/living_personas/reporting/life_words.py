"""What happened to a segment, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from living_personas.domain.head_count import SMALLEST, head_share
from living_personas.domain.names import named
from living_personas.domain.segment import LifeEvent, LifeKind, Segment
from living_personas.domain.told_number import share_words
from living_personas.domain.value import value
from living_personas.reporting.labels import Labels

__all__ = ["Called", "life_sentence", "life_words"]


@value
class Called:
    """What personas are called, and segments by their ids; what is not in it is called by its id."""

    personas: Labels
    segments: Mapping[str, str]

    @classmethod
    def of(cls, personas: Labels, segments: Iterable[Segment]) -> Called:
        """What personas and some segments are called."""
        return cls(personas=personas, segments={each.id: each.name for each in segments})

    def segment(self, id_: str) -> str:
        """What a segment is called."""
        return self.segments.get(id_, id_)


def life_words(segment: Segment, called: Called) -> tuple[str, ...]:
    """Everything that happened to it after its first sighting, with its day, the oldest first."""
    return tuple(f"{event.day}: {life_sentence(event, called, of=segment.of)}" for event in segment.life)


def life_sentence(event: LifeEvent, called: Called, *, of: int) -> str:
    """One thing that happened to a segment, its shares in whole groups of the ``of`` customers that there are.

    >>> from datetime import date
    >>> nobody = Called.of(Labels(by={}, names={}), ())
    >>> grown = LifeEvent(day=date(2026, 3, 2), kind="resized", share=0.0668, share_before=0.05)
    >>> life_sentence(grown, nobody, of=10_000)
    'it grew from 5.0 % to 6.5 % of all customers'
    """
    if event.kind == "resized":
        way = "grew" if event.share > event.share_before else "shrank"
        return f"it {way} from {_share(event.share_before, of)} to {_share(event.share, of)} of all customers"
    if event.kind in ("adopted", "undone"):
        return f"{_SAID[event.kind]} by {event.by} (persona {named(called.personas.persona(event.other))})"
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
}
