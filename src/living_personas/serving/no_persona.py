"""Why nothing is chosen for somebody, in words: at every door that explains itself."""

from __future__ import annotations

from living_personas.serving.question import Answer

__all__ = ["no_persona_words"]


def no_persona_words(answer: Answer, *, is_known: bool) -> str:
    """What is true of somebody whom no persona holds, and what they get.

    Parameters
    ----------
    is_known
        Whether anything is known of the customer beside what was asked with it (``Desk.knows``).
    """
    if answer.delivery.refused:
        return "There is no consent of this customer, so nothing is chosen."
    found = (
        "No rule is true for this customer, by what is known of it."
        if is_known
        else "Nothing is known of this customer but what was asked with it, and by that no rule is true."
    )
    return f"{found} So nothing is chosen: it gets your own default, as everybody does whom no persona holds."
