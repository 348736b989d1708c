"""People read what personas, attributes and options are called: ids stand in commands, and where a name has its id."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cli.shop import Typed, customer_rows, write_rows, write_shop

IDS = re.compile(r"\bpx-\w+|\bopt_\w+|main_framing")
CODE = re.compile(r"`[^`]*`|\(px-\w+, version \d+\)")
"""Commands, and the heading of a persona, which says the id that commands take."""

NAMES = {"px-new": "First timer", "px-reg": "Steady regular"}


@pytest.fixture
def named_shop(tmp_path: Path, personas: Typed) -> Path:
    """The shop with ids that nobody says, after its first cycle."""
    folder = write_shop(tmp_path / "shop")
    for old, new in (("newcomer", "px-new"), ("regular", "px-reg")):
        file = folder / "personas" / f"{old}.yaml"
        text = re.sub(r"^persona: .*\nname: .*", f"persona: {new}\nname: {NAMES[new]}", file.read_text())
        text = re.sub(r"\b(discount|quality)\b", r"opt_\1", text).replace("  framing:", "  main_framing:")
        labels = "    labels: {opt_discount: Cheap and good, opt_quality: The best there is}\n"
        (folder / "personas" / f"{new}.yaml").write_text(text.replace("    we_believe:", labels + "    we_believe:"))
        file.unlink()
    settings = folder / "workspace.yaml"
    settings.write_text(settings.read_text().replace("attribute: framing,", "attribute: main_framing,"))
    rows = [[*row[:2], f"opt_{row[2]}", row[3]] for row in customer_rows()]
    personas("ingest", write_rows(tmp_path / "orders.csv", rows), "--source", "orders", "--workspace", folder)
    return folder


def test_no_id_is_told_where_a_name_is_known(
    named_shop: Path, personas: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.chdir(named_shop)
    told = {"run": personas("run").out}
    for words in (
        "report",
        "report --format md",
        "report --format html",
        "review",
        "log",
        "digest",
        "plan",
        "upkeep",
        "discover list",
        "customer c1",
        "rollback px-reg --to 1 --dry-run",
        "pin px-reg main_framing --dry-run",
        "acknowledge px-reg main_framing --dry-run",
    ):
        told[words] = personas(*words.split()).out
    waits = re.findall(r"approve (r\w+)", told["run"])[0]
    told["reject"] = personas("review", "reject", waits).out
    told["reopen"] = personas("review", "reopen", waits).out
    told["approved"] = personas("review", "approve", waits, "--dry-run").out
    personas("pin", "px-new", "main_framing", "--value", "opt_quality")
    told["approve"] = personas("review", "approve", waits).err
    told["check"] = "\n".join(
        each["message"] for each in json.loads(personas("check", "--format", "json").out)["warnings"]
    )
    for words, text in told.items():
        assert text, words
        html = re.sub(r"<[^>]+>|id=\"[^\"]*\"", " ", text)
        assert not IDS.findall(CODE.sub("", html)), (
            words,
            [html[m.start() - 60 : m.end() + 20] for m in IDS.finditer(html)],
        )
    assert "First timer, main framing: 'Cheap and good' -> 'The best there is'" in told["run"]
    assert "- Steady regular, orders: " not in told["report"]
    assert "First timer, main framing is pinned at 'The best there is'" in told["approve"]
