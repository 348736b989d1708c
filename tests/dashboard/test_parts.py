"""A split on the review page: both parts with their intervals; approved, it is a file."""

from __future__ import annotations

from datetime import date

from dashboard.desk import Desk, submit
from living_personas.domain.belief import Interval, Subject
from living_personas.domain.refinement import Refinement
from living_personas.domain.split import Split
from living_personas.loop.splits.part_files import write_parts
from living_personas.workspace.files import read_workspace
from made_refinement import made_refinement

SAID = "Among first buyers, those with orders_total >= 1 answer 'quality', all others 'discount'."


def split_of(value: str, new: str) -> Refinement:
    inside, outside = Interval(estimate=0.04, lower=0.01, upper=0.07), Interval(estimate=0.02, lower=0.01, upper=0.03)
    return made_refinement(
        id="rsplit",
        kind="split",
        subject=Subject(persona="budget-first-buyer", attribute="framing"),
        old=value,
        new=new,
        effect=inside,
        day=date(2026, 6, 1),
        verdict="review",
        why=SAID,
        review="open",
        split=Split(
            persona="budget-first-buyer-new",
            name="Budget: new",
            part="(orders_total >= 1) is true",
            in_words="orders_total >= 1",
            values=(new, value),
            effects=(inside, outside),
            options=2,
        ),
    )


def test_a_split_is_shown_with_both_parts_and_approved_it_is_a_file(desk: Desk) -> None:
    (version,) = (each for each in desk.context.versions() if each.id == "budget-first-buyer")
    attribute, value = version.persona.attribute("framing"), version.standing("framing").value
    new = next(option for option in attribute.options if option != value)
    desk.context.store.refinements.put(split_of(value, new))
    client = desk.client("Dana")
    page = client.get("/review").text
    card = page[page.index('id="rsplit"') :].split("</li>", maxsplit=1)[0]
    assert "Among first buyers" in card
    assert card.count('<svg class="bar"') == 2
    assert "all others" in card
    approved = submit(client, "/review", "/review/rsplit/approve").headers["location"]
    assert approved == "/review?undo.save=1"
    part = read_workspace(desk.root).persona("budget-first-buyer-new")
    assert (part.split_of, part.attribute("framing").believed) == ("budget-first-buyer", new)
    page = client.get(approved).text
    assert "Approved: budget-first-buyer-new.yaml written." in page
    assert 'action="/saves/1/undo"' in page
    submit(client, "/review", "/saves/1/undo")
    assert not (desk.root / "personas" / "budget-first-buyer-new.yaml").exists()
    assert write_parts(desk.fresh(), root=desk.root) == (), "it is done once"
