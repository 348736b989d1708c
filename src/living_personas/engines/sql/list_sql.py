"""A list beside what is known of its customers, and its decisions with a row for each customer, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from living_personas.domain.contact import TIME_ZONE
from living_personas.domain.customer_id import CUSTOMER, KNOWN_BY
from living_personas.domain.listed import ANSWER_SCHEMA, CONTACTS, OF_A_CHOICE, OF_A_CUSTOMER, ROW, SAYS_NO, SAYS_YES
from living_personas.domain.value import value
from living_personas.engines.expressions.event_columns import Held, typed_sql
from living_personas.engines.sql.decide_sql import HASHED
from living_personas.engines.sql.sql_text import canonical_sql, identifier, literal, select_sql

__all__ = ["ListShape", "chosen_sql", "delivered_sql", "keys_sql", "listed_sql", "wide_sql"]


@value
class ListShape:
    """What there is to join: ``listed``, ``customers`` and ``fresh`` are the columns of these tables.

    ``asked`` are the columns that decisions ask for, and ``empty`` is what those of them are of whom nothing is known.
    ``everybody`` says that the list is the table of customers itself, and ``persona`` that only its members are asked
    for. ``joined`` are the other tables that hold rows, and that of the yeses where one is needed; ``forms`` are the
    canonical forms that the engine cannot say. ``marked`` stands before an id whose mark is looked for among those of
    the ``erased``.
    """

    listed: Held
    customers: Held
    fresh: Held
    asked: Sequence[str]
    empty: Mapping[str, float | None]
    everybody: bool
    persona: str
    joined: Collection[str]
    marked: str

    @property
    def alone(self) -> bool:
        """Whether each row of the list is also that of what is known of it: nothing has to be found."""
        return self.everybody and "links" not in self.joined

    @property
    def own(self) -> tuple[str, ...]:
        """What the list itself says of customers."""
        beside = {CUSTOMER, ROW, SAYS_NO, SAYS_YES}
        return () if self.everybody or self.persona else tuple(name for name in self.listed if name not in beside)


def listed_sql(shape: ListShape) -> str:
    """SQL for each customer of a list once who did not say no, beside what is known of it.

    The list is the table ``listed``, or everybody: ``customers``. Columns: ``customer``, its canonical form
    (``HASHED``), that of the id it is known by (``KNOWN_BY``) if that is asked for, the number of what it lately met
    and did (``CONTACTS``), and what decisions ask for: the columns of the list go before what is known. The other
    tables are ``links``, ``noes``, ``yeses``, ``erased``, ``fresh``, ``contacts`` and ``forms``.
    """
    steps = {"once": _once_sql(shape), "named": _named_sql(shape), "willing": _willing_sql(shape)}
    if "links" in shape.joined:
        steps |= {"has_row": _HAS_ROW, "rowless": _ROWLESS}
    named = ",\n".join(f"{name} AS ({sql})" for name, sql in steps.items())
    return f"WITH {named}\n{_found_sql(shape)}"


def keys_sql(held: Held, *, zones: bool) -> str:
    """SQL for how many customers (``n``) of a table ``listed`` have each ``zone`` and number of ``contacts``.

    ``unvisited`` says of how many of them no visit is known. Without ``zones`` all are in none.
    """
    visit = "COALESCE(CAST(visit AS TEXT), '')" if "visit" in held else "''"
    columns = [f"{_zone_sql(held, zones=zones)} AS zone", f"{identifier(CONTACTS)} AS contacts", f"{visit} AS visit"]
    counted = ["COUNT(*) AS n", "COUNT(CASE WHEN visit = '' THEN 1 END) AS unvisited"]
    return select_sql(
        ["zone", "contacts", *counted],
        source=f"({select_sql(columns, source='listed')}) AS keyed",
        ending="GROUP BY zone, contacts ORDER BY zone, contacts",
    )


def wide_sql(attributes: Sequence[str], held: Held, *, zones: bool, alike: bool) -> str:
    """SQL for a row for each customer of ``decided``, with whether it may be contacted (``delivered_sql``).

    Columns: ``customer``, those of ``OF_A_CUSTOMER``; for the number of each attribute ``option0`` and so on
    (``OF_A_CHOICE``); ``deliver``, ``hold_until``, ``held_for``. In order of customers.
    """
    same = [f"MIN({name}) AS {name}" for name in OF_A_CUSTOMER]
    own = [
        f"MAX(CASE WHEN attribute = {literal(attribute)} THEN {name} END) AS {name}{number}"
        for number, attribute in enumerate(attributes)
        for name in OF_A_CHOICE
    ]
    chosen = select_sql(["customer", *same, *own], source="decided", ending="GROUP BY customer")
    return f"{_with_delivery(chosen, held, zones=zones, alike=alike)} ORDER BY chosen.customer"


def chosen_sql(held: Held, *, zones: bool, alike: bool) -> str:
    """SQL for how many customers of ``decided`` there are (``n``), by whether they may be contacted (``deliver``)."""
    chosen = select_sql(["DISTINCT customer"], source="decided")
    told = _with_delivery(chosen, held, zones=zones, alike=alike)
    return select_sql(["deliver", "COUNT(*) AS n"], source=f"({told}) AS told", ending="GROUP BY deliver")


def _with_delivery(chosen: str, held: Held, *, zones: bool, alike: bool) -> str:
    """The rows of a statement, each of one customer, beside whether it may be contacted."""
    if alike:
        return select_sql(["chosen.*", *_of("answers")], source=f"({chosen}) AS chosen CROSS JOIN answers")
    delivered = delivered_sql(held, zones=zones, alike=False)
    return select_sql(
        ["chosen.*", *_of("delivered")],
        source=f"({chosen}) AS chosen INNER JOIN ({delivered}) AS delivered ON chosen.customer = delivered.customer",
    )


def delivered_sql(held: Held, *, zones: bool, alike: bool) -> str:
    """SQL for whether each customer of ``listed`` (whose columns are ``held``) may be contacted, as ``answers`` say.

    They say it by ``zone`` and number of ``contacts``; ``alike`` tells that there is one answer for all.
    """
    keyed = select_sql(
        ["customer", f"{_zone_sql(held, zones=zones)} AS zone", f"{identifier(CONTACTS)} AS contacts"], source="listed"
    )
    join = "CROSS JOIN" if alike else "INNER JOIN"
    same = "" if alike else "ON keyed.zone = answers.zone AND keyed.contacts = answers.contacts"
    return select_sql(["customer", *_of("answers")], source=f"({keyed}) AS keyed {join} answers", ending=same)


def _of(table: str) -> Iterator[str]:
    return (f"{table}.{field.name}" for field in ANSWER_SCHEMA)


def _zone_sql(held: Held, *, zones: bool) -> str:
    return f"COALESCE({identifier(TIME_ZONE)}, '')" if zones and held.get(TIME_ZONE) == "text" else "''"


def _once_sql(shape: ListShape) -> str:
    """The list with the canonical form of each id, each customer once: by its first row, where rows have numbers."""
    form = canonical_sql(f"each.{_ID}")
    columns = [
        f"each.{_ID} AS customer",
        f"{f'COALESCE(forms.form, {form})' if 'forms' in shape.joined else form} AS form",
    ]
    columns += [f"each.{identifier(name)} AS o{number}" for number, name in enumerate(shape.own)]
    columns += [f"each.{identifier(name)} AS {as_}" for name, as_ in _SAYS if name in shape.listed]
    table = "customers" if shape.everybody else "listed"
    source = f"{table} AS each"
    if shape.alone:
        known = list(_known_columns(shape))
        columns += [f"each.{_ID} AS row_of", *(f"each.{name}" for name, _ in known)]
        source = f"({select_sql([_ID, *(sql for _, sql in known)], source=table)}) AS each"
    if ROW in shape.listed:
        firsts = select_sql([f"MIN({identifier(ROW)}) AS first"], source=table, ending=f"GROUP BY {_ID}")
        source += f" INNER JOIN ({firsts}) AS firsts ON each.{identifier(ROW)} = firsts.first"
    if "forms" in shape.joined:
        source += f" LEFT JOIN forms ON each.{_ID} = forms.id"
    return select_sql(columns, source=source, ending=f"WHERE persona = {literal(shape.persona)}" * bool(shape.persona))


def _named_sql(shape: ListShape) -> str:
    """The same with the id that each is known by: that of its id, or else of the canonical form of it."""
    if "links" not in shape.joined:
        return select_sql(["once.*", "form AS known", "form AS known_form"], source="once")
    known = [f"COALESCE(mine.{name}, formed.{name}, once.form)" for name in ("customer", "form")]
    return select_sql(
        ["once.*", f"{known[0]} AS known", f"{known[1]} AS known_form"],
        source="once LEFT JOIN links AS mine ON once.customer = mine.id",
        ending="LEFT JOIN links AS formed ON once.form = formed.id",
    )


def _willing_sql(shape: ListShape) -> str:
    """Those who did not say no, in the list or before; where somebody has to, those who agreed."""
    joins, wanted = [], ["TRUE"]
    if "noes" in shape.joined:
        joins.append("LEFT JOIN noes ON named.known = noes.customer")
        wanted.append("noes.customer IS NULL")
    if SAYS_NO in shape.listed:
        wanted.append("NOT says_no")
    if "yeses" in shape.joined:
        joins.append("LEFT JOIN yeses ON named.known = yeses.customer")
        wanted.append(f"(yeses.customer IS NOT NULL{' OR says_yes' if SAYS_YES in shape.listed else ''})")
    if "erased" in shape.joined:
        joins.append(f"LEFT JOIN erased ON SHA256({literal(shape.marked)} || named.form) = erased.mark")
        wanted.append("erased.mark IS NULL")
    return select_sql(["named.*"], source=f"named {' '.join(joins)}", ending=f"WHERE {' AND '.join(wanted)}")


def _found_sql(shape: ListShape) -> str:
    """Those who are willing, beside what is known of each."""
    said = [name for name in ("fresh", "contacts") if name in shape.joined]
    joins = [f"LEFT JOIN {name} ON willing.known = {name}.customer" for name in said]
    if not shape.alone:
        linked = "links" in shape.joined
        row = "COALESCE(rowless.id, willing.known)" if linked else "willing.known"
        joins = ["LEFT JOIN rowless ON willing.known = rowless.customer"] * linked + joins
        kept = select_sql(["customer AS row_of", *(sql for _, sql in _known_columns(shape))], source="customers")
        joins.append(f"LEFT JOIN ({kept}) AS kept ON {row} = kept.row_of")
    columns = ["willing.customer AS customer", f"willing.form AS {identifier(HASHED)}"]
    met = "COALESCE(contacts.contacts, 0)" if "contacts" in shape.joined else "CAST(0 AS BIGINT)"
    columns.append(f"{met} AS {identifier(CONTACTS)}")
    if CUSTOMER in shape.asked:
        columns.append(f"willing.known_form AS {identifier(KNOWN_BY)}")
    columns += [f"willing.o{number} AS {identifier(name)}" for number, name in enumerate(shape.own)]
    return select_sql([*columns, *_asked_columns(shape)], source=f"willing {' '.join(joins)}")


def _asked_columns(shape: ListShape) -> Iterator[str]:
    """What is known of a customer: what it said since the last cycle, or else what that knew; or an empty history."""
    rows = "willing" if shape.alone else "kept"
    for number, name in _asked(shape):
        known = f"{rows}.k{number}" if name in shape.customers else "CAST(NULL AS DOUBLE)"
        if name in shape.empty:
            nothing = "NULL" if shape.empty[name] is None else literal(repr(shape.empty[name]))
            known = f"CASE WHEN {rows}.row_of IS NULL THEN CAST({nothing} AS DOUBLE) ELSE {known} END"
        said = name in shape.fresh and "fresh" in shape.joined
        if said and (name in shape.customers or name in shape.empty):
            yield f"COALESCE(fresh.{identifier(name)}, {known}) AS {identifier(name)}"
        elif said or name in shape.customers or name in shape.empty:
            yield f"{f'fresh.{identifier(name)}' if said else known} AS {identifier(name)}"


def _known_columns(shape: ListShape) -> Iterator[tuple[str, str]]:
    """The columns of customers that are asked for, by new names, each of the kind that fresh words on it have."""
    for number, name in _asked(shape):
        if name in shape.customers:
            kind = shape.fresh.get(name)
            column = typed_sql(name, kind, held=shape.customers) if kind else identifier(name)
            yield f"k{number}", f"{column} AS k{number}"


def _asked(shape: ListShape) -> Iterator[tuple[int, str]]:
    """What decisions ask for that the list itself does not say."""
    return ((n, name) for n, name in enumerate(shape.asked) if name not in (CUSTOMER, *shape.own))


_ID = identifier(CUSTOMER)
_SAYS = ((SAYS_NO, "says_no"), (SAYS_YES, "says_yes"))
_HAS_ROW = (
    "SELECT each.customer FROM customers AS each "
    "INNER JOIN (SELECT DISTINCT customer FROM links) AS named_ids ON each.customer = named_ids.customer"
)
# The first other id, in order, of whoever has no row under the id that it is known by.
_ROWLESS = (
    "SELECT links.customer, MIN(links.id) AS id FROM customers AS each INNER JOIN links ON each.customer = links.id "
    "LEFT JOIN has_row ON links.customer = has_row.customer WHERE has_row.customer IS NULL GROUP BY links.customer"
)
