"""The shop that faults happen to, and how long the suite may take over them."""

from __future__ import annotations

import os
from pathlib import Path

from living_personas.loop import cycle
from living_personas.people.keys import create_key
from living_personas.wiring import open_context, system_clock
from service.running import KEY
from service.shop import write_shop

LONG = os.environ.get("FAULTS") == "long"
"""Whether `make faults` runs, which takes its time, rather than `make faults-quick`."""

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "75" if LONG else "3"))
"""How often a process is killed alone, and with a worker, and half as often as a disk is cut from power."""


EVERY = int(os.environ.get("FAULT_EVERY", "1"))
"""`make faults` kills at each EVERY-th system call."""


def open_shop(folder: Path, *, more: str = "") -> Path:
    """A workspace that has published once, with a key; ``more`` is what its settings say beside."""
    with (write_shop(folder) / "workspace.yaml").open("a") as settings:
        settings.write(more)
    _, context = open_context(folder)
    create_key(context, "secret", KEY, now=system_clock())
    cycle.run(context, now=system_clock(), owner="tests")
    context.store.close()
    return folder
