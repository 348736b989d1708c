"""A rule match plus a hash, as one SQL statement: ``deciding`` for a whole list, wherever the list is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from living_personas.deciding.assign import what_is_missing
from living_personas.deciding.sampler import HOLDOUT_POLICY
from living_personas.domain.customer_id import KNOWN_BY
from living_personas.domain.snapshot import LeafTable, PolicyTable, Snapshot, SnapshotAttribute, SnapshotPersona
from living_personas.domain.value import value
from living_personas.engines.expressions.event_columns import Held
from living_personas.engines.sql.members_sql import matched_sql
from living_personas.engines.sql.sql_text import (
    canonical_sql,
    identifier,
    is_address_sql,
    literal,
    select_sql,
    values_sql,
)
from living_personas.rules.parse import Rule, parse

__all__ = ["HASHED", "decide_sql", "foreign_sql"]

HASHED = "customer as hashed"
"""A column that the table may have: the canonical form of each id, where the engine's own LOWER is not trusted."""


def foreign_sql(customers: str) -> str:
    """The ids of a table whose canonical form is not the engine's to say: addresses that are not plain ASCII."""
    return select_sql(
        ["DISTINCT customer"],
        source=identifier(customers),
        ending=f"WHERE {is_address_sql('customer')} AND REGEXP_MATCHES(customer, '[^ -~]')",
    )


def decide_sql(
    snapshot: Snapshot,
    *,
    at: datetime,
    channel: str,
    campaign: str = "",
    customers: str = "customers",
    columns: Held | None = None,
    forms: bool = False,
) -> str:
    """The statement that decides for every row of the table ``customers``.

    Parameters
    ----------
    at
        The moment of the decisions, with a time zone.
    channel, campaign
        Where and on which occasion; attributes per campaign need one that the snapshot knows.
    columns
        The columns of ``customers``; None trusts that there is every one that the rules ask for.
    forms
        Whether a table ``forms`` (``id, form``) says the canonical forms of the ids of ``foreign_sql``.

    Returns
    -------
    SQL for ``customer, persona, persona_version, holdout, decision_id, attribute, option, propensity, policy, epoch``,
    in any order; customers whom no rule matches have no row, nor have attributes that need a visit or
    campaign which is not given.

    """
    day = at.astimezone(ZoneInfo(snapshot.time_zone)).date()
    rules = [parse(rule) for rule in snapshot.rules]
    held = _trusted(rules) if columns is None else columns
    listed = {"listed": _with_forms_sql(identifier(customers))} if forms else {}
    held = {**held, HASHED: "text"} if forms else held
    visit = "any" if "visit" in held else ""
    chosen = tuple(
        each
        for each in _chosen(snapshot, channel)
        if not what_is_missing(each.attribute, snapshot=snapshot, day=day, visit=visit, campaign=campaign)
    )
    width = max((len(each.attribute.options) for each in chosen), default=1)
    visits = any(each.attribute.assign == "visit" for each in chosen)
    steps = listed | {
        "matched": matched_sql(
            rules,
            held=held,
            customers="listed" if forms else customers,
            also=_also(held, visits=visits),
            known_by=_known_by(held),
        ),
        "found": _found_sql(snapshot, held=held, visits=visits, at=at, channel=channel),
        "attributes": _attributes_sql(snapshot, chosen),
        "policies": values_sql(_policy_names(width), _policy_rows(chosen, snapshot.leaves, width)),
        "begun": _begun_sql(snapshot, day=day, campaign=campaign, visits=visits),
        "named": _named_sql(campaign=campaign, visits=visits),
        "drawn": _drawn_sql(width, leaves=len(snapshot.leaves)),
    }
    named = ",\n".join(f"{name} AS ({sql})" for name, sql in steps.items())
    return f"WITH {named}\n{_decided_sql(width=width)}"


@value
class _Chosen:
    """An attribute that has a say on the channel, with the place of its persona in the order."""

    place: int
    persona: SnapshotPersona
    attribute: SnapshotAttribute


_ATTRIBUTE_NAMES = ("place", "persona", "version", "attribute", "scope", "assign", "believed", "since", "signed")
_SEVENTHS = ("24924925", "49249249", "6db6db6e", "92492493", "b6db6db7", "db6db6dc")
_DAY_ZERO = date(1970, 1, 1)
_TIME_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_BEFORE, _AFTER = "", "a"  # texts that sort before and after every ISO date


def _chosen(snapshot: Snapshot, channel: str) -> Iterable[_Chosen]:
    for place, persona in enumerate(snapshot.personas):
        for attribute in persona.attributes:
            if attribute.channel in ("", channel):
                yield _Chosen(place=place, persona=persona, attribute=attribute)


