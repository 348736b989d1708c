"""Files changed in place: the edited lines alone differ, comments stay, and the meaning is the one asked for."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.errors import InvalidSettingsError, UnknownNameError
from living_personas.workspace.files import read_workspace
from living_personas.workspace.init import init
from living_personas.workspace.nodes import Entries, Items, Node
from living_personas.workspace.round_trip import (
    Append,
    Change,
    Drop,
    Put,
    Rename,
    rewritten,
    unified_diff,
)
from living_personas.workspace.yaml_content import Bare, Flow
from workspace.trees import tree

FILE = """\
# the schema
persona: a   # for ever
name: "Deal hunter"  # by Dana
who: orders_total = 0
goal: {event: Order Completed,  # what counts
       within: 3 days}
channels:
- email   # first
# between
- "landing"
attributes:
  # how we speak
  framing:
    options: [discount, quality, # the old ones
              proof]
    we_believe: discount   # why not
    confidence: workshop
    why: |  # said on Monday
      Sales hear price first.

      # not a comment

    change: auto
  offer: {options: [none, ten], we_believe: ten, confidence: some data}
  tone:
    options:
      - warm
      - cold  # rarely
    we_believe: warm
traits:
guardrails:
  - {metric: Unsubscribed, must_not_rise_by: 0.2pp}  # law
  - metric: margin
    must_not_drop_by: 3%
# near the end
brief: >-
  First visit,
  compares prices.
