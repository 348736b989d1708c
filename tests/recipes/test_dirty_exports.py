"""Exports as they come, of which nobody made a recipe: what `init --from` says of a column, and `check` of a row."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.shop import Typed
from laws import law
from living_personas.domain.moment import moment, patterns_of
from living_personas.workspace.files import read_workspace

BERLIN = ZoneInfo("Europe/Berlin")
BEGAN = datetime(2025, 9, 1, tzinfo=UTC)
PERSONA = """\
persona: p
name: P
who: "true"
goal: success
attributes: {framing: {options: [a, b], we_believe: a}}
"""


def workspace(folder: Path, goal: str, source: str) -> Path:
    """A workspace with one source, `rows`."""
    (folder / "personas").mkdir(parents=True)
    (folder / "personas/p.yaml").write_text(PERSONA)
    text = f"name: w\nsalt: a-salt-for-tests-only\ngoals: {{success: {{{goal}}}}}\nsources:\n  rows: {{{source}}}\n"
    (folder / "workspace.yaml").write_text(text)
    return folder


def columns_said(file: Path, folder: Path, personas: Typed) -> dict[str, str]:
    """What `init --from` says of each column of a file that it does not know."""
    assert "no export that is known" in personas("init", folder, "--from", file).out
    read_workspace(folder)
    lines = (folder / "workspace.yaml").read_text().splitlines()
    said = [line.removeprefix("  #   ") for line in lines if line.startswith("  #   ") and ": COLUMN" not in line]
    return dict(line.split(": ", 1) for line in said if not line.startswith("properties: [COLUMN]"))


def test_profiles_whose_consent_is_a_status(tmp_path: Path, personas: Typed) -> None:
    """Klaviyo's words for consent are understood, and another word is named with its remedy."""
    words = ["SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED", "SUPPRESSED"]
    rows = [f"p{n}@example.com,2025-07-01 09:00:00,{word},{{}}" for n, word in enumerate(words)]
    file = tmp_path / "profiles.csv"
    file.write_text("\n".join(["Email,Date Added,Email Marketing Consent,Properties", *rows]) + "\n")
    assert columns_said(file, tmp_path / "new", personas)["Properties"] == "empty objects, 1 different"
    taken = "columns: {consent_email: {from: Email Marketing Consent, reads: yes_no}}"
    source = f"customer: Email, time: Date Added, event: {{fixed: identify}}, traits: [consent_email], {taken}"
    folder = workspace(tmp_path / "w", "event: Placed Order, within: 3 days", source)
    checked = personas("check", file, "--workspace", folder, "--format", "json")
    (found,) = json.loads(checked.out)
    (warning,) = found["warnings"]
    assert warning.startswith("1 row says something on consent_email that is neither a yes nor a no: each is a no (")
    assert "('SUPPRESSED' 1)" in warning
    assert "words: {SUPPRESSED: 'no'}" in warning


def test_orders_with_decimal_commas_and_a_footer(tmp_path: Path, personas: Typed) -> None:
    header = "Order Number;Order Status;Order Date;Email (Billing);Order Total Amount;Order Currency"
    rows = [f"{n};Completed;2025-09-{n % 28 + 1:02} 10:00;k{n}@example.com;{n * 13},50;EUR" for n in range(100, 140)]
    file = tmp_path / "orders.csv"
    file.write_text("\ufeff" + "\n".join([header, *rows, ";;;;;", "Total;;;;12.345,67;"]) + "\n", encoding="utf-8")
    said = columns_said(file, tmp_path / "new", personas)
    assert said["Order Total Amount"] == "numbers, each once, missing in 1"
    assert said["Order Status"] == "texts, 1 different (Completed), missing in 2"
    source = (
        "customer: Email (Billing), time: Order Date, event: {fixed: Order Completed}, message_id: Order Number, "
        "columns: {total: Order Total Amount}, properties: [total], currency: Order Currency"
    )
    folder = workspace(tmp_path / "w", "event: Order Completed, within: 3 days, value: total, currency: EUR", source)
    (found,) = json.loads(personas("check", file, "--workspace", folder, "--format", "json").out)
    assert (found["events"], found["examples"][0]["amount"]) == ({"Order Completed": 40}, "total 1300.5")
    assert found["quarantined"] == {"missing message id": 1, "missing customer": 1}


