"""Whatever is typed bare or wrongly is answered by what is wrong and what to type: never by a bare usage error."""

from __future__ import annotations

from pathlib import Path

import pytest
from cyclopts import App

from cli.shop import Typed
from cli.test_help import DESCRIBED
from living_personas.cli import app

LEARNED = (
    (("rollback",), "lacks PERSONA", "`personas rollback regular --to 1{}` (Regular, baseline 2026-03-01)"),
    (("rollback", "regular"), "lacks --to", "`personas rollback regular --to 1{}`"),
    (("rollback", "reglar"), "nothing like 'reglar'", "`personas rollback regular --to 1{}`"),
    (("rollback", "regular", "--to", "9"), "no older version of 'regular': '9'", "'1'"),
    (("diff",), "lacks PERSONA", "`personas diff newcomer{}` (Newcomer), `personas diff regular{}` (Regular)"),
    (("diff", "reglar"), "no persona 'reglar'", "did you mean 'regular'?"),
    (("diff", "regular", "9"), "no version of 'regular': '9'", "'1'"),
    (("customer",), "lacks CUSTOMER", "`personas customer ID{}`"),
    (("links", "list"), "lacks CUSTOMER", "`personas links list ID{}`"),
    (("links", "undo", "c1"), "lacks OTHER", "`personas links list ID{}`"),
    (("links", "lst"), "no command 'lst' of `personas links{}`", "did you mean 'list'?"),
    (("review", "approve"), "lacks REFINEMENT", "{}` (Newcomer, framing: discount -> quality)"),
    (("review", "reopen"), "lacks REFINEMENT", "nothing was rejected"),
    (("discover", "adopt"), "lacks SEGMENT", "no segment waits for a person"),
    (("upkeep", "undo"), "lacks PROPOSAL", "no proposal was applied"),
    (("export", "google"), "lacks PERSONA", "`personas export google newcomer{}` (Newcomer)"),
    (("keys", "create"), "lacks KIND", "`personas keys create publishable{}`"),
    (("keys", "revoke"), "lacks KEY", "no key opens anything"),
    (("people", "remove"), "lacks NAME", "nobody can sign in"),
    (("people", "ad"), "no command 'ad'", "did you mean 'add'?"),
    (("kill",), "lacks STATE", "`personas kill on{}`, `personas kill off{}`"),
    (("report", "--format"), "lacks --format", "`personas report --format json{}`"),
    (("report", "all"), "takes no 'all'", "`personas report --help{}`"),
    (("pin",), "which attribute", "`personas pin newcomer framing{}` (Newcomer, framing)"),
    (("run", "--until", "2999-01-01"), "2999-01-01 is not over", "leave out --until"),
)


@pytest.mark.parametrize(("words", "wrong", "hint"), LEARNED, ids=[" ".join(each[0]) for each in LEARNED])
def test_what_is_lacking_is_named(
    words: tuple[str, ...], wrong: str, hint: str, learned: Path, personas: Typed
) -> None:
    where = f" --workspace {learned}"
    said = personas(*words, "--workspace", learned)
    assert said.code in {1, 2}
    first, second = said.err.splitlines()[:2]
    assert first.startswith("error: ")
    assert wrong.replace("{}", where) in first
    assert second.startswith("hint: ")
    assert hint.replace("{}", where) in second


@pytest.fixture(params=["nowhere", "empty", "without a run"])
def place(request: pytest.FixtureRequest, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Outside a workspace, in one without a persona, and in one without a run; and there we are."""
    if request.param == "nowhere":
        (tmp_path / "nowhere").mkdir()
    if request.param == "empty":
        (tmp_path / "empty").mkdir()
        (tmp_path / "empty" / "workspace.yaml").write_text("name: Shop\n")
    monkeypatch.chdir(shop if request.param == "without a run" else tmp_path / request.param)
    return str(request.param)


@pytest.mark.parametrize(
    "words", [words for words, _ in DESCRIBED if words not in {"demo", "simulate", "init", "serve"}]
)
def test_every_command_bare_tells_what_to_type(words: str, place: str, personas: Typed) -> None:
    if words in {"dashboard", "mcp"} and place != "nowhere":
        pytest.skip("it goes on until it is ended")
    said = personas(*words.split())
    assert "Traceback" not in said.err
    if said.code in {1, 2}:
        assert said.err.startswith("error: ")
        assert "hint: " in said.err
    else:
        assert said.out or said.err


def test_parts_of_a_group_are_listed_where_it_is_typed_bare(personas: Typed) -> None:
    for name in (each for each in app if not each.startswith("-") and app[each].default_command is None):
        group: App = app[name]
        said = personas(name)
        assert all(part in said.out for part in group if not part.startswith("-")), name


def test_a_time_of_which_nothing_can_be_known_is_said(learned: Path, personas: Typed) -> None:
    ahead = personas("digest", "--since", "2999-01-01", "--workspace", learned)
    assert "Nothing is known of 2999-01-01 and later yet: the last closed day is 2026-03-06." in ahead.err
    before = personas("digest", "--since", "2001-01-01", "--workspace", learned)
    assert "Something is known from 2026-03-01 on: that is the first day." in before.err
    assert "from 2026-03-01 to 2026-03-06" in before.out
