"""Who said no: to being decided for, and to being learned from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.deciding.contact import TIME_ZONE, refuses
from living_personas.domain.contact import CONSENT
from living_personas.rules.parse import Kind
from living_personas.steps.parts import Parts
from living_personas.steps.traits import traits_of

__all__ = ["consenting", "contact_traits", "named_consent"]


def contact_traits(parts: Parts, channel: str = "") -> Mapping[str, Kind]:
    """The traits that decide whether customers may be contacted; for every channel unless one is named."""
    policy = parts.settings.contact
    personas = {each for persona in parts.personas for each in persona.channels}
    channels = {channel} if channel else personas | set(policy.channels if policy else ())
    names = (*named_consent(parts), *(f"consent_{each}" for each in sorted(channels)))
    consent: dict[str, Kind] = dict.fromkeys(names, "boolean")
    return {**consent, TIME_ZONE: "text"}


def named_consent(parts: Parts) -> tuple[str, ...]:
    """The traits that speak for every channel."""
    return parts.settings.contact.consent if parts.settings.contact else CONSENT


def consenting(parts: Parts, units: pa.Table, day: date) -> pa.Table:
    """The units of customers who had not said no by the end of the day: from the others nothing is learned."""
    if parts.settings.contact is None or not units.num_rows:
        return units
    said = traits_of(parts, contact_traits(parts), before=day + timedelta(days=1)).to_pylist()
    consent = named_consent(parts)
    for channel in units["channel"].unique().to_pylist():
        no = pa.array([row["customer"] for row in said if refuses(row, channel=channel, consent=consent)], pa.string())
        theirs = pc.and_(pc.equal(units["channel"], channel), pc.is_in(units["customer"], value_set=no))
        units = units.filter(pc.invert(theirs))
    return units
