"""Who may be on a list for ads: members of a persona who agreed, split by what was decided for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.channels.ads.identifiers import Identity
from living_personas.channels.ads.upload import neutral_name
from living_personas.domain.batch import FROM_BROWSER
from living_personas.domain.event import IDENTIFY
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.value import value
from living_personas.errors import by_name
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.privacy.consent import agreeing, refusing
from living_personas.loop.privacy.memberships import check_known, memberships
from living_personas.loop.relations import filtered
from living_personas.memory.records import AD_NUMBERS
from living_personas.memory.tables import EVENTS
from living_personas.ports import Store
from living_personas.serving.lists import AllKnown, deciding_list

__all__ = ["ADS", "CONSENT_ADS", "AdLists", "ad_lists", "number_of"]

ADS = "ads"
"""The channel of advertisements."""

CONSENT_ADS = "consent_ads"
"""The trait without which nobody is on a list for ads."""


@value
class AdLists:
    """People by the neutral name of their list; ``members`` before, ``agreed`` after asking for consent."""

    lists: Mapping[str, tuple[Identity, ...]]
    members: int
    agreed: int


def ad_lists(context: Context, persona: str, *, at: datetime, attribute: str = "", campaign: str = "") -> AdLists:
    """The lists of a persona: one or, for an attribute, one for each option that was decided on channel ``ads``.

    Customers of the holdout are members like all others, and get what was first written, as the snapshot decides.
    What a customer is recognised by is read from the traits ``email`` and ``phone`` that servers said, and kept
    nowhere.
    """
    version = _version(context, persona)
    seal_waiting(context)
    check_known(context.store)
    members = memberships(context.store, persona)
    people = _agreed(context, members)
    number = number_of(context.store, persona)
    if not attribute:
        lists = {neutral_name(number, version.version): tuple(people.values())}
        return AdLists(lists=lists, members=members.num_rows, agreed=len(people))
    place = [each.name for each in version.persona.attributes].index(version.persona.attribute(attribute).name) + 1
    options = version.persona.attribute(attribute).options
    found: dict[str, list[Identity]] = {
        neutral_name(number, version.version, attribute=place, option=o): [] for o in range(1, len(options) + 1)
    }
    for customer, option in _chosen(context, persona, attribute, at=at, campaign=campaign):
        if customer in people and option in options:
            name = neutral_name(number, version.version, attribute=place, option=options.index(option) + 1)
            found[name].append(people[customer])
    kept = {name: tuple(theirs) for name, theirs in found.items()}
    return AdLists(lists=kept, members=members.num_rows, agreed=len(people))


def number_of(store: Store, persona: str) -> int:
    """The number that stands for a persona outside; the first time, the next that is free."""
    with store.commit():
        numbers = AD_NUMBERS.read(store) or {}
        if persona not in numbers:
            numbers[persona] = max(numbers.values(), default=0) + 1
            AD_NUMBERS.write(store, dict(sorted(numbers.items())))
        return numbers[persona]


def _chosen(
    context: Context, persona: str, attribute: str, *, at: datetime, campaign: str
) -> Iterator[tuple[str, str]]:
    """What was chosen of an attribute for each customer who still is in the persona, in order of customers."""
    with deciding_list(context, AllKnown(persona=persona), at=at, channel=ADS, campaign=campaign) as decided:
        for piece in decided.decided():
            mine = pc.and_(pc.equal(piece["attribute"], attribute), pc.equal(piece["persona"], persona))
            rows = piece.filter(mine)
            yield from zip(rows["customer"].to_pylist(), rows["option"].to_pylist(), strict=True)


def _agreed(context: Context, members: pa.Table) -> dict[str, Identity]:
    """Those members who agreed to ads and to everything else, as they can be recognised."""
    willing = pc.and_(
        pc.is_in(members["customer"], value_set=agreeing(context, {CONSENT_ADS})),
        pc.invert(pc.is_in(members["customer"], value_set=refusing(context, ADS))),
    )
    customers = members.filter(willing)["customer"].combine_chunks()
    said = context.engine.features(
        date.max,
        events=_told_by_servers(context.store),
        links=context.store.inbox.links(),
        features=(),
        traits={"email": "text", "phone": "text"},
    )
    rows = said.filter(pc.is_in(said["customer"], value_set=customers)).to_pylist()
    return {row["customer"]: Identity(email=row["email"] or "", phone=row["phone"] or "") for row in rows}


def _told_by_servers(store: Store) -> pa.Table:
    """The events in which servers said who customers are: whoever reads a page's source can say it of anybody."""
    says = pc.field("name") == IDENTIFY
    for_us = pc.invert(pc.match_substring(pc.field("properties"), FROM_BROWSER))
    return filtered(EVENTS.all(store), says & for_us, EVENTS.schema)


def _version(context: Context, persona: str) -> PersonaVersion:
    known = {version.id: version for version in context.versions()}
    return by_name("persona", persona, known)
