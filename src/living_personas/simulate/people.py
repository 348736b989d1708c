"""Who lives in the world: one column per thing that is true of a customer, and nothing of it is ever shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from living_personas.simulate.chance import stream
from living_personas.simulate.frailty import frailties
from living_personas.simulate.habits import Habits, habit_table
from living_personas.simulate.spec import WorldSpec
from living_personas.stats.arrays import Bools, Floats

__all__ = ["CAMPAIGNS", "COUNTRIES", "NOBODY", "People", "Small", "draw_people"]

Small = NDArray[np.int32]

NOBODY = -1
"""No segment, no heir."""

CAMPAIGNS = ("spring_deal", "newsletter", "search", "friends")
"""The first is a campaign of deals."""
COUNTRIES = ("DE", "NL", "FR", "BE")

_ROBOT = Habits(sessions=160, features=0, pricing=40, tickets=0, ads=8, opened=1, clicked=1, deal=0.25)


@dataclass(slots=True)
class People:
    """All customers in columns; ``persona``, ``subscribed`` change as they live.

    ``arrives`` is the day they come (before 0: they were there), ``heir`` the persona they become with their first
    order, ``activity`` and ``interest`` how much more than the mean they do, ``taste`` shifts their share of discounts,
    """

    ids: pa.Array
    persona: Small
    segment: Small
    robot: Bools
    heir: Small
    arrives: Small
    occasion: Small
    activity: Floats
    interest: Floats
    frailty: Floats
    spend: Floats
    opened: Floats
    hour: Floats
    mobile: Floats
    subscribed: Bools
    machine: Bools
    channel: Small
    campaign: Small
    country: Small
    tenure: Small
    orders_before: Small
    appears: Small
    habits: dict[str, Floats]

    def __len__(self) -> int:
        return int(self.persona.size)

    def group(self, day: int) -> Small:
        """Whose habits each customer has on a day: a persona's, a segment's (they follow the personas) or a robot's."""
        personas = len(self.habits["sessions"]) - len(self.appears) - 1
        planted = (
            (self.segment != NOBODY) & (day >= self.appears[np.maximum(self.segment, 0)])
            if len(self.appears)
            else np.zeros(len(self), dtype=bool)
        )
        group = np.where(planted, personas + self.segment, self.persona)
        return np.where(self.robot, len(self.habits["sessions"]) - 1, group).astype(np.int32)

    def there(self, day: int) -> Bools:
        """Who has come by a day."""
        return np.asarray(self.arrives <= day)
