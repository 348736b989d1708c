"""A rule match plus a hash, as one SQL statement: ``deciding`` for a whole list, wherever the list is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlglot

from living_personas.deciding.decide import HOLDOUT_POLICY
from living_personas.domain.snapshot import PolicyTable, Snapshot, SnapshotAttribute
from living_personas.domain.value import value
from living_personas.engines.columns import Held, literal
from living_personas.engines.members import matched_sql
from living_personas.errors import EngineError, did_you_mean
from living_personas.rules.parse import Rule, parse

__all__ = ["decide_sql"]


def decide_sql(
    snapshot: Snapshot,
    *,
    at: datetime,
    channel: str,
    campaign: str = "",
    dialect: str = "duckdb",
    customers: str = "customers",
    columns: Held | None = None,
) -> str:
    """The statement that decides for every row of the table ``customers``.

    Parameters
    ----------
    at
        The moment of the decisions, with a time zone.
    channel, campaign
        Where and on which occasion; attributes per campaign need one that the snapshot knows.
    dialect
        Any dialect of sqlglot; the engine must have ``md5`` that gives hex.
    columns
        The columns of ``customers``; None trusts that there is every one that the rules ask for.

    Returns
    -------
    SQL for ``customer, persona, persona_version, holdout, decision_id, attribute, option, propensity, policy, epoch``,
    by customer and attribute; customers whom no rule matches have no row.

    Raises
    ------
    EngineError
        If an attribute is assigned per visit or campaign, and the column or the campaign is missing.
    """
    day = at.astimezone(ZoneInfo(snapshot.time_zone)).date()
    chosen = tuple(_chosen(snapshot, channel))
    rules = [parse(persona.who) for persona in snapshot.personas]
    held = _trusted(rules, chosen) if columns is None else columns
    _check(snapshot, chosen, held=held, campaign=campaign)
    also = ["visit"] if _per(chosen, "visit") else []
    steps = {
        "matched": matched_sql(rules, held=held, customers=customers, also=also),
        "found": _found_sql(snapshot),
        "attributes": _attributes_sql(chosen),
        "policies": _policies_sql(chosen),
        "begun": _begun_sql(snapshot, day=day, campaign=campaign),
        "named": _named_sql(campaign, visit="visit" if also else "''"),
        "drawn": _drawn_sql(snapshot),
    }
    named = ",\n".join(f"{name} AS ({sql})" for name, sql in steps.items())
    text = f"WITH {named}\n{_decided_sql(snapshot, at=at, channel=channel, width=_width(chosen))}"
    return text if dialect == "duckdb" else sqlglot.transpile(text, read="duckdb", write=dialect)[0]


@value
class _Chosen:
    """An attribute that has a say on the channel, with the place of its persona in the order."""

    place: int
    persona: SnapshotPersona
    attribute: SnapshotAttribute


_SEVENTHS = ("24924925", "49249249", "6db6db6e", "92492493", "b6db6db7", "db6db6dc")
_DAY_ZERO = date(1970, 1, 1)
_TIME_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_EVER = ("0001-01-01", "9999-12-31")


def _chosen(snapshot: Snapshot, channel: str) -> Iterable[_Chosen]:
    for place, persona in enumerate(snapshot.personas):
        for attribute in persona.attributes:
            if attribute.channel in ("", channel):
                yield _Chosen(place=place, persona=persona, attribute=attribute)


def _per(chosen: Iterable[_Chosen], assign: str) -> list[SnapshotAttribute]:
    return [each.attribute for each in chosen if each.attribute.assign == assign]


def _trusted(rules: Iterable[Rule], chosen: Iterable[_Chosen]) -> Held:
    """All columns that are asked for, each to be read as text."""
    visit = {"visit": None} if _per(chosen, "visit") else {}
    return {name: None for rule in rules for name, _kind in rule.columns} | visit


def _check(snapshot: Snapshot, chosen: Iterable[_Chosen], *, held: Held, campaign: str) -> None:
    """Everything that an attribute needs is there, or the error that says what is not."""
    known = dict(snapshot.campaigns)
    for attribute in (each.attribute for each in chosen):
        if attribute.assign == "visit" and "visit" not in held:
            raise EngineError(
                f"Attribute {attribute.attribute!r} is assigned per visit, and the customers have no column 'visit'.",
                hint="add a column `visit` that names the visit of each customer, or use another `assign` for it.",
            )
        if attribute.assign == "campaign" and campaign not in known:
            said = f"there is no campaign {campaign!r}" if campaign else "none was given"
            raise EngineError(
                f"Attribute {attribute.attribute!r} is assigned per campaign, and {said}.",
                hint=did_you_mean(campaign, known, kind="campaign in workspace.yaml"),
            )
        if not attribute.tables:
            raise EngineError(
                f"Snapshot {snapshot.number} has no table for attribute {attribute.attribute!r}.",
                hint="publish a snapshot: it holds a table for every attribute.",
            )


def _found_sql(snapshot: Snapshot) -> str:
    """Each customer whom a persona holds, with the persona's place in the order."""
    first = " ".join(f"WHEN r{place} THEN {place}" for place in range(len(snapshot.personas)))
    place = f"CASE {first} ELSE -1 END" if first else "-1"
    holdout = f"{_hash8(snapshot.salt, 'holdout', _CUSTOMER)} < {literal(snapshot.holdout_below)}"
    return f"SELECT matched.*, {place} AS place, {holdout} AS holdout FROM matched"


