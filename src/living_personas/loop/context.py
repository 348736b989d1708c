"""What the loop runs on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from living_personas.domain.persona import Persona, PersonaVersion
from living_personas.domain.settings import Settings
from living_personas.domain.value import value
from living_personas.domain.withdrawal import unlisted
from living_personas.engine_port import Engine
from living_personas.ports import Store, Withdraw
from living_personas.table_port import OpenTable, no_tables

__all__ = ["Context", "Progress", "silent"]

Progress = Callable[[int, int, str], None]
"""Called with how much is done, of how much, and what is being done."""


def silent(_done: int, _total: int, _what: str) -> None:
    """Progress that nobody watches."""


@value
class Context:
    """A store, an engine, and what people wrote; ``progress`` is told what long steps are doing.

    ``withdrawn`` lists what is taken back apart from the store, so that it stays so where an older state comes back.
    ``scratch`` is a folder for files that end with the process, if there is one. ``table`` opens those of sources.
    """

    store: Store
    engine: Engine
    settings: Settings
    personas: tuple[Persona, ...]
    progress: Progress = silent
    withdrawn: Withdraw = unlisted
    scratch: Path | None = None
    table: OpenTable = no_tables

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's time zone."""
        return ZoneInfo(self.settings.time_zone)

    @property
    def alpha(self) -> float:
        """The error budget."""
        return self.settings.error_budget

    def versions(self) -> tuple[PersonaVersion, ...]:
        """The newest version of each persona that is still written in a file."""
        written = {persona.id for persona in self.personas}
        return tuple(version for version in self.store.versions.latest() if version.id in written)

    def today(self, now: datetime) -> date:
        """The local day at ``now``."""
        return now.astimezone(self.zone).date()

    def yesterday(self, now: datetime) -> date:
        """The last local day that is over at ``now``."""
        return self.today(now) - timedelta(days=1)
