"""Segments that evidence adopts: where the workspace says so, one a week, and never against what people said."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pytest

from discovery.made import a_segment
from living_personas.domain.event import BROWSER, SENT_FROM, Event
from living_personas.domain.feed import Feed
from living_personas.domain.outage import Outage
from living_personas.domain.segment import Segment
from living_personas.errors import InvalidDecisionError
from living_personas.loop.context import Context
from living_personas.loop.corrections.file_versions import adopt as take_in
from living_personas.loop.recording.record import record
from living_personas.loop.segments import adopting
from living_personas.loop.segments.adopting import dismiss_segment, reopen_segment, settle_files, undo_adoption
from living_personas.loop.segments.automatic_adoption import adopt_by_evidence, held_back
from living_personas.loop.segments.discovery import segment_named
from living_personas.loop.segments.lives import live
from living_personas.loop.segments.platform_outages import outage_alarms
from living_personas.memory.people_records import KILLED
from living_personas.memory.records import FEEDS, SEGMENTS
from living_personas.memory.search_records import OUTAGES
from living_personas.outgoing.announcements import changes_in
from living_personas.wiring import open_context
from living_personas.workspace.files import read_workspace
from living_personas.workspace.text_file import put_text
from loop.shops import noon
from written import write_workspace

MONDAY = date(2026, 3, 2)
WEEK, DAY = timedelta(days=7), timedelta(days=1)
CUSTOMERS = 10_000
SETTINGS = """name: Shop  # as people wrote it
salt: a-salt-of-sixteen-characters
discovery: {adopt: auto, a_month: 2}
features:
  sessions: count(*) filter (where name = 'Session Started')
  sex_asked: count(*) filter (where name = 'Sex Asked')
"""
ONE = """# whom we know best
persona: one
name: One
who: sessions >= 1
priority: 1
goal: {event: Order Completed, within: 7 days}
attributes:
  framing: {options: [a, b], we_believe: a}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_workspace(tmp_path, SETTINGS, {"one": ONE})


@pytest.fixture
def context(root: Path) -> Context:
    return open_context(root)[1]


def reread(context: Context, root: Path) -> Context:
    """The workspace after its files changed, with what the files say as versions."""
    files = read_workspace(root)
    read = replace(context, settings=files.settings, personas=files.personas)
    take_in(read, MONDAY)
    return read


def looked(context: Context, week: float, *groups: range, **other: object) -> date:
    """A search that saw these groups of customers, and no others; its day."""
    day = MONDAY + week * WEEK
    live(context.store, [_sighting(day, group, **other) for group in groups], day)
    return day


def _sighting(day: date, group: range, **other: object) -> tuple[Segment, pa.Table]:
    base = replace(a_segment(), name=f"group {group.start}", who=f"sessions > {20 + group.start}")
    size = {"size": len(group), "share": len(group) / CUSTOMERS}
    found = replace(base, first_seen=day, last_seen=day, **(size | other))  # type: ignore[arg-type]
    return found, pa.table({"customer": pa.array([f"c{number}" for number in group], pa.string())})


def twice(context: Context, *groups: range, **other: object) -> date:
    """Two searches, a week apart, that saw the same."""
    looked(context, 0, *groups, **other)
    return looked(context, 1, *groups, **other)


def ids(segments: tuple[Segment, ...]) -> list[str]:
    return [segment.id for segment in segments]


def test_what_is_found_for_a_week_becomes_a_persona_and_one_word_takes_it_back(context: Context, root: Path) -> None:
    assert adopt_by_evidence(context, root=root, day=looked(context, 0, range(500))) == ()
    day = looked(context, 1, range(500))
    (adopted,) = adopt_by_evidence(context, root=root, day=day)
    assert (adopted.state, adopted.decided_by, adopted.file_waits) == ("adopted", "evidence", False)
    context = reread(context, root)
    first = context.store.versions.history(adopted.persona)[0]
    assert (first.by, first.reason) == ("evidence", "Adopted: segment s1 (group 0), first found on 2026-03-02.")
    assert first.persona.priority < context.personas[-1].priority
    assert first.persona.attributes[0].options == ("nudge", "nothing")
    told = {each.name: each for each in changes_in(context)}["segment.adopted"]
    assert (told.data["other"], told.data["by"], told.time.date()) == (adopted.persona, "evidence", day)
    undone = undo_adoption(context, adopted, root=root, day=day, by="Dana")
    assert [path.name for path in (root / "personas").iterdir()] == ["one.yaml"]
    assert (undone.state, undone.decided_by, undone.life[-1].kind) == ("dismissed", "Dana", "undone")
    assert "segment.undone" in {each.name for each in changes_in(context)}
    assert ((root / "workspace.yaml").read_text(), (root / "personas" / "one.yaml").read_text()) == (SETTINGS, ONE)
    context = reread(context, root)
    for week in range(2, 20):  # never again, under its own name or another one
        seen = range(500) if week < 10 else range(250, 700)
        assert adopt_by_evidence(context, root=root, day=looked(context, week, seen)) == ()


