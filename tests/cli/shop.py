"""A shop with a known truth, and what typing a command leaves."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import numpy as np
import pytest

from living_personas.cli import run
from living_personas.cli.pasted import WITHOUT_WORKSPACE
from living_personas.domain.command_text import COMMAND


@dataclass(frozen=True)
class Answer:
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


Typed = Callable[..., Answer]


def hand(capsys: pytest.CaptureFixture[str]) -> Typed:
    """A hand that types commands into this process, word by word."""

    def type_(*words: str | Path) -> Answer:
        capsys.readouterr()
        try:
            code = run([str(word) for word in words])
        except SystemExit as left:  # the parser leaves by itself on wrong usage
            code = left.code if isinstance(left.code, int) else 1
        written = capsys.readouterr()
        is_document = words[0] == "digest" or {"json", "md", "html"}.intersection(words)
        _check_commands(words, written.err if is_document else written.out + written.err)
        return Answer(code, written.out, written.err)

    return type_


def _check_commands(words: tuple[str | Path, ...], written: str) -> None:
    """Every command that is named works as it stands: about the workspace that was asked about."""
    if "--workspace" in words and (folder := str(words[words.index("--workspace") + 1])) != ".":
        for found in COMMAND.finditer(written):
            assert found["name"] in WITHOUT_WORKSPACE or f"--workspace {quote(folder)}" in found[0], found[0]


WORKSPACE = """\
name: Shop
salt: a-salt-for-tests-only
sources:
  orders:
    customer: customer_id
    message_id: customer_id
    time: {start: 2026-03-01, days: 5}
    traits: [orders]
    exposure: {attribute: framing, option: framing, propensity: 1/2}
    outcomes: {bought: Order Completed}
    complete: true
"""

PERSONA = """\
persona: {id}
name: {name}
who: {who}
goal: {{event: Order Completed, within: 1 day}}
attributes:
  framing:
    options: [discount, quality]
    we_believe: discount
    confidence: hunch
    change: {change}
    assign: always
"""


def write_shop(folder: Path) -> Path:
    """A workspace of two personas, both believed wrong: newcomers may change after review, regulars by themselves."""
    (folder / "personas").mkdir(parents=True)
    (folder / "workspace.yaml").write_text(WORKSPACE)
    for id_, name, who, change in (
        ("newcomer", "Newcomer", "orders = 0", "review"),
        ("regular", "Regular", "orders > 0", "auto"),
    ):
        text = PERSONA.format(id=id_, name=name, who=who, change=change)
        (folder / "personas" / f"{id_}.yaml").write_text(text)
    return folder


def customer_rows() -> list[list[str]]:
    """2,400 customers: quality sells at 40 %, discount at 10 %."""
    rng = np.random.Generator(np.random.PCG64(7))
    quality = rng.random(2_400) < 0.5
    bought = rng.random(2_400) < np.where(quality, 0.4, 0.1)
    return [
        [f"c{number}", str(number % 2), "quality" if better else "discount", str(int(order))]
        for number, (better, order) in enumerate(zip(quality, bought, strict=True))
    ]


def shuffled(rows: list[list[str]], *, seed: int) -> list[list[str]]:
    """The same rows in another order."""
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(rows))
    return [rows[place] for place in order]


def write_rows(path: Path, rows: list[list[str]]) -> Path:
    """The rows as a CSV file."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["customer_id", "orders", "framing", "bought"], *rows])
    return path


def review_id(personas: Typed, workspace: Path) -> str:
    """The one change that waits."""
    waiting = json.loads(personas("review", "--format", "json", "--workspace", workspace).out)
    assert [each["subject"]["persona"] for each in waiting] == ["newcomer"]
    return str(waiting[0]["id"])
