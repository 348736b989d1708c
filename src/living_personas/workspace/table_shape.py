"""What a source may say that is the table of a database: which, where it is, and how its new rows are known."""

from __future__ import annotations

from living_personas.domain.source_table import NAMED_TABLE, OVERLAP, SourceTable
from living_personas.domain.store_address import Address
from living_personas.errors import InvalidSettingsError, Location
from living_personas.workspace.file_records import FileKey, Values
from living_personas.workspace.file_words import DURATION
from living_personas.workspace.shapes import PlainText

__all__ = ["SPARK_ADDRESS", "TABLE_KEYS", "table_of"]

SPARK_ADDRESS = PlainText(
    pattern=r"^sc://[A-Za-z0-9.\-_]+(:[0-9]{1,5})?(/(;use_ssl=true)?)?$",
    meant="the address of a Spark Connect server",
    example="sc://spark.example.com:15002",
)

_EXAMPLE = "`{table: analytics.orders, updated_at: loaded_at, message_id: order_id, database: warehouse.duckdb, ...}`"


def _database(text: str, where: Location) -> object:
    scheme, mark, _ = text.partition("://")
    if not mark or scheme == "sc":
        return text
    if scheme not in ("postgresql", "postgres"):
        raise InvalidSettingsError(
            f"No database is reached by {scheme!r}.",
            hint="write the path of a DuckDB file, `postgresql://user@host/database`, or `sc://host:15002`.",
            where=where,
        )
    if Address.of(text).has_password:
        raise InvalidSettingsError(
            "The address of the database holds a password, and this file lies in git.",
            hint="leave it out and set PGPASSWORD; or name a variable that holds the address: `database: WAREHOUSE`.",
            where=where,
        )
    return text


TABLE_KEYS = (
    FileKey(
        name="table",
        shape=PlainText(
            pattern=NAMED_TABLE,
            meant="the name of a table or view, perhaps with its schema",
            example="""`table: analytics.orders`, or `table: '"Sales Data".orders'` where there are spaces or dots""",
        ),
        about="The table or view of a database whose rows are read as they are loaded, such as `analytics.orders`.",
    ),
    FileKey(
        name="updated_at",
        shape=PlainText(meant="the name of a column", example="'loaded_at'"),
        about="The column of the table that says when a row was loaded: a timestamp or a date.",
    ),
    FileKey(
        name="database",
        shape=PlainText(check=_database, meant="a database", example="'warehouse.duckdb'"),
        about="Where the table is: the path of a DuckDB file, `postgresql://...`, `sc://...`, or the environment "
        "variable that holds one; by default the `engine`.",
        default="",
    ),
    FileKey(
        name="overlap",
        shape=DURATION,
        about="How far behind the newest row that was read a cycle looks for rows that came late; `7 days` by default.",
        default=OVERLAP,
    ),
)


def table_of(of: Values) -> SourceTable | None:
    """The table that a source is, if it is one."""
    if not of.given("table"):
        for name in ("updated_at", "database", "overlap"):
            if of.given(name):
                of.refuse(name, f"`{name}` is said of no table.", hint=f"write it like {_EXAMPLE}, or delete it.")
        return None
    if not of.given("updated_at"):
        of.refuse(
            "table",
            f"The source {of.key!r} does not say by which column new rows are known.",
            hint="name the column that says when a row was loaded: `updated_at: loaded_at`.",
        )
    if not of.given("message_id"):
        of.refuse(
            "table",
            f"The rows of the table {of['table']!r} have no id, so that one that is read again would count again.",
            hint="name the column that makes a row unique: `message_id: order_id`.",
        )
    return SourceTable(
        name=of["table"],
        updated_at=of["updated_at"],
        database=of["database"],
        overlap=of["overlap"],
        where={name: of.place(name) for name in ("table", "updated_at", "database")},
    )
