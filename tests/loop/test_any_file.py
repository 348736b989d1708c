"""received = stored + duplicate + quarantined, whatever the file, and however often and in which order it comes."""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_personas.domain.event import Receipt
from living_personas.loop.recording.ingest import ingest
from living_personas.wiring import open_context

RECEIVED = datetime(2026, 4, 1, tzinfo=UTC)
SETTINGS = """\
name: Any
salt: a-salt-for-this-test
sources:
  named: {customer: user, message_id: id, time: at, event: event, properties: [amount]}
  told: {customer: user, time: at, event: event, properties: [amount]}
"""
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["m1", "m2", "m3", "m4", "m5", "", " m1"]),
            "user": st.sampled_from(["u1", "u2", "null", "x" * 600]),
            "at": st.sampled_from(["2026-03-01T10:00:00Z", "2026-03-02", "soon", "2031-01-01", "2026-03-01T10:00:00"]),
            "event": st.sampled_from(["Bought", "Seen", ""]),
            "amount": st.sampled_from(["1", "", "many", "it, is"]),
        }
    ),
    max_size=12,
)
COLUMNS = ("id", "user", "at", "event", "amount")


@pytest.mark.long
@pytest.mark.promise("P2")
@given(
    rows=ROWS,
    more=ROWS,
    source=st.sampled_from(["named", "told"]),
    kind=st.sampled_from(["csv", "jsonl"]),
    shuffle=st.randoms(use_true_random=False),
)
@settings(max_examples=15, deadline=None)
def test_every_row_has_one_fate(
    rows: list[dict[str, str]], more: list[dict[str, str]], source: str, kind: str, shuffle: Random
) -> None:
    """Read, read again, read shuffled, and read in a file that overlaps: only what is new is stored."""
    shuffled = shuffle.sample(rows, len(rows))
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "workspace.yaml").write_text(SETTINGS)
        _, context = open_context(root)
        with closing(context.store):

            def receipt_of(some: list[dict[str, str]]) -> Receipt:
                path = root / f"rows.{kind}"
                path.write_text(_csv(some) if kind == "csv" else _json_lines(some))
                found = ingest(context, path, received=RECEIVED, source=source)
                assert found.balanced
                assert found.received == len(some)
                return found

            first = receipt_of(rows)
            assert (receipt_of(rows).stored, receipt_of(shuffled).stored) == (0, 0)
            both = receipt_of([*more, *rows])
            assert receipt_of([*shuffled, *more]).stored == 0
            assert context.store.inbox.recorded() == first.stored + both.stored
            if source == "named":
                good = {row["id"].strip() for row in [*rows, *more] if _is_good(row) and row["id"].strip()}
                assert first.stored + both.stored == len(good)


def _is_good(row: dict[str, str]) -> bool:
    return row["user"] in ("u1", "u2") and row["at"].startswith("2026") and bool(row["event"])


def _csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, fieldnames=COLUMNS)
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def _json_lines(rows: list[dict[str, str]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)
