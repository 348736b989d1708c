"""A measured trait: with its interval in every brief, and withheld of few."""

from __future__ import annotations

from dataclasses import replace

from living_personas.domain.belief import Interval
from living_personas.domain.report import TraitReport
from living_personas.mcp.framing import Frame
from living_personas.mcp.resources import measured_line
from living_personas.reporting.brief_text import trait_sentence

MEAN = Interval(estimate=59.1395, lower=57.12, upper=61.2)
TRAIT = TraitReport(trait="average_order_value", unit="EUR", believed=40.0, value=59.0, measured=MEAN, customers=900)


def test_a_brief_says_no_mean_without_its_interval() -> None:
    said = "Average order value: 59.1 EUR (57.1 to 61.2), measured; the workshop believed 40 EUR."
    assert trait_sentence(TRAIT, discovered=False) == said
    told = measured_line(TRAIT, Frame(boundary="0a1b2c3d"))
    assert "(57.1 to 61.2) on average, n 900 customers; people believed 40 " in told


def test_a_brief_says_nothing_of_few() -> None:
    assert trait_sentence(replace(TRAIT, customers=49), discovered=False).endswith("believed 40 EUR; not measured.")
