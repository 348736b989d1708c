"""Where the store and the files of a workspace are, as its file or an environment variable says.

What needs a package is imported by the functions that need it, as in ``wiring``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from living_personas.errors import InvalidSettingsError, Location

if TYPE_CHECKING:
    from living_personas.channels.secret_variables import Lookup
    from living_personas.domain.files_address import FilesAddress
    from living_personas.domain.settings import Settings
    from living_personas.domain.source_table import SourceTable
    from living_personas.domain.store_address import Address

__all__ = ["address_of", "files_of", "server_of", "table_database"]


def server_of(root: Path, *, lookup: Lookup = os.environ.get) -> Address | None:
    """The database that ``workspace.yaml`` names as its store; None if the store is embedded.

    Raises
    ------
    InvalidFilesError
        If the file says where the store is, and cannot be read.
    InvalidSettingsError
        If it names an environment variable that is not set, or holds no address.
    """
    from living_personas.workspace.store_setting import written_store  # noqa: PLC0415 - see the top

    said = written_store(root)
    return address_of(said, lookup=lookup) if said else None


def address_of(said: str, *, lookup: Lookup = os.environ.get) -> Address:
    """The database that an address means, or the environment variable of this name.

    Raises
    ------
    InvalidSettingsError
        If it names an environment variable that is not set, or it is no address.
    """
    from living_personas.domain.store_address import Address  # noqa: PLC0415 - see the top

    return Address.of(_meant(said, "The store is", example="`postgresql://user@host:5432/database`", lookup=lookup))


def files_of(root: Path, *, lookup: Lookup = os.environ.get) -> FilesAddress | None:
    """Where ``workspace.yaml`` says that new files of the days are put; None if it says nothing.

    Raises
    ------
    InvalidFilesError
        If the file says so, and cannot be read.
    InvalidSettingsError
        If it names an environment variable that is not set, or holds no address.
    """
    from living_personas.domain.files_address import FilesAddress  # noqa: PLC0415 - see the top
    from living_personas.workspace.store_setting import written_files  # noqa: PLC0415 - see the top

    said = written_files(root)
    if not said:
        return None
    return FilesAddress.of(_meant(said, "Files are put", example="`s3://bucket/prefix`", lookup=lookup))


def table_database(table: SourceTable, settings: Settings, *, lookup: Lookup) -> str:
    """Where a table is: what its source says, or the environment variable that it names; else the engine.

    Raises
    ------
    InvalidSettingsError
        If the variable is not set.
    """
    return _meant(
        table.database or settings.spark,
        f"The table {table.name!r} is",
        example="a path of DuckDB, `postgresql://...`, `sc://...`",
        lookup=lookup,
        where=table.where.get("database"),
    )


def _meant(said: str, what: str, *, example: str, lookup: Lookup, where: Location | None = None) -> str:
    """What is said, or what the environment variable of this name says."""
    from living_personas.channels.secret_variables import secret_of  # noqa: PLC0415 - see the top
    from living_personas.workspace.store_shape import VARIABLE  # noqa: PLC0415 - see the top

    if not VARIABLE.fullmatch(said):
        return said
    address = secret_of(lookup, said)
    if not address:
        raise InvalidSettingsError(
            f"{what} where the environment variable {said} says, which is not set.",
            hint=f"set it, or {said}_FILE to a file that holds it: {example}.",
            where=where,
        )
    return address
