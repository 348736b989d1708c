"""What it costs to know every message id for ever: a new id where millions are held, beside one where none is.

    python benchmarks/seen.py [--held 0,1000000,4000000] [--new 1000000] [--chunk 200000]

Ids are recorded as bulk loads record them: chunk by chunk, each in one durable transaction with the events that it
names left out. What is compared is the processor's time of this process, hashing included; three rounds, the median.
Leaves with 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pyarrow as pa

from living_personas.stores.sql.migrations import upgrade
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.message_keys import MessageKeys

BAR = 1.3
ROUNDS = 3


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", default="0,1000000,4000000")
    parser.add_argument("--new", type=int, default=1_000_000)
    parser.add_argument("--chunk", type=int, default=200_000)
    asked = parser.parse_args()
    held = sorted({0, *map(int, asked.held.split(","))})
    rounds = [[_microseconds(number, asked.new, asked.chunk) for number in held] for _ in range(ROUNDS)]
    costs = [statistics.median(found) for found in zip(*rounds, strict=True)]
    ratios = [statistics.median(found[n] / found[0] for found in rounds) for n in range(len(held))]
    for number, cost, ratio in zip(held, costs, ratios, strict=True):
        print(f"{number:>12,} held: {cost:.2f} us of processor for each new id, {ratio:.2f} times")  # noqa: T201
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"at most {BAR} times: {'met' if ratios[-1] <= BAR else 'MISSED'}; peak of memory {peak:.0f} MB")  # noqa: T201
    sys.exit(ratios[-1] > BAR)


def _microseconds(held: int, new: int, chunk: int) -> float:
    """Of the processor, for each of ``new`` ids where ``held`` others are."""
    with tempfile.TemporaryDirectory() as folder, closing(Connection(Path(folder) / "state.db")) as connection:
        upgrade(connection)
        keys = MessageKeys(connection)
        _note(connection, keys, "held", held, chunk)
        connection.checkpoint()
        began = time.process_time()
        _note(connection, keys, "new", new, chunk)
        return 1e6 * (time.process_time() - began) / new


def _note(connection: Connection, keys: MessageKeys, what: str, count: int, chunk: int) -> None:
    for first in range(0, count, chunk):
        ids = pa.chunked_array([[f"{what}:e{number:09d}" for number in range(first, min(first + chunk, count))]])
        with connection.transaction():
            if not keys.note(ids).all():
                raise SystemExit("a new id was taken for one that was seen")


if __name__ == "__main__":
    main()
