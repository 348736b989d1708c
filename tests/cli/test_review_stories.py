"""What waits for a person is opened again, set aside, asked of later and asked for, typed as a person would."""

from __future__ import annotations

import json
import re
from pathlib import Path

from cli.shop import Typed, review_id


def test_what_was_rejected_is_opened_again_and_decided_anew(personas: Typed, learned: Path) -> None:
    where, id_ = ("--workspace", learned), review_id(personas, learned)
    unknown = personas("review", "reopen", "nope", *where)
    assert (unknown.code, "nothing was rejected" in unknown.err) == (1, True)
    refused = personas("review", "reopen", id_, *where)
    assert "is open, and only what was rejected can be opened again" in refused.err
    rejected = personas("review", "reject", id_, "--by", "Dana", *where)
    assert f"`personas review reopen {id_} --workspace {learned.as_posix()}` undoes it" in rejected.out
    assert json.loads(personas("review", "rejected", "--format", "json", *where).out)[0]["id"] == id_
    for answer in ("approve", "hold", "more"):
        assert "nothing waits for a person" in personas("review", answer, "nope", *where).err
    again = personas("review", "reopen", id_, "--by", "Erin", *where)
    assert (again.code, personas("review", *where).code) == (0, 3)
    assert "Nothing was rejected" in personas("review", "rejected", *where).out
    assert personas("run", *where).code in (0, 3)
    [waiting] = json.loads(personas("review", "--format", "json", *where).out)
    [turn] = waiting["reopened"]
    assert (waiting["id"], turn["rejected_by"].split()[-1], turn["by"].split()[-1]) == (id_, "Dana", "Erin")
    known = personas("review", "reject", "nope", *where).err
    assert f"known: '{id_}'." in known, "what waits, and nothing else"
    assert personas("review", "approve", id_, *where).code == 0
    gone = personas("review", "reopen", id_, *where)
    assert (gone.code, "is approved" in gone.err) == (1, True)


def test_a_change_is_set_aside_asked_of_later_and_taken_up_again(personas: Typed, learned: Path) -> None:
    where, id_ = ("--workspace", learned), review_id(personas, learned)
    change = "Newcomer, framing, 'discount' -> 'quality'"
    undone = f"`personas review resume {id_} --workspace {learned.as_posix()}` takes it up again"
    nothing = personas("review", "resume", id_, *where)
    assert (nothing.code, "is not set aside: it waits" in nothing.err) == (1, True)
    assert "nothing was set aside" in personas("review", "resume", *where).err
    held = personas("review", "hold", id_, *where)
    assert (held.code, held.out) == (0, f"set aside: {change}. {undone}.\n")
    assert "set aside by Dana" in personas("review", "--format", "md", *where).out
    rehearsed = personas("review", "resume", id_, "--dry-run", *where)
    assert (rehearsed.code, "set aside by" in personas("review", "--format", "md", *where).out) == (0, True)
    assert personas("review", "resume", id_, *where).out.startswith(f"taken up again: {change}. ")
    assert "set aside" not in personas("review", *where).out
    more = personas("review", "more", id_, *where)
    (asked,) = re.findall(r"until ([\d,]+) occasions are known", more.out)
    assert int(asked.replace(",", "")) >= 1_000
    assert personas("review", "approve", id_, *where).code == 0
    gone = personas("review", "hold", id_, *where)
    assert (gone.code, "it is approved by" in gone.err) == (1, True)


def test_a_person_asks_for_another_value(personas: Typed, learned: Path) -> None:
    where = ("--workspace", learned)
    asked = personas("review", "propose", "regular", "framing", "--value", "discount", "--why", "We like it.", *where)
    assert asked.out.startswith("proposed: Regular, framing, 'quality' -> 'discount'. `personas review approve p")
    assert "not proven: a person's proposal" in " ".join(personas("review", *where).out.split())
    unknown = personas("review", "propose", "regular", "framing", "--value", "nothing", *where)
    assert (unknown.code, "'discount'" in unknown.err) == (1, True)
    for act in (("review", "propose"), ("pin",)):
        dropped = personas(*act, "regular", "framing", "--value", "discount", "--channel", "sms", *where)
        assert (dropped.code, "is believed per persona, and the channel is 'sms'" in dropped.err) == (1, True)
