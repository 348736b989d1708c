"""The only place that chooses adapters, reads the clock and draws randomness."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from living_personas.domain.persona import Persona
from living_personas.domain.settings import Settings
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.loop.consent import read_consents
from living_personas.loop.context import Context, Progress, silent
from living_personas.loop.guardrails import guarded
from living_personas.loop.known_ids import recall_names
from living_personas.loop.spellings import join_spellings
from living_personas.stores.memory import MemoryStore
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.workspace.files import Workspace, check_folder, read_settings_alone, read_workspace

__all__ = [
    "Clock",
    "boundary",
    "context_in_memory",
    "fresh_rng",
    "is_gone",
    "key_text",
    "open_context",
    "open_published",
    "open_store",
    "owner",
    "salt_bytes",
    "secret_bytes",
    "system_clock",
]

Clock = Callable[[], datetime]


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
    return Context(
        store=MemoryStore(),
        engine=DuckDBEngine(),
        settings=settings,
        personas=tuple(guarded(persona, settings) for persona in personas),
    )


def open_store(root: Path, *, clock: Clock = system_clock) -> SqliteStore:
    """The store of a workspace, whatever is wrong with its files."""
    check_folder(root)
    return SqliteStore(root, clock=clock, is_gone=is_gone)


def open_published(root: Path, *, clock: Clock = system_clock) -> Context:
    """What the loop runs on, with the personas that were published last: no file of a persona is read.

    Raises
    ------
    InvalidFilesError
        With every problem of the settings file.
    StoreError
        If the store cannot be opened.
    """
    settings = read_settings_alone(root)
    store = open_store(root, clock=clock)
    snapshot = store.snapshots.latest()
    published = {each.persona for each in snapshot.personas} if snapshot else set()
    personas = tuple(each.persona for each in store.versions.latest() if each.id in published)
    return Context(store=store, engine=DuckDBEngine(), settings=settings, personas=personas)


def open_context(root: Path, *, clock: Clock = system_clock, progress: Progress = silent) -> tuple[Workspace, Context]:
    """A workspace's files, and what the loop runs on: the embedded store and DuckDB in memory.

    Raises
    ------
    InvalidFilesError
        With every problem of the files.
    StoreError
        If the store cannot be opened.
    """
    workspace = read_workspace(root)
    store = open_store(root, clock=clock)
    context = Context(
        store=store,
        engine=DuckDBEngine(),
        settings=workspace.settings,
        personas=tuple(guarded(persona, workspace.settings) for persona in workspace.personas),
        progress=progress,
    )
    read_consents(context)
    recall_names(context)
    join_spellings(context)
    return workspace, context
