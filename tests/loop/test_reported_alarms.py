"""An alarm about what browsers report is told of what is there: of a persona or attribute that is gone, nobody is."""

from __future__ import annotations

from datetime import date

from living_personas.domain.reported import Reported
from living_personas.loop.context import Context
from living_personas.loop.corrections.file_versions import adopt
from living_personas.loop.feed.reported_ratio import reported_alarms
from living_personas.memory.records import REPORTED
from loop.shops import context_of

HIGH = 99.0


def alarmed(*subjects: tuple[str, str], peak: float = HIGH) -> Context:
    """A workspace of one persona, and alarms about these."""
    context = context_of()
    adopt(context, day=date(2026, 3, 1))
    found = [Reported(of=(*subject, "visitor")).with_peak(peak) for subject in subjects]
    REPORTED.write(context.store, found)
    return context


def test_what_is_gone_is_passed_over() -> None:
    context = alarmed(("buyer", "framing"), ("buyer", "tone"), ("nobody", "framing"))
    ((persona, attribute, text),) = reported_alarms(context)
    assert (persona, attribute) == ("buyer", "framing")
    assert text.startswith("browsers that name visitors do not report the options as they were given")
    assert text.endswith("(`personas acknowledge buyer framing`).")


def test_a_low_account_is_no_alarm() -> None:
    assert list(reported_alarms(alarmed(("buyer", "framing"), peak=0.5))) == []