def test_what_anybody_can_send_makes_no_persona_alone(context: Context, root: Path) -> None:
    day = twice(context, range(500))
    event = Event(message_id="m1", customer="v1", name="Session Started", time=noon(0), properties={SENT_FROM: BROWSER})
    record(context, [event], received=noon(1))
    (held,) = held_back(context, segment_named(context.store, "s1"), day)
    assert held == "it was found by 'sessions', which may be made of what browsers sent: anybody can"
    assert adopt_by_evidence(context, root=root, day=day) == ()
    settings = context.settings
    trusting = replace(settings, discovery=replace(settings.discovery, from_browsers="always"))
    for said, count in ((trusting, 0), (replace(trusting, browser_identity="open"), 1)):
        may = replace(context, settings=said)
        assert len(held_back(may, segment_named(context.store, "s1"), day)) == count
    adopting.adopt_segment(context, segment_named(context.store, "s1"), root=root, day=day, by="Dana")


def test_a_part_of_what_people_dismissed_is_not_adopted_and_what_else_there_is_is(context: Context, root: Path) -> None:
    looked(context, 0, range(1000))
    dismiss_segment(context.store, segment_named(context.store, "s1"), day=MONDAY, by="Dana")
    for week in (5, 6):
        day = looked(context, week, range(300), range(2000, 2300))
    assert held_back(context, segment_named(context.store, "s2"), day) == (
        "half of its members or more are of segment s1, which people dismissed",
    )
    assert ids(adopt_by_evidence(context, root=root, day=day)) == ["s3"]


def test_what_is_opened_again_waits_for_a_week_of_searches_before_evidence_adopts_it(
    context: Context, root: Path
) -> None:
    day = twice(context, range(500))
    dismiss_segment(context.store, segment_named(context.store, "s1"), day=day, by="Dana")
    again = reopen_segment(context, segment_named(context.store, "s1"), root=root, day=day + DAY, by="Erin")
    assert (again.state, again.decided_by) == ("open", "")
    assert [(each.kind, each.by) for each in again.life[-2:]] == [("dismissed", "Dana"), ("reopened", "Erin")]
    held = f"the searches of a week have not all found it yet since a person opened it again on {day + DAY}"
    assert held_back(context, again, day) == (held,)
    assert adopt_by_evidence(context, root=root, day=looked(context, 1 + 6 / 7, range(500))) == ()
    (adopted,) = adopt_by_evidence(context, root=root, day=looked(context, 2 + 1 / 7, range(500)))
    context = reread(context, root)
    undo_adoption(context, adopted, root=root, day=day + 9 * DAY, by="Dana")
    for days in (9, 10):
        again = reopen_segment(context, segment_named(context.store, "s1"), root=root, day=day + days * DAY, by="Dana")
        assert ids(adopt_by_evidence(context, root=root, day=day + days * DAY)) == []
        dismiss_segment(context.store, again, day=day + days * DAY, by="Dana")
    reopen_segment(context, again, root=root, day=day + 11 * DAY, by="Dana")
    with pytest.raises(InvalidDecisionError, match="is open, and only what was dismissed"):
        reopen_segment(context, again, root=root, day=day + 11 * DAY, by="Dana")


def test_each_time_that_people_change_their_minds_on_a_day_is_told(context: Context, root: Path) -> None:
    day = looked(context, 0, range(500))
    for _ in range(2):
        dismiss_segment(context.store, segment_named(context.store, "s1"), day=day, by="Dana")
        reopen_segment(context, segment_named(context.store, "s1"), root=root, day=day, by="Dana")
    told = [each for each in changes_in(context) if each.name in ("segment.dismissed", "segment.reopened")]
    assert len({each.id for each in told}) == 4


