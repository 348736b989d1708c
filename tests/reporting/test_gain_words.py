"""What a gain is said to be where nobody is held out: waiting does not tell it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from shutil import copytree

from cli.shop import Typed
from living_personas.domain.goal import DAY, Goal
from living_personas.domain.report import Gain
from living_personas.reporting.cards import gain_words
from living_personas.reporting.gain import NOBODY_HELD_OUT, gains
from living_personas.wiring import open_context


def test_without_a_holdout_it_is_not_said_to_become_known(told: Path, tmp_path: Path, personas: Typed) -> None:
    shop = Path(copytree(told, tmp_path / "shop"))
    settings = shop / "workspace.yaml"
    kept = [line for line in settings.read_text().splitlines() if not line.startswith("holdout:")]
    settings.write_text("\n".join([*kept, "holdout: 0"]) + "\n")
    _, context = open_context(shop)
    with closing(context.store):
        found = [each for each in gains(context, context.versions()) if not each.static_customers]
    assert found
    assert {each.says for each in found} == {NOBODY_HELD_OUT}
    assert "nobody is held out" in personas("report", "--format", "md", "--workspace", shop).out


def test_a_card_says_so_in_few_words() -> None:
    gain = Gain(persona="p", living_customers=900, static_customers=0, difference=None, says=NOBODY_HELD_OUT)
    assert gain_words(gain, Goal(event="Order Completed", within=7 * DAY)) == "not known: nobody is held out"
