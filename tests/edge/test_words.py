"""The scripts of the edge know the same words as the service: for nobody, for no value, for yes and no."""

from __future__ import annotations

import json
import re
from pathlib import Path

from living_personas.domain import customer_id, yes_no
from living_personas.domain.raw import NULL_WORDS

SCRIPTS = Path(__file__).parents[2] / "browser" / "openfeature"


def words(script: str, name: str) -> set[str]:
    """The texts of a list in a script."""
    text = (SCRIPTS / script).read_text(encoding="utf-8")
    (found,) = re.findall(rf"const {name}\b.*?=.*?\[(.*?)\n\]", text, re.DOTALL)
    return {json.loads(each) for each in re.findall(r'"(?:[^"\\]|\\.)*"', found)}


def test_words_for_nobody_and_for_no_value_are_the_same() -> None:
    assert words("ids.ts", "NULL_WORDS") == NULL_WORDS
    assert words("ids.ts", "WORDS") == customer_id._WORDS
    assert words("ids.ts", "ELSE") == customer_id._ELSE


def test_words_for_yes_and_no_are_the_same() -> None:
    assert words("consents.ts", "YES") == set(yes_no._YES)
    assert words("consents.ts", "NO") == set(yes_no._NO)
