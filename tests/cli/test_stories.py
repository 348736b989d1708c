"""Stories, typed as a person would type them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.shop import Typed, customer_rows, review_id, write_rows
from living_personas.cli.failures import code_of
from living_personas.wiring import open_context


def attribute(personas: Typed, workspace: Path, persona: str) -> dict[str, Any]:
    report = json.loads(personas("report", "--format", "json", "--workspace", workspace).out)
    [found] = [each for each in report["personas"] if each["persona"] == persona]
    [framing] = found["attributes"]
    assert isinstance(framing, dict)
    return framing


def snapshot_number(workspace: Path) -> int:
    _, context = open_context(workspace)
    snapshot = context.store.snapshots.latest()
    context.store.close()
    assert snapshot is not None
    return snapshot.number


def test_a_new_workspace_is_understood(personas: Typed, tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    rehearsed = personas("init", folder, "--dry-run")
    assert rehearsed.code == 0
    assert not folder.exists()
    begun = personas("init", folder, "--name", "Acme Ltd")
    assert begun.code == 0
    assert [line.replace("would write", "wrote") for line in rehearsed.out.splitlines()] == begun.out.splitlines()
    checked = personas("check", "--workspace", folder)
    assert checked.code == 0
    assert "Acme Ltd: 1 persona, " in checked.out
    assert not (folder / ".living" / "state.db").exists()
    again = personas("init", folder)
    assert (again.code, again.out) == (1, "")
    assert "already" in again.err


def test_from_rows_to_a_corrected_persona(personas: Typed, shop: Path) -> None:
    file = write_rows(shop.parent / "orders.csv", customer_rows())
    loaded = personas("ingest", file, "--workspace", shop)
    stored = 4_800 + sum(row[3] == "1" for row in customer_rows())  # traits, exposure, and an order if there was one
    assert (
        loaded.out
        == f"orders.csv: {stored:,} received = {stored:,} stored + 0 duplicate + 0 quarantined (of 2,400 rows)\n"
    )
    ran = personas("run", "--workspace", shop)
    assert ran.code == 3
    assert ran.out.startswith("closed 6 days: 2026-03-01 to 2026-03-06\n")
    assert "proven, waits for you: Newcomer, framing: 'discount' -> 'quality', +" in ran.out
    assert "corrected: Regular, framing: 'discount' -> 'quality', +" in ran.out
    assert " points [" in ran.out
    assert "published snapshot 7 for 2026-03-07" in ran.out
    assert attribute(personas, shop, "regular")["status"] == "corrected"
    assert attribute(personas, shop, "newcomer")["value"] == "discount"


def test_a_second_run_changes_nothing(personas: Typed, learned: Path) -> None:
    before = snapshot_number(learned)
    again = personas("run", "--workspace", learned)
    assert again.out == f"nothing new: snapshot {before} stands\n"
    assert snapshot_number(learned) == before


def test_a_person_approves_and_takes_it_back(personas: Typed, learned: Path) -> None:
    listed = personas("review", "--workspace", learned)
    assert listed.code == 3
    id_ = review_id(personas, learned)
    assert id_ in listed.out
    approved = personas("review", "approve", id_, "--by", "Dana", "--workspace", learned)
    assert (approved.code, approved.err) == (0, "")
    assert personas("review", "--workspace", learned).code == 0
    held = attribute(personas, learned, "newcomer")
    assert (held["value"], held["status"], held["decided_on"]) == ("quality", "corrected", "2026-03-06")
    assert held["decision"]["decided_by"] == "Dana"
    log = json.loads(personas("log", "--persona", "newcomer", "--format", "json", "--workspace", learned).out)
    assert [(entry["version"], entry["kind"], entry["by"]) for entry in log] == [
        (1, "baseline", "workshop"),
        (2, "corrected", "Dana"),
    ]
    changed = personas("diff", "newcomer", "--workspace", learned).out
    assert {"-    value: discount", "+    value: quality", "+    decided_by: Dana"} <= set(changed.splitlines())
    asked = personas("rollback", "newcomer", "--to", "1", "--dry-run", "--workspace", learned)
    assert asked.out.endswith("\nFraming becomes 'discount' again; it is 'quality' now.\n")
    back = personas("rollback", "newcomer", "--to", "1", "--by", "Dana", "--workspace", learned)
    assert back.out == "Newcomer is at version 3. Rolled back to version 1 by Dana.\n"
    assert attribute(personas, learned, "newcomer")["value"] == "discount"
    assert "nothing new" in personas("run", "--workspace", learned).out  # it was published at once


def test_what_was_rejected_stays_rejected(personas: Typed, learned: Path) -> None:
    id_ = review_id(personas, learned)
    assert personas("review", "reject", id_, "--by", "Dana", "--workspace", learned).code == 0
    assert personas("run", "--workspace", learned).code == 0
    twice = personas("review", "approve", id_, "--by", "Dana", "--workspace", learned)
    assert twice.code == 1
    assert "it is rejected" in twice.err
    assert f"personas review reopen {id_}" in twice.err


def test_a_pin_holds_for_everybody_until_it_is_let_go(personas: Typed, learned: Path) -> None:
    waited = review_id(personas, learned)
    pinned = personas("pin", "newcomer", "framing", "--value", "quality", "--by", "Dana", "--workspace", learned)
    assert pinned.out == "Newcomer, framing is pinned at 'quality' (version 2)\n"
    assert attribute(personas, learned, "newcomer")["status"] == "pinned"
    decided = json.loads(
        personas("decide", "new", "--trait", "orders=0", "--format", "json", "--workspace", learned).out
    )
    assert decided["persona"] == "newcomer"
    assert decided["choices"][0]["option"] == ("discount" if decided["holdout"] else "quality")
    assert decided["choices"][0]["propensity"] == 1
    again = personas("pin", "newcomer", "framing", "--value", "quality", "--by", "Dana", "--workspace", learned)
    assert again.out == pinned.out
    assert json.loads(personas("review", "--format", "json", "--workspace", learned).out) == [], "it holds already"
    refused = personas("review", "approve", waited, "--by", "Dana", "--workspace", learned)
    assert "is pinned at 'quality'" in refused.err
    free = personas("pin", "newcomer", "framing", "--off", "--by", "Dana", "--workspace", learned)
    assert free.out == "Newcomer, framing is free, and stands at 'quality' (version 3)\n"


def test_the_kill_switch_gives_everybody_the_present_value(personas: Typed, learned: Path) -> None:
    customers = learned / "list.csv"
    customers.write_text("customer,orders\n" + "".join(f"x{n},1\n" for n in range(600)))

    def options() -> set[tuple[str, str]]:
        lines = personas("decide", "--list", customers, "--workspace", learned).out.splitlines()[1:]
        return {(line.split(",")[3], line.split(",")[6]) for line in lines}

    assert ("false", '"discount"') in options()  # evidence still looks at both
    assert personas("kill", "on", "--by", "Dana", "--workspace", learned).code == 0
    assert options() <= {("false", '"quality"'), ("true", '"discount"')}
    assert personas("kill", "off", "--by", "Dana", "--workspace", learned).code == 0


def test_a_list_is_decided_as_each_customer_is(personas: Typed, learned: Path, tmp_path: Path) -> None:
    moment = ("--at", "2026-03-08T12:00:00")
    listed = tmp_path / "list.csv"
    listed.write_text("customer\n" + "".join(f"c{n}\n" for n in range(12)))
    out = tmp_path / "out.jsonl"
    done = personas("decide", "--list", listed, "--out", out, *moment, "--workspace", learned)
    assert (done.code, done.err) == (0, "12 customers = 12 decided + 0 for whom there is nothing to choose\n")
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == 12
    for row in rows[:4]:
        alone = json.loads(personas("decide", row["customer"], *moment, "--format", "json", "--workspace", learned).out)
        [choice] = alone["choices"]
        assert (alone["id"], alone["persona"]) == (row["decision_id"], row["persona"])
        assert (choice["option"], choice["propensity"]) == (row["option"], row["propensity"])


def test_a_dry_run_shows_what_would_happen_and_changes_nothing(personas: Typed, shop: Path, learned: Path) -> None:
    file = write_rows(shop.parent / "orders.csv", customer_rows())
    rehearsed = personas("ingest", file, "--dry-run", "--workspace", shop)
    assert "0 quarantined" in rehearsed.out
    assert "nothing was changed" in rehearsed.err
    assert not (shop / ".living").exists()
    number = snapshot_number(learned)
    id_ = review_id(personas, learned)
    for words in (
        ("review", "approve", id_),
        ("review", "reject", id_),
        ("rollback", "regular", "--to", "1"),
        ("pin", "regular", "framing"),
        ("kill", "on"),
    ):
        done = personas(*words, "--by", "Dana", "--dry-run", "--workspace", learned)
        assert (done.code, done.err.endswith("nothing was changed\n")) == (0, True)
    assert snapshot_number(learned) == number
    assert review_id(personas, learned) == id_


@pytest.mark.promise("P5")
def test_bad_rows_are_kept_looked_at_and_replayed(personas: Typed, shop: Path) -> None:
    rows = [*customer_rows()[:20], ["x1", "0", "quality", "perhaps"]]
    file = write_rows(shop.parent / "orders.csv", rows)
    loaded = personas("ingest", file, "--workspace", shop)
    assert "+ 1 quarantined" in loaded.out
    assert "1 x bad number" in loaded.out
    assert f"personas quarantine replay --source orders --workspace {shop.as_posix()}" in loaded.out
    held = json.loads(personas("quarantine", "list", "--format", "json", "--workspace", shop).out)
    assert [(row["source"], row["reason"]) for row in held] == [("orders", "bad number")]
    assert "perhaps" in personas("quarantine", "list", "--workspace", shop).out
    settings = shop / "workspace.yaml"
    settings.write_text(settings.read_text().replace("{bought: Order", "{orders: Order"))
    replayed = personas("quarantine", "replay", "--workspace", shop)
    assert replayed.out == "replayed: 2 received = 2 stored + 0 duplicate + 0 quarantined\n"
    assert "No such row" in personas("quarantine", "list", "--workspace", shop).out


def test_every_form_of_the_report_says_the_same(
    personas: Typed, learned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = {form: personas("report", "--format", form, "--workspace", learned).out for form in ("table", "md")}
    held = attribute(personas, learned, "regular")
    low, high = (100 * end for end in held["interval"])
    assert 10 <= high - low < 100, "two digits of the width are whole points"
    effect = f"{held['effect'] * 100:+.0f} points [{low:+.0f}, {high:+.0f}]"
    assert held["interval"][0] < held["effect"] < held["interval"][1]
    for text in shown.values():
        assert effect in text
        assert "Still unknown" in text
        assert "no effect" not in text
    out = tmp_path / "report.md"
    assert personas("report", "--format", "md", "--out", out, "--workspace", learned).out == ""
    assert out.read_text() == shown["md"]


def test_the_plan_grows_as_the_difference_shrinks(personas: Typed, learned: Path) -> None:
    plans = json.loads(personas("plan", "--format", "json", "--workspace", learned).out)
    for plan in plans:
        units = [time["units"] for time in plan["times"]]
        assert units == sorted(units, reverse=True)
        assert len(units) > 1
    assert "How long it takes" in personas("check", "--workspace", learned).out


@pytest.mark.parametrize(
    "words",
    [
        ("plan",),
        ("report",),
        ("report", "--persona", "regular", "--sheet"),
        ("digest",),
        ("log",),
        ("review",),
        ("check",),
    ],
)
def test_people_read_of_occasions_never_of_units(words: tuple[str, ...], personas: Typed, learned: Path) -> None:
    """`unit` is the word of the interfaces and of the reference; it stands in no sentence for people."""
    answer = personas(*words, "--format", "md", "--workspace", learned)
    assert answer.code == (3 if words == ("review",) else 0), "3 says that something waits"
    assert not re.findall(r"\b[Uu]nits?\b", answer.out)


def test_check_warns_of_what_may_not_be_meant(personas: Typed, learned: Path) -> None:
    text = (learned / "personas" / "regular.yaml").read_text()
    (learned / "personas" / "regular.yaml").write_text(
        text.replace("who: orders > 0", "who: orders >= 0") + "  tone: {options: [warm, plain], we_believe: warm}\n"
    )
    assert personas("run", "--workspace", learned).code == 3
    warned = json.loads(personas("check", "--format", "json", "--workspace", learned).out)["warnings"]
    sooner = "is judged by the first day after it was met: where people only follow sooner, an option looks better."
    assert [each["message"] for each in warned] == [
        f"'framing' of 'Newcomer' {sooner}",
        f"'framing' of 'Regular' {sooner}",
        "1,200 customers match 'Newcomer' and 'Regular'; the first has them, by priority.",
        "Nobody decides 'tone' of 'Regular': no exposure has carried it.",
    ]
    assert [each["where"]["line"] for each in warned] == [6, 6, 3, 12]


def test_check_names_rules_that_people_wrote_with_what_is_protected(personas: Typed, learned: Path) -> None:
    settings = learned / "workspace.yaml"
    settings.write_text(settings.read_text() + "protected: [orders]\n")
    warned = json.loads(personas("check", "--format", "json", "--workspace", learned).out)["warnings"]
    found = [each for each in warned if "protected" in each["message"]]
    assert [each["message"] for each in found] == [
        f"The rule of {name} uses 'orders', which is protected." for name in ("'Newcomer'", "'Regular'")
    ]
    assert {each["where"]["line"] for each in found} == {3}


def test_check_names_who_comes_after_a_persona_that_holds_everybody(personas: Typed, tmp_path: Path) -> None:
    assert personas("init", tmp_path).code == 0
    written = (tmp_path / "personas" / "budget-first-buyer.yaml").read_text()
    everybody = re.sub(r"(?m)^who: .*", "who: true\npriority: 1", written).replace("budget-first-buyer", "all")
    (tmp_path / "personas" / "all.yaml").write_text(re.sub(r"(?m)^name: .*", "name: Everybody", everybody))
    warned = json.loads(personas("check", "--format", "json", "--workspace", tmp_path).out)["warnings"]
    (found,) = (each for each in warned if "holds nobody" in each["message"])
    assert found["message"].startswith("Persona 'Budget-conscious first-time buyer' holds nobody: 'Everybody', which")
    assert (found["where"]["line"], "below 1" in found["hint"]) == (5, True)


@pytest.mark.long
def test_a_baseline_is_written_into_the_file_after_it_was_shown(personas: Typed, learned: Path) -> None:
    settings, persona = learned / "workspace.yaml", learned / "personas" / "regular.yaml"
    orders = "count(*) filter (where name = 'Order Completed')"
    settings.write_text(f'{settings.read_text()}features: {{bought: "{orders}"}}\ntraits: [orders]\n')
    persona.write_text(f"{persona.read_text()}traits:\n  bought: {{we_believe: 3, confidence: hunch}}\n")
    written = persona.read_text()
    shown = personas("baseline", "--dry-run", "--workspace", learned)
    assert "-  bought: {we_believe: 3, confidence: hunch}" in shown.out
    assert "measured: {value: 0.2" in shown.out
    assert persona.read_text() == written
    assert personas("baseline", "--workspace", learned).out == shown.out
    assert "measured: {value: 0.2" in persona.read_text()
    assert "nothing to write" in personas("baseline", "--workspace", learned).err


def test_an_interrupted_command_goes_on_when_run_again(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    assert code_of(interrupted) == 130
    assert capsys.readouterr().err == "interrupted: run it again, it goes on\n"


def test_the_real_program_in_the_current_folder(shop: Path) -> None:
    write_rows(shop / "orders.csv", customer_rows()[:300])
    done = subprocess.run(
        [sys.executable, "-c", "from living_personas.cli import main; main()", "ingest", "orders.csv", "nowhere.csv"],
        cwd=shop,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith("orders.csv: ")
    assert done.stderr.startswith("error: nowhere.csv: There is no file 'nowhere.csv'.\nhint: ")
    assert "\x1b" not in done.stdout + done.stderr


def test_an_undone_roll_back_is_nobodys_decision(personas: Typed, learned: Path) -> None:
    where = ("--workspace", learned)

    def known() -> list[dict[str, Any]]:
        (persona,) = json.loads(personas("report", "--persona", "regular", "--format", "json", *where).out)["personas"]
        return list(persona["attributes"])

    (before,) = known()
    assert before["decided"]["how"] == "evidence"
    newest = len(json.loads(personas("log", "--persona", "regular", "--format", "json", *where).out))
    personas("rollback", "regular", "--to", "1", *where)
    assert (known()[0]["decided"]["how"], known()[0]["decided"]["by"]) == ("rollback", "Dana")
    undone = personas("rollback", "regular", "--to", str(newest), *where)
    assert undone.out.endswith(f"Rolled back to version {newest} by Dana: the roll-back before is undone.\n")
    assert known() == [before]
