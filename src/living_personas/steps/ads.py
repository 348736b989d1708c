"""Who may be on a list for ads: members of a persona who agreed, split by what was decided for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import pyarrow.compute as pc

from living_personas.channels.ads.identifiers import Person
from living_personas.channels.ads.upload import neutral_name
from living_personas.deciding.contact import refuses
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.value import value
from living_personas.errors import UnknownNameError
from living_personas.rules.parse import Kind
from living_personas.steps.calendar import seal_waiting
from living_personas.steps.consent import contact_traits, named_consent
from living_personas.steps.lists import all_customers, decide_list
from living_personas.steps.parts import Parts
from living_personas.steps.traits import traits_of

__all__ = ["ADS", "CONSENT_ADS", "AdLists", "ad_lists", "number_of"]

ADS = "ads"
"""The channel of advertisements."""

CONSENT_ADS = "consent_ads"
"""The trait without which nobody is on a list for ads."""

NUMBERS = "ads/numbers"
"""The fact that holds the number of each persona: what its lists are called, for ever."""


@value
class AdLists:
    """People by the neutral name of their list; ``members`` before, ``agreed`` after asking for consent."""

    lists: Mapping[str, tuple[Person, ...]]
    members: int
    agreed: int


def ad_lists(parts: Parts, persona: str, *, at: datetime, attribute: str = "", campaign: str = "") -> AdLists:
    """The lists of a persona: one or, for an attribute, one for each option that was decided on channel ``ads``.

    Customers of the holdout are members like all others, and get what was first written, as the snapshot decides.
    What a customer is recognised by is read from the traits ``email`` and ``phone`` of its events, and kept nowhere.
    """
    version = _version(parts, persona)
    seal_waiting(parts)
    everybody = all_customers(parts)
    members = everybody.filter(pc.equal(everybody["persona"], persona)).drop_columns(["persona"])
    people = _agreed(parts, set(members["customer"].to_pylist()))
    number = number_of(parts, persona)
    if not attribute:
        lists = {neutral_name(number, version.version): tuple(people.values())}
        return AdLists(lists=lists, members=members.num_rows, agreed=len(people))
    place = [each.name for each in version.persona.attributes].index(version.persona.attribute(attribute).name) + 1
    options = version.persona.attribute(attribute).options
    found: dict[str, list[Person]] = {
        neutral_name(number, version.version, attribute=place, option=o): [] for o in range(1, len(options) + 1)
    }
    decided = decide_list(parts, members, at=at, channel=ADS, campaign=campaign).decided
    for row in decided.filter(pc.equal(decided["attribute"], attribute)).to_pylist():
        if row["customer"] in people and row["persona"] == persona and row["option"] in options:
            name = neutral_name(number, version.version, attribute=place, option=options.index(row["option"]) + 1)
            found[name].append(people[row["customer"]])
    kept = {name: tuple(theirs) for name, theirs in found.items()}
    return AdLists(lists=kept, members=members.num_rows, agreed=len(people))


def number_of(parts: Parts, persona: str) -> int:
    """The number that stands for a persona outside; the first time, the next that is free."""
    with parts.store.commit():
        block = parts.store.facts.get(NUMBERS)
        numbers: dict[str, int] = json.loads(block) if block else {}
        if persona not in numbers:
            numbers[persona] = max(numbers.values(), default=0) + 1
            parts.store.facts.set({NUMBERS: json.dumps(numbers, sort_keys=True).encode()})
        return numbers[persona]


def _agreed(parts: Parts, members: set[str]) -> dict[str, Person]:
    """Those members who agreed to ads and to everything else, as they can be recognised."""
    asked: dict[str, Kind] = {"email": "text", "phone": "text", CONSENT_ADS: "boolean"}
    consent = named_consent(parts)
    found: dict[str, Person] = {}
    for row in traits_of(parts, {**contact_traits(parts, ADS), **asked}).to_pylist():
        willing = row[CONSENT_ADS] is True and not refuses(row, channel=ADS, consent=consent)
        if willing and row["customer"] in members:
            found[row["customer"]] = Person(email=row["email"] or "", phone=row["phone"] or "")
    return found


def _version(parts: Parts, persona: str) -> PersonaVersion:
    known = {version.id: version for version in parts.versions()}
    if persona not in known:
        raise UnknownNameError.among("persona", persona, known)
    return known[persona]