def _trusted(rules: Iterable[Rule]) -> Held:
    """All columns that are asked for, each to be read as text."""
    return {name: None for rule in rules for name, _kind in rule.columns} | {"visit": None}


def _with_forms_sql(customers: str) -> str:
    """The list, with the canonical form of each id."""
    form = f"COALESCE(forms.form, {canonical_sql('each.customer')}) AS {identifier(HASHED)}"
    return select_sql(["each.*", form], source=f"{customers} AS each LEFT JOIN forms ON each.customer = forms.id")


def _found_sql(snapshot: Snapshot, *, held: Held, visits: bool, at: datetime, channel: str) -> str:
    """Each customer whom a persona holds, with the persona's place in the order and the decision's id."""
    first = " ".join(f"WHEN r{place} THEN {place}" for place in range(len(snapshot.personas)))
    place = f"CASE {first} ELSE -1 END" if first else "-1"
    holdout = f"{_hash8(literal(f'{snapshot.salt}|holdout|'), 'hashed')} < {literal(snapshot.holdout_below)}"
    form = identifier(HASHED) if HASHED in held else _CANONICAL
    kept = ["customer", "hashed", "visit"] if visits else ["customer", "hashed"]
    kept += [
        f"{_part_sql(number, f'r{len(snapshot.personas) + number}')} AS part{number}"
        for number in range(len(snapshot.leaves))
    ]
    hashed = select_sql(["*", f"{form} AS hashed"], source="matched")
    micros = (at - _TIME_ZERO) // timedelta(microseconds=1)
    signed, occasion = (
        literal(text) for text in (f"{snapshot.salt}|decision|{snapshot.number}|", f"|{channel}|{micros}")
    )
    decision = f"'d' || SUBSTR({_md5(signed, 'hashed', occasion)}, 1, 24)"
    return select_sql(
        [*kept, f"{place} AS place", f"{holdout} AS holdout", f"{decision} AS decision_id"],
        source=f"({hashed}) AS hashed_ids",
    )


_CANONICAL = canonical_sql("customer")


def _known_by(held: Held) -> str:
    """The canonical form of the id that a customer is known by, or else of the one that is asked for."""
    named = next((name for name in (KNOWN_BY, HASHED) if name in held), None)
    return canonical_sql('CAST("customer" AS TEXT)') if named is None else identifier(named)


def _also(held: Held, *, visits: bool) -> list[str]:
    return [*(["visit"] if visits else []), *([HASHED] if HASHED in held else [])]


def _attributes_sql(snapshot: Snapshot, chosen: Sequence[_Chosen]) -> str:
    """One row an attribute; ``signed`` is what its hashes begin with."""
    rows = [
        (
            str(each.place),
            literal(each.persona.persona),
            str(each.persona.version),
            *map(literal, (each.attribute.attribute, each.attribute.channel, each.attribute.assign)),
            *map(literal, (each.attribute.believed, each.attribute.since.isoformat())),
            literal(f"{snapshot.salt}|{each.attribute.attribute}|{each.attribute.channel}|"),
        )
        for each in chosen
    ]
    return values_sql(_ATTRIBUTE_NAMES, rows or [("-2", "''", "0", *["''"] * 6)])


def _policy_names(width: int) -> tuple[str, ...]:
    """The columns of a table of shares; its options stand side by side, as many as the widest attribute has."""
    wide = (f"{letter}{index}" for letter in ("t", "o", "p") for index in range(width))
    return ("place", "attribute", "scope", "opened", "closed", "part", "policy", *wide)


def _policy_rows(chosen: Iterable[_Chosen], leaves: Sequence[str], width: int) -> list[tuple[str, ...]]:
    """One row a table, or two with a leaf, with the days of beginning epochs that it serves, and the part."""
    rows = []
    for each in chosen:
        tables = each.attribute.tables
        begins = [_BEFORE, *(table.day.isoformat() for table in tables[1:]), _AFTER]
        for table, opened, closed in zip(tables, begins, begins[1:], strict=False):
            for part, shown in _by_part(table, leaves):
                key = (each.attribute.attribute, each.attribute.channel, opened, closed, part, shown.policy)
                rows.append((str(each.place), *map(literal, key), *_options(each.attribute, shown, width)))
    return rows or [("-2", *["''"] * (6 + 2 * width), *["CAST('0.0' AS DOUBLE)"] * width)]


def _by_part(table: PolicyTable, leaves: Sequence[str]) -> Iterable[tuple[str, PolicyTable | LeafTable]]:
    """The shares of each part of a persona, by a text that names the part; of everybody, by none."""
    if table.inside is None:
        return [("", table)]
    number = leaves.index(table.inside.leaf)
    return [(_INSIDE.format(number), table.inside), (_OUTSIDE.format(number), table)]


_INSIDE, _OUTSIDE = "inside {}", "outside {}"


