"""`init --from`, as somebody types it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from cli.shop import Typed
from living_personas.workspace.files import read_workspace
from recipes.invented import EXPORTS, World


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    export = EXPORTS["shopify"]
    export.write(World(export.spelt, customers=30), tmp_path)
    return tmp_path / "orders_export.csv"


@pytest.mark.parametrize("name", EXPORTS)
def test_what_is_written_is_valid_and_calls_guesses_guesses(name: str, tmp_path: Path, personas: Typed) -> None:
    EXPORTS[name].write(World(EXPORTS[name].spelt, customers=30), tmp_path)
    files = sorted(path for path in tmp_path.iterdir() if path.is_file())
    answer = personas("init", tmp_path / "new", "--from", *files)
    assert answer.code == 0, answer.err
    workspace = read_workspace(tmp_path / "new")
    assert {"sent"} < {source.name for source in workspace.settings.sources}
    assert workspace.settings.time_zone == "UTC"
    assert "days end at midnight in UTC: nobody said" in answer.out
    assert "time_zone: UTC  # a guess" in (tmp_path / "new/workspace.yaml").read_text()
    (persona,) = workspace.personas
    assert persona.goal.event in answer.out
    assert personas("check", "--workspace", tmp_path / "new").code == 0


def test_what_a_person_says_goes_before_what_was_seen(orders: Path, tmp_path: Path, personas: Typed) -> None:
    said = ("--zone", "Europe/Berlin", "--within", "36 hours", "--currency", "CHF", "--name", "no: shop")
    answer = personas("init", tmp_path / "new", "--from", orders, *said)
    assert "yours to settle" not in answer.out
    workspace = read_workspace(tmp_path / "new")
    (persona,) = workspace.personas
    assert (workspace.settings.name, workspace.settings.time_zone) == ("no: shop", "Europe/Berlin")
    assert (persona.goal.within.total_seconds(), persona.goal.currency) == (36 * 3600, "CHF")


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (("--zone", "Europe/Berln"), "Europe/Berlin"),
        (("--within", "3"), "day"),
        (("--day", "yesterday"), "2026-09-03"),
        (("--currency", "EURO"), "EUR"),
        (("--encoding", "windows1253x"), "windows-1253"),
    ],
)
def test_what_no_file_may_say_is_refused_before_anything_is_written(
    said: tuple[str, str], hint: str, orders: Path, tmp_path: Path, personas: Typed
) -> None:
    answer = personas("init", tmp_path / "new", "--from", orders, *said)
    assert (answer.code, hint in answer.err, (tmp_path / "new").exists()) == (1, True, False)


def test_without_an_export_the_zone_is_written_down(tmp_path: Path, personas: Typed) -> None:
    assert personas("init", tmp_path / "new", "--zone", "Europe/Berlin").code == 0
    assert read_workspace(tmp_path / "new").settings.time_zone == "Europe/Berlin"


@pytest.mark.parametrize(
    "said", [("--currency", "EUR"), ("--decimal", ","), ("--day", "2026-09-03"), ("--encoding", "cp1252")]
)
def test_what_speaks_of_exports_is_refused_without_one(said: tuple[str, str], tmp_path: Path, personas: Typed) -> None:
    answer = personas("init", tmp_path / "new", *said)
    assert (answer.code, " ".join(said) in answer.err, "--from" in answer.err) == (1, True, True)
    assert not (tmp_path / "new").exists()


def test_a_currency_that_no_known_file_has_is_left_to_settle(tmp_path: Path, personas: Typed) -> None:
    (tmp_path / "own.csv").write_text("visitor,moment,total\nann,2026-09-03T10:00:00,12.50\n")
    answer = personas("init", tmp_path / "new", "--from", tmp_path / "own.csv", "--currency", "EUR")
    assert "nothing is judged in EUR yet" in answer.out + answer.err


def test_consent_is_assumed_or_asked_for(orders: Path, tmp_path: Path, personas: Typed) -> None:
    personas("init", tmp_path / "assumed", "--from", orders)
    personas("init", tmp_path / "required", "--from", orders, "--consent", "required")
    for name in ("assumed", "required"):
        read = read_workspace(tmp_path / name)
        assert (read.settings.consent, read.personas[0].who) == (name, "order_completed_90d <= 1")
        said = personas("check", "--workspace", tmp_path / name).out
        assert f"Consent is {name}: " in " ".join(said.split())
    personas("init", tmp_path / "examples", "--consent", "required")
    assert read_workspace(tmp_path / "examples").settings.consent == "required"


def test_consent_is_one_of_two_words_and_assumed_where_nothing_is_said(tmp_path: Path, personas: Typed) -> None:
    personas("init", tmp_path)
    settings = tmp_path / "workspace.yaml"
    text = settings.read_text()
    settings.write_text(text.replace("consent: assumed", "consent: requird"))
    answer = personas("check", "--workspace", tmp_path)
    assert (answer.code, "workspace.yaml:11" in answer.err, "'required'" in answer.err) == (1, True, True)
    settings.write_text(text.replace("consent: assumed", ""))
    assert read_workspace(tmp_path).settings.consent == "assumed"


def test_without_a_consent_in_the_file_somebody_has_to_bring_it(tmp_path: Path, personas: Typed) -> None:
    EXPORTS["stripe"].write(World(EXPORTS["stripe"].spelt, customers=30), tmp_path)
    file = tmp_path / "unified_payments.csv"
    answer = personas("init", tmp_path / "new", "--from", file, "--consent", "required")
    assert "no file says who agreed, and consent is required" in answer.out
    assert personas("ingest", file, "--source", "stripe", "--workspace", tmp_path / "new").code == 0
    assert "nobody ever agreed" in personas("check", "--workspace", tmp_path / "new").out


def test_of_a_file_that_nobody_knows_nothing_is_guessed(tmp_path: Path, personas: Typed) -> None:
    (tmp_path / "our data.csv").write_text('who,"when: it was",what\na@b.de,2026-01-02,x\nc@d.de,2026-01-03,\n')
    answer = personas("init", tmp_path / "new", "--from", tmp_path / "our data.csv")
    assert "no export that is known (2 rows looked at)" in answer.out
    text = (tmp_path / "new/workspace.yaml").read_text()
    assert "  #   who: e-mail addresses, each once\n" in text
    assert '  #   "when: it was": times, each once\n' in text
    assert "  #   what: texts, each once, missing in 1\n" in text
    assert "  # our_data:\n" in text
    assert [source.name for source in read_workspace(tmp_path / "new").settings.sources] == ["sent"]
    assert "A guess: which column names events is not known yet." in text


def test_sources_to_fill_in_have_names_of_their_own(tmp_path: Path, personas: Typed) -> None:
    names = ["sent.csv", "null.csv", "2026-11.csv", "a/shop.csv", "b/shop.csv"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("who,at,what\nu1,2026-01-02,x\n")
    root = tmp_path / "new"
    assert personas("init", root, "--from", *(tmp_path / name for name in names)).code == 0
    settings = root / "workspace.yaml"
    filled = {"customer": "who", "time": "at", "event": "what", "message_id": "who", "properties": "[what]"}
    text = re.sub(r"(?m)^  # Or, if a row is.*\n(  # .*\n)+?  #   complete.*\n", "", settings.read_text())
    for key, column in filled.items():
        text = re.sub(rf"(?m)^  #   {key}: .*$", f"    {key}: {column}", text)
    settings.write_text(re.sub(r"(?m)^  # (\S+:)$", r"  \1", text))
    assert [each.name for each in read_workspace(root).settings.sources] == [
        "sent_2", "null", "x2026_11", "shop", "shop_2", "sent",
    ]  # fmt: skip


def test_a_view_of_a_known_export_says_what_it_lacks(tmp_path: Path, personas: Typed) -> None:
    (tmp_path / "view.csv").write_text("Record ID,Email,Create Date,Lifecycle Stage\n1,a@b.de,2026-01-01 10:00,Lead\n")
    answer = personas("init", tmp_path / "new", "--from", tmp_path / "view.csv")
    assert "nearly HubSpot contacts (Contacts > Export, with all properties on the records)" in answer.out
    assert "but for the columns 'Last Modified Date', 'Became a Customer Date'" in answer.out
    assert personas("sources", "hubspot").code == 0
    (tmp_path / "other.csv").write_text("id,Email,event\n1,a@b.de,x\n")
    assert "nearly" not in personas("init", tmp_path / "other", "--from", tmp_path / "other.csv").out


def test_a_file_with_a_row_for_each_customer_is_brought_in_by_its_second_block(tmp_path: Path, personas: Typed) -> None:
    lines = [f"u{number},{number % 7},{('a mail', 'none')[number % 2]},{number % 3 // 2}" for number in range(400)]
    (tmp_path / "test.csv").write_text("who,visits,given,bought\n" + "\n".join(lines) + "\n")
    new = tmp_path / "new"
    personas("init", new, "--from", tmp_path / "test.csv")
    refused = personas("check", tmp_path / "test.csv", "--workspace", new)
    assert "has none of the columns that source 'sent' names" in refused.err
    assert "workspace.yaml has a source for it, 'test', as comments: write there which column is what" in refused.err
    assert f"`personas check {tmp_path / 'test.csv'} --source test --workspace {new}` says" in refused.err
    assert "take the `#` away" in personas("ingest", tmp_path / "test.csv", "--workspace", new).err
    settings, persona = new / "workspace.yaml", new / "personas/anybody.yaml"
    settings.write_text(_filled_in(settings.read_text(), who="who", visits="visits", given="given", bought="bought"))
    persona.write_text(persona.read_text().replace("[discount, quality]", "[a mail, none]").replace("discount", "none"))
    answer = personas("ingest", tmp_path / "test.csv", "--source", "test", "--workspace", new)
    assert "(of 400 rows)" in answer.out
    assert personas("run", "--workspace", new).code == 0
    report = personas("report", "--format", "md", "--workspace", new).out
    assert "Customers: 400. Occasions with a known outcome: 400." in report


def _filled_in(text: str, *, who: str, visits: str, given: str, bought: str) -> str:
    """The second block of a file that nobody knows, freed of its `#`, with the columns of one."""
    above, _, block = text.partition("  # Or, if a row is a customer, with what was met and what came of it:\n")
    lines = block.split("  # What `personas export list")[0].splitlines()
    named = iter([who, who, "{start: 2026-01-01, days: 28}", visits, given, bought])
    freed = [re.sub("COLUMN", lambda _: next(named), line.replace("  # ", "  ", 1).split("#")[0]) for line in lines]
    return above + "\n".join(freed) + "\n"


def test_rows_that_say_no_day_have_that_of_the_file_unless_somebody_says_it(tmp_path: Path, personas: Typed) -> None:
    EXPORTS["mailchimp"].write(World(EXPORTS["mailchimp"].spelt, customers=30), tmp_path)
    file = tmp_path / "sent-to.jsonl"
    os.utime(file, (1_770_000_000, 1_770_000_000))
    guessed = personas("init", tmp_path / "guessed", "--from", file)
    assert "sent-to.jsonl happened on 2026-02-02, when it was last written." in guessed.out
    said = personas("init", tmp_path / "said", "--from", file, "--day", "2026-01-31")
    assert "happened on" not in said.out
    days = [read_workspace(tmp_path / name).settings.sources[0].time.start for name in ("guessed", "said")]
    assert [str(day) for day in days] == ["2026-02-02", "2026-01-31"]


def test_exports_in_another_encoding_are_read_in_it(orders: Path, tmp_path: Path, personas: Typed) -> None:
    unknown = tmp_path / "kunden.csv"
    unknown.write_bytes("Größe,wer\nübergroß,u1\n".encode("windows-1252"))
    orders.write_bytes(orders.read_text().replace("Shipping Name", "Größe").encode("windows-1252"))
    root = tmp_path / "new"
    answer = personas("init", root, "--from", orders, unknown, "--encoding", "windows-1252", "--zone", "UTC")
    assert "cannot be read" not in answer.out
    text = (root / "workspace.yaml").read_text()
    assert "Größe: texts" in text
    assert text.count("  #   encoding: windows-1252") == 2
    encodings = {source.name: source.encoding for source in read_workspace(root).settings.sources}
    assert encodings.pop("sent") == ""
    assert set(encodings.values()) == {"windows-1252"}
    assert "0 quarantined" in personas("ingest", orders, "--source", next(iter(encodings)), "--workspace", root).out


def test_of_several_exports_those_in_utf8_stay_so(tmp_path: Path, personas: Typed) -> None:
    """One encoding is said, and a folder holds files of several tools: none is read as what it is not."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "kunden.csv").write_bytes("wer;Größe\nu1;übergroß\n".encode("windows-1252"))
    (tmp_path / "in" / "mails.jsonl").write_text('{"wer": "u1", "Ort": "Köln"}\n' * 9)
    (tmp_path / "in" / ".DS_Store").write_bytes(b"\0\0\0\1")
    answer = personas("init", tmp_path / "new", "--from", tmp_path / "in", "--encoding", "windows-1252")
    assert answer.code == 0
    text = (tmp_path / "new" / "workspace.yaml").read_text()
    assert text.count("encoding: windows-1252") == 2  # both blocks of the one file
    assert "Größe: texts" in text
    assert "Ort: texts, 1 different (Köln)" in text


