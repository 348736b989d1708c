"""A corpus of bad files (``corpus/*.txt``): each is refused at its line, saying what is wrong and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.errors import LivingPersonasError
from living_personas.workspace.file_problems import InvalidFilesError
from living_personas.workspace.files import read_workspace
from living_personas.workspace.schema import persona_schema
from living_personas.workspace.text_file import LARGEST_FILE, write_text_atomically
from written import write_workspace

MARK = "▶"

SETTINGS = """\
name: acme
salt: "0123456789abcdef"
metrics:
  margin_per_order: {event: Order Completed, value: margin}
"""
HEAD = "persona: a\nwho: orders = 0\ngoal: {event: Order Completed}\n"
TONE = HEAD + "attributes:\n  tone:\n    options: [warm, dry]\n    we_believe: dry\n"
SOURCE = "sources:\n  shop:\n    customer: id\n    time: at\n"
BEGINNINGS = {"head": HEAD, "tone": TONE}
SETTINGS_BEGINNINGS = {"head": SETTINGS, "shop": SETTINGS + SOURCE}


def corpus(name: str, beginnings: dict[str, str]) -> dict[str, tuple[str, str, str]]:
    """The files of a corpus by name: text, part of the message, part of the hint."""
    found = {}
    for entry in (Path(__file__).parent / "corpus" / name).read_text(encoding="utf-8").split("\n== ")[1:]:
        title, message, hint, text = entry.split("\n", maxsplit=3)
        if text.startswith("…"):
            beginning, _, rest = text.removeprefix("…").partition("\n")
            text = beginnings[beginning] + rest
        found[title] = (text, message.removeprefix("->").strip(), hint.removeprefix("->").strip())
    return found


PERSONAS = corpus("bad_personas.txt", BEGINNINGS) | {
    "empty file": (MARK, "a persona (a mapping)", "persona: budget-first-buyer"),
    "NUL": (f"{HEAD}{MARK}name: a\x00b\n", "there is not", "delete"),
    "deep": (f"{HEAD}{MARK}name: {'[' * 40}{']' * 40}\n", "nested too deeply", "levels"),
    "long name": (f"{HEAD}{MARK}name: {'a' * 201}\n", "longer than 200", "shorten"),
    "many digits": (f"{HEAD}traits:\n{MARK}  age: {{we_believe: 0x{'f' * 300}}}\n", "not a finite number", "number"),
}
WORKSPACES = corpus("bad_workspaces.txt", SETTINGS_BEGINNINGS)


def refusal(root: Path) -> InvalidFilesError:
    with pytest.raises(InvalidFilesError) as caught:
        read_workspace(root)
    return caught.value


def write(root: Path, *, settings: str = SETTINGS, **personas: str) -> Path:
    return write_workspace(root, settings, personas)


def check(error: InvalidFilesError, file: Path, text: str, message: str, hint: str) -> None:
    line = text[: text.index(MARK)].count("\n") + 1
    place = f"{file.as_posix()}:{line}"
    shown = [str(problem) for problem in error.problems]
    assert any(
        f"{problem.where.file}:{problem.where.line}" == place and message in problem.message and hint in problem.hint
        for problem in error.problems
    ), f"expected {place}: {message} ({hint}), got {shown}"
    assert all(problem.hint for problem in error.problems)
    assert place in str(error)


@pytest.mark.parametrize("name", PERSONAS)
def test_a_bad_persona_is_refused_at_its_line(name: str, tmp_path: Path) -> None:
    text, message, hint = PERSONAS[name]
    write(tmp_path, bad=text.replace(MARK, ""))
    check(refusal(tmp_path), tmp_path / "personas/bad.yaml", text, message, hint)


@pytest.mark.parametrize("name", WORKSPACES)
def test_bad_settings_are_refused_at_their_line(name: str, tmp_path: Path) -> None:
    text, message, hint = WORKSPACES[name]
    write(tmp_path, settings=text.replace(MARK, ""))
    check(refusal(tmp_path), tmp_path / "workspace.yaml", text, message, hint)


@pytest.mark.parametrize(
    "name",
    [
        "a list",
        "misspelt key",
        "misspelt key below",
        "missing key",
        "missing options",
        "id in capitals",
        "number as option",
        "truth as option",
        "empty who",
        "channel twice",
        "text as list",
        "unknown confidence",
        "quoted number",
        "half a priority",
        "no unit",
        "share above 1",
        "bare margin",
        "trait with a blank",
    ],
)
def test_an_editor_sees_it_too(name: str, schema_problems: Callable[[str, dict[str, Any]], list[str]]) -> None:
    assert schema_problems(PERSONAS[name][0].replace(MARK, ""), persona_schema())


def test_the_corpus_is_whole() -> None:
    assert len(PERSONAS) >= 70
    assert len(WORKSPACES) >= 30


def test_the_corpus_is_bad_by_one_line_only(tmp_path: Path) -> None:
    write(tmp_path, settings=SETTINGS + SOURCE + "    event: e\n    traits: [orders]\n", good=TONE)
    assert [persona.id for persona in read_workspace(tmp_path).personas] == ["a"]


@pytest.mark.parametrize(
    ("settings", "who", "hint"),
    [
        ("features: {orders_total: count(*)}\n", "orders_totl = 0", "did you mean 'orders_total'?"),
        ("traits: [country]\n", "contry = 'DE'", "did you mean 'country'?"),
        ("traits: [country]\n", 'country = "DE"', "A text is written in single quotes: 'DE'."),
        ("features: {orders_total: count(*)}\n", "order_completed_28d = 0", "declare it under `features`"),
        (SOURCE + "    event: e\n    traits: [plan]\n", "paln = 'x'", "did you mean 'plan'?"),
    ],
)
def test_a_rule_over_unknown_names_is_refused(settings: str, who: str, hint: str, tmp_path: Path) -> None:
    text = HEAD.replace("who: orders = 0", f"{MARK}who: {who}")
    write(tmp_path, settings=SETTINGS + settings, bad=text.replace(MARK, ""))
    check(refusal(tmp_path), tmp_path / "personas/bad.yaml", text, "neither a feature nor a trait", hint)


def test_what_is_protected_is_called_by_a_name_that_there_is(tmp_path: Path) -> None:
    text = f"{SETTINGS}traits: [age, sex]\n{MARK}protected: [age, gender]\n"
    write(tmp_path, settings=text.replace(MARK, ""))
    hint = "declare it under `features` or `traits`"
    check(refusal(tmp_path), tmp_path / "workspace.yaml", text, "'gender' is protected, and is neither", hint)


def test_a_trait_that_nothing_measures_is_refused(tmp_path: Path) -> None:
    text = HEAD + f"traits:\n{MARK}  orderz: {{we_believe: 1}}\n"
    write(tmp_path, settings=SETTINGS + "features: {orders: count(*)}\n", bad=text.replace(MARK, ""))
    check(refusal(tmp_path), tmp_path / "personas/bad.yaml", text, "'orderz' is measured", "did you mean 'orders'?")


def test_without_declared_features_rules_may_use_the_default_ones(tmp_path: Path) -> None:
    rule = "order_completed_28d = 0 and recency_days < 3 and plan = 'x'"
    settings = SETTINGS + SOURCE + "    event: e\n    traits: [plan]\n"
    write(tmp_path, settings=settings, a=HEAD.replace("orders = 0", rule))
    assert read_workspace(tmp_path).personas[0].who == rule


def test_two_personas_of_one_id_are_refused(tmp_path: Path) -> None:
    write(tmp_path, a=HEAD, b="# again\n" + HEAD)
    text = f"# again\n{MARK}" + HEAD
    check(refusal(tmp_path), tmp_path / "personas/b.yaml", text, "'a' is written twice", "another id")


def test_two_personas_of_one_stated_priority_are_refused(tmp_path: Path) -> None:
    other = HEAD.replace("persona: a", "persona: b")
    write(tmp_path, a=HEAD + "priority: 3\n", b=other + "priority: 3\n")
    check(refusal(tmp_path), tmp_path / "personas/b.yaml", f"{other}{MARK}", "taken by 'a'", "its own")


def test_stated_priorities_come_first_and_the_others_follow_by_file_name(tmp_path: Path) -> None:
    named = {name: HEAD.replace("persona: a", f"persona: {name}") for name in "dabc"}
    write(tmp_path, **named | {"c": named["c"] + "priority: 7\n", "d": named["d"] + "priority: 2\n"})
    found = [(persona.id, persona.priority) for persona in read_workspace(tmp_path).personas]
    assert found == [("d", 2), ("c", 7), ("a", 8), ("b", 9)]


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    bad = TONE.replace("dry]", "10]") + "    asign: week\n"
    write(tmp_path, settings=SETTINGS + "autonmy: auto\nholdout: 7\n", bad=bad, worse=f"{HEAD}name: [a]\ncolour: red\n")
    error = refusal(tmp_path)
    found = [(Path(problem.where.file).name, problem.where.line) for problem in error.problems]
    assert found == [
        ("bad.yaml", 6),
        ("bad.yaml", 8),
        ("worse.yaml", 4),
        ("worse.yaml", 5),
        ("workspace.yaml", 5),
        ("workspace.yaml", 6),
    ]
    assert "6 problems in 3 files" in str(error)
    assert isinstance(error, LivingPersonasError)


FRAGMENTS = [
    "~",
    "[]",
    "{}",
    "{a: b}",
    "- ",
    ": ",
    "10",
    "1e999",
    "true",
    "'",
    '"',
    "|",
    "&a",
    "*a",
    "\t",
    "\n",
    "5pp",
    "🦄",
]


@settings(max_examples=60)
@given(place=st.integers(0, 10_000), fragment=st.sampled_from(FRAGMENTS), in_settings=st.booleans())
def test_a_file_with_any_word_broken_is_read_or_refused(*, place: int, fragment: str, in_settings: bool) -> None:
    texts = {"workspace.yaml": template("workspace.yaml"), "personas/a.yaml": template("budget-first-buyer.yaml")}
    broken = "workspace.yaml" if in_settings else "personas/a.yaml"
    found = list(re.finditer(r"[^\s,:{}\[\]]+", texts[broken]))
    word = found[place % len(found)]
    texts[broken] = texts[broken][: word.start()] + fragment + texts[broken][word.end() :]
    with TemporaryDirectory() as folder:
        for name, text in texts.items():
            write_text_atomically(Path(folder, name), text)
        with suppress(InvalidFilesError):
            assert read_workspace(Path(folder)).settings.salt


def template(name: str) -> str:
    return files("living_personas.workspace").joinpath("templates", name).read_text(encoding="utf-8")


def test_a_folder_without_settings_is_no_workspace(tmp_path: Path) -> None:
    error = refusal(tmp_path)
    assert "no workspace" in error.problems[0].message
    assert "personas init" in error.problems[0].hint


def test_bytes_that_are_not_utf_8_are_refused_at_their_line(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "personas/bad.yaml").write_bytes(HEAD.encode() + "name: Käufer\n".encode("latin-1"))
    check(refusal(tmp_path), tmp_path / "personas/bad.yaml", HEAD + MARK, "0xe4 is not UTF-8", "UTF-8")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    write(tmp_path, bad=HEAD + "# x" * LARGEST_FILE)
    (problem,) = refusal(tmp_path).problems
    assert "larger than 256 KB" in problem.message


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "personas/a.yaml").write_bytes(b"\xef\xbb\xbf" + TONE.replace("\n", "\r\n").encode())
    assert read_workspace(tmp_path).personas[0].attributes[0].believed == "dry"


def test_a_file_of_the_other_ending_is_not_overlooked(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "personas/a.yml").write_text(HEAD, encoding="utf-8")
    (problem,) = refusal(tmp_path).problems
    assert "a.yaml" in problem.hint


def test_a_folder_where_a_file_is_meant_is_told(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "personas/a.yaml").mkdir()
    (problem,) = refusal(tmp_path).problems
    assert "cannot be read" in problem.message


def test_hidden_and_other_files_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, a=HEAD)
    (tmp_path / "personas/.a.yaml.swp").write_text("x", encoding="utf-8")
    (tmp_path / "personas/.#b.yaml").write_text("x", encoding="utf-8")
    (tmp_path / "personas/README.md").write_text("x", encoding="utf-8")
    assert len(read_workspace(tmp_path).personas) == 1


@pytest.mark.parametrize(
    ("names", "message", "hint"),
    [
        ("[countri]", "'countri' is neither a feature nor a trait", "did you mean 'country'?"),
        ("[sex]", "'sex' is protected, or computed from what is", "take it off `protected`"),
        ("[women]", "'women' is protected, or computed from what is", "leave it out"),
        ("[channel]", "Effects are looked at by channel always", "leave 'channel' out"),
        ("[t1, t2, t3, t4, t5, t6, t7, t8, t9]", "9 columns are looked at, and at most 8 can be", "leave some out"),
        ("[country, country]", "twice", "keep one of them"),
        ("country", "a list of traits and features", "[country, device]"),
    ],
)
def test_effects_are_looked_at_by_few_columns_that_there_are_and_none_protected(
    tmp_path: Path, names: str, message: str, hint: str
) -> None:
    declared = (
        f"{SETTINGS}traits: [country, sex, channel, {', '.join(f't{number}' for number in range(1, 10))}]\n"
        "features: {women: max(1) filter (where sex = 'f')}\nprotected: [sex]\n"
    )
    text = f"{declared}{MARK}breakdowns: {names}\n"
    write(tmp_path, settings=text.replace(MARK, ""))
    check(refusal(tmp_path), tmp_path / "workspace.yaml", text, message, hint)