def test_events_of_a_tool_that_calls_leaving_otherwise(tmp_path: Path, personas: Typed) -> None:
    """What looks like a no and is none is said, and called by its name it is one at the next list."""
    file = tmp_path / "currents.jsonl"
    kinds = ["users.messages.email.Send", "users.messages.email.Unsubscribe"]
    rows = [
        {"id": f"b{n}", "event_type": kinds[n % 2], "user": {"external_user_id": f"u{n}"}, "time": 1_740_000_000 + n}
        for n in range(20)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"id": "b99", "event_ty')
    said = columns_said(file, tmp_path / "new", personas)
    assert said["user"] == "objects with external_user_id, each once"
    source = "customer: user.external_user_id, time: time, message_id: id, channel: {fixed: email}, "
    goal = "event: Bought, within: 3 days"
    folder = workspace(tmp_path / "w", goal, source + "event: event_type")
    (found,) = json.loads(personas("check", file, "--workspace", folder, "--format", "json").out)
    (warning,) = found["warnings"]
    assert warning.startswith("10 rows are 'users.messages.email.Unsubscribe', which is a no for nobody")
    assert found["quarantined"] == {"unreadable row": 1}
    words = "columns: {what: {from: event_type, words: {users.messages.email.Unsubscribe: Unsubscribed}}}"
    folder = workspace(tmp_path / "mended", goal, f"{source}event: what, {words}")
    personas("ingest", file, "--workspace", folder)
    personas("run", "--workspace", folder)
    listed = personas("export", "list", "--out", tmp_path / "list.csv", "--workspace", folder)
    assert "20 customers = 10 decided + 10 who said no" in " ".join((listed.out + listed.err).split())
    settings = folder / "workspace.yaml"
    settings.write_text(settings.read_text() + "consent: required\n")
    personas("run", "--workspace", folder)
    listed = personas("export", "list", "--out", tmp_path / "agreed.csv", "--workspace", folder)
    assert "20 customers = 0 decided + 20 who never agreed or said no" in " ".join((listed.out + listed.err).split())


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("%d/%m/%Y", ["'%d/%m/%Y'"]),
        ("%m/%d/%Y %I:%M %p", ["'%m/%d/%Y %I:%M %p'"]),
        ("0%e/0%e/%Y", ["'%d/%m/%Y'", "'%m/%d/%Y'", "only you know which"]),
    ],
)
def test_local_dates_of_a_spreadsheet_are_told_with_their_format(
    written: str, told: list[str], tmp_path: Path, personas: Typed
) -> None:
    """UTF-16 with tabs, as a spreadsheet saves Unicode text; said as it is told, all rows are read."""
    times = [(BEGAN + timedelta(days=n)).strftime(written.replace("0%e", f"{n % 9 + 1:02}")) for n in range(30)]
    lines = [f"K{n:04}\t{at}\tPurchase\t\u00a31,2{n:02}.50" for n, at in enumerate(times)]
    file = tmp_path / "export.csv"
    file.write_text("\n".join(["No.\tdate\tWhat\tAmount", *lines]) + "\n", encoding="utf-16")
    said = columns_said(file, tmp_path / "new", personas)
    assert all(each in said["date"] for each in told if each.startswith("'"))
    assert said["Amount"] == "numbers, each once"
    source = "customer: No., time: date, event: What, properties: [Amount]"
    goal = "event: Purchase, within: 3 days, value: Amount"
    folder = workspace(tmp_path / "w", goal, source)
    (found,) = json.loads(personas("check", file, "--workspace", folder, "--format", "json").out)
    (warning,) = found["warnings"]
    assert [each for each in ("All 30 times", *told) if each not in warning] == []
    pattern = told[0].strip("'")
    folder = workspace(
        tmp_path / "mended", goal, source.replace("time: date", f"time: {{column: date, format: '{pattern}'}}")
    )
    (found,) = json.loads(personas("check", file, "--workspace", folder, "--format", "json").out)
    assert (found["events"], found["examples"][0]["amount"]) == ({"Purchase": 30}, "Amount 1200.5, currency=GBP")


