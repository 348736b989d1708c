"""What does not count, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from living_personas.domain.counted import counted
from living_personas.domain.names import named
from living_personas.domain.uncounted import Uncounted, UncountedKind

__all__ = ["uncounted_notes", "uncounted_warnings", "uncounted_words"]

_OF_PEOPLE: frozenset[UncountedKind] = frozenset({"consent", "ignored", "crossed"})
"""What is counted in customers; all else is in exposures, occasions or events."""


def uncounted_words(found: Uncounted, *, people: Callable[[int], str] = "{:,}".format) -> str:
    """One sentence; ``people`` is how a number of customers is told: exactly, unless others than the owner read it.

    >>> uncounted_words(Uncounted(kind="rule", count=120, of=240, because="`plan` is not known of 93% of them"))
    "120 of 240 exposures met nobody's rule, because `plan` is not known of 93% of them."
    """
    tell = people if found.kind in _OF_PEOPLE else "{:,}".format
    so_many = f"{tell(found.count)} of {tell(found.of)}"
    persona, attribute, option = map(named, (found.persona, found.attribute, found.option))
    whose = f"{persona} does not have" if found.persona else "no persona has"
    many, are = partial(counted, found.count), "is" if found.count == 1 else "are"
    said: dict[UncountedKind, str] = {
        **_of_values(found),
        "rule": f"{so_many} exposures met nobody's rule, because {found.because}.",
        "persona": f"{so_many} occasions are of the persona {persona}, which has no file: they do not count.",
        "attribute": f"{so_many} occasions are of the attribute {attribute}, which {whose}: they do not count.",
        "option": f"{so_many} occasions met {option}, which is none of the options of {attribute} of {persona}: "
        "they do not count.",
        "early": f"{so_many} occasions met something before the first day that is learned from: they do not count.",
        "unclear": f"{many('word')} on {named(found.because)} {are} neither a yes nor a no: each is a no.",
        "leaving": f"Events {named(found.event)} are a no for nobody: who left by them goes on being contacted.",
        "consent": f"{so_many} customers who met an option never said yes or no, and `consent: required` asks for a "
        "yes: nothing is learned from them.",
        "ignored": f"{tell(found.count)} customers are ignored, as `ignore` says.",
        "crossed": f"{so_many} customers met two options of {attribute} on one occasion (the last four weeks).",
        "again": f"{found.of:,} exposures are {counted(found.of - found.count, 'occasion')}, as the source of "
        f"{attribute} names no `epoch`: a column that says which send or campaign it was counts each of them.",
        "robot": f"{many('event')} of the last weeks came from robots or headless browsers: they are not kept.",
        "unvouched": f"{so_many} exposures were reported by browsers that proved nothing: they do not count, unless "
        "the goal says `from_browsers`, or browsers prove for whom they speak.",
        "claimed": f"{many('event')} of the last weeks {are} a visitor's: in them browsers named customers of servers.",
        "yes": f"{many('yes', 'yeses')} on consents came from browsers for customers of servers: they grant nothing.",
        "old": f"{many('closed day waits', 'closed days wait')} to be counted anew: browsers alone sent "
        "events of them, and 30 such days are counted anew for each day that closes.",
        "noes": f"{many('no', 'noes')} on consents came from browsers on {found.because}, many times as many as usual: "
        "each counts; does somebody forge them with the key of a page (`personas keys list`)? Then revoke it.",
        "outcome": f"{so_many} {named(found.event)} of the last days count for no occasion: whoever it was had met "
        "nothing that was waiting for it.",
    }
    if found.kind == "outcome" and found.is_much:
        return (
            f"None of {found.of:,} {named(found.event)} of the last days belongs to anybody who met an option: do the "
            "sources name customers by the same id?"
        )
    return said[found.kind]


def _of_values(found: Uncounted) -> dict[UncountedKind, str]:
    """What sums are made of."""
    does = "does" if found.count == 1 else "do"
    return {
        "currency": f"{counted(found.count, 'value')} of {found.because} {does} not count: the goal or metric is in "
        "another currency.",
        "currencies": f"{found.because} are added as if all were one: the goal or metric names no currency.",
        "empty": f"{found.count:,} of {found.of:,} {named(found.event)} of the last weeks say no "
        f"{named(found.because)}: each counts as 0.",
    }


def uncounted_warnings(found: Iterable[Uncounted], *, people: Callable[[int], str] = "{:,}".format) -> tuple[str, ...]:
    """The sentences of what should not be so."""
    return tuple(uncounted_words(each, people=people) for each in found if each.is_much)


def uncounted_notes(found: Iterable[Uncounted]) -> tuple[str, ...]:
    """The sentences of what is worth knowing."""
    return tuple(uncounted_words(each) for each in found if each.is_note)
