"""``serve``: events in, decisions out, over HTTP."""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from living_personas.channels.email_providers.secrets import SECRET, secret_problems, with_secrets
from living_personas.cli.failures import DONE, FAILED, say
from living_personas.cli.opened import stored
from living_personas.cli.options import Folder, Proxies
from living_personas.domain.loopback import is_loopback
from living_personas.errors import InvalidSettingsError
from living_personas.extras import extra_needed
from living_personas.people.keys import create_key, keys_of
from living_personas.ports import Stored
from living_personas.wiring import key_text, system_clock

__all__ = ["serve"]

Host = Annotated[str, Parameter(help="The address to listen on.", env_var="PERSONAS_HOST")]
Port = Annotated[int, Parameter(help="The port to listen on.", env_var="PERSONAS_PORT")]
NoWorker = Annotated[
    bool,
    Parameter(
        name="--no-worker",
        help="Leave folding and refining to a worker elsewhere, or to `personas run`.",
        env_var="PERSONAS_NO_WORKER",
    ),
]
Every = Annotated[
    float,
    Parameter(
        name="--worker-minutes", help="Minutes between two turns of the worker.", env_var="PERSONAS_WORKER_MINUTES"
    ),
]
Trusted = Annotated[Proxies, Parameter(env_var="PERSONAS_TRUSTED_PROXY")]
Served = Annotated[Folder, Parameter(env_var="PERSONAS_WORKSPACE")]

DailyBytes = Annotated[
    int,
    Parameter(
        name="--daily-bytes",
        help="Bytes that a publishable key may bring on a day (UTC), inflated; a secret key 16 times as much.",
        validator=Number(gt=0),
        env_var="PERSONAS_DAILY_BYTES",
    ),
]

Processes = Annotated[
    int,
    Parameter(
        name=("--processes", "--workers"),
        help="How many processes answer on the port; each that ends by itself is started again.",
        validator=Number(gte=1, lte=64),
        env_var="PERSONAS_PROCESSES",
    ),
]


def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8321,
    no_worker: NoWorker = False,
    worker_minutes: Every = 15.0,
    trusted_proxy: Trusted = (),
    daily_bytes: DailyBytes = 4 << 30,
    processes: Processes = 1,
    workspace: Served = Path(),
) -> int:
    """Serve the workspace over HTTP until it is told to stop: every acknowledged event is on disk."""
    with extra_needed("server", what="The service needs"):
        from living_personas.http import processes as several  # noqa: PLC0415 - an extra that may not be there
        from living_personas.http import serve as service  # noqa: PLC0415 - an extra that may not be there
        from living_personas.http.bound import bound, url_of  # noqa: PLC0415 - an extra that may not be there
    with ExitStack() as held:
        with stored(workspace) as store:
            sockets = held.enter_context(bound(host, port))
            _have_a_key(store, is_local=is_loopback(host))
        _say_whose_webhooks()
        how: dict[str, Any] = {
            "sockets": sockets,
            "started": lambda: say(f"serving on {url_of(host, sockets)}; the routes are listed in /docs"),
            "worker": not no_worker,
            "every": timedelta(minutes=worker_minutes),
            "proxies": trusted_proxy,
            "daily_bytes": daily_bytes,
        }
        if processes == 1:
            went_well = service.serve(workspace, **how)
        else:
            went_well = several.serve_in_processes(workspace, count=processes, **how)
    return DONE if went_well else FAILED


def _say_whose_webhooks() -> None:
    """Whose webhooks are taken, and what is wrong with the secrets that were set."""
    proven = ", ".join(with_secrets(os.environ)) or "nobody"
    say(f"webhooks are taken from {proven}; a provider is proven by {SECRET}<PROVIDER>, or <PROVIDER>_FILE")
    for problem in secret_problems(os.environ):
        say(f"{problem.message} Hint: {problem.hint}")


def _have_a_key(context: Stored, *, is_local: bool) -> None:
    """Without a key nobody can use the service: on this machine alone a first one is made, and shown once."""
    if any(key.revoked is None for key in keys_of(context)):
        return
    if not is_local:
        raise InvalidSettingsError(
            "The workspace has no key, so nobody could use the service.",
            hint="create one: `personas keys create publishable --origin https://www.example.com`.",
        )
    secret = key_text("secret")
    create_key(context, "secret", secret, now=system_clock(), note="made by the first `personas serve`")
    say(f"the workspace had no key; here is a secret one, shown only now: {secret}")
