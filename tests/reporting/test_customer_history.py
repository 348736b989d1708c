"""One customer's history: what came of an occasion is what evidence counts, and who was erased is nobody."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc
import pytest

from cli.shop import Typed
from living_personas.domain.goal import GOAL
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.folding.unit_outcomes import unit_outcomes
from living_personas.loop.relations import table_of
from living_personas.memory.people_records import PRIVACY_ACTS
from living_personas.memory.tables import CELLS, EVENTS, EXPOSURES, UNITS
from living_personas.reporting.customer_history import customer_history
from living_personas.wiring import open_context

NOW = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that has learned, whose acts of looking may be written down."""
    return Path(shutil.copytree(told, tmp_path_factory.mktemp("looked") / "shop"))


@pytest.fixture
def context(shop: Path) -> Iterator[Context]:
    _, context = open_context(shop)
    with closing(context.store):
        yield context


@pytest.mark.long
def test_the_outcomes_of_all_units_are_the_evidence(context: Context) -> None:
    """One fold of each unit by itself: together they are the cells, and no unit has another's outcome."""
    closed = closed_through(context)
    assert closed is not None
    units, events = table_of(UNITS.all(context.store)), table_of(EVENTS.all(context.store))
    found: Counter[tuple[str, ...]] = Counter()
    for unit, came in zip(units.to_pylist(), unit_outcomes(context, units, events, through=closed), strict=True):
        found[unit["persona"], unit["attribute"], unit["option"], unit["policy"]] += came[GOAL].happened
    cells: Counter[tuple[str, ...]] = Counter()
    for cell in table_of(CELLS.all(context.store)).filter(pc.field("metric") == GOAL).to_pylist():
        cells[cell["persona"], cell["attribute"], cell["option"], cell["policy"]] += cell["s"]
    assert +found == +cells
    assert sum(found.values()) > 100


def test_a_history_says_what_was_shown_and_what_came_of_it(context: Context) -> None:
    closed = closed_through(context)
    assert closed is not None
    units, events = table_of(UNITS.all(context.store)), table_of(EVENTS.all(context.store))
    came = unit_outcomes(context, units, events, through=closed)
    bought = next(row for row, each in enumerate(came) if each[GOAL].happened and not units["holdout"][row].as_py())
    unit = units.slice(bought, 1).to_pylist()[0]
    found = customer_history(context, unit["customer"], by="Dana", at=NOW)
    shown = next(each for each in found.shown if each.attribute == unit["attribute"] and each.epoch == unit["epoch"])
    goal = next(persona.goal for persona in context.personas if persona.id == unit["persona"])
    assert (shown.option, shown.share, shown.outcome) == (unit["option"], unit["propensity"], goal.event)
    assert shown.persona == unit["persona"]
    assert "drawn by chance" in shown.why
    assert goal.event in {each.name for each in found.happened}
    exposures = table_of(EXPOSURES.all(context.store))
    mine = exposures.filter(pc.equal(exposures["customer"], unit["customer"])).num_rows
    assert len(found.shown) == mine
    assert [each.at for each in found.shown] == sorted((each.at for each in found.shown), reverse=True)


def test_an_erased_customer_and_an_unknown_one_are_answered_alike(personas: Typed, shop: Path) -> None:
    _, context = open_context(shop)
    with closing(context.store):
        customer = str(table_of(EXPOSURES.all(context.store))["customer"][0])
        before = len(PRIVACY_ACTS.all(context.store))
    told = personas("customer", customer, "--format", "json", "--workspace", shop)
    assert json.loads(told.out)["shown"], "there is something to erase"
    assert personas("erase", customer, "--workspace", shop).code == 0
    answers = {
        form: [personas("customer", id_, "--format", form, "--workspace", shop) for id_ in (customer, "never-was")]
        for form in ("md", "json", "table")
    }
    for erased, unknown in answers.values():
        assert erased.out.replace(customer, "ID") == unknown.out.replace("never-was", "ID")
        assert (erased.code, erased.err) == (unknown.code, unknown.err) == (0, "")
    assert "Nothing is kept of this customer." in answers["md"][0].out
    _, context = open_context(shop)
    with closing(context.store):
        kinds = [act.kind for act in PRIVACY_ACTS.all(context.store).values()][before:]
        stored = "".join(str(act) for act in PRIVACY_ACTS.all(context.store).values())
    assert Counter(kinds) == {"looked at": 7, "erased": 1}
    assert customer not in stored


def test_an_id_that_is_none_is_an_error(personas: Typed, shop: Path) -> None:
    answer = personas("customer", "guest", "--workspace", shop)
    assert answer.code == 1
    assert "hint:" in answer.err
