"""What went wrong, on stderr: the place, the message and a hint, and never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from living_personas.cli.pasted import pasted
from living_personas.cli.terminal import visible
from living_personas.errors import LivingPersonasError

__all__ = ["DONE", "FAILED", "INTERRUPTED", "NEEDS_REVIEW", "WRONG", "code_of", "report", "say"]

DONE, FAILED, WRONG, NEEDS_REVIEW, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes; what was typed and is no command is wrong."""


def code_of(command: Callable[[], object]) -> int:
    """The exit code of a command, after saying on stderr what went wrong."""
    try:
        code = command()
    except LivingPersonasError as error:
        return report(error)
    except UnicodeEncodeError as error:
        part = error.object[max(error.start - 20, 0) : error.end + 20]
        return _failed(f"{part!r} holds what is no text in UTF-8.", "write it in UTF-8, and run it again.")
    except KeyboardInterrupt:
        say("interrupted: run it again, it goes on")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read stdout has seen enough; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        name = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        return _failed(f"{name}{error.strerror or error}", "look at the path and its permissions, and run it again.")
    return code if isinstance(code, int) else DONE


def report(error: LivingPersonasError) -> int:
    """The place, the message and the hint of an error, for the person at the terminal; its exit code."""
    place = f"{error.where}: " if error.where else ""
    return _failed(f"{place}{error.message}", error.hint)


def say(line: str) -> None:
    """One line for the person at the terminal, beside the answer and not in it."""
    sys.stderr.write(f"{visible(pasted(line))}\n")


def _failed(message: str, hint: str) -> int:
    say(f"error: {message}")
    say(f"hint: {hint}")
    return FAILED
