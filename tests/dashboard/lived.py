"""A workspace that has lived: a shop's days through the real loop, and what waits for a person in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

import pyarrow.compute as pc

from discovery.made import silent_users
from living_personas.demo.drive import Drive, looks
from living_personas.domain.belief import Interval, Subject
from living_personas.domain.event import Quarantined
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.cycle import run
from living_personas.loop.holdout.holdout_worth import keep_worth
from living_personas.loop.relations import table_of
from living_personas.loop.segments.discovery import answers_of, segments
from living_personas.loop.splits.breakdowns import count_parts
from living_personas.memory.tables import CUSTOMERS
from living_personas.people.person_accounts import add_person
from living_personas.refining.apply import apply
from living_personas.refining.propose import refinement_id
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec
from living_personas.wiring import open_context
from loop.searches import searched
from made_refinement import made_refinement

PASSWORD = "a sentence is good"  # noqa: S105 - of a workspace that lives for a test
CHEAP = 2**4
"""scrypt's cost in tests: what is tested is who may do what, not how slow guessing is."""

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def live(root: Path, *, customers: int = 4_000, days: int = 14, seed: int = 1) -> datetime:
    """Live the first days of a story in ``root``, before anybody looks for segments; the noon after the last."""
    spec = replace(demo_spec(seed, customers=customers), history_days=14)
    drive = Drive(World(spec), root)
    assert days < min(looks(spec.days))
    last = spec.first_day
    for day in islice(drive.days(), days):
        last = day.day
    wait_for_a_person(drive.context)
    find_a_segment(drive.context, last)
    drive.context.store.close()
    look_in_parts(root)
    return datetime.combine(last + timedelta(days=1), datetime.min.time(), tzinfo=UTC) + timedelta(hours=12)


def look_in_parts(root: Path) -> None:
    """Effects are looked at by country, which is counted at once."""
    settings = root / "workspace.yaml"
    settings.write_text(f"{settings.read_text()}breakdowns: [country]\n")
    context = open_context(root)[1]
    count_parts(context)
    context.store.close()


def wait_for_a_person(context: Context) -> None:
    """Proposals as evidence makes them under ``autonomy: review``, and rows that nobody could read."""
    day = closed_through(context)
    assert day is not None
    for version in context.versions():
        for standing in version.standings:
            if standing.status != "assumed":
                continue
            options = version.persona.attribute(standing.attribute).options
            new = next(option for option in options if option != standing.value)
            context.store.refinements.put(_proposal(version.id, standing.attribute, standing.value, new, day))
    context.store.quarantine.put(
        [Quarantined(source="shop", row=7, reason="bad time", detail=f"{HOSTILE!r} is no time", payload=HOSTILE)]
    )


def find_a_segment(context: Context, day: date) -> None:
    """A candidate as discovery hands it over, of real customers, and an older one that was dismissed."""
    customers = table_of(CUSTOMERS.newest(context.store))
    heavy = customers.filter(pc.greater_equal(customers["sessions_28d"], 12.0)).select(["customer"])
    found = silent_users(heavy, nearest="curious-explorer", sessions=12)
    (answers,) = answers_of(context, (found,), day)
    searched(context, found, day=day, answers=answers)
    assert segments(context)


def hostile_persona(root: Path, noon: datetime) -> None:
    """A persona whose every text would run, if a page let it."""
    text = {
        "persona": "hostile",
        "name": HOSTILE,
        "who": "sessions_28d >= 3",
        "goal": {"event": HOSTILE, "within": "7 days"},
        "channels": ["email"],
        "attributes": {
            "framing": {"options": [HOSTILE, "plain"], "we_believe": HOSTILE, "why": HOSTILE, "change": "review"}
        },
        "brief": HOSTILE,
        "from": [HOSTILE],
    }
    (root / "personas" / "hostile.yaml").write_text(json.dumps(text))
    _, context = open_context(root)
    run(context, now=noon, owner="test")
    keep_worth(context)
    context.store.refinements.put(replace(_proposal("hostile", "framing", HOSTILE, "plain", noon.date()), why=HOSTILE))
    context.store.close()


def add_people(context: Context) -> None:
    """One person of each role."""
    add_person(context, "Dana", role="approver", password=PASSWORD, salt=b"0" * 16, n=CHEAP)
    add_person(context, "Eve", role="editor", password=PASSWORD, salt=b"1" * 16, n=CHEAP)
    add_person(context, "Vic", role="viewer", password=PASSWORD, salt=b"2" * 16, n=CHEAP)


def settle(context: Context) -> PersonaVersion:
    """Evidence has corrected when the regulars are written to."""
    before = context.store.versions.history("steady-regular")[-1]
    old = before.standing("send_time").value
    new = next(o for o in before.persona.attribute("send_time").options if o != old)
    made = made_refinement(
        id="settled",
        subject=Subject(persona=before.id, attribute="send_time"),
        version=before.version,
        old=old,
        new=new,
        units=9_000,
        day=before.day,
        why=f"{new!r} is proven better than {old!r}.",
        decided_by="evidence",
    )
    context.store.refinements.put(made)
    context.store.versions.append(apply(before, made, day=before.day))
    return context.store.versions.history("steady-regular")[-1]


def _proposal(persona: str, attribute: str, old: str, new: str, day: date) -> Refinement:
    subject = Subject(persona=persona, attribute=attribute)
    return made_refinement(
        id=refinement_id(subject, "correct", new=new, since=date(1970, 1, 1)),
        subject=subject,
        old=old,
        new=new,
        effect=Interval(estimate=0.021, lower=0.004, upper=0.038),
        units=3_120,
        day=day,
        verdict="review",
        why=f"{new!r} is proven better than {old!r}. Waits for a person.",
        review="open",
    )
