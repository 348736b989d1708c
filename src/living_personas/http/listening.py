"""How the service and the dashboard listen: whom they believe about addresses, and what a connection may cost."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from living_personas.errors import InvalidSettingsError
from living_personas.http.bounded_protocol import BoundedProtocol
from living_personas.http.connections import Gate, open_files

__all__ = ["DRAIN_SECONDS", "ListeningConfig", "checked_proxies", "listening"]

DRAIN_SECONDS = 30
"""For how long what was taken is answered once the end has come."""


class ListeningConfig(uvicorn.Config):
    """Uvicorn's settings, and the gate of all connections."""

    def __init__(self, app: ASGIApp, *, gate: Gate, **settings: Any) -> None:
        super().__init__(cast("Any", app), **settings)
        self.gate = gate


def listening(app: ASGIApp, *, proxies: Sequence[str] = (), drain: int = DRAIN_SECONDS) -> ListeningConfig:
    """How to serve an application.

    Parameters
    ----------
    proxies
        Addresses and networks of proxies: where a request comes from one of them, ``X-Forwarded-For`` and
        ``X-Forwarded-Proto`` say who asked and how; from everybody else they say nothing.
    drain
        Seconds for what was taken once it is told to end.
    """
    trusted = checked_proxies(proxies)
    networks = [ip_network(each) for each in trusted]
    gate = Gate(most=open_files(), is_proxy=lambda address: any(_is_in(address, each) for each in networks))
    return ListeningConfig(
        app,
        gate=gate,
        http=BoundedProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted,  # given even when empty: an environment variable would be read otherwise
        timeout_graceful_shutdown=drain,
        ws="none",
    )


def _is_in(address: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(address) in network
    except ValueError:
        return False


def checked_proxies(proxies: Sequence[str]) -> list[str]:
    """The addresses and networks, as they are meant.

    Raises
    ------
    InvalidSettingsError
        If one is neither, or is everybody.

    >>> checked_proxies(["10.0.0.7", "fd00::/64"])
    ['10.0.0.7', 'fd00::/64']
    """
    for each in proxies:
        try:
            everybody = ip_network(each).prefixlen == 0
        except ValueError as error:
            raise InvalidSettingsError(
                f"{each!r} is no address and no network of a proxy.", hint=f"{error}; write 10.0.0.7 or 10.0.0.0/24."
            ) from error
        if everybody:
            raise InvalidSettingsError(
                f"{each!r} is everybody: anybody could say to be anybody.", hint="name the proxy's own address."
            )
    return list(proxies)