"""
WORDS = st.text(st.sampled_from("ab #:'\"-{}[],|>\u00e9\U0001f600"), max_size=12).map(str.strip).filter(bool)
TEXTS = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
SCALARS = [
    ("name",),
    ("who",),
    ("goal", "event"),
    ("goal", "within"),
    ("channels", "1"),
    ("channels", "2"),
    ("attributes", "framing", "options", "2"),
    ("attributes", "framing", "we_believe"),
    ("attributes", "framing", "why"),
    ("attributes", "framing", "change"),
    ("attributes", "offer", "we_believe"),
    ("attributes", "offer", "why"),
    ("attributes", "tone", "options", "2"),
    ("attributes", "tone", "why"),
    ("attributes", "tone", "labels", "warm"),
    ("traits", "mobile", "unit"),
    ("guardrails", "1", "metric"),
    ("guardrails", "2", "must_not_drop_by"),
    ("brief",),
    ("note",),
]
LISTS = [
    ("channels",),
    ("attributes", "framing", "options"),
    ("attributes", "offer", "options"),
    ("attributes", "tone", "options"),
    ("from",),
]
GONE = [
    ("channels", "1"),
    ("channels", "2"),
    ("attributes", "framing", "options", "1"),
    ("attributes", "framing", "options", "3"),
    ("attributes", "framing", "why"),
    ("attributes", "framing"),
    ("attributes", "offer", "confidence"),
    ("attributes", "tone"),
    ("attributes", "tone", "options", "2"),
    ("guardrails", "1"),
    ("guardrails", "2"),
    ("traits",),
    ("brief",),
    ("missing", "too"),
]
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(Put, way=st.sampled_from(SCALARS), content=TEXTS),
    st.builds(Append, way=st.sampled_from(LISTS), content=WORDS),
    st.builds(Drop, way=st.sampled_from(GONE)),
    st.builds(Rename, way=st.just(("guardrails", "2", "must_not_drop_by")), name=st.just("must_not_rise_by")),
    st.just(Append(way=("guardrails",), content=Flow(fields={"metric": "E", "must_not_rise_by": "1%"}))),
    st.just(Put(way=("attributes", "new"), content={"options": ["a", "b"], "we_believe": "a", "why": "one\ntwo"})),
    st.just(Put(way=("priority",), content=Bare(text="3"))),
    st.just(Put(way=("guardrails",), content=[Flow(fields={"metric": "E"}), Flow(fields={"metric": "F"})])),
    st.just(Put(way=("channels",), content=["web"])),
    st.just(Put(way=("attributes", "tone", "options"), content=["x", "y"])),
)


def plain(node: Node) -> Any:
    """What a tree means, without where it is written."""
    if isinstance(node, Entries):
        return {key.text: plain(below) for key, below in node.pairs}
    if isinstance(node, Items):
        return [plain(below) for below in node.nodes]
    return None if node.kind == "nothing" else node.text.strip()


def written(content: Any) -> Any:
    if isinstance(content, Bare):
        return content.text
    if isinstance(content, Flow):
        return {key: written(each) for key, each in content.fields.items()}
    if isinstance(content, dict):
        return {key: written(each) for key, each in content.items()}
    return [written(each) for each in content] if isinstance(content, list | tuple) else content.strip()


def done(meaning: Any, change: Change) -> Any:
    """The model: a change of nested dictionaries and lists."""
    meaning = deepcopy(meaning)
    *above, last = change.way
    place = meaning
    for name in above:
        below = next(iter(place[int(name) - 1 :]), None) if isinstance(place, list) else place.get(name)
        if below is None:
            if isinstance(change, Drop):
                return meaning
            below = place[name] = {}
        place = below
    key: Any = int(last) - 1 if isinstance(place, list) else last
    if isinstance(change, Put):
        place[key] = written(change.content)
    elif isinstance(change, Append):
        place[key] = [*(place.get(key) or []), written(change.content)]
    elif isinstance(change, Rename):
        place[change.name] = place.pop(key)
    elif isinstance(place, list):
        del place[key : key + 1]
    else:
        place.pop(key, None)
    return _emptied(meaning)


def _emptied(meaning: Any) -> Any:
    """What holds nothing any more is nothing."""
    if isinstance(meaning, dict):
        return {key: _emptied(below) for key, below in meaning.items()} or None
    return [_emptied(each) for each in meaning] or None if isinstance(meaning, list) else meaning


def comments(text: str) -> set[str]:
    return set(re.findall(r"(?:^|\s)(# [a-z ]+)$", text.replace("\r", ""), re.MULTILINE)) - {"# not a comment"}


OF = {  # comments that stand inside of what is dropped or replaced as a whole
    ("channels", "1"): {"# first"},
    ("channels",): {"# first", "# between"},
    ("attributes", "framing"): {"# the old ones", "# why not", "# said on monday"},
    ("attributes", "framing", "why"): {"# said on monday"},
    ("attributes", "tone"): {"# rarely"},
    ("attributes", "tone", "options", "2"): {"# rarely"},
    ("attributes", "tone", "options"): {"# rarely"},
    ("guardrails", "1"): {"# law"},
    ("guardrails",): {"# law"},
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@settings(max_examples=30)
@given(change=CHANGES)
def test_one_change_is_what_was_asked_for_and_nothing_else(change: Change, newline: str, start: str) -> None:
    old = (start + FILE).replace("\n", newline)
    new = rewritten(old, [change], file="a.yaml")
    assert plain(tree(new)) == _emptied(done(plain(tree(old)), change))
    gone = {each.lower() for each in comments(old)} - {each.lower() for each in comments(new)}
    assert gone <= (OF.get(change.way, set()) if isinstance(change, Drop | Put) else set())
    assert re.sub(r"\r\n", "", new).count("\n") == (0 if newline == "\r\n" else new.count("\n"))
    if isinstance(change, Put):
        assert rewritten(new, [change], file="a.yaml") == new


@settings(max_examples=15)
@given(changes=st.lists(CHANGES, max_size=6))
def test_many_changes_leave_a_file_that_is_read(changes: list[Change]) -> None:
    meaning = plain(tree(FILE))
    text = FILE
    for change in changes:
        try:
            text = rewritten(text, [change], file="a.yaml")
            meaning = done(meaning, change)
        except (UnknownNameError, InvalidSettingsError):
            continue
        assert plain(tree(text)) == _emptied(meaning)


@settings(max_examples=40)
@given(way=st.sampled_from(SCALARS[:15]), said=WORDS)
def test_a_value_on_one_line_changes_this_line_alone(way: tuple[str, ...], said: str) -> None:
    old, new = FILE.splitlines(), rewritten(FILE, [Put(way=way, content=said)], file="a.yaml").splitlines()
    removed = [
        line for line in unified_diff(FILE, "\n".join(new) + "\n", Path("a")).splitlines()[2:] if line[:1] == "-"
    ]
    longest = 4 if way in {("attributes", "framing", "why"), ("brief",)} else 1
    assert len(removed) <= longest
    assert len(old) - longest < len(new) <= len(old) + 2


def test_what_is_no_yaml_is_refused_and_so_is_a_way_through_a_text() -> None:
    with pytest.raises(UnknownNameError):
        rewritten(FILE, [Put(way=("name", "first"), content="x")], file="a.yaml")
    with pytest.raises(UnknownNameError):
        rewritten(FILE, [Rename(way=("guardrails", "2", "no"), name="x")], file="a.yaml")
    with pytest.raises(InvalidSettingsError, match="cannot be changed by itself"):
        rewritten(FILE, [Drop(way=("guardrails", "2", "metric"))], file="a.yaml")


def test_the_settings_of_a_workspace_keep_their_comments(tmp_path: Path) -> None:
    init(tmp_path, name="acme", salt_bytes=b"0123456789abcdef")
    path = tmp_path / "workspace.yaml"
    old = path.read_text(encoding="utf-8")
    new = rewritten(
        old,
        [
            Put(way=("name",), content="Acme: the shop"),
            Put(way=("autonomy",), content="review"),
            Put(way=("goals", "signup"), content=Flow(fields={"event": "Signed Up", "within": "7 days"})),
            Put(way=("holdout",), content="7%"),
        ],
        file=path.as_posix(),
    )
    meant = read_workspace(tmp_path, instead={path: new})
    assert (meant.settings.name, meant.settings.autonomy, meant.settings.holdout) == ("Acme: the shop", "review", 0.07)
    assert "signup" in meant.goals
    assert [line for line in old.splitlines() if line.strip().startswith("#") and line not in new.splitlines()] == []
    assert path.read_text(encoding="utf-8") == old