PATTERNS = st.sampled_from(
    [
        "%d/%m/%Y",
        "%d.%m.%Y %H:%M",
        "%m-%d-%Y",
        "%b %d, %Y",
        "%d %B %Y, %H:%M:%S",
        "%Y\u5e74%m\u6708%d\u65e5",
        "%Y\ub144 %m\uc6d4 %d\uc77c %H:%M",
        "%d.%m.%Y %H.%M",
        "%a, %d %b %Y %H:%M:%S +0100",
        "%d/%b/%Y:%H:%M:%S -0800",
        "%Y%m%d%H%M%S",
        "%d-%b-%y %I.%M.%S.%f %p",
    ]
)


@law()
@given(st.lists(st.dates(date(1990, 1, 1), date(2090, 1, 1)), min_size=1, max_size=5), PATTERNS)
def test_a_format_that_is_told_reads_every_text(days: list[date], pattern: str) -> None:
    texts = [datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC).strftime(pattern) for day in days]
    told = patterns_of(texts)
    assert pattern.split(" +", maxsplit=1)[0].split(" -", maxsplit=1)[0] in told
    assert all(moment(text, zone=BERLIN, role="outcome", pattern=each) for text in texts for each in told)
    assert patterns_of([*texts, "soon"]) == ()


def test_a_warehouse_table_with_a_surrogate_key(tmp_path: Path, personas: Typed) -> None:
    """Decimals and zoned times are read; a key of 0 is nobody, and the message says how it is somebody."""
    count = 30
    frame = pa.table(
        {
            "customer_sk": pa.array(range(count), pa.int32()),
            "event_ts": pa.array(
                [BEGAN + timedelta(days=n) for n in range(count)], pa.timestamp("ns", tz="America/New_York")
            ),
            "event_name": pa.array(["order_completed"] * count).dictionary_encode(),
            "net_amount": pa.array([Decimal(n) / 4 for n in range(count)], pa.decimal128(18, 2)),
            "is_test": [n % 10 == 9 for n in range(count)],
        }
    )
    file = tmp_path / "facts.parquet"
    pq.write_table(frame, file)
    said = columns_said(file, tmp_path / "new", personas)
    assert (said["net_amount"], said["is_test"]) == ("numbers, each once", "yes and no, 2 different")
    source = (
        "customer: customer_sk, time: event_ts, event: event_name, properties: [net_amount], where: is_test = false"
    )
    goal = "event: order_completed, within: 3 days, value: net_amount"
    folder = workspace(tmp_path / "w", goal, source)
    (found,) = json.loads(personas("check", file, "--workspace", folder, "--format", "json").out)
    assert (found["events"], found["left_out"]) == ({"order_completed": 26}, 3)
    (row,) = found["refused"]
    assert row["detail"].endswith("'0' is a word for nobody, unless workspace.yaml says `nobody: {remove: ['0']}`")
    (folder / "workspace.yaml").write_text((folder / "workspace.yaml").read_text() + "nobody: {remove: ['0']}\n")
    (found,) = json.loads(personas("check", file, "--workspace", folder, "--format", "json").out)
    assert (found["events"], found["quarantined"]) == ({"order_completed": 27}, {})


def test_what_declared_properties_say_is_shown_whether_or_not_a_goal_sums_them(tmp_path: Path, personas: Typed) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(f"Email,At,Total,Shop\nann@example.com,2025-09-01 10:00,29.5,{'north ' * 20}\n")
    source = "customer: Email, time: At, event: {fixed: Order Completed}, properties: [Shop, Total]"
    folder = workspace(tmp_path / "w", "event: Order Completed, within: 3 days, value: Total, currency: EUR", source)
    (found,) = json.loads(personas("check", file, "--workspace", folder, "--format", "json").out)
    (example,) = found["examples"]
    assert example["amount"] == f"Total 29.5, Shop={('north ' * 20)[:40]}..."
