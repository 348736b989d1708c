"""A name, set off from the sentence that it stands in."""

from __future__ import annotations

__all__ = ["named"]


def named(text: str) -> str:
    """A name in the quotes that it does not hold itself; what cannot be seen is escaped.

    Reasons that were written down hold names as ``repr`` writes them: ``requoted`` brings them into this form.

    >>> print(named("quality"), named("it's"), named('50 % "off"'))
    'quality' "it's" '50 % "off"'
    """
    written = repr(text)
    if "'" not in text or '"' not in text:
        return written
    inside = written[1:-1].replace("\\'", "'")
    return f"\N{LEFT DOUBLE QUOTATION MARK}{inside}\N{RIGHT DOUBLE QUOTATION MARK}"
