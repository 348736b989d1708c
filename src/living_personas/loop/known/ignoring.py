"""Whom the workspace ignores: colleagues and test accounts are told apart before anybody else."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.decision import IGNORED
from living_personas.domain.persona import Persona, before_all
from living_personas.loop.context import Context
from living_personas.memory.split_records import SPLIT_QUESTIONS
from living_personas.rules.parse import Kind, parse

__all__ = ["counted", "rule_columns", "told_apart"]


def told_apart(context: Context) -> tuple[Persona, ...]:
    """By whose rules customers are told apart: the personas, and before them ``IGNORED``, if the workspace ignores any.

    Without personas nobody is told apart.
    """
    if not context.settings.ignore or not context.personas:
        return context.personas
    ignored = replace(
        context.personas[0], id=IGNORED, who=context.settings.ignore, priority=before_all(context.personas)
    )
    return (ignored, *context.personas)


def rule_columns(context: Context) -> dict[str, Kind]:
    """The features and traits that rules ask for, of personas and of their parts, each with a kind that it is used as.

    Where both ask for one, it is of the kind that the personas' rules use it as.
    """
    rules = [*_part_rules(context), *(persona.who for persona in told_apart(context))]
    return {name: kind for rule in rules for name, kind in parse(rule).columns if name != CUSTOMER}


def _part_rules(context: Context) -> list[str]:
    """The questions by which parts of personas that are asked for splits may be told apart."""
    asked = {
        f"{persona.id}/{attribute.name}"
        for persona in context.personas
        for attribute in persona.attributes
        if attribute.splits != "off"
    }
    every = SPLIT_QUESTIONS.all(context.store) if asked else {}
    return [question.rule(yes=True) for name, questions in every.items() if name in asked for question in questions]


def counted(customers: pa.Table) -> pa.Table:
    """The customers, by a table with the ``persona`` of each, who are not ignored."""
    return customers.filter(pc.not_equal(customers["persona"], IGNORED))
