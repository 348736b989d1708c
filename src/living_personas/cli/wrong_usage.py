"""What was typed and is no command: what is wrong with it, and what to type instead."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from cyclopts import App, Argument, CycloptsError, MissingArgumentError, UnknownCommandError
from cyclopts.exceptions import UnusedCliTokensError

from living_personas.cli.failures import report
from living_personas.cli.pasted import about
from living_personas.cli.told_commands import told_commands
from living_personas.errors import InsufficientEvidenceError, InvalidDecisionError, LivingPersonasError, did_you_mean

__all__ = ["tell_wrong_usage", "wrong_usage"]


def tell_wrong_usage(app: App, error: CycloptsError, typed: Sequence[str]) -> None:
    """Say on stderr what is wrong, about the workspace that the words name."""
    with about(_folder(typed)):
        report(wrong_usage(app, error, typed))


def wrong_usage(app: App, error: CycloptsError, typed: Sequence[str]) -> LivingPersonasError:
    """The mistake as every other one is told; what is wrong with the workspace itself comes first."""
    command = " ".join(error.command_chain or ())
    try:
        if isinstance(error, MissingArgumentError) and error.argument is not None:
            return _lacking(command, error.argument, typed, words=len(error.command_chain or ()))
    except LivingPersonasError as first:
        return first
    if isinstance(error, UnknownCommandError | UnusedCliTokensError) and error.unused_tokens:
        return _unknown(app, command, str(error.unused_tokens[0]))
    said, _, rest = str(error).partition(". ")
    hint = f"{rest[:1].lower()}{rest[1:]} " if rest else ""
    return InvalidDecisionError(f"{said.rstrip('.')}.", hint=f"{hint}{_help(command)}")


def _folder(typed: Sequence[str]) -> Path:
    """The workspace that the words name, whatever is wrong with the others."""
    for at, word in enumerate(typed):
        name, equals, folder = word.partition("=")
        if name == "--workspace":
            return Path(folder if equals else typed[at + 1] if at + 1 < len(typed) else "")
    return Path()


def _lacking(command: str, lacks: Argument, typed: Sequence[str], *, words: int) -> LivingPersonasError:
    """What is lacking, and what could be written there."""
    from living_personas.cli.could_be_typed import EXAMPLES, could_follow  # noqa: PLC0415 - the whole loop

    given = list(takewhile(lambda word: not word.startswith("-"), typed[words:]))
    what = (lacks.parameter.help or "").rstrip(".")
    said = f"`personas {command}` lacks {lacks.name}{f': {what[:1].lower()}{what[1:]}' if what else ''}."
    if choices := lacks.get_choices():
        option = f"{lacks.name} " if lacks.name.startswith("-") else ""
        return InvalidDecisionError(said, hint=told_commands(command, [(f"{option}{each}", "") for each in choices]))
    if command in EXAMPLES:
        return InvalidDecisionError(said, hint=EXAMPLES[command])
    try:
        found = could_follow(command, _folder(typed))
    except InsufficientEvidenceError as none:
        return InvalidDecisionError(said, hint=none.hint)
    mine = [each for each in found if each[0].split()[: len(given)] == given]
    if not mine and given:
        said, mine = f"There is nothing like {' '.join(given)!r} that `personas {command}` could be about.", found
    return InvalidDecisionError(said, hint=told_commands(command, mine) if mine else _help(command))


def _unknown(app: App, command: str, word: str) -> LivingPersonasError:
    """A word that nothing is called."""
    place = app
    for each in command.split():
        place = place[each]
    below = [each for each in place if not each.startswith("-")]
    if not below:
        return InvalidDecisionError(f"`personas {command}` takes no {word!r}.", hint=_help(command))
    hint = f"{did_you_mean(word, below, kind='command')} {_help(command)}"
    return InvalidDecisionError(
        f"There is no command {word!r}{f' of `personas {command}`' if command else ''}.", hint=hint
    )


def _help(command: str) -> str:
    return f"`personas {command} --help` says what can be written." if command else "`personas --help` lists all."
