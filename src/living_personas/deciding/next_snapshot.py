"""A policy is a table: freeze the shares of a day into the next snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from living_personas.deciding.assign import SCALE, hex_below, thresholds
from living_personas.domain.belief import Subject
from living_personas.domain.persona import Attribute, Persona, PersonaVersion, Standing
from living_personas.domain.settings import Settings
from living_personas.domain.snapshot import (
    PARTS,
    LeafTable,
    PolicyTable,
    Snapshot,
    SnapshotAttribute,
    SnapshotPersona,
)
from living_personas.domain.value import value

__all__ = ["InsideShares", "counted_who", "next_snapshot", "policy_table", "snapshot_of"]

WEEK = 7
"""Days for which a table stays in use after its day, for attributes assigned by the week."""


def counted_who(who: str, *, ignore: str) -> str:
    """The rule of a persona that holds nobody who is ignored; of whom that is not known is not ignored.

    >>> counted_who("plan = 'free'", ignore="customer like '%@ours.example'")
    "(customer like '%@ours.example') is not true and (plan = 'free')"
    """
    return f"({ignore}) is not true and ({who})" if ignore else who


@value
class InsideShares:
    """What those of a persona get of whom the rule ``leaf`` is true: the share of each option."""

    leaf: str
    shares: tuple[float, ...]


def policy_table(
    subject: Subject, shares: Iterable[float], *, day: date, snapshot: int, inside: InsideShares | None = None
) -> PolicyTable:
    """The table of epochs that begin on ``day``, its shares exact; each snapshot's tables have names of their own.

    Those ``inside`` of a leaf have another policy, so that units are compared with those of their own part.
    """
    exact, ends = thresholds(tuple(shares))
    name = f"{day.isoformat()}/{snapshot}/{subject}"
    return PolicyTable(
        policy=name, day=day, shares=exact, thresholds=ends, inside=_leaf_table(inside, f"{name}/inside")
    )


def snapshot_of(policy: str) -> int | None:
    """The number of the snapshot in which a policy began; None of a policy that is not ours, or of the holdout's.

    >>> snapshot_of("2026-01-05/7/regular/framing"), snapshot_of("holdout"), snapshot_of("")
    (7, None, None)
    """
    parts = policy.split("/", 2)
    return int(parts[1]) if len(parts) == 3 and parts[1].isascii() and parts[1].isdecimal() else None


def _leaf_table(inside: InsideShares | None, policy: str) -> LeafTable | None:
    if inside is None:
        return None
    exact, ends = thresholds(inside.shares)
    return LeafTable(leaf=inside.leaf, policy=policy, shares=exact, thresholds=ends)


def next_snapshot(
    versions: Iterable[PersonaVersion],
    *,
    settings: Settings,
    day: date,
    tables: Mapping[Subject, PolicyTable],
    fixed: Collection[Subject],
    before: Snapshot | None,
) -> Snapshot:
    """The snapshot for ``day``: the newest versions, the new tables, and the older tables that are still in use.

    The new tables are those of a day that has not begun when the snapshot is published, so that no epoch that is under
    way changes its option. Subjects that are ``fixed`` (pinned) have only their new table, which holds at once.
    """
    held = {
        Subject(persona=persona.persona, attribute=attribute.attribute, channel=attribute.channel): attribute
        for persona in (before.personas if before else ())
        for attribute in persona.attributes
    }
    kept = {subject: attribute for subject, attribute in held.items() if subject not in fixed}
    earlier = _Earlier(tables, kept, day)
    ordered = sorted(versions, key=lambda version: version.persona.rank)
    by_id = {version.id: version for version in ordered}
    made = Snapshot(
        number=before.number + 1 if before else 1,
        day=day,
        salt=settings.salt,
        time_zone=settings.time_zone,
        holdout_share=settings.holdout,
        holdout_below=hex_below(round(settings.holdout * SCALE)),
        personas=tuple(
            _persona(version, by_id.get(version.persona.split_of), earlier, ignore=settings.ignore)
            for version in ordered
        ),
        campaigns=tuple((campaign.name, campaign.starts) for campaign in settings.campaigns),
    )
    return replace(made, format=PARTS) if made.leaves else made


class _Earlier(NamedTuple):
    """What the new tables follow: those of the snapshot before, and whose day they begin on."""

    tables: Mapping[Subject, PolicyTable]
    before: Mapping[Subject, SnapshotAttribute]
    day: date


def _persona(
    version: PersonaVersion, whole: PersonaVersion | None, earlier: _Earlier, *, ignore: str
) -> SnapshotPersona:
    """A persona as it is decided for; what a part of a ``whole`` does not own is chosen as for the whole."""
    persona = version.persona
    owned = {attribute.name for attribute in persona.attributes}
    believed = whole.persona if whole is not None else persona
    inherited = [s for s in whole.standings if s.attribute not in owned] if whole is not None else []
    return SnapshotPersona(
        persona=persona.id,
        version=version.version,
        who=counted_who(persona.who, ignore=ignore),
        attributes=(
            *(_attribute(persona, standing, earlier, believed=believed) for standing in version.standings),
            *(_attribute(believed, standing, earlier, believed=believed) for standing in inherited),
        ),
    )


def _attribute(persona: Persona, standing: Standing, earlier: _Earlier, *, believed: Persona) -> SnapshotAttribute:
    """How to choose an attribute; the holdout stays with what people first ``believed`` of the whole."""
    attribute = persona.attribute(standing.attribute)
    subject = Subject(persona=persona.id, attribute=standing.attribute, channel=standing.channel)
    before, new = earlier.before.get(subject), earlier.tables[subject]
    old = before.tables if before and _goes_on(before, attribute, standing) else ()
    tables = (*(table for table in old if table.day < new.day), new)
    first = believed.attribute(attribute.name).believed
    return SnapshotAttribute(
        attribute=attribute.name,
        channel=standing.channel,
        options=attribute.options,
        assign=attribute.assign,
        believed=first if first in attribute.options else attribute.believed,
        since=standing.since,
        tables=_in_use(attribute, standing, tables, earlier.day),
    )


def _goes_on(before: SnapshotAttribute, attribute: Attribute, standing: Standing) -> bool:
    """Whether epochs under way may have begun with the tables before.

    Where an option is kept for ever, a new definition begins a new epoch for everybody, with the new table.
    """
    anew = attribute.assign == "always" and before.since != standing.since
    return tuple(map(attribute.called, before.options)) == attribute.options and not anew


def _in_use(
    attribute: Attribute, standing: Standing, tables: tuple[PolicyTable, ...], day: date
) -> tuple[PolicyTable, ...]:
    """The tables that an epoch running on ``day`` may have begun with: the newest that is old enough, and all since."""
    if attribute.assign in ("visit", "day"):
        oldest = day
    elif attribute.assign == "week":
        oldest = day - timedelta(days=WEEK - 1)
    elif attribute.assign == "always":
        return _from(tables, standing.since)[:1]
    else:
        return tables
    return _from(tables, oldest)


def _from(tables: tuple[PolicyTable, ...], day: date) -> tuple[PolicyTable, ...]:
    before = [table for table in tables if table.day <= day]
    return (*before[-1:], *(table for table in tables if table.day > day))