def test_exports_that_escape_by_a_backslash_are_read_so(orders: Path, tmp_path: Path, personas: Typed) -> None:
    unknown, root = tmp_path / "visits.csv", tmp_path / "new"
    unknown.write_text('who,at,said\nu1,2026-05-01,"a \\"b\\""\nu2,2026-05-01,"c:\\\\d"\n')
    answer = personas("init", root, "--from", orders, unknown, "--zone", "UTC")
    assert answer.code == 0
    text = (root / "workspace.yaml").read_text()
    assert text.count("escape: '\\'") == 2  # both blocks to fill in, and none of the known export
    assert "said: texts, each once" in text
    source = "  visits: {customer: who, time: at, event: {fixed: Seen}, properties: [said], escape: '\\'}\n"
    with (root / "workspace.yaml").open("a") as settings:
        settings.write(source)
    checked = personas("check", unknown, "--source", "visits", "--workspace", root)
    assert (checked.code, "quarantined" in checked.out) == (0, False)
    assert "2 stored" in personas("ingest", unknown, "--source", "visits", "--workspace", root).out
    with (root / "workspace.yaml").open("a") as settings:
        settings.write(source.replace("visits:", "other:").replace("'\\'", '"/"'))
    assert "a backslash" in personas("check", "--workspace", root).err


