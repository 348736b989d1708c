"""The context of a workspace whose files people go on editing: the files are read again when one has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Lock

from living_personas.loop.context import Context
from living_personas.loop.corrections.guardrails import guarded
from living_personas.ports import Store
from living_personas.workspace.file_problems import InvalidFilesError
from living_personas.workspace.files import read_workspace
from living_personas.workspace.workspace_folder import PERSONAS, SETTINGS_FILE

__all__ = ["FreshContext"]


class FreshContext:
    """Called, the store and engine that were opened once, with what the files say now.

    ``last`` is what they said when they could be read last; at first what was opened, if they hold problems already.
    """

    def __init__(self, root: Path, context: Context) -> None:
        self._root = root
        self._context = context
        self._seen = self._signature() if _is_readable(root) else ()
        self._lock = Lock()

    def __call__(self) -> Context:
        """The context, fresh.

        Raises
        ------
        InvalidFilesError
            With every problem of the files, until they are mended.
        """
        with self._lock:
            found = self._signature()
            if found != self._seen:
                files = read_workspace(self._root)
                personas = tuple(guarded(persona, files.settings) for persona in files.personas)
                self._context = replace(self._context, settings=files.settings, personas=personas)
                self._seen = found
            return self._context

    def last(self) -> Context:
        """The context, fresh if the files can be read; otherwise as they said before."""
        try:
            return self()
        except (InvalidFilesError, OSError):
            return self._context

    @property
    def store(self) -> Store:
        """The store, which stays the same."""
        return self._context.store

    def _signature(self) -> tuple[tuple[str, int, int], ...]:
        paths = [self._root / SETTINGS_FILE, *sorted((self._root / PERSONAS).glob("*.y*ml"))]
        stats = [(path.name, path.stat()) for path in paths if path.is_file()]
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _is_readable(root: Path) -> bool:
    try:
        read_workspace(root)
    except InvalidFilesError:
        return False
    return True
