"""The report begins with what matters; what only analysts need is folded away, and nothing of it is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

from cli.shop import Typed


def test_what_is_known_worth_and_waiting_comes_before_any_persona(personas: Typed, told: Path) -> None:
    page = personas("report", "--format", "md", "--workspace", told).out
    headings = re.findall(r"^#{1,2} (.*)$", page, flags=re.MULTILINE)
    assert headings[1:3] == ["What it is worth", "Waiting for a person"]
    assert page.split("\n\n")[1].startswith("Of the workshop\N{RIGHT SINGLE QUOTATION MARK}s ")
    assert "units" not in page.lower()
    found = json.loads(personas("report", "--format", "json", "--workspace", told).out)
    for persona in found["personas"]:
        assert f"Who: {persona['who_in_words']}" in page
        assert f"The rule: {persona['who']}".replace("<", "\\<") in page
        assert persona["gain"]["says"] in page


def test_every_number_for_analysts_is_in_a_fold_of_the_html(personas: Typed, told: Path) -> None:
    page = personas("report", "--format", "html", "--workspace", told).out
    folded = "".join(re.findall(r"<details><summary>For analysts.*?</details>", page, flags=re.DOTALL))
    assert folded.count("chance of being best") == page.count("chance of being best") > 0
    assert folded.count(">compared<") == page.count(">compared<") > 0
    open_ = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
    assert "What it is worth" in open_
    assert "brought about" in open_, "the effect itself is not folded away"
