"""Prompts: what people ask an agent for most, with the evidence in it and the unknown said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import mcp_types as types
from mcp.shared.exceptions import MCPError

from living_personas.domain.value import value
from living_personas.errors import InvalidDecisionError, LivingPersonasError
from living_personas.mcp.answers import NotThereError, picked
from living_personas.mcp.arguments import GetEvidence, GetPersona, ListSegments, WhatChanged
from living_personas.mcp.asking import Asked
from living_personas.mcp.changes import list_segments, what_changed
from living_personas.mcp.drafting import draft_text
from living_personas.mcp.persona_questions import get_evidence, get_persona
from living_personas.mcp.resources import NOTE, brief_text

__all__ = ["PROMPTS", "written"]

Given = Mapping[str, str]
MOST = 8000


@value
class _Prompt:
    says: str
    needs: tuple[str, ...]
    may: tuple[str, ...]
    text: Callable[[Asked, Given], str]


def written(asked: Asked, name: str, given: Given) -> types.GetPromptResult:
    """A prompt with its data; a missing argument or an unknown name raises with what would be right, as data."""
    try:
        prompt = _ALL[picked("prompt", name, _ALL)]
        for need in prompt.needs:
            if not given.get(need, "").strip():
                raise InvalidDecisionError(f"The prompt needs {need!r}.", hint="give it some text.")
        text = prompt.text(asked, given)
    except NotThereError as error:
        said = error.answer(asked.frame)
        raise MCPError(types.INVALID_PARAMS, json.dumps(said, ensure_ascii=False)) from error
    except LivingPersonasError as error:
        raise MCPError(types.INVALID_PARAMS, asked.frame.data(error.in_sentences, most=600)) from error
    message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
    return types.GetPromptResult(description=prompt.says, messages=[message])


def _write_copy(asked: Asked, given: Given) -> str:
    persona = asked.persona(given["persona"])
    written_for = asked.version(persona.persona).persona
    channel = given["channel"]
    if written_for.channels:
        picked("channel", channel, written_for.channels)
    frame = asked.frame
    return "\n".join(
        (
            f"Write copy for the channel {frame.data(channel)}, with the goal {frame.data(given['goal'], most=500)}.",
            "Build on what is proven; what leans or is chosen may colour the tone; leave out the rest, invent nothing.",
            "At the end, list which lines of the brief you used, and what you left open.",
            "",
            brief_text(asked, persona),
        )
    )


def _explain_change(asked: Asked, given: Given) -> str:
    name = given.get("persona", "")
    if given.get("attribute"):
        evidence = get_evidence(asked, GetEvidence(persona=name, attribute=given["attribute"], detail=True))
        data = {"evidence": evidence}
    else:
        data = {"changes": what_changed(asked, WhatChanged(since=given.get("since") or "30d", persona=name))}
    return _with_data(
        asked,
        "Explain to somebody who has never seen a test what changed here: what was believed, what holds now, how sure "
        "that is (with interval and n), since when, and what is still unknown. A null is not known yet, which is not "
        "the same as no effect.",
        data,
    )


def _plan_next_test(asked: Asked, given: Given) -> str:
    data: dict[str, object] = {"segments": list_segments(asked, ListSegments(state="any"))}
    if given.get("persona"):
        data["persona"] = get_persona(asked, GetPersona(persona=given["persona"], detail=True))
    else:
        data["personas"] = [get_persona(asked, GetPersona(persona=each.persona)) for each in asked.personas()[:6]]
    return _with_data(
        asked,
        "Plan the next test. Prefer what is unknown or leaning and would change most; a segment's first test is a good "
        "candidate. Say the options, for whom, what would be learned, and what is not worth testing any more.",
        data,
    )


def _draft_persona(asked: Asked, given: Given) -> str:
    notes = asked.frame.data(given["notes"], most=MOST, lines=True)
    note = NOTE.format(asked.frame.boundary)
    return f"{draft_text(asked.context, asked.frame)}\n{note}\nThe notes of the workshop:\n{notes}"


def _with_data(asked: Asked, task: str, data: object) -> str:
    return f"{task}\n{NOTE.format(asked.frame.boundary)}\n{json.dumps(data, ensure_ascii=False)}"


_ALL: dict[str, _Prompt] = {
    "write_copy": _Prompt(
        says="Copy for a persona on a channel, that claims only what is known.",
        needs=("persona", "channel", "goal"),
        may=(),
        text=_write_copy,
    ),
    "explain_change": _Prompt(
        says="What changed, in plain words: all of 30 days, one persona, or one attribute of it.",
        needs=(),
        may=("persona", "attribute", "since"),
        text=_explain_change,
    ),
    "plan_next_test": _Prompt(
        says="What to test next, and what not to test any more.", needs=(), may=("persona",), text=_plan_next_test
    ),
    "draft_persona": _Prompt(
        says="Turn workshop notes into a persona file that `personas check` accepts.",
        needs=("notes",),
        may=(),
        text=_draft_persona,
    ),
}

PROMPTS = tuple(
    types.Prompt(
        name=name,
        description=prompt.says,
        arguments=[
            types.PromptArgument(name=each, required=each in prompt.needs) for each in (*prompt.needs, *prompt.may)
        ],
    )
    for name, prompt in _ALL.items()
)
