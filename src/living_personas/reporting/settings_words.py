"""What a workspace allows and promises, in a sentence or two."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.consent import Consent
from living_personas.domain.counted import counted
from living_personas.domain.names import named
from living_personas.domain.settings import Settings
from living_personas.domain.told_number import share_words

__all__ = ["settings_words"]


def settings_words(settings: Settings, *, personas: int) -> str:
    """The settings of a workspace that has so many personas."""
    adopts = "evidence" if settings.adopts_by_evidence else "people"
    return (
        f"{settings.name}: {counted(personas, 'persona')}, {counted(len(settings.features), 'feature')}, "
        f"{counted(len(settings.sources), 'source')}. "
        f"Days end at midnight in {settings.time_zone}; changes are at most {named(settings.autonomy)}; segments are "
        f"adopted by {adopts}; error budget {share_words(settings.error_budget, None)}; "
        f"holdout {share_words(settings.holdout, None)}. "
        f"Consent is {settings.consent}: who said neither yes nor no {_SILENCE[settings.consent]}."
    )


_SILENCE: Mapping[Consent, str] = {
    "assumed": "is decided for and learned from",
    "required": "gets nothing, and nothing is learned from them",
}
