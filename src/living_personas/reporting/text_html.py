"""A sentence as HTML: what people wrote stays text, and what is typed is code."""

from __future__ import annotations

from html import escape

from living_personas.domain.command_text import outside_code

__all__ = ["text_html"]


def text_html(text: str) -> str:
    """The sentence, escaped.

    >>> text_html("a <b>: `holdout: 5%`")
    'a &lt;b&gt;: <code>holdout: 5%</code>'
    """
    return outside_code(text, escape, typed=lambda part: f"<code>{escape(part[1:-1])}</code>")
