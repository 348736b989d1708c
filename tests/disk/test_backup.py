"""A backup is made while events come in, and restored nothing is lost, and nobody comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from living_personas.domain.event import IDENTIFY, Event
from living_personas.errors import StoreError
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.tables import EVENTS
from living_personas.outgoing.backup_folder import MANIFEST, back_up, read_manifest, wrong_files
from living_personas.people.keys import create_key, keys_of, revoke_key
from living_personas.people.person_accounts import add_person, people, remove_person
from living_personas.stores.sqlite.examination import examine
from living_personas.stores.withdrawal_file import read_withdrawals
from living_personas.testing.expect import refuses
from living_personas.wiring import open_context, system_clock

from .conftest import DAYS, NOON

Run = Callable[..., tuple[int, str, str]]

LATER = NOON + timedelta(days=DAYS)


@pytest.mark.long
@pytest.mark.parametrize("round_", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 20))])
def test_nothing_acknowledged_before_it_is_lost(shop: Path, personas: Run, tmp_path: Path, round_: int) -> None:
    with _load(shop) as acknowledged:
        _until(lambda: len(acknowledged) > 30 * (1 + round_ % 5))
        before = set(acknowledged)
        code, out, err = personas("backup", tmp_path / "copy", "--workspace", shop)
        assert (code, "backed up" in out) == (0, True), err
        made = len(acknowledged)
        _until(lambda: len(acknowledged) > made)  # the service goes on
    assert personas("restore", tmp_path / "copy", "--to", tmp_path / "new")[0] == 0
    context = open_context(tmp_path / "new", clock=lambda: LATER)[1]
    with closing(context.store):
        context.store.inbox.seal()
        held = set(table_of(EVENTS.all(context.store))["message_id"].to_pylist())
        assert before <= held
        again = record(context, [_event(id_) for id_ in sorted(before)], received=LATER)
        assert sum(again.stored) == 0
        cycle.run(context, now=LATER + timedelta(days=1), owner="tests")
    assert examine(tmp_path / "new" / ".living", clock=lambda: LATER, deep=True).damages == ()


def test_a_damaged_backup_is_refused_and_nothing_is_written(shop: Path, personas: Run, tmp_path: Path) -> None:
    back_up(shop, tmp_path / "copy", clock=lambda: LATER)
    manifest, rng = read_manifest(tmp_path / "copy"), Random(1)  # noqa: S311 - the same every time
    for each in rng.sample(manifest.files, 6):
        path = tmp_path / "copy" / each.path
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert wrong_files(tmp_path / "copy", manifest) == (each.path,)
        code, _, err = personas("restore", tmp_path / "copy", "--to", tmp_path / "new")
        assert (code, each.path in err) == (1, True)
        path.write_bytes(whole)
    assert not (tmp_path / "new").exists()
    (tmp_path / "copy" / MANIFEST).write_text("{}")
    assert "damaged" in personas("restore", tmp_path / "copy", "--to", tmp_path / "new")[2]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "shop"]


def test_nothing_is_written_over(shop: Path, personas: Run, tmp_path: Path) -> None:
    back_up(shop, tmp_path / "copy", clock=lambda: LATER)
    for words in (("backup", tmp_path / "copy", "--workspace", shop), ("restore", tmp_path / "copy", "--to", shop)):
        code, _, err = personas(*words)
        assert (code, "not empty" in err) == (1, True)


def test_damage_is_not_backed_up(shop: Path, tmp_path: Path) -> None:
    path = next((shop / ".living" / "days" / "events").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    with refuses(StoreError, path.name, "doctor"):
        back_up(shop, tmp_path / "copy", clock=lambda: LATER)
    assert not (tmp_path / "copy").exists()


def test_what_was_taken_back_since_does_not_come_back(shop: Path, personas: Run, tmp_path: Path) -> None:
    with _opened(shop) as context:
        record(context, [_said("yes", "Ann@example.com", consent_ads=True)], received=LATER)
        record(context, [_said("before", "bob", consent_ads=False)], received=LATER)  # a no that the backup holds
        for kind in ("secret", "secret"):
            create_key(context, kind, f"lp_{kind}_{len(keys_of(context))}-long-enough", now=LATER)
        add_person(context, "Dana", role="editor", password="a very long password", salt=b"salt", n=2)  # noqa: S106
    back_up(shop, tmp_path / "copy", clock=lambda: LATER)
    with _opened(shop) as context:
        later = LATER + timedelta(hours=1)
        record(context, [_said("no", "ann@example.com", consent_ads=False, hours=1)], received=later)
        record(context, [_said("new", "of-now", consent_ads=False, hours=1)], received=later)
        revoke_key(context, "k2", now=later)
        remove_person(context, "Dana", now=later)
    listed = shop / ".living" / "withdrawn.jsonl"
    assert b"ann@" not in listed.read_bytes().lower()
    assert listed.stat().st_mode & 0o077 == 0
    code, out, err = personas("restore", tmp_path / "copy", "--to", tmp_path / "bare")
    assert (code, "nothing was taken back again" in err) == (0, True)
    with _opened(tmp_path / "bare") as context:
        assert _noes(context) == set()
        assert len(people(context.store)) == 1
    code, out, err = personas("restore", tmp_path / "copy", "--to", tmp_path / "new", "--since", shop)
    assert "1 consent, 1 key, 1 person" in out
    assert "1 no on the list is of customers of whom the backup holds nothing" in err
    with _opened(tmp_path / "new") as context:
        assert _noes(context) == {"ann@example.com"}
        assert [key.revoked is not None for key in keys_of(context)] == [False, True]
        assert people(context.store) == ()
    assert (tmp_path / "new" / ".living" / "withdrawn.jsonl").read_bytes() == listed.read_bytes()


@pytest.mark.promise("P21")
def test_who_was_erased_since_is_in_no_byte_of_what_is_restored(shop: Path, personas: Run, tmp_path: Path) -> None:
    ids = [f"customer-{n}" for n in (11, 12)]
    with _opened(shop) as context:  # what waits lies in pages of the database
        record(context, [_said(f"waits-{id_}", id_, consent_ads=False) for id_ in ids], received=LATER)
    back_up(shop, tmp_path / "copy", clock=lambda: system_clock() - timedelta(seconds=1))
    assert {"state.db"} < set(_holding(tmp_path / "copy", ids))
    code, _, err = personas("erase", *ids, "--workspace", shop)
    assert code == 0, err
    assert personas("erase", ids[1], "--lift", "--workspace", shop)[0] == 0
    listed = shop / ".living" / "withdrawn.jsonl"
    assert [row.kind for row in read_withdrawals(listed)].count("erased") == 4  # with the browsers that named them
    assert not any(id_.encode() in listed.read_bytes() for id_ in ids)
    code, out, err = personas("restore", tmp_path / "copy", "--to", tmp_path / "new", "--since", shop)
    assert (code, "erased again: 2 ids" in out) == (0, True), err
    assert _holding(tmp_path / "new", ids) == []
    assert (tmp_path / "new" / ".living" / "withdrawn.jsonl").read_bytes() == listed.read_bytes()
    assert examine(tmp_path / "new" / ".living", clock=lambda: LATER, deep=True).damages == ()
    with _opened(tmp_path / "new") as context:
        back = [Event(message_id=f"back-{id_}", customer=id_, name="Visited", time=LATER) for id_ in ids]
        assert record(context, back, received=LATER).stored == (False, True)


def _holding(folder: Path, ids: list[str]) -> list[str]:
    """The files that hold a byte of one of the ids, the log and the pages of the database among them."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(id_ in text for id_ in ids for text in _texts(path))]


