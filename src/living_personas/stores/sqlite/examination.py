"""An examination of the disk: every file and page against what was written, whatever state they are in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_bytes

from living_personas.domain.counted import counted
from living_personas.domain.damage import Damage, Examination
from living_personas.errors import FilesAwayError, FilesRefusedError, NewerStoreError, StoreError
from living_personas.stores.sql.chain_findings import look_at_chains
from living_personas.stores.sql.chain_heads import FILE, ChainHeads
from living_personas.stores.sql.kept_files import KeptFiles
from living_personas.stores.sql.migrations import upgrade
from living_personas.stores.sql.object_folder import ObjectFolder
from living_personas.stores.sql.object_storage import ObjectStorage
from living_personas.stores.sql.part import Part
from living_personas.stores.sql.partition_files import PartitionFiles, unremoved
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.page_checksums import damaged_pages, is_protected

__all__ = ["examine", "opened_parts"]

_MOST = 20
"""Numbers of pages that are told; of more only how many."""


def examine(folder: Path, *, clock: Callable[[], datetime], deep: bool, head: str = "") -> Examination:
    """Look at all that lies in the folder of a store; nothing is changed but what opening an older one changes.

    Parameters
    ----------
    deep
        Read everything: every page and every file against its checksum. Else files are measured, and the chains and
        the structure of the database read.
    head
        The beginning of a hash that covered every snapshot once, as a digest printed it.
    """
    return _Examiner(folder, clock=clock, deep=deep, head=head).result()


@contextmanager
def opened_parts(folder: Path, *, clock: Callable[[], datetime]) -> Iterator[PartitionFiles]:
    """The table of the files, also of a store that is damaged elsewhere."""
    with closing(Connection(folder / "state.db")) as connection:
        upgrade(connection)
        yield _files(connection, folder, clock=clock)


def _files(connection: Connection, folder: Path, *, clock: Callable[[], datetime]) -> PartitionFiles:
    """The files that a database knows, wherever they are kept."""
    storage = ObjectStorage()
    kept = KeptFiles(storage, ObjectFolder(connection, storage, fresh=token_bytes))
    return PartitionFiles(connection, folder / "days", clock=clock, kept=kept)


class _Examiner:
    def __init__(self, folder: Path, *, clock: Callable[[], datetime], deep: bool, head: str) -> None:
        self._folder, self._clock, self._deep, self._printed = folder, clock, deep, head
        self._state = folder / "state.db"
        self._damages: list[Damage] = []
        self._notes: list[str] = []
        self._files = self._size = self._pages = 0
        self._head = ""

    def result(self) -> Examination:
        if not self._state.is_file():
            self._note(self._state, "is missing")
        else:
            self._look_at_pages()
            with self._noting(self._state), closing(Connection(self._state)) as connection:
                upgrade(connection)
                self._look_at_database(connection)
                self._look_at_chains(connection)
                self._look_at_files(_files(connection, self._folder, clock=self._clock))
        return Examination(
            files=self._files,
            size=self._size,
            pages=self._pages,
            head=self._head,
            damages=tuple(self._damages),
            notes=tuple(self._notes),
        )

    def _look_at_pages(self) -> None:
        if not self._deep:
            return
        if not is_protected(self._state):
            # The first to open it alone writes the checksums; where the header is damaged, opening says so.
            self._notes.append(
                "the pages of the database carry no checksums yet: open it while nothing else does, and they will"
            )
            return
        self._pages = self._state.stat().st_size // 4096
        wrong = damaged_pages(self._state)
        if wrong:
            some = ", ".join(map(str, wrong[:_MOST])) + (", ..." if len(wrong) > _MOST else "")
            pages = "page is" if len(wrong) == 1 else "pages are"
            self._note(self._state, f"{len(wrong):,} {pages} not what was written: {some}")

    def _look_at_database(self, connection: Connection) -> None:
        with self._noting(self._state):
            for (found,) in connection.rows(f"PRAGMA {'integrity_check' if self._deep else 'quick_check'}"):
                if found != "ok":
                    self._note(self._state, str(found))

    def _look_at_chains(self, connection: Connection) -> None:
        heads = ChainHeads(connection, self._folder, fresh=token_bytes)
        with self._noting(self._state):
            found = look_at_chains(connection, heads, printed=self._printed)
            self._head = found.head
            self._notes.extend(found.notes)
            if found.is_forged:
                self._note(self._folder / FILE, "is not signed by the key of this workspace", "the chains")
            for says in found.wrong:
                self._note(self._state, says)

    def _look_at_files(self, parts: PartitionFiles) -> None:
        with self._noting(self._state):
            for part in parts.needed():
                self._look_at(parts, part)
            unsummed = sum(part.sum is None for part in parts.needed())
            if unsummed:
                files = counted(unsummed, "file")
                self._notes.append(f"{files} of an older version without a sum yet; `--repair` notes it")
            self._notes.extend(unremoved(parts))

    def _look_at(self, parts: PartitionFiles, part: Part) -> None:
        self._files += 1
        size, says = parts.look(part, deep=self._deep)
        self._size += size
        if says:
            place = part.object or parts.path(part).relative_to(self._folder.parent).as_posix()
            self._damages.append(Damage(place=place, says=says, table=part.kind, day=part.day))

    def _note(self, path: Path, says: str, made_of: str = "") -> None:
        place = path.relative_to(self._folder.parent).as_posix()
        if not any(each.place == place and each.says == says for each in self._damages):
            self._damages.append(Damage(place=place, says=says, made_of=made_of))

    @contextmanager
    def _noting(self, path: Path) -> Iterator[None]:
        try:
            yield
        except (FilesAwayError, FilesRefusedError, NewerStoreError):
            raise  # nothing is known of what is damaged
        except StoreError as error:
            self._note(path, error.message)
