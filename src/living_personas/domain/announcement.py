"""What the world is told: a change of a persona, of a segment, of the people behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

from living_personas.domain.event import Json
from living_personas.domain.value import value

__all__ = ["CHANGES", "Announcement", "AnnouncementName"]

AnnouncementName = Literal[
    "persona.version.proposed",
    "persona.version.published",
    "persona.version.rolled_back",
    "persona.ended",
    "persona.returned",
    "persona.upkeep.proposed",
    "persona.upkeep.decided",
    "attribute.contested",
    "segment.discovered",
    "segment.confirmed",
    "segment.resized",
    "segment.drifted",
    "segment.split",
    "segment.merged",
    "segment.missing",
    "segment.gone",
    "segment.returned",
    "segment.adopted",
    "segment.undone",
    "segment.dismissed",
    "segment.reopened",
    "segment.renamed",
    "review.requested",
    "review.decided",
    "guardrail.breached",
    "workspace.held",
    "workspace.released",
    "customer.erased",
]

CHANGES: tuple[AnnouncementName, ...] = get_args(AnnouncementName)
"""Every kind of change, by its name."""


@value
class Announcement:
    """Something that happened here; the same happening has the same ``id``. ``subject`` is what it is about."""

    id: str
    name: AnnouncementName
    subject: str
    time: datetime
    data: Mapping[str, Json]
