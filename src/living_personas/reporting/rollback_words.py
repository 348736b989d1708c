"""What going back to an older version of a persona changes, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

from living_personas.domain.names import attribute_name
from living_personas.domain.persona import PersonaVersion
from living_personas.loop.corrections.trait_drift import rounded
from living_personas.rules.rule_words import column_words

__all__ = ["rollback_words"]


def rollback_words(old: PersonaVersion, new: PersonaVersion, *, option: Callable[[str, str], str]) -> tuple[str, ...]:
    """What becomes of which value and trait; ``option`` says an attribute's option as people call it."""
    return (*_values(old, new, option), *_traits(old, new))


def _values(old: PersonaVersion, new: PersonaVersion, option: Callable[[str, str], str]) -> Iterator[str]:
    for was, held in zip(old.standings, new.standings, strict=True):
        if was != held:
            name = attribute_name(held.attribute, held.channel).capitalize()
            now, then = (option(held.attribute, each.value) for each in (was, held))
            yield f"{name} becomes {then} again; it is {now} now."


def _traits(old: PersonaVersion, new: PersonaVersion) -> Iterator[str]:
    before = {trait.name: trait for trait in old.traits}
    for trait in new.traits:
        if trait != before[trait.name]:
            means = permutations((trait.believed, before[trait.name].believed))
            then, now = (f"{rounded(mean, other)} {trait.unit}".rstrip() for mean, other in means)
            yield f"{column_words(trait.name).capitalize()} becomes {then} again; it is {now} now."
