"""Control C1: the log is not synced at each commit, so a power cut loses what was acknowledged."""

from living_personas.stores.sqlite import connection

connection._PRAGMAS = tuple(  # noqa: SLF001 - sabotage reaches where nobody else may
    pragma.replace("synchronous = FULL", "synchronous = NORMAL")
    for pragma in connection._PRAGMAS  # noqa: SLF001
)
