"""Large bodies are read one after the other: what is asked meanwhile waits for one of them, and not for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["ReadingTurns"]

LARGE = 8 << 10
"""Bytes: what is smaller takes no longer to read than to let others go first."""


class ReadingTurns:
    """Whose turn it is to read a body into events, which keeps the event loop for as long as it takes."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """Wait until nobody else reads a large body; after each, everything that is ready has its turn.

        ``size`` is that of the body in bytes.
        """
        if size < LARGE:
            yield
            return
        async with self._one:
            yield
            await asyncio.sleep(0)
