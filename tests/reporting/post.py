"""A mail server and the address of a chat on this machine, from sockets and the standard library."""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from listening import Quiet, answering


@dataclass
class Post:
    """What arrived: messages, who they were for, and who logged in; ``secret`` says that all came encrypted."""

    port: int = 0
    messages: list[bytes] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    secret: list[bool] = field(default_factory=list)


@contextmanager
def mail_server(
    *, host: str = "127.0.0.1", trusted: ssl.SSLContext | None = None, refuses: bool = False
) -> Iterator[Post]:
    """A server that takes mail; with ``trusted`` it offers STARTTLS and logins."""
    post = Post()

    class Session(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            _Conversation(self.request, post, trusted, refuses=refuses).hold()

    server = socketserver.ThreadingTCPServer((host, 0), Session)
    post.port = server.server_address[1]
    with answering(server):
        yield post


@contextmanager
def chat(*, status: int = 200) -> Iterator[tuple[str, list[Any]]]:
    """The address of a chat, and what was posted to it."""
    posted: list[Any] = []

    class Room(Quiet, BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append(json.loads(body))
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

    with answering(HTTPServer(("127.0.0.1", 0), Room)) as address:
        yield f"{address}/hook?key=secret", posted


class _Conversation:
    """One conversation, by RFC 5321 as far as a client needs it."""

    def __init__(self, line: socket.socket, post: Post, trusted: ssl.SSLContext | None, *, refuses: bool) -> None:
        self.line, self.post, self.trusted, self.refuses = line, post, trusted, refuses
        self.stream = line.makefile("rwb")
        self.secret = False

    def hold(self) -> None:
        """Until the client says goodbye, or hangs up because it believes nobody."""
        self.say("220 here")
        while (heard := self.stream.readline()) and not heard.upper().startswith(b"QUIT"):
            word, _, rest = heard.decode().strip().partition(" ")
            if word.upper() == "STARTTLS":
                if not self.hide():
                    return
            elif word.upper() == "DATA":
                self.take()
            else:
                self.say(self.answer(word.upper(), rest))
        self.line.close()

    def say(self, text: str) -> None:
        self.stream.write(text.encode() + b"\r\n")
        self.stream.flush()

    def answer(self, word: str, rest: str) -> str:
        match word:
            case "EHLO":
                offer = ("AUTH PLAIN" if self.secret else "STARTTLS") if self.trusted else ""
                return f"250-here\r\n250 {offer}" if offer else "250 here"
            case "AUTH":
                self.post.logins.append(rest)
                return "235 welcome"
            case "RCPT":
                self.post.to.append(rest)
                return "550 nobody of that name" if self.refuses else "250 good"
            case _:
                return "250 good"

    def hide(self) -> bool:
        assert self.trusted is not None
        self.say("220 go on")
        hidden = self.trusted.wrap_socket(self.line, server_side=True, do_handshake_on_connect=False)
        try:
            hidden.do_handshake()
        except OSError:
            hidden.close()
            return False
        self.line, self.stream, self.secret = hidden, hidden.makefile("rwb"), True
        return True

    def take(self) -> None:
        self.say("354 tell")
        lines = []
        while (part := self.stream.readline()) != b".\r\n":
            lines.append(part.removeprefix(b"."))
        self.post.messages.append(b"".join(lines))
        self.post.secret.append(self.secret)
        self.say("250 kept")
