"""The only place that chooses adapters, reads the clock and draws randomness.

Adapters are imported by the function that opens them: `personas keys list` needs no engine, which takes a second.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from living_personas.addresses import files_of, server_of, table_database
from living_personas.workspace.workspace_folder import STORE, check_folder

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import numpy as np

    from living_personas.channels.secret_variables import Lookup
    from living_personas.domain.persona import Persona
    from living_personas.domain.settings import Settings
    from living_personas.domain.source_table import SourceTable
    from living_personas.domain.store_address import Address
    from living_personas.engine_port import Engine
    from living_personas.loop.context import Context, Progress
    from living_personas.ports import Store, Withdraw
    from living_personas.stores.sql.sql_store import SqlStore
    from living_personas.table_port import LoadedTable, OpenTable
    from living_personas.workspace.files import Workspace

__all__ = [
    "Clock",
    "boundary",
    "context_in_memory",
    "fresh_rng",
    "is_gone",
    "key_text",
    "listed",
    "open_context",
    "open_published",
    "open_served",
    "open_server",
    "open_store",
    "owner",
    "salt_bytes",
    "secret_bytes",
    "system_clock",
]

Clock = Callable[[], datetime]

CACHE = "PERSONAS_FILES_CACHE"
"""The environment variable that says how many bytes of copies of files may lie on this machine."""


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def salt_bytes() -> bytes:
    """Fresh random bytes for the salt of a new workspace."""
    return secrets.token_bytes(16)


def secret_bytes() -> bytes:
    """Fresh random bytes to sign tokens with."""
    return secrets.token_bytes(32)


def key_text(kind: str) -> str:
    """A fresh random key: what kind it is can be read, and 192 bits cannot be guessed."""
    return f"lp_{kind}_{secrets.token_urlsafe(24)}"


def fresh_rng() -> np.random.Generator:
    """Randomness that nobody can foretell, for pauses."""
    import numpy as np  # noqa: PLC0415 - few commands draw

    return np.random.default_rng()


def boundary() -> str:
    """Eight hex digits that nobody could have guessed, to frame what somebody else wrote."""
    return secrets.token_hex(4)


def owner() -> str:
    """Who this worker is, for the lease: host, process, and when that began, as numbers of processes are used again."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}"


def is_gone(owner: str) -> bool:
    """Whether the owner of a lease was a process of this host that has ended; of other hosts nothing is known.

    >>> is_gone(owner()), is_gone("another host:1:1"), is_gone(f"{socket.gethostname()}:{os.getpid()}:before")
    (False, False, True)
    """
    host, _, process = owner.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not process.isdigit() or not Path("/proc/self/stat").exists():
        return False
    return _began(int(process)) != owner.rpartition(":")[2]


