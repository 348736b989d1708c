"""What one late event costs: processor time of the next `run`, against that after an event of yesterday.

A workspace on disk with 100 closed days of 600 events each; the dates are 1970, a year ago, 60 days ago and 2099.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from living_personas.domain.event import Event
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.stores.sqlite.store import SqliteStore
from loop.shops import context_of, history, morning_after, noon

DAYS, UNITS, BOUGHT = 100, 480, 0.25
"""An exposure each, and a purchase of every fourth: 600 events a day."""

BAR = 1.5
"""What is promised: so many times the processor time of an event of yesterday."""

NOW = morning_after(DAYS - 1)
YESTERDAY = noon(DAYS - 1, hours=9)
DATES = {
    "1970": datetime(1970, 1, 1, 8, tzinfo=UTC),
    "a year ago": noon(DAYS - 1 - 365),
    "60 days ago": noon(DAYS - 61, hours=9),
    "2099": datetime(2099, 12, 31, tzinfo=UTC),
}


def main() -> int:
    """Print a row for each date; 1 if one costs more than is promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="runs for each date, of which the cheapest counts")
    rounds = parser.parse_args().rounds
    with TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder), clock=lambda: NOW)
        context = context_of(store=store)
        record(context, history(range(DAYS), units=UNITS, rates=dict.fromkeys("abc", BOUGHT)), received=NOW)
        cycle.run(context, now=NOW, owner="bench")
        sys.stdout.write(f"{store.inbox.recorded():,} events on {DAYS} days\nevent of       ms of run  times\n")
        found = _cheapest(context, {"yesterday": YESTERDAY, **DATES}, rounds=rounds)
        store.close()
    for name, seconds in found.items():
        sys.stdout.write(f"{name:12}  {seconds * 1000:10.1f}  {seconds / found['yesterday']:5.2f}\n")
    return int(any(found[name] > BAR * found["yesterday"] for name in DATES))


def _cheapest(context: Context, dates: dict[str, datetime], *, rounds: int) -> dict[str, float]:
    """Seconds of the cheapest run by date; the dates take turns, so that what the machine does meanwhile hits all."""
    found = dict.fromkeys(dates, float("inf"))
    for number in range(rounds):
        for name, at in dates.items():
            late = Event(message_id=f"{name} {number}", customer="c", name="Bought", time=at)
            record(context, [late], received=NOW)
            begun = process_time()
            cycle.run(context, now=NOW, owner="bench")
            found[name] = min(found[name], process_time() - begun)
    return found


if __name__ == "__main__":
    sys.exit(main())
