"""Patterns of ``like``: what matches, and that no text can make matching slow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from living_personas.rules.patterns import matcher, pieces, spelled


def reference(pattern: str, text: str) -> bool:
    """The definition, slow and obviously right."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(reference(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and reference(pattern[1:], text[1:])


@given(st.text(alphabet="ab%_", max_size=7), st.text(alphabet="ab", max_size=7))
def test_matching_is_the_definition(pattern: str, text: str) -> None:
    assert matcher(pieces(pattern))(text) is reference(pattern, text)


@given(
    st.lists(st.tuples(st.sampled_from(["text", "any", "one"]), st.text(alphabet="a%_^\\!", min_size=1, max_size=3)))
)
def test_a_pattern_is_spelled_so_that_it_reads_back(parts: list[tuple[str, str]]) -> None:
    source = "".join(
        "%"
        if kind == "any"
        else "_"
        if kind == "one"
        else "".join(f"!{char}" if char in "%_!" else char for char in text)
        for kind, text in parts
    )
    pattern = pieces(source, escape="!")
    text, escape = spelled(pattern)
    assert pieces(text, escape=escape) == pattern


def test_no_text_makes_matching_backtrack() -> None:
    match = matcher(pieces("%a" * 40 + "%b"))
    assert not match("a" * 20_000)
