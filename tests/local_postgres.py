"""A PostgreSQL server of one's own, on 127.0.0.1, in a folder that is thrown away."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import pytest

from listening import free_port
from living_personas.domain.store_address import Address
from processes import children, runs

USER = "personas"
_DEADLINE = 60.0


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, if they are here."""
    found = shutil.which("postgres")
    folders = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        *([Path(found).parent] if found else []),
    ]
    return next((folder for folder in folders if (folder / "initdb").is_file()), None)


class PostgresServer:
    """A server that can be started, ended and killed; ``durable`` writes through to the disk."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        found = binaries()
        if found is None:
            pytest.skip("PostgreSQL is not installed here")
        self._bin = found
        self._as_nobody = self._as()
        self._folder = folder
        self._schemas = count()
        self.port = free_port()
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        words = ("--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
        self._run("initdb", "-D", str(folder / "data"), *words)

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "16MB",
            "fsync": "on" if self._durable else "off",
        }
        words = [word for name, said in settings.items() for word in ("-c", f"{name}={said}")]
        command = [*self._as_nobody, str(self._bin / "postgres"), "-D", str(self._folder / "data"), *words]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True)
        until = time.monotonic() + _DEADLINE
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise AssertionError((self._folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it at once, with everybody who serves a connection: what is not on disk is gone."""
        assert self._process is not None
        serving = children(self._process.pid)
        for process in (self._process.pid, *serving):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait()
        while any(map(runs, serving)):  # only then are its connections closed
            time.sleep(0.005)
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def end(self) -> None:
        """End it in haste: what it held is thrown away."""
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError):
                self.kill()

    def address(self, schema: str = "", *, port: int = 0) -> Address:
        """Where a schema is: a new one unless named; ``port`` is that of somebody in between."""
        name = schema or f"s{next(self._schemas)}"
        return Address.of(f"postgresql://{USER}@127.0.0.1:{port or self.port}/postgres?schema={name}")

    def _answers(self) -> bool:
        ready = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [*self._as_nobody, str(self._bin / program), *words], capture_output=True, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    @staticmethod
    def _as() -> list[str]:
        """It refuses to run as root."""
        return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []


@contextmanager
def local_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server that runs until the block ends, in a folder that its user may enter."""
    folder = Path(mkdtemp(prefix="personas-pg-"))
    try:
        server = PostgresServer(folder, durable=durable)
        server.start()
        try:
            yield server
        finally:
            server.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
