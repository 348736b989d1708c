"""What people do, and at which door: the page of acts is what the doors offer, each act by one function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "living_personas"
PAGE = ROOT / "docs" / "reference" / "acts.md"
DOORS = ("dashboard", "cli", "api", "http", "mcp")
"""The folders of the page's columns."""

ACTS = {
    "approve": "people.acting.approve",
    "reject": "people.acting.reject",
    "open again what was rejected": "people.acting.reopen",
    "set a review aside": "people.reviewing.set_aside",
    "ask for more data": "people.reviewing.ask_for_more",
    "take up again": "people.reviewing.take_up",
    "propose a change": "people.proposing.propose",
    "pin, let go": "people.acting.pin",
    "go back to a version": "people.acting.roll_back",
    "hold everything": "people.acting.kill",
    "take note of an alarm": "people.acting.acknowledge",
    "adopt a segment": "loop.segments.adopting.adopt_segment",
    "undo an adoption": "loop.segments.adopting.undo_adoption",
    "dismiss a segment": "loop.segments.adopting.dismiss_segment",
    "open a segment again": "loop.segments.adopting.reopen_segment",
    "rename a segment": "loop.segments.adopting.rename_segment",
    "suggest a name for a segment": "people.suggesting.suggest_name",
    "decide on a proposal about personas": "loop.segments.upkeep_files.decide_upkeep",
    "write a note": "loop.notes.add_note",
    "save a file of a persona or the settings": "people.file_saves.save_file",
    "undo a save": "people.file_saves.undo_save",
    "take apart two ids": "people.unlinking.take_back",
    "erase a customer": "loop.forgetting.erase",
    "let back who was erased": "loop.forgetting.lift",
    "hand out what is kept of a customer": "loop.person_data.export_person",
    "make a key": "people.keys.create_key",
    "revoke a key": "people.keys.revoke_key",
    "invite somebody, to an account or another password": "people.invites.invite",
    "make an account with a password": "people.person_accounts.add_person",
    "give another role": "people.person_accounts.change_role",
    "remove somebody": "people.person_accounts.remove_person",
}
"""The function that does what a row of the page says."""

NO_ACTS = {"people.acting.would_be", "loop.forgetting.note_act"}
"""What takes a person's name and does nothing that a person asks for: a look beforehand, and the line in the log."""


def _rows() -> Iterator[tuple[str, tuple[bool, ...]]]:
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 1 + len(DOORS) and cells[0] != "act" and "---" not in cells[0]:
            yield cells[0], tuple(cell != "-" for cell in cells[1:])


def _used(door: str) -> set[str]:
    """The functions of other rooms that a door calls, each by where it is defined."""
    return {found for path in sorted((SRC / door).rglob("*.py")) for found in _calls(ast.parse(path.read_text()))}


def _calls(tree: ast.Module) -> Iterator[str]:
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("living_personas."):
            room = str(node.module).removeprefix("living_personas.")
            for name in node.names:
                modules[name.asname or name.name] = f"{room}.{name.name}"
                yield f"{room}.{name.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield f"{modules[node.value.id]}.{node.attr}"


def _named_acts() -> Iterator[str]:
    """The public functions of rooms where people act that are told who does."""
    for path in [*(SRC / "people").glob("*.py"), *(SRC / "loop").glob("*.py"), *(SRC / "loop/segments").glob("*.py")]:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                told = {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
                if told & {"person", "by"}:
                    yield ".".join((*path.relative_to(SRC).with_suffix("").parts, node.name))


def test_the_page_of_acts_says_what_each_door_offers() -> None:
    used = {door: _used(door) for door in DOORS}
    offered = {act: tuple(where in used[door] for door in DOORS) for act, where in ACTS.items()}
    assert dict(_rows()) == offered


def test_every_act_that_a_door_offers_is_a_row_of_the_page() -> None:
    anywhere = set().union(*map(_used, DOORS))
    assert {each for each in _named_acts() if each in anywhere} - NO_ACTS - set(ACTS.values()) == set()


def test_whatever_is_decided_on_a_review_is_offered_to_people_at_both_of_their_doors() -> None:
    offered = {act: cells for act, cells in _rows() if ACTS[act].startswith(("people.acting.", "people.reviewing."))}
    assert [act for act, (dashboard, cli, *_) in offered.items() if not (dashboard and cli)] == []
    assert [act for act, (*_, http, mcp) in offered.items() if http or mcp] == []  # a key is nobody, no tool approves
