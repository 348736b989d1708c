"""Whatever an id looks like, by whatever door it came: after its erasure no byte of it is left."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from figures import tell
from living_personas.domain.event import ALIAS, EXPOSED, IDENTIFY, Event, Exposure, Json, Quarantined
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.folding.fold import fold_cells
from living_personas.loop.forgetting import erase
from living_personas.loop.recording.ingest import ingest
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.records import CLOSED
from living_personas.memory.tables import CELLS, ERASED_CELLS, UNITS
from living_personas.wiring import open_context
from memory.planted import NOON, PERSONA
from written import write_workspace

WORKSPACE = """\
name: Shop
salt: a-salt-for-tests-only
sources:
  crm: {customer: who, time: at, event: what, message_id: id, traits: [plan], properties: [note]}
"""
FORMS = ("{}@Example.COM", "{}-4b1c-8e2d", "Zoë {} Müller", "'); DROP TABLE {} --", 'say "{}" twice', "\U0001f600{}\\n")


def forms(rng: np.random.Generator) -> tuple[str, ...]:
    """The ids of one customer: each of another form, and all unlike anything else."""
    parts = ["".join(rng.choice(list("abcdefghkmnpqrstuvwxyz"), 12)) for _ in FORMS]
    return tuple(form.format(part) for form, part in zip(FORMS, parts, strict=True))


def by_file(context: Context, folder: Path, ids: tuple[str, ...], day: int) -> None:
    quoted = [id_.replace('"', '""') for id_ in ids]
    rows = [f'{day}{n},"{id_}",{{}},Order Completed,pro,said' for n, id_ in enumerate(quoted)]
    good, bad = (NOON + timedelta(days=day)).isoformat(), "yesterday"
    lines = [row.format(bad if n == 0 else good) for n, row in enumerate(rows)]
    path = folder / f"crm-{day}.csv"
    path.write_text("\n".join(["id,who,at,what,plan,note", *lines]) + "\n", encoding="utf-8")
    ingest(context, path, received=NOON + timedelta(days=day), source="crm")
    path.unlink()


def by_bulk(context: Context, _folder: Path, ids: tuple[str, ...], day: int) -> None:
    """So many at once that they become a file before they are sealed."""
    at = NOON + timedelta(days=day)
    others = [Event(message_id=f"o{day}-{n}", customer=f"other {n}", name="Looked", time=at) for n in range(1_100)]
    theirs = [Event(message_id=f"b{day}-{n}", customer=id_, name="Looked", time=at) for n, id_ in enumerate(ids)]
    record(context, [*others, *theirs], received=at)


def by_service(context: Context, _folder: Path, ids: tuple[str, ...], day: int) -> None:
    at, first, *others = NOON + timedelta(days=day), *ids
    met = Exposure(attribute="framing", option="discount", decision_id=f"d{day}")
    friend: dict[str, Json] = {"friend": first, "list": [others[0], {"who": others[1]}, others[3]]}
    said: dict[str, Json] = {"plan": "pro", "consent": True}
    events = [
        Event(message_id=f"i{day}", customer=first, name=IDENTIFY, time=at, properties=said),
        Event(message_id=f"x{day}", customer=first, name=EXPOSED, time=at, exposures=(met,), channel="web"),
        *(Event(message_id=f"a{day}-{id_}", customer=first, also=id_, name=ALIAS, time=at) for id_ in others),
        Event(message_id=f"f{day}", customer="a friend", name="Told", time=at, properties=friend),
        Event(message_id=f"p{day}", customer="a friend", name=IDENTIFY, time=at, properties={"plan": "pro"}),
        Event(message_id=f"q{day}", customer="a friend", name=EXPOSED, time=at, exposures=(met,), channel="web"),
    ]
    bad = [
        Quarantined(source="segment", row=day, reason="bad time", detail=repr(first), payload=f"{{{id_!r}: 1")
        for id_ in others[:1]
    ]
    record(context, events, bad, received=at)


@pytest.mark.long
@pytest.mark.promise("P21")
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 20))])
def test_no_byte_is_left(tmp_path: Path, seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    root, ids = tmp_path / "shop", forms(rng)
    write_workspace(root, WORKSPACE, {"buyer": PERSONA})
    context = open_context(root, clock=lambda: NOON)[1]
    doors = [by_file, by_bulk, by_service]
    for day in range(4):
        for place in rng.permutation(3):
            doors[place](context, tmp_path, ids, day)
            if rng.random() < 0.4:
                seal_waiting(context)
        if day < 3:
            cycle.run(context, now=NOON + timedelta(days=day, hours=20), owner="tests")
    assert all(found(root, id_) for id_ in ids)
    before, units = cells(context), len(table_of(UNITS.all(context.store)))
    done = erase(context, [ids[int(rng.integers(len(ids)))]], now=NOON + timedelta(days=4), by="Dana", owner="tests")
    assert done.ids >= len(ids)
    assert [id_ for id_ in ids if found(root, id_)] == []
    assert cells(context) == before
    closed = CLOSED.read(context.store)
    assert closed is not None
    fold_cells(context, NOON.date(), closed)
    assert cells(context) == before
    assert len(table_of(UNITS.all(context.store))) < units
    assert ERASED_CELLS.days(context.store)
    again = Event(message_id="again", customer=ids[2], name="Looked", time=NOON)
    assert record(context, [again], received=NOON).receipt.refused == 1
    context.store.close()
    assert [id_ for id_ in ids if found(root, id_)] == []
    tell(f"seed {seed}: {sum(done.rows.values()):,} rows erased; 0 of {len(ids)} spellings found in any byte")


def found(root: Path, id_: str) -> bool:
    """Whether the bytes of an id are in a file, as they are or as JSON writes them, in either case."""
    part = max(id_.lower().replace("@", " ").replace('"', " ").split(), key=len).strip("()';").encode()
    return any(part in path.read_bytes().lower() for path in root.rglob("*") if path.is_file())


def cells(context: Context) -> list[dict[str, object]]:
    order = [(name, "ascending") for name in CELLS.key]
    rows: list[dict[str, object]] = table_of(CELLS.all(context.store), CELLS.schema).sort_by(order).to_pylist()
    return rows
