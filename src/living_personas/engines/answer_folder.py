"""Where a conversation writes answers as files: a folder of its own, which goes with it."""

from __future__ import annotations

import shutil
import tempfile
from functools import cached_property
from pathlib import Path

__all__ = ["AnswerFolder"]


class AnswerFolder:
    """A folder that is made when it is first asked for, beside another; none if that has no name, or no room for it.

    Its name begins like that of the other, so that whoever clears what the dead left there finds it, too.
    """

    def __init__(self, beside: str) -> None:
        self._beside = beside

    @cached_property
    def path(self) -> Path | None:
        """The folder, for this account alone."""
        if not self._beside:
            return None
        beside = Path(self._beside)
        try:
            return Path(tempfile.mkdtemp(prefix=f"{beside.name}.", dir=beside.parent))
        except OSError:
            return None

    def close(self) -> None:
        """Remove it, if it was made."""
        made = self.__dict__.get("path")
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