def _attributes_sql(chosen: Sequence[_Chosen]) -> str:
    """One row an attribute."""
    names = ("place", "persona", "version", "attribute", "scope", "assign", "believed", "since")
    rows = [
        (
            str(each.place),
            literal(each.persona.persona),
            str(each.persona.version),
            *map(literal, (each.attribute.attribute, each.attribute.channel, each.attribute.assign)),
            *map(literal, (each.attribute.believed, each.attribute.since.isoformat())),
        )
        for each in chosen
    ]
    return _values_sql(names, rows or [("-2", "''", "0", *["''"] * 5)])


def _policies_sql(chosen: Sequence[_Chosen]) -> str:
    """One row a table: the starts of epochs it serves, its options in columns, as many as the widest table needs."""
    width = _width(chosen)
    wide = [f"{letter}{index}" for letter in ("t", "o", "p") for index in range(width)]
    names = ("place", "attribute", "scope", "opened", "closed", "policy", *wide)
    rows = [row for each in chosen for row in _policy_rows(each, width)]
    return _values_sql(names, rows or [("-2", *["''"] * 7, "CAST('0.0' AS DOUBLE)")])


def _policy_rows(each: _Chosen, width: int) -> Iterator[tuple[str, ...]]:
    attribute = each.attribute
    begins = ["", *(table.day.isoformat() for table in attribute.tables[1:]), "a"]  # texts before and after every date
    for table, opened, closed in zip(attribute.tables, begins, begins[1:], strict=False):
        key = map(literal, (attribute.attribute, attribute.channel, opened, closed, table.policy))
        yield str(each.place), *key, *_options(attribute, table, width)


def _options(attribute: SnapshotAttribute, table: PolicyTable, width: int) -> tuple[str, ...]:
    missing = width - len(attribute.options)
    thresholds = [literal(text) for text in (*table.thresholds, *["g"] * missing)]
    options = [literal(text) for text in (*attribute.options, *[""] * missing)]
    # As texts, because a literal of 32 binary places is a decimal to SQL and might be rounded on its way to a double.
    shares = [f"CAST('{share!r}' AS DOUBLE)" for share in (*table.shares, *[0.0] * missing)]
    return (*thresholds, *options, *shares)


def _width(chosen: Iterable[_Chosen]) -> int:
    return max((len(each.attribute.options) for each in chosen), default=1)


def _begun_sql(snapshot: Snapshot, *, day: date, campaign: str) -> str:
    """Each attribute of each customer, with the day on which its epoch began: an ISO text, as all days here."""
    today = literal(day.isoformat())
    campaigns = {name: literal(start.isoformat()) for name, start in snapshot.campaigns}
    spread = _hash8(snapshot.salt, ("attribute", "scope", *_CUSTOMER), "offset")
    number = (day - _DAY_ZERO).days
    mondays = [literal((day - timedelta(days=(number + offset) % 7)).isoformat()) for offset in range(7)]
    weeks = " ".join(f"WHEN spread < '{end}' THEN {start}" for end, start in zip(_SEVENTHS, mondays, strict=False))
    return (
        f"SELECT each.*, CASE assign WHEN 'week' THEN CASE {weeks} ELSE {mondays[6]} END WHEN 'always' THEN since "
        f"WHEN 'campaign' THEN {campaigns.get(campaign, today)} ELSE {today} END AS start FROM ("
        "SELECT found.*, persona, version, attribute, scope, assign, believed, since, "
        f"CASE WHEN assign = 'week' THEN {spread} END AS spread "
        "FROM found INNER JOIN attributes ON found.place = attributes.place) AS each"
    )


def _named_sql(campaign: str, *, visit: str) -> str:
    """The same with the name of the epoch."""
    return (
        f"SELECT begun.*, CASE assign WHEN 'visit' THEN {visit} WHEN 'campaign' THEN {literal(campaign)} "
        "WHEN 'always' THEN 'since ' || since ELSE start END AS epoch FROM begun"
    )


def _drawn_sql(snapshot: Snapshot) -> str:
    """The same beside the table that serves the epoch, with the hash that falls into its shares."""
    drawn = _hash8(snapshot.salt, ("attribute", "scope", *_CUSTOMER, "epoch"))
    wide = "policies.* EXCLUDE (place, attribute, scope)"
    return (
        f"SELECT named.*, {wide}, {drawn} AS u FROM named INNER JOIN policies "
        "ON named.place = policies.place AND named.attribute = policies.attribute AND named.scope = policies.scope "
        "AND named.start >= policies.opened AND named.start < policies.closed"
    )


def _decided_sql(snapshot: Snapshot, *, at: datetime, channel: str, width: int) -> str:
    """What is answered: a holdout gets what people believed, everyone else what was drawn."""
    micros = (at - _TIME_ZERO) // timedelta(microseconds=1)
    ...