def _texts(path: Path) -> Iterator[str]:
    """The bytes of a file, and what is compressed in it."""
    yield path.read_bytes().decode("latin-1")
    if path.suffix == ".parquet":
        yield str(pq.ParquetFile(path).read().to_pylist())


def test_a_list_that_cannot_be_read_restores_nothing(shop: Path, personas: Run, tmp_path: Path) -> None:
    back_up(shop, tmp_path / "copy", clock=lambda: LATER)
    (tmp_path / "withdrawn.jsonl").write_text('{"kind": "soul", "id": "a", "time": "2026-11-01T00:00:00Z"}\n')
    code, _, err = personas("restore", tmp_path / "copy", "--to", tmp_path / "new")
    assert (code, "withdrawn.jsonl:1" in err) == (1, True)
    assert not (tmp_path / "new").exists()


def test_a_typo_in_a_persona_keeps_no_backup_from_coming_back(shop: Path, personas: Run, tmp_path: Path) -> None:
    (shop / "personas" / "buyer.yaml").write_text("persona: [")
    for words in (
        ("backup", tmp_path / "copy", "--workspace", shop),
        ("restore", tmp_path / "copy", "--to", tmp_path / "new"),
        ("doctor", "--deep", "--workspace", tmp_path / "new"),
    ):
        code, _, err = personas(*words)
        assert code == 0, err


@contextmanager
def _load(root: Path) -> Iterator[list[str]]:
    """Events come in, one commit each, and days are sealed; the ids that were acknowledged."""
    acknowledged: list[str] = []
    stop = threading.Event()

    def work() -> None:
        with _opened(root) as context:
            number = 0
            while not stop.is_set():
                record(context, [_event(f"load-{number}")], received=LATER)
                acknowledged.append(f"load-{number}")
                number += 1
                if number % 40 == 0:
                    context.store.inbox.seal()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield acknowledged
    finally:
        stop.set()
        thread.join()


def _until(reached: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(2_000):
        if reached():
            return
        pause.wait(0.01)
    raise AssertionError("nothing came in")


@contextmanager
def _opened(root: Path) -> Iterator[Context]:
    context = open_context(root, clock=lambda: LATER)[1]
    with closing(context.store):
        yield context


def _event(message_id: str) -> Event:
    return Event(message_id=message_id, customer="loaded", name="Visited", time=LATER)


def _said(message_id: str, customer: str, *, consent_ads: bool, hours: int = 0) -> Event:
    at = LATER + timedelta(hours=hours)
    said = {"consent_ads": consent_ads}
    return Event(message_id=message_id, customer=customer, name=IDENTIFY, time=at, properties=said)


def _noes(context: Context) -> set[str]:
    last = context.store.consents.last()
    mine = last.filter(pc.equal(pc.utf8_lower(last["customer"]), "ann@example.com")).sort_by("time").to_pylist()
    return {row["customer"].lower() for row in mine[-1:] if row["refuses"]}