def test_a_rehearsal_writes_nothing(orders: Path, tmp_path: Path, personas: Typed) -> None:
    answer = personas("init", tmp_path / "new", "--from", orders, "--dry-run")
    assert "would write" in answer.out
    assert "Shopify orders" in answer.out
    assert not (tmp_path / "new").exists()


def test_all_that_is_recognised_is_listed(personas: Typed) -> None:
    listed = json.loads(personas("sources", "--format", "json").out)
    assert {recipe["id"] for recipe in listed} >= set(EXPORTS)
    one = personas("sources", "stripe")
    assert "where: lower(Status) in ('paid', 'succeeded', 'partially refunded')" in one.out
    assert personas("sources", "strip").err.count("stripe") == 1


@pytest.mark.parametrize(
    ("file", "text", "asked"),
    [
        ("o.csv", "id;who\n1;Jörg\n2;Ann\n".encode("cp1252"), "1 row of the first 2 cannot be read; row 1: byte 4"),
        ("o.csv", b'id,what\n1,"a "b", c"\n', "1 row of the first 1 cannot be read; row 1: it is not CSV"),
        (
            "o.json",
            b'[["id", "at"], ["1", "2026-05-01"]]',
            "2 rows of the first 2 cannot be read; row 1: it is no JSON",
        ),
        ("o.csv", b"id,at\n", "o.csv: there is no row in it."),
        ("o.tsv", b"1772352000\t007\tpurchase\n1772352001\t008\tview\n", "names the columns '1772352000', '007'"),
        ("o.csv", b"u1,2026-05-01,2026-05-01\nu2,2026-05-01,2026-05-02\n", "if that line is a row"),
        ("o.csv", b"id,at\n1,2026-03-01 08:00:00 CST\n", "column 'at': CST behind"),
        ("o.csv", b"id,at\n1,03/14/2026 08:00 EST\n2,07/14/2026 08:00 CDT\n", "column 'at': CDT behind"),
    ],
)
def test_what_is_not_clear_in_the_first_rows_is_left_to_settle(
    file: str, text: bytes, asked: str, tmp_path: Path, personas: Typed
) -> None:
    (tmp_path / file).write_bytes(text)
    answer = personas("init", tmp_path / "new", "--from", tmp_path / file)
    assert asked in answer.out + answer.err
    assert "empty in all rows" not in _texts(tmp_path / "new")


