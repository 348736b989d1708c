"""A consent in another language: a no until the source says what its words mean, which `init` and `check` write out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cli.shop import Typed
from living_personas.domain.yes_no import consents

PAIRS = (
    ("French", "oui", "non"),
    ("German", "Ja", "Nein"),
    ("Spanish", "sí", "no"),
    ("Russian or Bulgarian", "да", "нет"),
    ("Japanese", "はい", "いいえ"),
    ("Turkish", "evet", "hayır"),  # noqa: RUF001 - the letter is meant
    ("Polish", "tak", "nie"),
)
SOURCE = "  crm: {{customer: who, time: at, event: {{fixed: identify}}, columns: {columns}, traits: [consent_email]}}\n"


@pytest.mark.parametrize(("language", "yes", "no"), PAIRS)
def test_two_words_are_named_and_what_is_written_out_can_be_pasted(
    language: str, yes: str, no: str, tmp_path: Path, personas: Typed
) -> None:
    assert consents(yes) is False
    file, folder = tmp_path / "crm.csv", tmp_path / "shop"
    rows = [f"c{n},2026-11-{1 + n:02},{yes if n % 3 else no}\n" for n in range(9)]
    file.write_text("".join(["who,at,newsletter\n", *rows]), encoding="utf-8")
    begun = personas("init", folder, "--from", file)
    assert f"is that a yes and a no in {language}?" in begun.out + begun.err
    declared = re.findall(r"`columns: (\{consent_email: \{from: newsletter, words: .*?\}\}\})?`", begun.out + begun.err)
    settings = folder / "workspace.yaml"
    before = settings.read_text()

    def says(columns: str) -> tuple[list[str], str]:
        settings.write_text(before.replace("sources:\n", f"sources:\n{SOURCE.format(columns=columns)}"))
        checked = json.loads(personas("check", file, "--source", "crm", "--workspace", folder, "--format", "json").out)[
            0
        ]
        said = [each["amount"].removeprefix("consent_email=") for each in checked["examples"]]
        return said, " ".join(checked["warnings"])

    said, warned = says("{consent_email: newsletter}")
    assert not any(map(consents, said))
    assert f"Are they a yes and a no in {language}?" in warned
    assert re.search(r"words: (\{.*?\})", warned)
    said, warned = says(declared[0])
    assert [consents(each) for each in said] == [bool(n % 3) for n in range(3)]
    assert "neither" not in warned
    settings.write_text(before)


@pytest.mark.parametrize("words", [("pro", "free"), ("yes", "no"), ("ja", "vielleicht", "nein"), ("ja", "ja")])
def test_other_words_are_taken_for_nothing(words: tuple[str, ...], tmp_path: Path, personas: Typed) -> None:
    file = tmp_path / "crm.csv"
    file.write_text("who,at,plan\n" + "".join(f"c{n},2026-11-01,{words[n % len(words)]}\n" for n in range(9)))
    begun = personas("init", tmp_path / "shop", "--from", file)
    assert "a yes and a no" not in begun.out + begun.err
