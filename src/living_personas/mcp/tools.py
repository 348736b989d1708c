"""The ten tools on one page: what each says of itself, what it may be asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from living_personas.domain.value import value
from living_personas.mcp import arguments as may_ask
from living_personas.mcp.answers import Answer
from living_personas.mcp.asking import Asked
from living_personas.mcp.changes import list_segments, what_changed
from living_personas.mcp.persona_questions import (
    find_persona,
    get_evidence,
    get_persona,
    list_personas,
    preview_decision,
)
from living_personas.mcp.schemas import (
    BELIEF,
    BELIEF_KEYS,
    BELIEF_MORE,
    FLAG,
    HEAD,
    INT,
    INTERVAL,
    STR,
    Schema,
    answer_schema,
    array,
    maybe,
    record,
)
from living_personas.mcp.writing import name_segment, propose_change, record_outcome

__all__ = ["TOOLS", "AgentTool", "tools_for"]


@value
class AgentTool:
    """One tool: ``answer`` gets the question and the checked arguments, an instance of ``arguments``."""

    name: str
    says: str
    arguments: type
    answers: Schema
    answer: Callable[[Asked, Any], Answer]
    writes: bool = False


_MADE: Schema = {
    "attribute": STR,
    "kind": STR,
    "old": maybe("string"),
    "new": maybe("string"),
    "compared": maybe("string"),
    "effect": maybe("number"),
    "interval": INTERVAL,
    "n": maybe("integer"),
    "grade": STR,
    "day": STR,
}
_ROW = record(HEAD, belief=BELIEF)
_OPEN: Schema = {"type": "object"}
"""Rows that another tool describes, or whose keys speak for themselves: all tools together stay on one page."""

TOOLS: tuple[AgentTool, ...] = (
    AgentTool(
        name="list_personas",
        says="All personas, each with its most telling belief; `more` names those without room.",
        arguments=may_ask.ListPersonas,
        answers=answer_schema({"personas": array(_ROW), "more": array(STR), "omitted": INT}),
        answer=list_personas,
    ),
    AgentTool(
        name="get_persona",
        says="One persona: whom it holds; beliefs proven, leaning, unknown. Say the unknown, invent nothing.",
        arguments=may_ask.GetPersona,
        answers=answer_schema(
            {
                **HEAD,
                "goal": STR,
                "who": STR,
                "beliefs": array(record({"part": STR, **BELIEF_KEYS}, **BELIEF_MORE)),
                "omitted": INT,
            },
            brief=STR,
            traits=array(_OPEN),
        ),
        answer=get_persona,
    ),
    AgentTool(
        name="get_evidence",
        says="One attribute: each option's outcome per occasion, interval, the decision; `by` a trait: in `parts` "
        "(exploratory).",
        arguments=may_ask.GetEvidence,
        answers=answer_schema(
            {
                **HEAD,
                "goal": STR,
                "belief": BELIEF,
                "says": STR,
                "days": {"type": ["array", "null"], "items": STR},
                "measure": STR,
                "alarm": FLAG,
                "options": array(_OPEN),
                "omitted": INT,
            },
            decision=record(_MADE),
            why_believed=STR,
            confidence=STR,
        ),
        answer=get_evidence,
    ),
    AgentTool(
        name="what_changed",
        says="New versions since `7d` or a day, newest first, with evidence; how many wait for a person, `upkeep`: "
        "proposals about personas.",
        arguments=may_ask.WhatChanged,
        answers=answer_schema(
            {"since": maybe("string"), "waiting": INT, "upkeep": INT, "changes": array(_OPEN), "omitted": INT},
            reviews=array(_OPEN),
            proposals=array(_OPEN),
        ),
        answer=what_changed,
    ),
    AgentTool(
        name="list_segments",
        says="Customers whom no persona explained: how often found, how they answer, what to test first.",
        arguments=may_ask.ListSegments,
        answers=answer_schema({"withheld": INT, "segments": array(_OPEN), "omitted": INT}),
        answer=list_segments,
    ),
    AgentTool(
        name="preview_decision",
        says="What would be shown now, and if it may be delivered. Records nothing.",
        arguments=may_ask.PreviewDecision,
        answers=answer_schema(
            {
                "recorded": FLAG,
                "holdout": FLAG,
                "deliver": FLAG,
                "persona": maybe("string"),
                "version": maybe("integer"),
                "choices": array(_OPEN),
                "omitted": INT,
            }
        ),
        answer=preview_decision,
    ),
    AgentTool(
        name="find_persona",
        says="Personas whose words a description shares, best first.",
        arguments=may_ask.FindPersona,
        answers=answer_schema({"personas": array(_OPEN), "omitted": INT}),
        answer=find_persona,
    ),
    AgentTool(
        name="propose_change",
        says="Ask for another value of an attribute. Opens a review; only a person can approve it.",
        arguments=may_ask.ProposeChange,
        answers=answer_schema({"review": STR, "waits_for": STR, "version": INT, "proposed": STR, "belief": _OPEN}),
        answer=propose_change,
        writes=True,
    ),
    AgentTool(
        name="name_segment",
        says="Suggest a name for a segment; people decide.",
        arguments=may_ask.NameSegment,
        answers=answer_schema({"segment": STR, "suggested": array(STR), "waits_for": STR}),
        answer=name_segment,
        writes=True,
    ),
    AgentTool(
        name="record_outcome",
        says="Record that a customer did what a goal or guardrail names; a message_id counts once, for the "
        "personas in counts_for; an erased customer's is refused.",
        arguments=may_ask.RecordOutcome,
        answers=answer_schema(
            {
                "event": STR,
                "received": INT,
                "stored": INT,
                "duplicate": INT,
                "refused": INT,
                "counts_for": array(STR),
            }
        ),
        answer=record_outcome,
        writes=True,
    ),
)
"""All tools; those that write come last."""


def tools_for(*, writes: bool) -> tuple[AgentTool, ...]:
    """The tools that a caller may see: a tool that may not be used is not even named."""
    return tuple(tool for tool in TOOLS if writes or not tool.writes)