def test_a_zone_that_is_said_leaves_nothing_to_settle(tmp_path: Path, personas: Typed) -> None:
    (tmp_path / "o.csv").write_text("id,at\n1,2026-03-01 08:00:00 CST\n2,2026-03-02 08:00:00 CST\n")
    answer = personas("init", tmp_path / "new", "--from", tmp_path / "o.csv", "--zone", "America/Chicago")
    assert "CST" not in answer.out
    assert "  #   at: times, each once\n" in _texts(tmp_path / "new")


def test_digits_may_be_dates(tmp_path: Path, personas: Typed) -> None:
    (tmp_path / "o.csv").write_text("id,at,price\n1,19970131,7\n2,19980101,8\n")
    personas("init", tmp_path / "new", "--from", tmp_path / "o.csv")
    assert "  #   at: numbers or times of the format '%Y%m%d', each once\n" in _texts(tmp_path / "new")
    assert "  #   price: numbers, each once\n" in _texts(tmp_path / "new")


def test_words_for_yes_and_no_are_told_as_they_are_spelt(tmp_path: Path, personas: Typed) -> None:
    (tmp_path / "o.csv").write_text(
        "who,met\n" + "".join(f"u{number},{('Yes', 'No')[number % 2]}\n" for number in range(9))
    )
    personas("init", tmp_path / "new", "--from", tmp_path / "o.csv")
    assert '  #   met: yes and no, 2 different ("Yes", "No")\n' in _texts(tmp_path / "new")


def test_true_and_false_are_yes_and_no(tmp_path: Path, personas: Typed) -> None:
    (tmp_path / "o.csv").write_text("ID,HASOPTEDOUTOFEMAIL,visits\nu1,true,17\nu2,False,25\n")
    personas("init", tmp_path / "new", "--from", tmp_path / "o.csv")
    text = _texts(tmp_path / "new")
    assert "  #   HASOPTEDOUTOFEMAIL: yes and no, each once\n" in text
    assert "  #   visits: numbers, each once\n" in text


def _texts(folder: Path) -> str:
    settings = folder / "workspace.yaml"
    return settings.read_text() if settings.exists() else ""