def test_who_takes_the_file_away_by_hand_is_not_asked_again(context: Context, root: Path) -> None:
    (adopted,) = adopt_by_evidence(context, root=root, day=twice(context, range(500)))
    context = reread(context, root)
    (root / "personas" / f"{adopted.persona}.yaml").unlink()
    context = reread(context, root)
    for week in (6, 7):
        day = looked(context, week, range(150), range(150, 300))
        assert adopt_by_evidence(context, root=root, day=day) == ()
    assert [path.name for path in (root / "personas").iterdir()] == ["one.yaml"]


def test_one_a_week_and_two_a_month_the_one_that_is_known_for_longest_first(context: Context, root: Path) -> None:
    groups = [range(start, start + 500) for start in (0, 1000, 2000, 3000)]
    looked(context, 0, groups[0])
    adopted: list[list[str]] = []
    for week in range(1, 8):
        day = looked(context, week, *groups)
        for night in range(7):
            adopted += [ids(adopt_by_evidence(context, root=root, day=day + timedelta(days=night)))]
    nights = {night: found for night, found in enumerate(adopted) if found}
    assert nights == {0: ["s1"], 7: ["s2"], 28: ["s3"], 35: ["s4"]}


HELD: dict[str, tuple[str, Callable[[Context, date], object]]] = {
    "kill switch": ("the kill switch is on", lambda context, _: KILLED.write(context.store, "Dana")),
    "feed": (
        "is not sound: Order Completed jumped",
        lambda context, day: FEEDS.write(
            context.store,
            day.isoformat(),
            Feed(outcomes={}, channels={}, shared=0, alarms=("Order Completed jumped",)),
        ),
    ),
    "outage": (
        "tracking may be broken: 'Email Opened' from everybody",
        lambda context, day: OUTAGES.write(
            context.store, [Outage(events=("Email Opened",), field="", of="", since=day, share=0.97)]
        ),
    ),
}

SEEN: dict[str, tuple[str, dict[str, object]]] = {
    "protected": (
        "a person must look first: it may stand in for 'sex'",
        {"review": ("it may stand in for 'sex': members differ",)},
    ),
    "not people": ("a person must look first: not people?", {"review": ("not people? all have much the same",)}),
    "ended": ("a person must look first: an outage?", {"review": ("an outage? until 2026-02-01",)}),
    "rule": ("its rule says too badly who belongs (F1 0.69", {"f1": 0.69}),
    "small": ("it has fewer than 50 members, and 50 are asked for", {"size": 49, "share": 0.05}),
    "below the floor": ("it has 100 members, and 120 are asked for", {"size": 119, "share": 0.0119}),
}

SAID: dict[str, tuple[str, str]] = {
    "people adopt": ("discovery: {adopt: auto, a_month: 2}", "discovery: {adopt: review}"),
    "nothing said": ("discovery: {adopt: auto, a_month: 2}\n", ""),
    "autonomy": ("features:", "autonomy: review\nfeatures:"),
}


@pytest.mark.parametrize("what", HELD)
def test_what_holds_changes_holds_adoptions_until_it_is_over(context: Context, root: Path, what: str) -> None:
    why, happens = HELD[what]
    day = twice(context, range(500))
    happens(context, day)
    (said,) = held_back(context, segment_named(context.store, "s1"), day)
    assert why in said
    assert adopt_by_evidence(context, root=root, day=day) == ()
    KILLED.write(context.store, None)
    OUTAGES.write(context.store, [])
    assert ids(adopt_by_evidence(context, root=root, day=day + timedelta(days=1))) == ["s1"]


def test_events_that_people_ended_hold_nothing(context: Context, root: Path) -> None:
    day = twice(context, range(500))
    both = Outage(events=("Email Opened", "Docs Read"), field="", of="", since=day, share=0.97)
    OUTAGES.write(context.store, [both])
    for ended, left in (("Email Opened", ["'Docs Read'"]), ("Email Opened, Docs Read", [])):
        (root / "workspace.yaml").write_text(SETTINGS.replace("a_month: 2", f"a_month: 2, ended: [{ended}]"))
        context = reread(context, root)
        held = [
            said.removeprefix("tracking may be broken: ")
            for said in held_back(context, segment_named(context.store, "s1"), day)
        ]
        assert held == list(outage_alarms(context))
        assert [said.partition(" from everybody stopped")[0] for said in held] == left
    assert ids(adopt_by_evidence(context, root=root, day=day)) == ["s1"]


