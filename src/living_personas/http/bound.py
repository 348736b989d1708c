"""Where a server listens: sockets that are its own before it says so, and a word once they answer."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import uvicorn

from living_personas.errors import InvalidSettingsError

__all__ = ["AnsweringServer", "Sockets", "answers", "bound", "url_of"]

Sockets = tuple[socket.socket, ...]


@contextmanager
def bound(host: str, port: int) -> Iterator[Sockets]:
    """The sockets of every address of a host; nobody is let in before a server listens at them.

    Raises
    ------
    InvalidSettingsError
        If another listens there, or the host is not this machine's.
    """
    with ExitStack() as held:
        try:
            sockets = tuple(held.enter_context(closing(each)) for each in _bound(host, port))
        except (OSError, OverflowError) as error:
            raise _nobody_can(host, port, error) from error
        yield sockets


def answers(sockets: Sockets) -> bool:
    """Whether a server, in whichever process, has begun to listen at each of them."""
    return all(each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) for each in sockets)


def url_of(host: str, sockets: Sockets) -> str:
    """The address to ask: the host as it was named, and the port that was given.

    >>> with bound("127.0.0.1", 0) as sockets:
    ...     url_of("::1", sockets) == f"http://[::1]:{sockets[0].getsockname()[1]}"
    True
    """
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{sockets[0].getsockname()[1]}"


class AnsweringServer(uvicorn.Server):
    """Uvicorn at sockets of ours, which says once it answers."""

    def __init__(self, config: uvicorn.Config, *, sockets: Sockets, started: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self._sockets = sockets
        self._started = started

    def answer(self) -> None:
        """Answer until it is told to end."""
        self.run(sockets=list(self._sockets))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        try:
            await super().startup(sockets=sockets)
        except OSError as error:  # another began to listen since the sockets were bound
            host, port = self._sockets[0].getsockname()[:2]
            raise _nobody_can(host, port, error) from error
        if self.started and self._started is not None:
            self._started()


def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket for each address; one of a family that this machine does not have is left out if another is there."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    places = list(dict.fromkeys((each[0], each[4]) for each in found))
    missing: list[OSError] = []
    for family, address in places:
        try:
            yield _at(family, address)
        except OSError as error:
            if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                raise
            missing.append(error)
    if len(missing) == len(places):
        raise missing[0]


def _at(family: int, address: tuple[object, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)  # noqa: FBT003 - the name of the method says it
    return sock


def _nobody_can(host: str, port: int, error: Exception) -> InvalidSettingsError:
    why = getattr(error, "strerror", None) or error
    return InvalidSettingsError(
        f"Nobody can listen on {host!r}, port {port}: {why}.",
        hint="name another by `--port` or `--host`, or end who listens there.",
    )
