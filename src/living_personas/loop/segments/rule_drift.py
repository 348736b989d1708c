"""A rule that no longer says who acts like a persona's customers, and the rule that would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.discovery.columns import Column
from living_personas.discovery.everybody import SAMPLE
from living_personas.discovery.feature_matrix import LEAST_CUSTOMERS, Sheet, read_sheet
from living_personas.discovery.feature_words import untangled
from living_personas.discovery.find import LEAST_MEMBERS
from living_personas.discovery.homes import at_home
from living_personas.discovery.rule_tree import grow, plain_columns
from living_personas.discovery.scorecard import f1
from living_personas.discovery.segment_gate import jaccard
from living_personas.domain.candidate import SAID_WELL
from living_personas.domain.rule_fit import RuleFit
from living_personas.domain.told_number import share_words
from living_personas.domain.upkeep import Upkeep
from living_personas.loop.context import Context
from living_personas.loop.known.ignoring import told_apart
from living_personas.memory.search_records import PERSONA_SHAPES, RULE_FITS
from living_personas.stats.arrays import Bools, Ints

__all__ = ["drifted_rules"]

FALLEN = 0.15
"""By how much the F1 of a rule has fallen from its best before it has drifted: from week to week it moves by .03."""

BETTER = 0.1
"""By how much another rule must be better."""


def drifted_rules(
    context: Context, customers: pa.Table, columns: Sequence[Column], day: date, *, known_days: str, seed: int
) -> tuple[Upkeep, ...]:
    """A proposal for each persona whose rule said well who acts like its customers, and does so no more.

    A rule that never did is a definition, of which nobody knows better than those who wrote it. The new one is a tree
    made of half of the customers; its F1 is of whom it would file among the other half, beside the rules of all other
    personas.

    Parameters
    ----------
    customers
        Those who are looked at, as for ``find_segments``, with the ``persona`` that each is filed under.
    """
    filed = set(customers["persona"].unique().to_pylist())
    if customers.num_rows < LEAST_CUSTOMERS or filed.isdisjoint(persona.id for persona in context.personas):
        return ()
    rng = np.random.Generator(np.random.PCG64(seed))
    rows = np.sort(rng.permutation(customers.num_rows)[:SAMPLE])
    looked_at = customers.take(pa.array(rows))
    sheet = untangled(
        read_sheet(looked_at, columns=columns, assigned="persona", customer="customer", known_days=known_days)
    )
    rules = {persona.id: persona.who for persona in context.personas}
    homes, shapes = at_home(sheet, rules, before=PERSONA_SHAPES.read(context.store), rng=rng)
    PERSONA_SHAPES.write(context.store, shapes)
    half = np.sort(rng.permutation(len(sheet))[: len(sheet) // 2])
    fallen = list(_fallen(context, sheet, homes, rules, day))
    return tuple(found for each in fallen if (found := _proposal(context, looked_at, sheet, each, half=half, day=day)))


class _Fallen(NamedTuple):
    """A persona, who is at home with it, how well its rule says so now, and how well it did at best."""

    persona: str
    home: Bools
    now: float
    best: RuleFit


def _fallen(context: Context, sheet: Sheet, homes: Ints, rules: Mapping[str, str], day: date) -> Iterator[_Fallen]:
    """The personas whose rules said their homes better before; how well each does so now is kept."""
    for place, name in enumerate(sheet.personas):
        home = np.asarray(homes == place)
        now, before = f1(sheet.filed == place, home), RULE_FITS.read(context.store, name)
        if before is None or before.who != rules[name] or before.best < now:
            RULE_FITS.write(context.store, name, RuleFit(who=rules[name], best=now, on=day))
        elif before.best >= SAID_WELL and now <= before.best - FALLEN:
            yield _Fallen(persona=name, home=home, now=now, best=before)


def _proposal(
    context: Context, customers: pa.Table, sheet: Sheet, fallen: _Fallen, *, half: Ints, day: date
) -> Upkeep | None:
    """The rule that says better who is at home, if one does; nothing where hardly anybody is at home any more."""
    if fallen.home[half].sum() < LEAST_MEMBERS:
        return None
    rest = np.setdiff1d(np.arange(len(sheet)), half)
    rule = grow(plain_columns(sheet.take(half)), fallen.home[half]).rule
    filed = _filed_by(context, customers, fallen.persona, rule)
    reached = f1(filed[rest], fallen.home[rest])
    if reached < max(SAID_WELL, fallen.now + BETTER):
        return None
    overlap = jaccard(filed, np.asarray(sheet.filed == sheet.personas.index(fallen.persona)))
    return Upkeep(
        id="",
        kind="rule",
        persona=fallen.persona,
        rules=((fallen.persona, fallen.best.who),),
        proposed=rule,
        f1=round(reached, 4),
        f1_before=round(fallen.now, 4),
        overlap=round(overlap, 4),
        why=(
            f"its rule said who acts like its customers with an F1 of {fallen.best.best:.2f} on {fallen.best.on}, and "
            f"of {fallen.now:.2f} now; the proposed one does with {reached:.2f}, and of all whom either of the two "
            f"holds, both hold {share_words(overlap)}"
        ),
        first_seen=day,
        last_seen=day,
    )


def _filed_by(context: Context, customers: pa.Table, persona: str, rule: str) -> Bools:
    """Whom a persona would hold by another rule, beside all other personas."""
    others = tuple(replace(each, who=rule) if each.id == persona else each for each in told_apart(context))
    known = customers.drop_columns(["persona"])
    return np.asarray(pc.equal(context.engine.members(known, personas=others)["persona"], persona))
