"""Who somebody was at the moment of an exposure: by the day before, and by what was said earlier on the day itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from living_personas.domain.customer_id import KNOWN_BY
from living_personas.domain.decision import IGNORED
from living_personas.domain.event import IDENTIFY
from living_personas.domain.persona import Persona
from living_personas.engines.expressions.event_columns import Held
from living_personas.engines.sql.members_sql import members_sql
from living_personas.engines.sql.sql_text import identifier, literal, pointer, select_sql
from living_personas.rules.sql import coerce_sql
from living_personas.rules.tree import Kind

__all__ = ["then_sql"]


def then_sql(
    personas: Sequence[Persona],
    *,
    held: Held,
    empty: Mapping[str, float | None],
    traits: Sequence[tuple[str, Kind]],
    linked: bool,
) -> str:
    """SQL for ``customer``, ``time`` and ``persona`` of the exposures that name none; of all, if somebody is ignored.

    The tables are ``exposures``, ``customers`` (whose columns are ``held``), ``said`` (events), ``links`` as the day
    began and, if there is any, ``linked`` (``LINKED_SCHEMA``) of the day.
    """
    met = "exposures" if any(persona.id == IGNORED for persona in personas) else "exposures WHERE persona = ''"
    steps = {
        "asked": _ASKED.format(met=met),
        "placed": _placed_sql("asked", ["place", "time"], linked=linked, at="asked.time"),
        **_heard_steps(traits, linked=linked),
        "rows": _rows_sql(held, empty, traits),
        "named": members_sql(personas, held=held, customers="rows", known_by=KNOWN_BY),
    }
    named = ", ".join(f"{name} AS ({sql})" for name, sql in steps.items())
    found = select_sql(
        ["asked.id AS customer", "asked.time AS time", "named.persona AS persona"],
        source="asked INNER JOIN named ON named.customer = asked.place",
    )
    return f"WITH {named} {found}"


_ASKED = (
    "SELECT CAST(ROW_NUMBER() OVER (ORDER BY id, time) AS TEXT) AS place, id, time "
    "FROM (SELECT DISTINCT customer AS id, time FROM {met}) AS met"
)
_EVER, _NEVER = "TIMESTAMPTZ '0001-01-01 00:00:00+00'", "TIMESTAMPTZ '9999-12-31 00:00:00+00'"


def _placed_sql(source: str, columns: Sequence[str], *, linked: bool, at: str | None) -> str:
    """The rows with ``who`` their ``id`` was known as, ``row``, and for how long: at one moment, or at all of them."""
    joined, who, row, since, until = f"{source} LEFT JOIN links ON links.id = {source}.id", "", "", _EVER, _NEVER
    if linked:
        then = f" AND {at} >= linked.since AND {at} < linked.until" if at else ""
        joined += f" LEFT JOIN linked ON linked.id = {source}.id{then}"
        who, row = "linked.customer, ", 'linked."row", '
        since, until = f"COALESCE(linked.since, {since})", f"COALESCE(linked.until, {until})"
    kept = [f"{source}.{column}" for column in columns]
    known = [
        f"COALESCE({who}links.customer, {source}.id) AS who",
        f'COALESCE({row}links.customer, {source}.id) AS "row"',
    ]
    return select_sql([*kept, *known, f"{since} AS since", f"{until} AS until"], source=joined)


def _heard_steps(traits: Sequence[tuple[str, Kind]], *, linked: bool) -> dict[str, str]:
    """What was said on the day, by whom the speaker was known as, and the last word on each trait before the exposure.

    What is not of its trait's kind says nothing.
    """
    if not traits:
        return {}
    places = [f"t{index}" for index in range(len(traits))]
    typed = [
        f"{coerce_sql(f'json_extract_string(properties, {literal(pointer(name))})', kind)} AS {place}"
        for place, (name, kind) in zip(places, traits, strict=True)
    ]
    last = [
        f"LAST(words.{place} ORDER BY words.time, words.message_id) FILTER (WHERE words.{place} IS NOT NULL) AS {place}"
        for place in places
    ]
    before = "words.time <= placed.time AND placed.time >= words.since AND placed.time < words.until"
    return {
        "spoken": select_sql(
            ["customer AS id", "time", "message_id", *typed], source="said", ending=f"WHERE name = {literal(IDENTIFY)}"
        ),
        "words": _placed_sql("spoken", ["time", "message_id", *places], linked=linked, at=None),
        "heard": select_sql(
            ["placed.place", *last],
            source=f"placed INNER JOIN words ON words.who = placed.who AND {before}",
            ending="GROUP BY placed.place",
        ),
    }


def _rows_sql(held: Held, empty: Mapping[str, float | None], traits: Sequence[tuple[str, Kind]]) -> str:
    """What was known: the customer's row, or an empty history, and over it what was heard."""
    places = {name: index for index, (name, _) in enumerate(traits)}
    columns = ["placed.place AS customer", f"placed.who AS {identifier(KNOWN_BY)}"]
    for name in held:
        if name in places:
            columns.append(f"COALESCE(heard.t{places[name]}, customers.{identifier(name)}) AS {identifier(name)}")
        elif name != "customer":
            nothing = "NULL" if (number := empty.get(name)) is None else f"CAST('{number!r}' AS DOUBLE)"
            known = f"CASE WHEN customers.customer IS NULL THEN {nothing} ELSE customers.{identifier(name)} END"
            columns.append(f"{known} AS {identifier(name)}")
    heard = " LEFT JOIN heard ON heard.place = placed.place" if traits else ""
    return select_sql(columns, source=f'placed LEFT JOIN customers ON customers.customer = placed."row"{heard}')
