"""The parts of a workspace whose files people go on editing: read again when one has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Lock

from living_personas.ports import Store
from living_personas.steps.guard import guarded
from living_personas.steps.parts import Parts
from living_personas.workspace.files import PERSONAS, SETTINGS_FILE, read_workspace

__all__ = ["FreshParts"]


class FreshParts:
    """Called, the store and engine that were opened once, with what the files say now."""

    def __init__(self, root: Path, parts: Parts) -> None:
        self._root = root
        self._parts = parts
        self._seen = self._signature()
        self._lock = Lock()

    def __call__(self) -> Parts:
        """The parts, fresh.

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
                self._parts = replace(self._parts, settings=files.settings, personas=personas)
                self._seen = found
            return self._parts

    @property
    def store(self) -> Store:
        """The store, which stays the same."""
        return self._parts.store

    def _signature(self) -> tuple[tuple[str, int, int], ...]:
        paths = [self._root / SETTINGS_FILE, *sorted((self._root / PERSONAS).glob("*.y*ml"))]
        stats = [(path.name, path.stat()) for path in paths if path.is_file()]
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
