"""Which programs call themselves robots or headless browsers: one list for e-mail and for browsers."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["is_robot"]

_ROBOT = re.compile(
    r"(?<!cu)bot\b|bot/|crawl|spider|slurp|headless|phantom|jsdom|puppeteer|playwright|selenium|webdriver|cypress/"
    r"|mediapartners-google|google-inspectiontool|googleother|feedfetcher|bingpreview|facebookexternalhit|meta-external"
    r"|chatgpt-user|perplexity-user|ia_archiver|lighthouse|page speed|pagespeed|gtmetrix|pingdom|site24x7|synthetics"
    r"|statuscake|prerender|rendertron|embedly|link ?preview|validator",
    re.IGNORECASE,
)
"""What crawlers, previews, monitors and driven browsers say of themselves. CUBOT is a telephone.

Libraries (okhttp, axios, python-requests) are not among them: with them, apps and servers send what people do.
"""


@lru_cache(maxsize=1024)
def is_robot(agent: str) -> bool:
    """Whether a user agent is that of a robot or of a browser without a screen.

    >>> is_robot("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
    True
    >>> is_robot("Mozilla/5.0 (Linux; Android 9; CUBOT X19) Mobile Safari/537.36"), is_robot("okhttp/4.9"), is_robot("")
    (False, False, False)
    """
    return _ROBOT.search(agent) is not None
