"""Where releases are in object storage: a bucket, a prefix in it, and the endpoint of the store."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from clirld.connect.store_address import check_address
from clirld.errors import UsageError

_SECRETS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"

SCHEME = "s3://"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[\w.!*'()-]+(?:/[\w.!*'()-]+)*", re.ASCII)
"""Characters that every store takes in keys, as the documentation of Amazon S3 lists them (“Safe characters”)."""
_ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


@dataclass(frozen=True, slots=True)
class Address:
    """`endpoint` is None for Amazon's own. Neither name nor password is ever in one."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.prefix}".rstrip("/")


def address(
    option: str,
    url: str,
    endpoint_url: str | None = None,
    *,
    insecure: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Address:
    """The address that an option names, `s3://bucket/prefix`; the endpoint is the environment's where none is given.

    Raises UsageError for what is no such address, has a password in it, or would be sent to without encryption.
    """
    variables = os.environ if environment is None else environment
    bucket, _slash, prefix = url.removeprefix(SCHEME).partition("/")
    prefix = prefix.strip("/")
    is_key = not prefix or (_PREFIX.fullmatch(prefix) and not {".", ".."} & {*prefix.split("/")})
    if not url.startswith(SCHEME) or not _BUCKET.fullmatch(bucket) or not is_key:
        shown = "…" if "@" in url else url
        raise UsageError(
            f"“{shown}” is not the address of a bucket", where=option, do="give it as s3://bucket or s3://bucket/prefix"
        )
    given = [("--endpoint-url", endpoint_url), *((name, variables.get(name)) for name in _ENDPOINT_VARIABLES)]
    where, endpoint = next(((name, one) for name, one in given if one), ("", None))
    if endpoint:
        check_address(where, endpoint, _SECRETS, insecure=insecure)
    return Address(bucket, prefix, endpoint.rstrip("/") if endpoint else None)
