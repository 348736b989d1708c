"""An examination of a store in PostgreSQL: the chains, and every file that the database keeps against its sum.

Pages and indexes are for the server's own tools (``pg_amcheck``, checksums of ``initdb``).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from secrets import token_bytes

from living_personas.domain.damage import Damage, Examination
from living_personas.domain.store_address import Address
from living_personas.errors import StoreError
from living_personas.stores.postgres.pooled import PooledConnection
from living_personas.stores.postgres.postgres_store import copies_of
from living_personas.stores.postgres.stored_files import StoredFiles
from living_personas.stores.sql.chain_findings import look_at_chains
from living_personas.stores.sql.chain_heads import FILE, ChainHeads
from living_personas.stores.sql.kept_files import KeptFiles
from living_personas.stores.sql.migrations import upgrade
from living_personas.stores.sql.object_folder import ObjectFolder
from living_personas.stores.sql.object_storage import ObjectStorage
from living_personas.stores.sql.part import Part
from living_personas.stores.sql.partition_files import PartitionFiles, unremoved

__all__ = ["examine_server"]


def examine_server(
    address: Address, folder: Path, *, clock: Callable[[], datetime], deep: bool = False, head: str = ""
) -> Examination:
    """Look at what a schema holds; nothing is changed but what opening an older one changes.

    Parameters
    ----------
    folder
        The folder ``.living`` of the workspace on this machine: there it says where the chains ended.
    deep
        Read every file against its SHA-256; else they are measured.
    head
        The beginning of a hash that covered every snapshot once, as a digest printed it.

    Raises
    ------
    StoreError
        If the database cannot be reached or read, or the schema holds no store.
    """
    copies = copies_of(address, folder)
    with closing(PooledConnection(address)) as connection:
        if not connection.version():
            raise StoreError(
                f"There is no store in {address.shown}.", hint="check the schema, or run `personas run` there once."
            )
        upgrade(connection)
        connection.add_own()
        found = look_at_chains(connection, ChainHeads(connection, copies, fresh=token_bytes), printed=head)
        storage = ObjectStorage()
        own = ObjectFolder(connection, storage, fresh=token_bytes)
        kept = KeptFiles(storage, own, pieces=StoredFiles(connection))
        parts = PartitionFiles(connection, copies / "days", clock=clock, kept=kept)
        looks = [(part, *parts.look(part, deep=deep)) for part in parts.needed()]
        notes = (*found.notes, *unremoved(parts))
        damages = [Damage(place=address.shown, says=says) for says in found.wrong]
        if found.is_forged:
            place = (copies / FILE).relative_to(folder.parent).as_posix()
            damages.append(Damage(place=place, says="is not signed by the key of this machine", made_of="the chains"))
        damages += [
            Damage(place=_place(part), says=says, table=part.kind, day=part.day) for part, _, says in looks if says
        ]
    return Examination(
        files=len(looks),
        size=sum(size for _, size, _ in looks),
        pages=0,
        head=found.head,
        damages=tuple(damages),
        notes=notes,
    )


def _place(part: Part) -> str:
    return part.object or f"part {part.id}: {part.kind} of {part.day}"
