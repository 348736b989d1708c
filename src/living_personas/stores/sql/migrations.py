"""The tables of the database, and how an older database becomes a newer one."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from living_personas.errors import Location, NewerStoreError
from living_personas.stores.sql.database import Database

__all__ = ["MIGRATIONS", "upgrade"]

_LOG = logging.getLogger("living_personas.store")

_FIRST = """
-- Events: a key for ever, a row until it is sealed.
CREATE TABLE seen (key BLOB NOT NULL PRIMARY KEY) WITHOUT ROWID, STRICT;
CREATE TABLE waiting (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    received INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    customer TEXT NOT NULL,
    also TEXT NOT NULL,
    name TEXT NOT NULL,
    time INTEGER NOT NULL,
    day INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    channel TEXT NOT NULL,
    properties TEXT NOT NULL
) STRICT;
CREATE INDEX waiting_by_day ON waiting (day);
CREATE TABLE waiting_exposure (
    event INTEGER NOT NULL REFERENCES waiting (seq) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    customer TEXT NOT NULL,
    time INTEGER NOT NULL,
    day INTEGER NOT NULL,
    channel TEXT NOT NULL,
    persona TEXT NOT NULL,
    attribute TEXT NOT NULL,
    option TEXT NOT NULL,
    policy TEXT NOT NULL,
    epoch TEXT NOT NULL,
    stratum TEXT NOT NULL,
    propensity REAL,
    decision_id TEXT NOT NULL,
    holdout INTEGER NOT NULL,
    PRIMARY KEY (event, attribute)
) WITHOUT ROWID, STRICT;
CREATE TABLE link (
    customer TEXT NOT NULL,
    also TEXT NOT NULL,
    time INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    PRIMARY KEY (customer, also)
) WITHOUT ROWID, STRICT;

-- Rows that could not be recorded. Texts that may hold anything at all are kept as bytes.
CREATE TABLE quarantined (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    source TEXT NOT NULL,
    row INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail BLOB NOT NULL,
    payload BLOB NOT NULL,
    message_id BLOB NOT NULL
) STRICT;
CREATE INDEX quarantined_by_reason ON quarantined (source, reason);

-- Which Parquet file holds what. A file is pending until it is published, live until it is replaced, then retired;
-- one that has been pending or retired for long is doomed, then removed from the disk and from this table.
CREATE TABLE part (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    rows INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'live', 'retired', 'doomed')),
    since INTEGER NOT NULL
) STRICT;
CREATE INDEX part_by_day ON part (kind, day) WHERE state = 'live';
CREATE INDEX part_by_age ON part (since) WHERE state <> 'live';

-- Chains of documents that are only ever added to; the head guards the end of a chain.
CREATE TABLE document (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    UNIQUE (kind, name, number)
) STRICT;
CREATE TABLE head (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER document_is_never_changed BEFORE UPDATE ON document
BEGIN SELECT RAISE(ABORT, 'a document is never changed'); END;
CREATE TRIGGER document_is_never_deleted BEFORE DELETE ON document
BEGIN SELECT RAISE(ABORT, 'a document is never deleted'); END;
CREATE TRIGGER document_is_never_replaced BEFORE INSERT ON document
WHEN EXISTS (SELECT 1 FROM document WHERE kind = NEW.kind AND name = NEW.name AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'a document is never replaced'); END;
CREATE TRIGGER head_only_moves_on BEFORE UPDATE ON head WHEN NEW.number <> OLD.number + 1
BEGIN SELECT RAISE(ABORT, 'a chain grows one document at a time'); END;
CREATE TRIGGER head_is_never_replaced BEFORE INSERT ON head
WHEN EXISTS (SELECT 1 FROM head WHERE kind = NEW.kind AND name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'a chain is never replaced'); END;
CREATE TRIGGER head_is_never_deleted BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'a chain is never deleted'); END;

