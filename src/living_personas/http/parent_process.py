"""A process that another one started ends with it, however that one ends: nobody else would end it."""

from __future__ import annotations

import os
import signal
import threading
import time

__all__ = ["end_with"]

_LOOK_SECONDS = 0.5
_LEAVE_SECONDS = 20.0


def end_with(parent: int) -> None:
    """End this process, as if it was told to, once it is not ``parent`` any more who started it."""
    threading.Thread(target=_end, args=(parent,), name="end-with", daemon=True).start()


def _end(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_LEAVE_SECONDS)
    os._exit(1)  # in the middle of something that hears no signals: interrupted anywhere it goes on the next time