def _part_sql(number: int, truth: str) -> str:
    """The part of a leaf that a customer is in."""
    return f"CASE WHEN {truth} THEN {literal(_INSIDE.format(number))} ELSE {literal(_OUTSIDE.format(number))} END"


def _options(attribute: SnapshotAttribute, table: PolicyTable | LeafTable, width: int) -> tuple[str, ...]:
    missing = width - len(attribute.options)
    thresholds = [literal(text) for text in (*table.thresholds, *["g"] * missing)]
    options = [literal(text) for text in (*attribute.options, *[""] * missing)]
    # As texts, because a literal of 32 binary places is a decimal to SQL and might be rounded on its way to a double.
    shares = [f"CAST('{share!r}' AS DOUBLE)" for share in (*table.shares, *[0.0] * missing)]
    return (*thresholds, *options, *shares)


def _begun_sql(snapshot: Snapshot, *, day: date, campaign: str, visits: bool) -> str:
    """Each attribute of each customer, with the day on which its epoch began: an ISO text, as all days here."""
    today = literal(day.isoformat())
    campaigns = {name: literal(start.isoformat()) for name, start in snapshot.campaigns}
    spread = _hash8("signed", "hashed", "'|offset'")
    number = (day - _DAY_ZERO).days
    mondays = [literal((day - timedelta(days=(number + offset) % 7)).isoformat()) for offset in range(7)]
    weeks = " ".join(f"WHEN spread < '{end}' THEN {start}" for end, start in zip(_SEVENTHS, mondays, strict=False))
    start = (
        f"CASE assign WHEN 'week' THEN CASE {weeks} ELSE {mondays[6]} END WHEN 'always' THEN since "
        f"WHEN 'campaign' THEN {campaigns.get(campaign, today)} ELSE {today} END AS start"
    )
    joined = select_sql(
        ["found.*", *_ATTRIBUTE_NAMES[1:], f"CASE WHEN assign = 'week' THEN {spread} END AS spread"],
        source="found INNER JOIN attributes ON found.place = attributes.place",
        ending="WHERE assign <> 'visit' OR COALESCE(visit, '') <> ''" if visits else "",
    )
    return select_sql(["each.*", start], source=f"({joined}) AS each")


def _named_sql(*, campaign: str, visits: bool) -> str:
    """The same with the name of the epoch."""
    visit = "WHEN 'visit' THEN visit" if visits else ""
    epoch = (
        f"CASE assign {visit} WHEN 'campaign' THEN {literal(campaign)} "
        "WHEN 'always' THEN 'since ' || since ELSE start END AS epoch"
    )
    return select_sql(["begun.*", epoch], source="begun")


def _drawn_sql(width: int, *, leaves: int) -> str:
    """The same beside the table that serves the epoch, with the hash that falls into its shares."""
    drawn = _hash8("signed", "hashed", "'|'", "epoch")
    parts = ", ".join(["''", *(f"named.part{number}" for number in range(leaves))])
    return select_sql(
        ["named.*", *_policy_names(width)[6:], f"{drawn} AS u"],
        source="named INNER JOIN policies",
        ending="ON named.place = policies.place AND named.attribute = policies.attribute "
        "AND named.scope = policies.scope AND named.start >= policies.opened AND named.start < policies.closed "
        f"AND policies.part IN ({parts})",
    )


def _decided_sql(*, width: int) -> str:
    """What is answered: a holdout gets what people believed, everyone else what was drawn."""
    answers = {
        "customer": "customer",
        "persona": "persona",
        "persona_version": "CAST(version AS BIGINT)",
        "holdout": "holdout",
        "decision_id": "decision_id",
        "attribute": "attribute",
        "option": _held_out("believed", _drawn("o", width)),
        "propensity": _held_out("CAST(1 AS DOUBLE)", _drawn("p", width)),
        "policy": _held_out(literal(HOLDOUT_POLICY), "policy"),
        "epoch": "epoch",
    }
    columns = [f'{sql} AS "{name}"' for name, sql in answers.items()]
    return select_sql(columns, source="drawn")


def _drawn(letter: str, width: int) -> str:
    """The first option whose threshold is above the hash."""
    cases = " ".join(f"WHEN u < t{index} THEN {letter}{index}" for index in range(width))
    return f"CASE {cases} END"


def _held_out(held_out: str, otherwise: str) -> str:
    return f"CASE WHEN holdout THEN {held_out} ELSE {otherwise} END"


def _hash8(*parts: str) -> str:
    """``hash8`` of ``deciding.assign``, in SQL; the parts say their own separators."""
    return f"SUBSTR({_md5(*parts)}, 1, 8)"


def _md5(*parts: str) -> str:
    return f"MD5({' || '.join(parts)})"
