"""YAML that means what is written, with the place of everything, and never a crash."""

from __future__ import annotations

from contextlib import suppress
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from living_personas.workspace.file_problems import Problems, UnreadableError
from living_personas.workspace.nodes import Entries, Items, Kind, Scalar, parse_yaml, places
from living_personas.workspace.yaml_text import block_text, scalar_text
from workspace.trees import tree


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no", "text"),
        ("yes", "text"),
        ("on", "text"),
        ("2026-09-03", "text"),
        ("12:30:00", "text"),
        ("1_000", "text"),
        ("'10'", "text"),
        ("''", "text"),
        ("10", "number"),
        ("0.70", "number"),
        ("-1e3", "number"),
        ("0x1F", "number"),
        (".inf", "number"),
        ("true", "boolean"),
        ("False", "boolean"),
        ("~", "nothing"),
        ("null", "nothing"),
        ("", "nothing"),
    ],
)
def test_a_scalar_is_what_the_core_schema_says(text: str, kind: Kind) -> None:
    node = tree(f"a: {text}")
    assert isinstance(node, Entries)
    scalar = node.get("a")
    assert isinstance(scalar, Scalar)
    assert scalar.kind == kind


def test_everything_knows_its_place() -> None:
    found = places(tree("a: 1\nb:\n  - x\n  - {c: 2}\n"))
    assert {path: (where.line, where.column) for path, where in found.items()} == {
        ("a",): (1, 1),
        ("b",): (2, 1),
        ("b", "1"): (3, 5),
        ("b", "2"): (4, 5),
        ("b", "2", "c"): (4, 6),
    }


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n", "---\n...\n", "\ufeff"])
def test_a_file_without_content_is_nothing(text: str) -> None:
    node = tree(text)
    assert isinstance(node, Scalar)
    assert node.kind == "nothing"


@given(st.text(max_size=60))
@example("[" * 5000)
@example("- " * 5000)
@example("a: " * 5000)
@example('"\\U00110000"')
@example('"\\ud800"')
@example("? [a]\n: b")
@example("%YAML 9.9\n---\na")
@example("!<tag:yaml.org,2002:str> a")
def test_any_text_is_read_or_refused(text: str) -> None:
    problems = Problems()
    try:
        parse_yaml(text, file="a.yaml", problems=problems)
    except UnreadableError:
        assert problems.found
    assert all(problem.hint and problem.message for problem in problems.found)


@pytest.mark.parametrize("text", ["[" * 5000, "- " * 5000, "{a: " * 5000])
def test_a_text_that_is_nested_without_end_is_not_read_to_its_end(text: str) -> None:
    begun = process_time()
    problems = Problems()
    with pytest.raises(UnreadableError):
        parse_yaml(text, file="a.yaml", problems=problems)
    assert "nested too deeply" in problems.found[0].message
    assert process_time() - begun < 2.0  # brackets to their end take ten


@pytest.mark.parametrize("text", ["a: 1\na: 2\nb: [1", "a: &x 1", "a: 1\n---\nb: 2", "1: 2", "\tb: 1", '"\\U00110000"'])
def test_a_text_that_is_read_again_says_the_same_under_each_name(text: str) -> None:
    told: list[list[str]] = []
    for file in ("a.yaml", "b.yaml", "a.yaml"):
        problems = Problems()
        with suppress(UnreadableError):
            parse_yaml(text, file=file, problems=problems)
        told.append([str(problem) for problem in problems.found])
    assert told[0] == told[2] != told[1]
    assert told[0] == [line.replace("b.yaml", "a.yaml") for line in told[1]]


@given(st.text(alphabet="abZ09:{}[],#&*!|>'\"%@`-? \n\t~\\x<.=", max_size=40))
def test_any_yaml_like_text_is_read_or_refused(text: str) -> None:
    problems = Problems()
    try:
        parse_yaml(text, file="a.yaml", problems=problems)
    except UnreadableError:
        assert problems.found


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_a_printed_text_reads_back_everywhere(text: str) -> None:
    written = scalar_text(text)
    node = tree(f"{{a: {written}, b: [{written}]}}")
    assert isinstance(node, Entries)
    short, listed = node.get("a"), node.get("b")
    assert isinstance(short, Scalar)
    assert isinstance(listed, Items)
    assert (short.text, short.kind) == (text, "text")
    assert isinstance(listed.nodes[0], Scalar)
    assert listed.nodes[0].text == text


@given(st.text(alphabet="ab #:|>-'\"\n\t", min_size=1, max_size=30).map(str.strip).filter(bool))
def test_a_printed_paragraph_reads_back(text: str) -> None:
    node = tree(f"a:\n  b: {block_text(text, indent='    ')}\n  c: d\n")
    assert isinstance(node, Entries)
    inner = node.get("a")
    assert isinstance(inner, Entries)
    paragraph = inner.get("b")
    assert isinstance(paragraph, Scalar)
    assert paragraph.text.strip() == text
    assert isinstance(inner.get("c"), Scalar)
