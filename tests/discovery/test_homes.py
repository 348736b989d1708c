"""Customers stay at home with the persona that they act like, however often it is looked at."""

from __future__ import annotations

import numpy as np
import pytest

from living_personas.discovery.feature_matrix import read_sheet
from living_personas.discovery.homes import at_home
from living_personas.domain.persona_shapes import PersonaShapes
from worlds.customers import COLUMNS
from worlds.moving_customers import months

LOOKS = 8


@pytest.mark.long
@pytest.mark.parametrize("seed", [140_007, 140_010])
def test_no_home_takes_the_others_where_nothing_changes(seed: int) -> None:
    """In these worlds the largest home took nearly everybody when each look began where the last one had ended."""
    before: PersonaShapes | None = None
    sizes = []
    for look, world in enumerate(months(8_000, share=0.0, seed=seed, count=LOOKS, busier=1.0)):
        sheet = read_sheet(world.frame, columns=COLUMNS, assigned="persona", customer="customer")
        homes, before = at_home(
            sheet, dict.fromkeys(sheet.personas, ""), before=before, rng=np.random.Generator(np.random.PCG64(look))
        )
        sizes.append(np.bincount(homes, minlength=len(sheet.personas)))
    assert (sizes[-1] > 0.7 * sizes[0]).all()
    assert (sizes[-1] < 1.3 * sizes[0]).all()
