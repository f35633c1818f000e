"""Addresses of stores that something is sent to or fetched from: without secrets, and encrypted but on this machine."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from clirld.errors import UsageError


def check_address(option: str, url: str, secrets: str, *, insecure: bool) -> None:
    """Raise UsageError for what cannot be the address of a store, has a password in it, or is not encrypted.

    `option` is where it was given, `secrets` the variables of the environment that a password belongs into; `insecure`
    allows http to other machines.
    """
    try:
        parts = urlsplit(url)
        host, has_secret, _port = parts.hostname, parts.username is not None, parts.port
    except ValueError:
        host, has_secret = None, "@" in url
    if has_secret:  # the address itself is in no message
        raise UsageError(
            "the address has a name or a password in it", where=option, do=f"take them out, and set {secrets}"
        )
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise UsageError(
            f"“{re.split('[?#]', url, maxsplit=1)[0]}” is not the address of a store",
            where=option,
            do="give an http:// or https:// address, without anything after ? or #",
        )
    if parts.scheme == "http" and not insecure and not _is_local(host):
        raise UsageError(
            f"everybody on the way to {host} could read and change what is sent: http is not encrypted",
            where=option,
            do="give an https:// address; in a network of your own, add --insecure",
        )


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
