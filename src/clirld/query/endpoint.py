"""A question to a server of clirld over HTTP, by the SPARQL 1.1 protocol, and what it says where it cannot answer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from clirld.errors import DataError, QueryError, UsageError, innermost_reason

_SECONDS = 60.0  # that a server may take to begin its answer


def ask(endpoint: str, fields: Sequence[tuple[str, str]], language: str) -> tuple[str, bytes]:
    """POST the fields of a query to an endpoint; gives which release answered, and what.

    `language` is that of what the server says is wrong, which QueryError tells. Raises DataError where none answers,
    and UsageError for what is no address.
    """
    import requests  # only here: who asks a folder loads none of it

    if not re.match(r"https?://[^/]", endpoint):
        raise UsageError(
            f"not an address that can be asked: {endpoint}",
            where="--endpoint",
            do="give an http:// or https:// address",
        )
    address = endpoint.rstrip("/")
    address += "" if address.endswith("/sparql") else "/sparql"
    try:
        answer = requests.post(
            address,
            data=list(fields),
            headers={"accept-language": language, "accept": "application/problem+json, */*;q=0.1"},
            timeout=_SECONDS,
        )
    except requests.RequestException as problem:
        raise DataError(
            f"the endpoint does not answer: {innermost_reason(problem)}",
            where=address,
            do="check its address, and that it is running",
        ) from problem
    if answer.status_code != 200 or "clirld-release" not in answer.headers:
        raise _failure(answer.status_code, answer.content, address)
    return answer.headers["clirld-release"], answer.content


def _failure(status: int, content: bytes, address: str) -> QueryError:
    try:
        problem = json.loads(content)
        what, do = str(problem["detail"]), str(problem["do"])
        return QueryError(what, where=address, do=do, fr=what, do_fr=do)
    except (ValueError, KeyError, TypeError):
        return QueryError(
            f"the server answered {status}, not as a clirld endpoint does",
            where=address,
            do="give the address of a clirld endpoint",
        )
