"""`clirld contributions serve`, `moderate` and `token`: the two servers, and what moderators log in with."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from clirld.cli.serve import HOST, Port
from clirld.cli.terminal import AsJson, Data, print_json
from clirld.errors import UsageError
from clirld.settings import Settings

PORT, MODERATORS_PORT = 8001, 8002
Host = Annotated[str, typer.Option(help="Address to listen on.")]


def serve(host: Host = HOST, port: Port = PORT, data: Data = None) -> None:
    """Serve the forms of contribution, until interrupted: off unless CLIRLD_CONTRIBUTIONS_URL says where they are."""
    settings = Settings.from_environment(data=data)
    if not settings.contributions_url:
        do = "set CLIRLD_CONTRIBUTIONS_URL to the address at which visitors reach this server"
        raise UsageError("contributions are not switched on", where="environment", do=do)
    from clirld.web.contribution import server

    desk = server.desk_of(settings)
    server.serve(server.forms(desk), desk, host, port, typer.echo, settings.log)


def moderate(host: Host = HOST, port: Port = MODERATORS_PORT, data: Data = None) -> None:
    """Serve the pages of the moderators, until interrupted: behind a token, or the login of a reverse proxy."""
    settings = Settings.from_environment(data=data)
    from clirld.web.contribution import server
    from clirld.web.contribution.moderation import Gate

    gate = Gate(settings.moderation_token_hash, settings.moderation_login_header)
    if gate.is_shut:
        do = "set CLIRLD_MODERATION_TOKEN_HASH (see “clirld contributions token”), or CLIRLD_MODERATION_LOGIN_HEADER"
        raise UsageError("nobody could log in", where="environment", do=do)
    if gate.header and not settings.trusted_proxies:
        do = "set CLIRLD_TRUSTED_PROXIES to the number of proxies before it, or leave the header out"
        raise UsageError("a header is only to be trusted behind a proxy", where="CLIRLD_MODERATION_LOGIN_HEADER", do=do)
    desk = server.desk_of(settings)
    server.serve(server.moderators(desk, gate), desk, host, port, typer.echo, settings.log)


def token(as_json: AsJson = False) -> None:
    """Make a token for moderators, and the hash of it for the settings; neither is kept here."""
    from clirld.contributions.tokens import hashed_secret

    secret = secrets.token_urlsafe(24)
    hashed = hashed_secret(secret)
    if as_json:
        print_json({"token": secret, "hash": hashed})
    else:
        typer.echo(f"{secret}\nCLIRLD_MODERATION_TOKEN_HASH={hashed}")
