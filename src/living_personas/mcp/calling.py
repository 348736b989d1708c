"""One call of a tool: what comes in is checked, what goes out is framed, errors included."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any

import mcp_types as types
from pydantic import TypeAdapter, ValidationError

from living_personas.domain.event import Json
from living_personas.errors import LivingPersonasError
from living_personas.mcp.answers import Answer, NotThereError, picked
from living_personas.mcp.asking import Asked
from living_personas.mcp.framing import Frame, unframed
from living_personas.mcp.tools import AgentTool, tools_for

__all__ = ["called"]


def called(asked: Asked, name: str, given: Mapping[str, Any] | None) -> types.CallToolResult:
    """The result of a tool; what went wrong is told as data, with the names that would have been right."""
    try:
        tools = {tool.name: tool for tool in tools_for(writes=asked.caller.writes)}
        tool = tools[picked("tool", name, tools)]
        answer = tool.answer(asked, _checked(tool, given or {}, asked.frame))
    except NotThereError as error:
        return _failed(error.answer(asked.frame))
    except _UnreadableError as error:
        return _failed({"error": error.message, "hint": error.hint})
    except LivingPersonasError as error:
        frame = asked.frame
        return _failed({"error": frame.data(error.message, most=300), "hint": frame.data(error.hint, most=300)})
    return types.CallToolResult(content=[_text(answer)], structured_content=answer)


class _UnreadableError(LivingPersonasError):
    """The arguments are not what the tool may be asked; what was given is framed already."""


def _checked(tool: AgentTool, given: Mapping[str, Any], frame: Frame) -> object:
    known = tuple(inspect.signature(tool.arguments).parameters)
    for name in given:
        if name not in known:
            raise NotThereError("argument", name, known)
    plain = {name: unframed(said) if isinstance(said, str) else said for name, said in given.items()}
    try:
        return TypeAdapter(tool.arguments).validate_python(plain)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = frame.data(".".join(map(str, wrong["loc"])))
        raise _UnreadableError(f"{tool.name}: {where}: {wrong['msg']}.", hint="see the tool's schema.") from error


def _text(answer: Json) -> types.TextContent:
    return types.TextContent(type="text", text=json.dumps(answer, ensure_ascii=False, separators=(",", ":")))


def _failed(answer: Answer) -> types.CallToolResult:
    return types.CallToolResult(content=[_text(answer)], is_error=True)
