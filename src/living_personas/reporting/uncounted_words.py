"""What does not count, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from living_personas.domain.uncounted import Uncounted

__all__ = ["uncounted_warnings", "uncounted_words"]


def uncounted_words(found: Uncounted) -> str:
    """One sentence.

    >>> uncounted_words(Uncounted(kind="rule", count=120, of=240, because="`plan` is not known of 93% of them"))
    "120 of 240 exposures met nobody's rule, because `plan` is not known of 93% of them."
    """
    so_many = f"{found.count:,} of {found.of:,}"
    match found.kind:
        case "rule":
            return f"{so_many} exposures met nobody's rule, because {found.because}."
        case "persona":
            return (
                f"{so_many} units are of the persona {found.persona!r}, of which there is no file: they do not count."
            )
        case "attribute":
            whose = f"{found.persona!r} does not have" if found.persona else "no persona has"
            return f"{so_many} units are of the attribute {found.attribute!r}, which {whose}: they do not count."
        case "option":
            which = f"units of {found.persona}/{found.attribute} met {found.option!r}"
            return f"{so_many} {which}, which is none of its options: they do not count."
        case "early":
            return f"{so_many} units met something before the first day that is learned from: they do not count."
        case "outcome":
            return (
                f"{so_many} {found.event!r} of the last days belong to no unit: whoever it was had met nothing "
                "that was waiting for it."
            )


def uncounted_warnings(found: Iterable[Uncounted]) -> tuple[str, ...]:
    """The sentences of what is more than a twentieth."""
    return tuple(uncounted_words(each) for each in found if each.is_much)