def _began(process: int) -> str:
    """When a process began, in ticks since the machine did; empty if there is none, or nobody says."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def context_in_memory(settings: Settings, personas: Iterable[Persona]) -> Context:
    """What the loop runs on, gone with the process: for worlds that are lived many times over."""
    from living_personas.stores.memory import MemoryStore  # noqa: PLC0415 - see the top

    return _context(MemoryStore(), settings, personas)


def listed(root: Path) -> Withdraw:
    """Where what is taken back from a workspace is listed, apart from its store."""
    from living_personas.stores.withdrawal_file import WITHDRAWN, add_withdrawals  # noqa: PLC0415 - see the top

    return partial(add_withdrawals, root / STORE / WITHDRAWN)


def _copied_bytes() -> int:
    """How many bytes of copies of files the environment lets lie on this machine."""
    from living_personas.stores.sql.file_cache import COPIED_BYTES, copied_bytes  # noqa: PLC0415 - see the top

    said = os.environ.get(CACHE)
    return copied_bytes(said, variable=CACHE) if said else COPIED_BYTES


def open_store(root: Path, *, clock: Clock = system_clock, embedded: bool = False, whole: bool = True) -> SqlStore:
    """The store of a workspace, whatever is wrong with its files.

    ``embedded`` is for copies: their store and its files are in their folder, wherever those of the workspace are.
    ``whole`` refuses one into which a copy was begun and not finished.
    """
    check_folder(root)
    address = None if embedded else server_of(root)
    if address is None:
        from living_personas.stores.sqlite.store import SqliteStore  # noqa: PLC0415 - see the top

        files = None if embedded else files_of(root)
        store = SqliteStore(root, clock=clock, is_gone=is_gone, files=files, most_copied=_copied_bytes())
        return _checked(store, whole=whole)
    return open_server(address, root, clock=clock, whole=whole)


def open_server(address: Address, root: Path, *, clock: Clock, whole: bool) -> SqlStore:
    """The store in a database; ``root`` is the folder of the workspace on this machine, ``whole`` as elsewhere.

    Raises
    ------
    MissingExtraError
        If the packages for it are not installed.
    StoreError
        If the database cannot be reached.
    """
    from living_personas.extras import extra_needed  # noqa: PLC0415 - see the top

    with extra_needed("postgres", what="A store in PostgreSQL needs"):
        from living_personas.stores.postgres.postgres_store import PostgresStore  # noqa: PLC0415 - see the top

    store = PostgresStore(
        address,
        root.resolve() / STORE,
        clock=clock,
        is_gone=is_gone,
        files=files_of(root),
        most_copied=_copied_bytes(),
    )
    return _checked(store, whole=whole)


def _checked(store: SqlStore, *, whole: bool) -> SqlStore:
    try:
        if whole:
            store.check_whole()
    except BaseException:
        store.close()
        raise
    return store


def open_published(root: Path, *, clock: Clock = system_clock, embedded: bool = False) -> Context:
    """What the loop runs on, with the personas that were published last: no file of a persona is read.

    ``embedded`` is as for ``open_store``.

    Raises
    ------
    InvalidFilesError
        With every problem of the settings file.
    StoreError
        If the store cannot be opened.
    """
    from living_personas.workspace.files import read_settings_alone  # noqa: PLC0415 - see the top

    settings = read_settings_alone(root)
    store = open_store(root, clock=clock, embedded=embedded)
    snapshot = store.snapshots.latest()
    published = {each.persona for each in snapshot.personas} if snapshot else set()
    personas = tuple(each.persona for each in store.versions.latest() if each.id in published)
    return _context(store, settings, personas, withdrawn=listed(root), as_published=True, root=root)


def open_context(
    root: Path,
    *,
    clock: Clock = system_clock,
    progress: Progress | None = None,
    embedded: bool = False,
    home: Path | None = None,
) -> tuple[Workspace, Context]:
    """A workspace's files, and what the loop runs on: its store, and DuckDB in memory; ``embedded`` as elsewhere.

    ``home`` is the folder from which its files name others, where ``root`` is a copy of it.

    Raises
    ------
    InvalidFilesError
        With every problem of the files.
    StoreError
        If the store cannot be opened.
    """
    from living_personas.loop.known.spellings import join_spellings  # noqa: PLC0415 - see the top
    from living_personas.loop.privacy.consent import read_consents  # noqa: PLC0415 - see the top
    from living_personas.loop.privacy.known_ids import recall_names  # noqa: PLC0415 - see the top
    from living_personas.workspace.files import read_workspace  # noqa: PLC0415 - see the top

    workspace = read_workspace(root)
    store = open_store(root, clock=clock, embedded=embedded)
    context = _context(
        store, workspace.settings, workspace.personas, withdrawn=listed(root), progress=progress, root=root, home=home
    )
    read_consents(context)
    recall_names(context)
    join_spellings(context)
    return workspace, context


def open_served(root: Path, *, clock: Clock) -> Context:
    """What the loop runs on; with the personas that were published last while a file of one holds problems.

    Raises
    ------
    InvalidFilesError
        With every problem of the files, if nothing was published, or the settings cannot be read.
    StoreError
        If the store cannot be opened.
    """
    from living_personas.workspace.file_problems import InvalidFilesError  # noqa: PLC0415 - see the top

    try:
        return open_context(root, clock=clock)[1]
    except InvalidFilesError:
        context = open_published(root, clock=clock)
        if context.personas:
            return context
        context.store.close()
        raise


def _context(
    store: Store,
    settings: Settings,
    personas: Iterable[Persona],
    *,
    progress: Progress | None = None,
    withdrawn: Withdraw | None = None,
    as_published: bool = False,
    root: Path | None = None,
    home: Path | None = None,
) -> Context:
    """What the loop runs on; personas that were published have the guardrails of the settings already."""
    from living_personas.domain.withdrawal import unlisted  # noqa: PLC0415 - see the top
    from living_personas.loop.context import Context, silent  # noqa: PLC0415 - see the top
    from living_personas.loop.corrections.guardrails import guarded  # noqa: PLC0415 - see the top
    from living_personas.table_port import no_tables  # noqa: PLC0415 - see the top

    scratch = root / STORE / "spill" if root else None
    return Context(
        store=store,
        engine=_engine(settings, scratch),
        settings=settings,
        personas=tuple(each if as_published else guarded(each, settings) for each in personas),
        progress=progress or silent,
        withdrawn=withdrawn or unlisted,
        scratch=scratch,
        table=_tables(settings, home or root) if root else no_tables,
    )


def _tables(settings: Settings, home: Path, *, lookup: Lookup = os.environ.get) -> OpenTable:
    """Opens the tables of sources, each with the client of its database."""

    def opened(table: SourceTable) -> AbstractContextManager[LoadedTable]:
        at = table_database(table, settings, lookup=lookup)
        if at.startswith("sc://"):
            from living_personas.engines.spark.spark_tables import open_spark_table  # noqa: PLC0415 - see the top

            return open_spark_table(table, address=at)
        if "://" in at:
            from living_personas.extras import extra_needed  # noqa: PLC0415 - see the top

            with extra_needed("postgres", what="A table in PostgreSQL needs"):
                from living_personas.engines.postgres.postgres_tables import (  # noqa: PLC0415 - see the top
                    open_postgres_table,
                )

            return open_postgres_table(table, address=at)
        from living_personas.engines.duckdb.duckdb_tables import open_duckdb_table  # noqa: PLC0415 - see the top

        return open_duckdb_table(table, path=home / at)

    return opened


_SHARE = "50%"
"""Of the memory of the machine (or of the container) that the engine takes at most, unless somebody says otherwise."""


def _engine(settings: Settings, scratch: Path | None) -> Engine:
    """What touches rows: the Spark that the settings name, or DuckDB in the process.

    DuckDB has a limit to its memory, beyond which it writes into a folder, if there is one; both write answers there.
    """
    from living_personas.engines.duckdb.spill_folder import spill_folder  # noqa: PLC0415 - see the top

    folder = partial(spill_folder, scratch, owner=owner(), is_gone=is_gone) if scratch else None
    if settings.spark:
        from living_personas.engines.spark.spark_engine import SparkEngine  # noqa: PLC0415 - see the top

        return SparkEngine(settings.spark, scratch=folder)
    from living_personas.engines.duckdb.engine import DuckDBEngine  # noqa: PLC0415 - see the top
    from living_personas.engines.duckdb.session import MEMORY  # noqa: PLC0415 - see the top

    return DuckDBEngine(memory=os.environ.get(MEMORY) or _SHARE, spill=folder)
