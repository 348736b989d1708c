"""Somebody between a client and a server, who cuts the line at a word."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Self


class Cutting:
    """Hands on what is said on 127.0.0.1, until it is told to cut."""

    def __init__(self, port: int) -> None:
        self._server = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._word: bytes | None = None
        self._arrives = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def cut_at(self, word: bytes, *, arrives: bool) -> None:
        """Cut where a client says a word: after the server has heard it, or before."""
        self._word, self._arrives = word, arrives

    def mend(self) -> None:
        """Hand on everything again."""
        self._word = None

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                threading.Thread(target=self._ask, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError), client, server:
            while said := client.recv(65536):
                if self._word is not None and self._word in said:
                    client.shutdown(socket.SHUT_RDWR)
                    if self._arrives:
                        server.sendall(said)
                        time.sleep(0.3)  # until it is done there: nobody hears the answer
                    server.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(said)

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while said := server.recv(65536):
                client.sendall(said)
