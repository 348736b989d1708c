"""A list that was sent comes back as a source: it says of each exposure what recording it at once would have said."""

from __future__ import annotations

import csv
import io
import shutil
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cli.conftest import learned, learned_once
from cli.shop import Typed
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.relations import filtered
from living_personas.memory.tables import EXPOSURES
from living_personas.wiring import open_context

__all__ = ["learned", "learned_once"]

SENT = files("living_personas.recipes").joinpath("templates/sent.yaml").read_text(encoding="utf-8")
AT = "2026-03-20T09:30:00"


def sent_on_the_day(folder: Path) -> pa.Table:
    """The exposures of the list, as the store keeps them."""
    _, context = open_context(folder)
    with context.store.commit():
        seal_waiting(context)
    found = filtered(EXPOSURES.all(context.store), schema=EXPOSURES.schema)
    context.store.close()
    on_the_day = found.filter(pc.equal(found["channel"], "email"))
    kept = [name for name in found.column_names if name not in ("message_id", "policy", "decision_id")]
    return on_the_day.select(kept).sort_by([("customer", "ascending"), ("attribute", "ascending")])


@pytest.mark.long
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_list_that_comes_back_is_the_list_that_was_sent(
    kind: str, learned: Path, tmp_path: Path, personas: Typed
) -> None:
    settings = learned / "workspace.yaml"
    settings.write_text(settings.read_text() + SENT)
    other = Path(shutil.copytree(learned, tmp_path / "other"))
    out = tmp_path / f"list.{kind}"
    at_once = personas("export", "list", "--at", AT, "--out", out, "--sent", "--workspace", learned)
    assert "sent: 2,400 received = 2,400 stored" in at_once.err
    back = personas("ingest", out, "--source", "sent", "--workspace", other)
    assert back.out == f"list.{kind}: 2,400 received = 2,400 stored + 0 duplicate + 0 quarantined\n"
    one, two = sent_on_the_day(learned), sent_on_the_day(other)
    assert one.num_rows == 2_400
    assert any(one["holdout"].to_pylist())
    assert two.drop_columns("propensity").equals(one.drop_columns("propensity"))
    assert two["propensity"].to_pylist() == pytest.approx(one["propensity"].to_pylist(), abs=1e-9)
    again = personas("ingest", out, "--source", "sent", "--workspace", other)
    assert again.out == f"list.{kind}: 2,400 received = 0 stored + 2,400 duplicate + 0 quarantined\n"


@pytest.mark.long
@pytest.mark.parametrize(("true", "false"), [("TRUE", "FALSE"), ("WAHR", "FALSCH"), ("VRAI", "FAUX")])
def test_a_list_that_went_through_a_spreadsheet_is_the_same(
    true: str, false: str, learned: Path, tmp_path: Path, personas: Typed
) -> None:
    settings = learned / "workspace.yaml"
    settings.write_text(settings.read_text() + SENT)
    personas("export", "list", "--at", AT, "--out", tmp_path / "list.csv", "--workspace", learned)
    table = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text())))
    words = {"true": true, "false": false}
    written = [[words.get(said, said.replace(".", ",") if said[:2] == "0." else said) for said in row] for row in table]
    with (tmp_path / "back.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(written)
    back = personas("ingest", tmp_path / "back.csv", "--source", "sent", "--workspace", learned)
    assert "2,400 received = 2,400 stored + 0 duplicate + 0 quarantined" in back.out
    assert any(sent_on_the_day(learned)["holdout"].to_pylist())