CREATE TABLE refinement (
    id TEXT NOT NULL PRIMARY KEY,
    persona TEXT NOT NULL,
    day TEXT NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID, STRICT;
CREATE TABLE fact (key TEXT NOT NULL PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    expires INTEGER NOT NULL,
    turn INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
"""

_SECOND = """
-- Parts that were written when a large batch was recorded: pending until they are sealed, however long that takes.
CREATE TABLE filed (part INTEGER NOT NULL PRIMARY KEY REFERENCES part (id)) STRICT;
"""

_THIRD = """
-- What customers said of being decided for: the last word of an id on a consent on each day.
CREATE TABLE consent (
    customer TEXT NOT NULL,
    name TEXT NOT NULL,
    day INTEGER NOT NULL,
    time INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    refuses INTEGER NOT NULL,
    PRIMARY KEY (customer, name, day)
) WITHOUT ROWID, STRICT;
CREATE INDEX consent_refused ON consent (customer, name) WHERE refuses;
CREATE INDEX link_by_also ON link (also);
-- The first of the sequence numbers that the events of a file that waits use up.
ALTER TABLE filed ADD COLUMN first INTEGER NOT NULL DEFAULT 0;
"""

_FOURTH = """
-- What a link is: what is known of older ones is that they joined.
ALTER TABLE link RENAME TO link_before;
DROP INDEX link_by_also;
CREATE TABLE link (
    customer TEXT NOT NULL,
    also TEXT NOT NULL,
    kind TEXT NOT NULL,
    time INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    PRIMARY KEY (customer, also, kind)
) WITHOUT ROWID, STRICT;
INSERT INTO link SELECT customer, also, 'alias', time, message_id FROM link_before;
DROP TABLE link_before;
CREATE INDEX link_by_also ON link (also);
"""

_FIFTH = """
-- Keys of message ids in sorted runs: pages of keys, one behind the other, and what tells which of them to read. The
-- table `seen` has the last ones, and in a workspace of before all there were, until they have become runs.
CREATE TABLE seen_run (
    first INTEGER PRIMARY KEY,
    pages INTEGER NOT NULL,
    keys INTEGER NOT NULL,
    etag BLOB NOT NULL,
    starts BLOB NOT NULL,
    filter BLOB NOT NULL
) STRICT;
CREATE TABLE seen_page (id INTEGER PRIMARY KEY, keys BLOB NOT NULL) STRICT;
"""

_SIXTH = """
-- What the file of a part must be; nothing is known of older ones until somebody sums them.
ALTER TABLE part ADD COLUMN bytes INTEGER;
ALTER TABLE part ADD COLUMN sha256 BLOB;
"""

_SEVENTH = """
-- The hashes of ids that an event named which no browser sent.
CREATE TABLE named (id INTEGER PRIMARY KEY) STRICT;
"""

_EIGHTH = """
-- When a row came into quarantine; of older ones it is not known.
ALTER TABLE quarantined ADD COLUMN received INTEGER;
"""

_NINTH = """
-- How many events were ever recorded: before, the embedded database alone counted them. While another store is copied
-- into this one, it also says from where.
CREATE TABLE counted (what TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID, STRICT;
INSERT INTO counted SELECT 'recorded', coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'waiting'), 0);
"""

_TENTH = """
-- The address of the object that holds the file of a part; none if it lies in the folder or in the database.
ALTER TABLE part ADD COLUMN object TEXT;
-- The folders of this store in object storage, and which database each belongs to: a copy of it is another.
CREATE TABLE object_folder (name TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID, STRICT;
"""

_ELEVENTH = """
-- In which month each message id was recorded, 12 times the year and the month; of older ones it is not known (0).
ALTER TABLE seen ADD COLUMN month INTEGER NOT NULL DEFAULT 0;
ALTER TABLE seen_run ADD COLUMN month INTEGER NOT NULL DEFAULT 0;
"""

MIGRATIONS: tuple[str, ...] = (
    *(_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH, _SEVENTH, _EIGHTH, _NINTH, _TENTH),
    _ELEVENTH,
)
"""``MIGRATIONS[n]`` makes a database of version ``n`` one of version ``n + 1``. Never edit one that was released."""


def upgrade(connection: Database, *, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring the database to the newest version, each step in a transaction of its own; what was older says so."""
    found = connection.version()
    while (held := connection.version()) < len(migrations):
        with connection.transaction():
            if connection.version() == held:  # another process may have been faster
                connection.migrate(migrations[held], version=held + 1)
    if 0 < found < held:
        says = "%s was brought from schema %d to %d: older programs open it no more"
        _LOG.warning(says, connection.place, found, held)
    if held > len(migrations):
        raise NewerStoreError(
            f"The workspace was written by a newer version of Living Personas (schema {held}, this one knows "
            f"{len(migrations)}).",
            hint="install the newer version: `pip install --upgrade living-personas`.",
            where=Location(file=connection.place),
        )
