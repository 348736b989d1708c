"""A customer is planted at every door, erased, and in no byte of the folder any more; counts stay; none comes back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest

from living_personas.domain.event import BROWSER, SENT_FROM, Event, Quarantined
from living_personas.domain.forgotten import tombstone_of
from living_personas.domain.withdrawal import Withdrawal
from living_personas.errors import StoreError
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.folding.fold import fold_days
from living_personas.loop.forgetting import Erased, apply_tombstones, erase, lift
from living_personas.loop.recording.record import record
from living_personas.loop.recording.strangers import as_strangers
from living_personas.loop.relations import table_of
from living_personas.memory.people_records import ERASED_IDS, PRIVACY_ACTS
from living_personas.memory.records import CLOSED
from living_personas.memory.tables import CELLS, EVENTS
from living_personas.serving.desk import desk_of
from living_personas.serving.held_desk import HeldDesk
from living_personas.serving.question import Question
from living_personas.wiring import open_context
from memory.planted import DEVICE, ID, NOON, OTHER, VISITOR, bystanders
from serving.answered import answer_list

AFTER = NOON + timedelta(days=4, hours=2)


def hits(folder: Path, *ids: str) -> list[str]:
    """The files in which a byte of the ids is left, by their names too."""
    texts = [id_.encode() for id_ in ids]
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in paths if any(t in path.read_bytes() or t.decode() in str(path) for t in texts)]


def rows_of(context: Context) -> list[dict[str, object]]:
    cells = table_of(CELLS.all(context.store), CELLS.schema).sort_by([(name, "ascending") for name in CELLS.key])
    rows: list[dict[str, object]] = cells.to_pylist()
    return rows


@pytest.fixture
def context(tmp_path: Path, planted: Path) -> Context:
    shutil.copytree(planted, tmp_path / "shop")
    return open_context(tmp_path / "shop", clock=lambda: NOON)[1]


def gone(context: Context, *asked: str) -> dict[str, int]:
    return dict(erase(context, asked or [ID], now=AFTER, by="Dana", owner="tests").rows)


@pytest.mark.parametrize("asked", [ID, DEVICE])
def test_no_byte_is_left_whichever_id_was_named(tmp_path: Path, context: Context, asked: str) -> None:
    assert hits(tmp_path, ID)
    assert hits(tmp_path, DEVICE)
    rows = gone(context, asked)
    assert {"events", "exposures", "units", "customers", "memberships", "links", "quarantined", "consent", "link"} <= {
        *rows
    }
    assert hits(tmp_path, ID, DEVICE, VISITOR) == []
    context.store.close()
    assert hits(tmp_path, ID, DEVICE, VISITOR) == []


@pytest.mark.promise("P21")
def test_counts_stay_also_when_days_are_folded_again_and_when_late_data_come(context: Context) -> None:
    before, closed = rows_of(context), CLOSED.read(context.store)
    assert closed is not None
    assert any(row["n"] for row in before)
    gone(context)
    assert rows_of(context) == before
    fold_days(context, NOON.date(), closed)
    assert rows_of(context) == before
    late = bystanders(2, who="somebody-late")
    record(context, late, received=AFTER)
    cycle.run(context, now=AFTER, owner="tests")
    assert sum(int(str(row["n"])) for row in rows_of(context)) == sum(int(str(row["n"])) for row in before) + 1
    gone(context, OTHER)
    after = rows_of(context)
    fold_days(context, NOON.date(), closed)
    assert rows_of(context) == after


@pytest.mark.promise("P21")
def test_what_comes_of_an_erased_id_is_refused_counted_and_not_kept(tmp_path: Path, context: Context) -> None:
    gone(context)
    event = Event(message_id="back", customer=ID, name="Looked", time=AFTER, properties={"who": ID})
    beside = Event(message_id="beside", customer=OTHER, also=DEVICE, name="Looked", time=AFTER)
    bad = Quarantined(source="shop", row=9, reason="bad time", detail="", payload=f'{{"user": "{ID}"}}')
    fine = Quarantined(source="shop", row=9, reason="bad time", detail="", payload='{"user": "x"}')
    done = record(context, [event, beside], [bad, fine], received=AFTER)
    assert (done.stored, done.refused) == ((False, True), ("erased", ""))
    assert (done.held, done.refused_rows) == ((False, True), ("erased", ""))
    assert (done.receipt.refused, done.receipt.stored, done.receipt.quarantined) == (2, 1, 1)
    assert done.receipt.balanced
    cycle.run(context, now=AFTER + timedelta(days=1), owner="tests")
    context.store.close()
    assert hits(tmp_path, ID, DEVICE, VISITOR) == []


def test_whoever_was_erased_is_left_alone_at_every_desk(context: Context) -> None:
    """What it said on consent is forgotten; that it is to be left alone is not."""
    gone(context)
    cycle.run(context, now=AFTER, owner="tests")
    held = HeldDesk(context, at=AFTER).current(at=AFTER)
    assert held is not None
    for desk in (desk_of(context), held):
        assert not desk.answer(Question(customer=ID, at=AFTER, channel="email")).decision.choices
        assert desk.answer(Question(customer="new-here", at=AFTER, traits={"plan": "pro"})).decision.choices
    listed = pa.table({"customer": [ID, "new-here", DEVICE], "plan": ["pro"] * 3})
    found = answer_list(context, listed, at=AFTER, channel="email")
    assert (found.asked, found.refused) == (3, 2)
    assert set(found.decided["customer"].to_pylist()) == {"new-here"}


def test_who_signs_up_again_is_let_in_and_is_somebody_new(context: Context) -> None:
    gone(context)
    assert lift(context, [ID, "never-erased"], now=AFTER, by="Dana") == (ID,)
    event = Event(message_id="back", customer=ID, name="Looked", time=AFTER)
    assert record(context, [event], received=AFTER).stored == (True,)
    assert [act.kind for act in PRIVACY_ACTS.all(context.store).values()] == ["erased", "lifted"]


def test_others_lose_nothing_but_the_name(context: Context) -> None:
    before = {row["message_id"]: row for row in events_of(context) if row["customer"] == OTHER}
    assert f'"{ID}"' in str(before["told-1"]["properties"])
    gone(context)
    after = {row["message_id"]: row for row in events_of(context) if row["customer"] == OTHER}
    assert after.keys() == before.keys()
    without = {key: str(row["properties"]).replace(ID, "erased") for key, row in before.items()}
    assert after == {key: {**row, "properties": without[key]} for key, row in before.items()}


def test_a_short_id_is_no_word_of_others(context: Context) -> None:
    """Somebody called "12" is not meant by every "12"."""
    twelve = Event(message_id="m12", customer="12", name="Looked", time=AFTER)
    size = Event(message_id="size", customer=OTHER, name="Looked", time=AFTER, properties={"size": "12"})
    record(context, [twelve, size], received=AFTER)
    assert gone(context, "12")["events"] == 1
    assert [row["properties"] for row in events_of(context) if row["message_id"] == "size"] == ['{"size": "12"}']


def test_interrupted_anywhere_it_is_all_or_nothing_and_is_done_again(
    tmp_path: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows_of(context)
    with monkeypatch.context() as broken:
        broken.setattr("living_personas.loop.forgetting.bury", _breaks)
        with pytest.raises(OSError, match="the power went"):
            gone(context)
    assert rows_of(context) == before
    assert ERASED_IDS.names(context.store) == ()
    assert [row for row in events_of(context) if row["customer"] == ID]
    with monkeypatch.context() as broken:
        broken.setattr("living_personas.stores.sql.partition_files.PartitionFiles.purge", _breaks)
        with pytest.raises(OSError, match="the power went"):
            gone(context)
    assert ERASED_IDS.names(context.store)
    gone(context)
    assert hits(tmp_path, ID, DEVICE, VISITOR) == []
    assert rows_of(context) == before


def test_somebody_who_holds_the_log_is_named_and_it_is_finished_later(
    tmp_path: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, other = open_context(tmp_path / "shop", clock=lambda: NOON)
    connection = other.store.connection  # type: ignore[attr-defined]
    monkeypatch.setattr(context.store.connection, "_busy_seconds", 0.05)  # type: ignore[attr-defined]
    with connection.moment():
        connection.rows("SELECT count(*) FROM waiting")
        with pytest.raises(StoreError, match="the log of the store is still held open"):
            gone(context)
    gone(context)
    assert hits(tmp_path, ID, DEVICE, VISITOR) == []
    other.store.close()


def test_the_marks_of_erased_customers_find_them_in_an_older_copy(tmp_path: Path, context: Context) -> None:
    rows = [_listed("erased", id_) for id_ in (ID, DEVICE, VISITOR, "never-here")]
    found = again(context, rows)
    assert found.asked == 3
    assert hits(tmp_path, ID, DEVICE, VISITOR) == []
    assert again(context, rows).asked == 0
    back = [Event(message_id=id_, customer=id_, name="Looked", time=AFTER) for id_ in (ID, VISITOR, "never-here")]
    assert not any(record(context, back, received=AFTER).stored)
    assert [each.main for each in ERASED_IDS.all(context.store).values()].count(True) == 1  # announced once


def test_who_was_let_back_loses_what_was_kept_before(tmp_path: Path, context: Context) -> None:
    """Erased and let back after the state that came back: its rows are of before, and it may come."""
    again(context, [*(_listed("erased", id_) for id_ in (ID, DEVICE, VISITOR)), _listed("lifted", ID)])
    assert hits(tmp_path, ID, DEVICE, VISITOR) == []
    event = Event(message_id="back", customer=ID, name="Looked", time=AFTER)
    assert record(context, [event], received=AFTER).stored == (True,)
    # A newer state holds what it did since: that is its own.
    again(context, [_listed("erased", ID), _listed("lifted", ID)], since=AFTER + timedelta(hours=1))
    assert [row["message_id"] for row in events_of(context) if row["customer"] == ID] == ["back"]


def test_the_hash_of_the_name_goes_and_no_browser_brings_it_back(context: Context) -> None:
    assert context.store.inbox.named([ID, DEVICE]) == {ID, DEVICE}
    assert VISITOR in {row["customer"] for row in events_of(context)}
    gone(context)
    assert context.store.inbox.named([ID, DEVICE, OTHER]) == {OTHER}
    said = Event(message_id="browser:back", customer=ID, name="Looked", time=AFTER, properties={SENT_FROM: BROWSER})
    kept = record(context, as_strangers(context, [said], received=AFTER), received=AFTER)
    assert kept.refused == ("erased",)
    assert record(context, [replace(said, customer=VISITOR)], received=AFTER).refused == ("erased",)


def _listed(kind: Literal["erased", "lifted"], id_: str) -> Withdrawal:
    mark = tombstone_of(id_, salt="a-salt-for-tests-only")
    return Withdrawal(kind=kind, id=mark, time=AFTER, name="main" if id_ == ID else "")


def again(context: Context, rows: list[Withdrawal], *, since: datetime = NOON) -> Erased:
    return apply_tombstones(context, rows, since=since, now=AFTER, owner="tests")


def events_of(context: Context) -> list[dict[str, object]]:
    seal_waiting(context)
    rows: list[dict[str, object]] = table_of(EVENTS.all(context.store), EVENTS.schema).to_pylist()
    return rows


def _breaks(*_args: object, **_said: object) -> None:
    raise OSError("the power went")
