"""Control C1: the log is not synced at each commit, so a power cut loses what was acknowledged."""

from living_personas.stores.sqlite import connection

vars(connection)["_PRAGMAS"] = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")