@pytest.mark.parametrize("what", SEEN)
def test_what_asks_for_a_closer_look_waits_for_a_person(context: Context, root: Path, what: str) -> None:
    why, other = SEEN[what]
    day = twice(context, range(500), **other)
    (said,) = held_back(context, segment_named(context.store, "s1"), day)
    assert said.startswith(why)
    assert adopt_by_evidence(context, root=root, day=day) == ()


@pytest.mark.parametrize("what", SAID)
def test_only_where_the_workspace_says_so_and_autonomy_allows_it(context: Context, root: Path, what: str) -> None:
    (root / "workspace.yaml").write_text(SETTINGS.replace(*SAID[what]))
    context = reread(context, root)
    day = twice(context, range(500))
    assert adopt_by_evidence(context, root=root, day=day) == ()
    assert held_back(context, segment_named(context.store, "s1"), day) == ()


def test_what_the_last_search_did_not_find_or_is_protected_since_is_not_adopted(context: Context, root: Path) -> None:
    twice(context, range(500), who="sex_asked > 0")
    protecting = SETTINGS + "protected: [sex_asked]\n"
    (root / "workspace.yaml").write_text(protecting)
    context = reread(context, root)
    (said,) = held_back(context, segment_named(context.store, "s1"), MONDAY + WEEK)
    assert "'sex_asked', which is protected now" in said
    day = looked(context, 2)
    assert held_back(context, segment_named(context.store, "s1"), day)[0] == "it was last found on 2026-03-09"
    assert adopt_by_evidence(context, root=root, day=day) == ()


@pytest.mark.parametrize("dies", ["before the file", "after the file"])
def test_killed_between_the_decision_the_file_and_the_note_the_next_night_goes_on(root: Path, dies: str) -> None:
    """A process of its own is killed where the file is written, before or after."""
    if (child := os.fork()) == 0:
        try:
            _, context = open_context(root)

            def killed(path: Path, text: str | None) -> None:
                if dies == "after the file":
                    put_text(path, text)
                os._exit(9)

            with mock.patch.object(adopting, "put_text", killed):
                adopt_by_evidence(context, root=root, day=twice(context, range(500)))
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    _, context = open_context(root)
    left = segment_named(context.store, "s1")
    path = root / "personas" / f"{left.persona}.yaml"
    assert (left.state, left.decided_by, left.file_waits) == ("adopted", "evidence", True)
    assert path.exists() == (dies == "after the file")
    assert settle_files(context.store, root) == (() if dies == "after the file" else (path,))
    assert left.file is not None
    assert path.read_text() == left.file.after
    context = reread(context, root)
    assert context.store.versions.history(left.persona)[0].by == "evidence"
    assert len([event for event in segment_named(context.store, "s1").life if event.kind == "adopted"]) == 1
    path.unlink()  # what people take away then is not written again
    assert settle_files(context.store, root) == ()
    assert not path.exists()
    context.store.close()


def test_a_file_that_people_edited_is_not_taken_away(context: Context, root: Path) -> None:
    (adopted,) = adopt_by_evidence(context, root=root, day=twice(context, range(500)))
    path = root / "personas" / f"{adopted.persona}.yaml"
    path.write_text(path.read_text() + "# ours now\n")
    with pytest.raises(InvalidDecisionError, match="people have worked on it"):
        undo_adoption(context, adopted, root=root, day=MONDAY, by="Dana")
    path.unlink()
    assert undo_adoption(context, adopted, root=root, day=MONDAY, by="Dana").state == "dismissed"
    with pytest.raises(InvalidDecisionError, match="is dismissed, and only what was adopted"):
        undo_adoption(context, adopted, root=root, day=MONDAY, by="Dana")


def test_what_an_older_version_adopted_is_undone_once_its_file_is_gone(context: Context, root: Path) -> None:
    twice(context, range(500))
    old = replace(segment_named(context.store, "s1"), state="adopted", decided_by="Dana", persona="one")
    SEGMENTS.write(context.store, "s1", old)
    with pytest.raises(InvalidDecisionError, match=r"personas/one.yaml is not what the adoption wrote"):
        undo_adoption(context, old, root=root, day=MONDAY, by="Dana")


def test_two_that_are_adopted_before_the_next_cycle_do_not_take_the_same_place(context: Context, root: Path) -> None:
    twice(context, range(500), range(1000, 1500))
    for name in ("s1", "s2"):
        adopting.adopt_segment(context, segment_named(context.store, name), root=root, day=MONDAY, by="Dana")
    assert len({persona.priority for persona in read_workspace(root).personas}) == 3
