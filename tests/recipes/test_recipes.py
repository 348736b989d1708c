"""Recipes are declarations: complete, told apart, and documented where each says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.recipes.evidence import written_numbers
from living_personas.recipes.first_rows import FirstRows, first_rows
from living_personas.recipes.recipe import Recipe, recipe_named, recipes
from living_personas.recipes.recognise import recognise
from living_personas.recipes.understood_file import UnderstoodFile, understand
from living_personas.rules.parse import parse
from living_personas.sources.roles import declared_columns
from living_personas.workspace.default_features import is_default_name
from recipes.invented import EXPORTS, World

UTC = ZoneInfo("UTC")
RECIPES = {recipe.id: recipe for recipe in recipes()}
FILES = {
    "orders_export.csv": "shopify",
    "hubspot-contacts.csv": "hubspot",
    "sent-to.jsonl": "mailchimp",
    "email-activity.jsonl": "mailchimp-activity",
    "unified_payments.csv": "stripe",
    "events.jsonl": "ga4",
    "123456_2026.json": "amplitude",
    "mixpanel.jsonl": "mixpanel",
    "order_completed.csv": "segment",
    "order_completed.parquet": "rudderstack",
    "events.parquet": "posthog",
}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file of every export."""
    folder = tmp_path_factory.mktemp("exports")
    for export in EXPORTS.values():
        export.write(World(export.spelt, customers=40), folder)
    return folder


def seen(found: UnderstoodFile) -> dict[str, int]:
    return dict(found.events)


@pytest.mark.parametrize("file", FILES)
def test_each_file_is_recognised_by_its_content(file: str, exports: Path, tmp_path: Path) -> None:
    renamed = (exports / file).rename(tmp_path / f"renamed{Path(file).suffix}")
    found = understand(renamed, zone=UTC)
    renamed.rename(exports / file)
    assert found.recipe is not None
    assert found.recipe.id == FILES[file]
    assert sum(found.events.values()) >= 5
    assert [each.quarantined for each in found.seen] == [{}] * len(found.seen)
    assert len(found.seen) == len(found.recipe.sources)


def test_every_recipe_has_a_file_here() -> None:
    assert set(FILES.values()) == set(RECIPES)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.id)
def test_a_file_with_the_columns_that_tell_it_lacks_nothing(recipe: Recipe) -> None:
    """Whatever else a source names is optional: what is recognised can be read."""
    known = {column.split(".")[0] for column in recipe.recognised_by}
    for source in recipe.sources:
        optional = {each.column for each in source.columns if each.optional}
        needed = {column.split(".")[0] for column in declared_columns(source) if column not in optional}
        assert needed <= known


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.id)
def test_the_rule_of_the_first_persona_knows_its_names(recipe: Recipe) -> None:
    traits = {trait for source in recipe.sources for trait in source.traits}
    names = {name for name, _ in parse(recipe.persona.who).columns}
    assert all(name in traits or is_default_name(name) for name in names)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.id)
def test_each_says_where_its_columns_are_documented(recipe: Recipe) -> None:
    assert recipe.documented.startswith("https://")
    assert recipe.source_text("2026-05-06").startswith("  ")
    assert ("2026-05-06" in recipe.source_text("2026-05-06")) == ("day" in recipe.asks)


def rows_with(columns: tuple[str, ...]) -> FirstRows:
    return FirstRows(file=Path("some.csv"), columns=columns, rows=(), typed=False, whole=True)


@given(st.sampled_from(list(RECIPES.values())), st.data())
def test_a_file_that_lacks_one_of_the_columns_is_not_recognised_as_it(recipe: Recipe, data: st.DataObject) -> None:
    missing = data.draw(st.sampled_from(recipe.recognised_by))
    others = tuple(column for column in recipe.recognised_by if column != missing)
    found = recognise(rows_with((*others, "something else")))
    assert found is None or found.id != recipe.id


def test_more_columns_go_before_fewer() -> None:
    rudderstack = recipe_named("rudderstack")
    assert set(recipe_named("segment").recognised_by) < set(rudderstack.recognised_by)
    assert recognise(rows_with(rudderstack.recognised_by)) == rudderstack


def test_what_the_first_rows_show(exports: Path) -> None:
    stripe = understand(exports / "unified_payments.csv", zone=UTC)
    (numbers,) = [each.numbers for each in stripe.seen]
    assert (numbers.decimal, stripe.seen[0].currencies) == (",", {"EUR": 43})
    shopify = understand(exports / "orders_export.csv", zone=UTC)
    assert seen(shopify) == {"Order Completed": 40}
    assert shopify.seen[0].left_out == 12
    assert understand(exports / "events.jsonl", zone=UTC).seen[0].absent == ()


def test_optional_columns_that_a_file_lacks_are_named(exports: Path, tmp_path: Path) -> None:
    lines = (exports / "events.jsonl").read_text().splitlines()[:1]  # a page view: it has no `ecommerce`
    (tmp_path / "one.jsonl").write_text("\n".join(lines))
    (found,) = understand(tmp_path / "one.jsonl", zone=UTC).seen
    assert found.absent == ("ecommerce.purchase_revenue", "ecommerce.transaction_id")


def written(cents: int, decimal: str, *, grouped: bool) -> str:
    text = f"{cents / 100:,.2f}" if grouped else f"{cents / 100:.2f}"
    return text if decimal == "." else text.translate({ord(","): ".", ord("."): ","})


@given(
    st.lists(st.tuples(st.integers(0, 10**8), st.booleans()), min_size=1, max_size=20),
    st.sampled_from([".", ","]),
)
def test_money_tells_how_it_is_written(amounts: list[tuple[int, bool]], decimal: str) -> None:
    found = written_numbers(written(cents, decimal, grouped=grouped) for cents, grouped in amounts)
    assert found.decimal == decimal


@given(st.lists(st.integers(1, 999).flatmap(lambda n: st.just(f"{n}.{n:03d}")), min_size=1))
def test_what_may_be_two_numbers_tells_nothing(texts: list[str]) -> None:
    found = written_numbers(texts)
    assert (found.decimal, found.doubtful) == (None, texts[0])


def test_two_ways_to_write_tell_nothing() -> None:
    assert written_numbers(["29,90", "29.90"]).decimal is None


def test_the_first_rows_are_not_all(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text("a,b\n" + "1,2\n" * 1_001)
    found = first_rows(tmp_path / "long.csv")
    assert (len(found.rows), found.whole, replace(found, rows=()).has("b"), found.has("c")) == (
        1_000,
        False,
        True,
        False,
    )
