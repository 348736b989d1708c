"""Lists leave as a person would send them out, and the world is told."""

from __future__ import annotations

import csv
import json
import shutil
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from cli.shop import Typed
from living_personas.memory.people_records import PRIVACY_ACTS
from living_personas.wiring import open_context

CONTACT = """\
contact: {channels: [email], caps: {day: 1}}
webhooks:
  - {url: 'https://hooks.example/in', events: [persona.version.published], secret_env: SHOP_HOOK}
"""


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def identify(personas: Typed, learned: Path, count: int) -> None:
    """Say who some customers are: a source of its own."""
    workspace = learned / "workspace.yaml"
    text = workspace.read_text().replace(
        "sources:\n",
        "sources:\n  people: {customer: id, time: at, event: {fixed: identify}, traits: [email, phone, consent_ads]}\n",
    )
    workspace.write_text(text)
    lines = [f"c{n},2026-03-01T08:00:00Z,c{n}@example.com,030 {901820 + n},true" for n in range(count)]
    (learned / "people.csv").write_text("\n".join(["id,at,email,phone,consent_ads", *lines]) + "\n")
    assert personas("ingest", learned / "people.csv", "--source", "people", "--workspace", learned).code == 0


def acts(learned: Path) -> list[tuple[str, str, int]]:
    """What the Privacy page says: the kind of each act, by whom, and of how many customers."""
    _, context = open_context(learned)
    with closing(context.store):
        return [(act.kind, act.by, act.customers) for act in PRIVACY_ACTS.all(context.store).values()]


def test_who_takes_a_list_along_is_written_down(personas: Typed, learned: Path, tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_text("customer\nc1\nc2\n")
    personas("export", "list", "--list", tmp_path / "some.csv", "--out", tmp_path / "a.csv", "--workspace", learned)
    personas("export", "views", "--out", tmp_path / "views", "--workspace", learned)
    assert acts(learned) == [("listed", "Dana", 2), ("listed", "Dana", 2_400)]


def test_a_list_for_an_email_tool(personas: Typed, learned: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    answer = personas("export", "list", "--out", out, "--workspace", learned)
    assert answer.code == 0
    assert "2,400 customers = 2,400 decided + 0" in answer.err
    rows = rows_of(out)
    assert len(rows) == 2_400
    assert set(rows[0]) >= {
        "customer",
        "persona",
        "persona_version",
        "decision_id",
        "framing",
        "framing_propensity",
        "deliver",
    }
    (learned / "workspace.yaml").write_text((learned / "workspace.yaml").read_text() + CONTACT)
    (tmp_path / "some.csv").write_text("customer\nc1\nc2\n=cmd\n")
    sent = personas("export", "list", "--list", tmp_path / "some.csv", "--sent", "--out", out, "--workspace", learned)
    assert "sent: 2 received = 2 stored" in sent.err
    personas("export", "list", "--list", tmp_path / "some.csv", "--out", out, "--workspace", learned)
    held = {row["customer"]: (row["deliver"], row["held_for"]) for row in rows_of(out)}
    assert held == {"c1": ("false", "cap"), "c2": ("false", "cap")}


@pytest.mark.parametrize("platform", ["google", "meta"])
def test_a_list_for_ads(personas: Typed, learned: Path, tmp_path: Path, platform: str) -> None:
    none = personas("export", platform, "regular", "--out", tmp_path, "--workspace", learned)
    assert (none.code, "fewer than 100" in none.err) == (1, True)
    identify(personas, learned, 600)
    answer = personas("export", platform, "regular", "--region", "DE", "--out", tmp_path, "--workspace", learned)
    assert answer.code == 0, answer.err
    version = 2  # regulars were corrected
    assert answer.out.startswith(f"lp_p1_v{version}: 300 people")
    text = (tmp_path / f"lp_p1_v{version}.requests.jsonl").read_text()
    assert "egular" not in text
    assert "@example.com" not in text
    assert len(rows_of(tmp_path / f"lp_p1_v{version}.csv")) == 300
    assert all(json.loads(line)["path"] for line in text.splitlines())


def test_no_id_is_obeyed_by_a_terminal(personas: Typed, learned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids travel byte for byte into pipes and files; a terminal shows their escape sequences, and runs none."""
    hostile = "u\x1b]0;owned\x07\x1b[2J\x9b31m"
    file = learned / "hostile.csv"
    file.write_text(f"customer,orders\n{hostile},3\n", encoding="utf-8")
    line = ("export", "list", "--list", str(file), "--workspace", str(learned))
    assert hostile in personas(*line).out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    shown = personas(*line).out
    assert not {"\x1b", "\x07", "\x9b"} & set(shown)
    assert "u\\x1b]0;owned\\x07" in shown
    monkeypatch.undo()
    for words in (
        ("decide", hostile),
        ("links", "list", hostile),
        ("pin", hostile, "framing"),
        ("keys", "revoke", hostile),
    ):
        told = personas(*words, "--workspace", str(learned))
        assert not {"\x1b", "\x07", "\x9b"} & set(told.out + told.err), words


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_views_for_a_warehouse(personas: Typed, learned: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out's"
    assert personas("export", "views", "--as", kind, "--out", out, "--workspace", learned).code == 0
    with duckdb.connect() as duck:
        duck.execute((out / "views.sql").read_text())
        members = duck.sql("SELECT count(*), min(score), count(DISTINCT persona_id) FROM persona_membership").fetchall()
        status = duck.sql("SELECT persona_id, status FROM persona_attributes ORDER BY ALL").fetchall()
    assert members == [(2_400, 1.0, 2)]
    assert status[-1] == ("regular", "corrected")


def test_changes_are_kept_until_they_are_taken(personas: Typed, learned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (learned / "workspace.yaml").write_text((learned / "workspace.yaml").read_text() + CONTACT)
    monkeypatch.delenv("SHOP_HOOK", raising=False)
    assert personas("run", "--workspace", learned).code == 3
    assert "Nothing is on its way; 1 addresses" in personas("webhooks", "list", "--workspace", learned).out
    assert personas("pin", "regular", "framing", "--by", "dana", "--workspace", learned).code == 0
    assert "'SHOP_HOOK' is not set" in personas("run", "--workspace", learned).err
    (waiting,) = json.loads(personas("webhooks", "list", "--format", "json", "--workspace", learned).out)
    assert (waiting["name"], waiting["state"], waiting["tries"]) == ("persona.version.published", "waiting", 1)
    tried = personas("webhooks", "retry", waiting["key"], "--workspace", learned)
    assert "waiting: persona.version.published" in tried.out
    assert "no hope" not in tried.out
    assert personas("webhooks", "retry", "nothing", "--workspace", learned).code == 1
    assert personas("webhooks", "test", "--workspace", learned).code == 1
    copy = learned.parent / "copy"
    shutil.copytree(learned, copy)
    assert personas("run", "--dry-run", "--workspace", copy).code == 3
