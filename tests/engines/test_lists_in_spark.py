"""Lists are decided where the rows are: only what is asked for at the end comes here, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from living_personas.domain.event import IDENTIFY, Event
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.duckdb.session import Session
from living_personas.engines.spark.connect import SparkConversation
from living_personas.engines.spark.spark_engine import SparkEngine
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.serving.list_exposures import exposures_of
from living_personas.serving.lists import AllKnown, Asked, deciding_list
from loop.shops import PERSONA, context_of, noon
from serving.known_lists import ASKING, differences

pytestmark = pytest.mark.long

MANY, MOST = 400, 50
ROWS = pa.table({"customer": [f"u{number:03}" for number in range(MANY)] * 2, "plan": ["paid"] * (2 * MANY)})


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each answer of an engine had; of those that are read piece by piece, each batch."""
    rows: list[int] = []
    for conversation in (SparkConversation, Session):
        _note(monkeypatch, conversation, rows)
    return rows


def _note(patch: pytest.MonkeyPatch, conversation: type[SparkConversation | Session], rows: list[int]) -> None:
    answer, stream = conversation.answer, conversation.stream

    def answered(talk: SparkConversation | Session, statement: str) -> pa.Table:
        found = answer(talk, statement)  # type: ignore[arg-type]  # each talks as its own kind
        rows.append(found.num_rows)
        return found

    def streamed(talk: SparkConversation | Session, statement: str) -> Iterator[pa.RecordBatch]:
        for batch in stream(talk, statement):  # type: ignore[arg-type]  # each talks as its own kind
            rows.append(-batch.num_rows)
            yield batch

    patch.setattr(conversation, "answer", answered)
    patch.setattr(conversation, "stream", streamed)


def _lived(context: Context) -> Context:
    """A shop that knows many customers, a few of whom said something since."""
    who = [f"u{number:03}" for number in range(MANY)]
    said = [
        Event(message_id=id_, customer=id_, name=IDENTIFY, time=noon(0), properties={"plan": "paid"}) for id_ in who
    ]
    record(context, said, received=noon(1))
    cycle.run(context, now=noon(2), owner="test")
    fresh = Event(message_id="no", customer="u001", name=IDENTIFY, time=noon(2), properties={"consent_email": False})
    record(context, [fresh], received=noon(2))
    return context


@pytest.mark.parametrize("asking", ASKING)
def test_lists_are_to_the_byte_what_they_are_elsewhere(sail: SparkEngine, asking: str) -> None:
    assert differences("sqlite", asking, sail) == []


@pytest.mark.parametrize("asked", [AllKnown(), AllKnown(persona="buyer"), [ROWS.slice(0, 500), ROWS.slice(500)]])
@pytest.mark.parametrize("where", ["duckdb", "sail"])
def test_customers_of_a_list_come_here_in_pieces_or_not_at_all(
    sail: SparkEngine, fetched: list[int], where: str, asked: Asked
) -> None:
    """What is decided, counted and held back is answered by a handful of rows; a file and a mailing by their pieces."""
    context = _lived(context_of(replace(PERSONA, who="plan = 'paid'")))
    engine = sail if where == "sail" else DuckDBEngine(threads=1)
    fetched.clear()
    with deciding_list(replace(context, engine=engine), asked, at=noon(2), channel="email") as found:
        assert (found.asked, found.refused, found.chosen, found.now) == (MANY, 1, MANY - 1, MANY - 1)
        assert max(fetched) < MOST
        for pieces in (found.wide(most=MOST), found.decided(most=MOST), found.delivered(most=MOST)):
            sizes = [piece.num_rows for piece in pieces]
            assert (sum(sizes), max(sizes)) == (MANY - 1, MOST)
        sent = list(exposures_of(found, at=noon(2), channel="email", zone=context.zone))
        assert sum(len(each) for each in sent) == MANY - 1
        assert max(fetched) < MOST


def test_columns_of_files_are_known(sail: SparkEngine, tmp_path: Path) -> None:
    """A rule asks for more than the columns without which a table of customers is none."""
    customers = pa.table({"customer": ["ann", "bob"], "persona": ["p", "q"], "spend": [7.0, 70.0]})
    file = tmp_path / "customers.parquet"
    pq.write_table(customers, file)
    found = [each.matching((str(file),), rule="spend > 10").to_pylist() for each in (sail, DuckDBEngine(threads=1))]
    assert found == [[{"persona": "q", "customers": 1}]] * 2
