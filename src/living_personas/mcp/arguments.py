"""What each tool may be asked, declared once: it checks what comes in, and describes itself to agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field, StrictInt

from living_personas.domain.value import value

__all__ = [
    "FindPersona",
    "GetEvidence",
    "GetPersona",
    "ListPersonas",
    "ListSegments",
    "NameSegment",
    "PreviewDecision",
    "ProposeChange",
    "RecordOutcome",
    "WhatChanged",
]

Id = Annotated[str, Field(max_length=200)]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]
Customer = Annotated[str, Field(max_length=512)] | StrictInt
Known = str | int | float | bool | None


@value
class ListPersonas:
    """All personas."""

    detail: bool = False


@value
class GetPersona:
    """One persona."""

    persona: Id
    detail: bool = False


@value
class GetEvidence:
    """One attribute of a persona, perhaps in the parts of a column."""

    persona: Id
    attribute: Id
    channel: Id = ""
    by: Id = ""
    detail: bool = False


@value
class WhatChanged:
    """A time, such as ``7d`` or a day, and perhaps one persona."""

    since: Annotated[str, Field(max_length=20)] = "7d"
    persona: Id = ""
    detail: bool = False


@value
class ListSegments:
    """Segments in one state, or all."""

    state: Literal["any", "open", "adopted", "dismissed", "gone"] = "any"
    detail: bool = False


@value
class PreviewDecision:
    """A customer, or what is known of one."""

    customer: Customer = ""
    channel: Id = ""
    traits: Mapping[str, Known] = field(default_factory=dict)
    detail: bool = False


@value
class FindPersona:
    """A description in words."""

    description: Sentence
    detail: bool = False


@value
class ProposeChange:
    """Another value for an attribute, and why."""

    persona: Id
    attribute: Id
    value: Id
    why: Sentence
    channel: Id = ""


@value
class NameSegment:
    """A better name for a segment."""

    segment: Id
    name: Annotated[str, Field(min_length=1, max_length=80)]


@value
class RecordOutcome:
    """An outcome of a customer; the same message id counts once."""

    customer: Customer
    event: Id
    message_id: Annotated[str, Field(min_length=1, max_length=200)]
    value: Annotated[float | None, Field(allow_inf_nan=False)] = None
