"""What every suite asks of the adapter under test."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from living_personas.ports import Store

__all__ = ["Suite"]


class Suite(ABC):
    """Tests to inherit: name your class ``Test...``, say how to make a store, and run pytest.

    ::

        class TestMyInbox(InboxSuite):
            def make_store(self) -> Store:
                return MyStore(...)
    """

    @abstractmethod
    def make_store(self) -> Store:
        """A new, empty store."""

    @contextmanager
    def store(self) -> Iterator[Store]:
        """A new store that is closed at the end."""
        store = self.make_store()
        try:
            yield store
        finally:
            store.close()
