"""The reference keeps the promises."""

from __future__ import annotations

from living_personas.ports import Store
from living_personas.stores.memory import MemoryStore
from living_personas.testing.lease import GONE
from living_personas.testing.store import StoreSuite


class TestMemoryStore(StoreSuite):
    def make_store(self) -> Store:
        return MemoryStore(is_gone=GONE.__eq__)
