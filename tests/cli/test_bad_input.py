"""Whatever is typed or written wrongly: the code, the place and a way out, and never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shop import Typed

COMMANDS = (
    (("ingest", "nowhere.csv"), 1, "There is no file 'nowhere.csv'", "holds:"),
    (("ingest", "workspace.yaml"), 1, "'workspace.yaml' has none of the columns", "it has 'name: Shop'"),
    (("ingest", "{orders}", "--source", "order"), 1, "There is no source 'order'", "did you mean 'orders'?"),
    (("decide", "c1"), 1, "Nothing has been published yet", "personas run"),
    (("decide",), 1, "Nobody was named", "--list FILE"),
    (("decide", "c1", "--trait", "orders"), 1, "The trait 'orders' has no value", "--trait name=value"),
    (("decide", "--list", "{orders}"), 1, "no column 'customer'", "did you mean 'customer_id'?"),
    (("decide", "--list", "{people}"), 1, "Nothing has been published yet", "personas run"),
    (("keys", "create", "secret", "--note", "f\udcfcr"), 1, "is no text in UTF-8", "write it in UTF-8"),
    (("decide", "c1", "--channel", "\udcff"), 1, "The channel", "send it as text"),
    (("log", "--persona", "newcomer"), 1, "'newcomer' has no version yet", "personas run"),
    (("pin", "newcomer", "framing", "--by", "Dana"), 1, "has no version yet", "personas run"),
    (("pin", "newcomr", "framing", "--by", "Dana"), 1, "There is no persona 'newcomr'", "hint:"),
    (("pin", "newcomer", "framing", "--off", "--value", "x"), 1, "--off lets go", "one of the two"),
    (("pin", "newcomer", "framing", "--by", "evidence"), 1, "not the name of a person", "who decides"),
    (("review", "approve", "r1", "--by", "Dana"), 1, "'r1'", "hint:"),
    (("baseline",), 1, "There are no events yet", "personas ingest"),
    (("kill", "perhaps"), 2, "perhaps", ""),
    (("report", "--format", "docx"), 2, "docx", ""),
    (("rollback", "newcomer"), 2, "There is no workspace", "personas init"),
    (("reprot",), 2, "reprot", ""),
)


@pytest.mark.parametrize("case", COMMANDS, ids=[" ".join(each[0]) for each in COMMANDS])
def test_a_wrong_command(personas: Typed, shop: Path, case: tuple[tuple[str, ...], int, str, str]) -> None:
    words, code, message, hint = case
    orders, people = shop / "orders.csv", shop / "people.csv"
    people.write_text("customer\nc1\n")
    orders.write_text("customer_id,orders,framing,bought\nc1,0,quality,1\n")
    place = () if code == 2 else ("--workspace", str(shop))
    typed = [
        word.format(orders=orders, people=people) if word != "workspace.yaml" else str(shop / word) for word in words
    ]
    answer = personas(*typed, *place)
    assert answer.code == code
    assert answer.out == ""
    assert message in " ".join(answer.err.replace("│", " ").split())
    assert hint in answer.err
    assert "Traceback" not in answer.err
    if code == 1:
        error, hinted = answer.err.splitlines()
        assert error.startswith("error: ")
        assert hinted.startswith("hint: ")


FILES = (
    ("personas/newcomer.yaml", "we_believe: discount", "we_belive: discount", ":8", "did you mean"),
    ("personas/newcomer.yaml", "options: [discount, quality]", "options: [discount]", ":7", "write it like"),
    ("personas/newcomer.yaml", "who: orders = 0", "who: orders = = 0", ":3", "hint:"),
    ("personas/newcomer.yaml", "who: orders = 0", "who: ordres = 0", ":3", "orders"),
    ("workspace.yaml", "name: Shop", "nam: Shop", "workspace.yaml", "did you mean"),
    ("workspace.yaml", "propensity: 1/2", "propensity: 3/2", "workspace.yaml:9", "hint:"),
)


@pytest.mark.parametrize("case", FILES, ids=[each[2] for each in FILES])
def test_a_wrong_file_is_refused_by_every_command_with_its_line(
    personas: Typed, shop: Path, case: tuple[str, str, str, str, str]
) -> None:
    file, right, wrong, place, hint = case
    path = shop / file
    assert right in path.read_text()
    path.write_text(path.read_text().replace(right, wrong))
    for command in ("check", "run", "report"):
        answer = personas(command, "--workspace", shop)
        assert (answer.code, answer.out) == (1, "")
        assert answer.err.startswith("error: ")
        assert str(shop / file if place.startswith(":") else shop) in answer.err
        assert place in answer.err
        assert hint in answer.err


def test_a_folder_that_is_no_workspace(personas: Typed, tmp_path: Path) -> None:
    answer = personas("run", "--workspace", tmp_path)
    assert answer.code == 1
    assert "There is no workspace" in answer.err
    assert "personas init" in answer.err


def test_a_report_that_cannot_be_written(personas: Typed, learned: Path) -> None:
    (learned / "a-file").write_text("")
    answer = personas("report", "--out", learned / "a-file" / "report.md", "--workspace", learned)
    assert answer.code == 1
    assert str(learned / "a-file") in answer.err
    assert "hint: look at the path" in answer.err
