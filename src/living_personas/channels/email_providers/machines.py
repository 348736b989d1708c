"""Who opened or clicked: a person, or a proxy, filter or robot.

Sources: Gmail's image proxy and Apple's Mail Privacy Protection as they show in the webhooks of SendGrid, Postmark and
Mailgun (documentation.mailgun.com, "Open and Click Bot Detection"; postmarkapp.com/support, article 1257).
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

from living_personas.channels.robots import is_robot

__all__ = ["is_machine"]

_PROXIES = re.compile(
    r"GoogleImageProxy|ggpht\.com|YahooMailProxy|OutlookMobileCloud|DuckDuckGo-Email"
    r"|Windows NT 5\.1; rv:11\.0\) Gecko Firefox/11\.0"  # Gmail's image proxy where a provider cut off its name
    r"|Edge/12\.246 Mozilla/5\.0$"  # Gmail's prefetch
)
_PROGRAMS = re.compile(
    r"scan|preview|curl/|wget/|python-|go-http|okhttp|java/|libwww|axios/|node-fetch"
    r"|barracuda|proofpoint|mimecast|ironport|fireeye|symantec|trendmicro|forcepoint|safelinks",
    re.IGNORECASE,
)
"""Filters, and libraries that nobody reads mail with."""

_NAMELESS = ("Mozilla/5.0", "Mozilla/4.0")
_PROXY_NETWORKS = tuple(
    ip_network(each) for each in ("17.0.0.0/8", "66.102.0.0/20", "66.249.80.0/20", "64.233.160.0/19")
)
"""Apple's own network, and the ranges that Gmail's image proxy calls from."""


def is_machine(*, opened: bool, agent: str, ip: str) -> bool:
    """Whether an open (or else a click) was done by a machine, by what it called itself and where it came from.

    >>> is_machine(opened=True, agent="Mozilla/5.0", ip=""), is_machine(opened=False, agent="", ip="17.1.2.3")
    (True, False)
    """
    if agent in _NAMELESS or _PROXIES.search(agent) or _PROGRAMS.search(agent) or is_robot(agent):
        return True
    return opened and _from_proxy(ip)


def _from_proxy(ip: str) -> bool:
    try:
        found = ip_address(ip)
    except ValueError:
        return False
    return any(found in network for network in _PROXY_NETWORKS)
