"""Snapshots as the loop publishes them, and an edge script that knows nothing but their JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from hashlib import md5
from typing import Any

from living_personas.deciding.next_snapshot import next_snapshot, policy_table
from living_personas.domain.belief import Subject
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Assign, Attribute, Persona, PersonaVersion
from living_personas.domain.settings import Campaign, Settings
from living_personas.domain.snapshot import Snapshot
from living_personas.refining.apply import baseline

MONDAY = date(2026, 3, 2)
CAMPAIGN = Campaign(name="spring", starts=MONDAY - timedelta(days=3))
SETTINGS = Settings(name="w", salt="salt of the snapshots", holdout=0.05, campaigns=(CAMPAIGN,))


def persona(name: str = "p", who: str = "true", *, assign: tuple[Assign, ...] = ("week", "day")) -> Persona:
    return Persona(
        id=name,
        name=name,
        who=who,
        goal=Goal(event="Bought", within=timedelta(days=1)),
        attributes=tuple(
            Attribute(name=f"{each}ly", options=("a", "b", "c"), believed="b", assign=each) for each in assign
        ),
    )


def after(
    versions: tuple[PersonaVersion, ...],
    shares: Mapping[str, tuple[float, ...]],
    *,
    day: date,
    before: Snapshot | None,
    fixed: tuple[Subject, ...] = (),
    begins: date | None = None,
) -> Snapshot:
    """The snapshot for ``day``, as step 5 publishes it: new tables begin the day after (the first time, at once)."""
    start = begins or (day + timedelta(days=1) if before else day)
    number = before.number + 1 if before else 1
    subjects = [Subject(persona=v.id, attribute=s.attribute, channel=s.channel) for v in versions for s in v.standings]
    tables = {each: policy_table(each, shares[each.attribute], day=start, snapshot=number) for each in subjects}
    return next_snapshot(versions, settings=SETTINGS, day=day, tables=tables, fixed=fixed, before=before)


def published(*personas: Persona, shares: tuple[float, ...] = (0.5, 0.3, 0.2), day: date = MONDAY) -> Snapshot:
    """A first snapshot."""
    versions = tuple(baseline(each, day=day) for each in personas)
    names = {attribute.name for each in personas for attribute in each.attributes}
    return after(versions, dict.fromkeys(names, shares), day=day, before=None)


def edge_decides(text: str, customer: str, traits: Mapping[str, str], today: date) -> Iterator[tuple[str, str, float]]:
    """Attribute, option and propensity of a customer, from the snapshot's JSON: a script at the edge, in 30 lines.

    It understands rules of the form ``name = 'text'`` and attributes assigned by the day or the week.
    """
    snapshot: dict[str, Any] = json.loads(text)
    salt = snapshot["salt"]
    held_out = _hash(salt, "holdout", customer) < snapshot["holdout_below"]
    for persona in snapshot["personas"]:
        name, _, wanted = persona["who"].partition(" = ")
        if traits.get(name) == wanted.strip("'"):
            break
    else:
        return
    for attribute in persona["attributes"]:
        if held_out:
            yield attribute["attribute"], attribute["believed"], 1.0
            continue
        start = today
        if attribute["assign"] == "week":
            place = int(_hash(salt, attribute["attribute"], attribute["channel"], customer, "offset"), 16)
            start -= timedelta(days=((today - date(1970, 1, 1)).days + place * 7 // 2**32) % 7)
        older = [table for table in attribute["tables"] if table["day"] <= start.isoformat()]
        table = older[-1] if older else attribute["tables"][0]
        u = _hash(salt, attribute["attribute"], attribute["channel"], customer, start.isoformat())
        index = [u < end for end in table["thresholds"]].index(True)
        yield attribute["attribute"], attribute["options"][index], table["shares"][index]


def _hash(*parts: str) -> str:
    return md5("|".join(parts).encode(), usedforsecurity=False).hexdigest()[:8]
