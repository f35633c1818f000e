"""The fields that a form sends: read whole within limits, or refused before anything is done with them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

MAX_BYTES = 512 * 1024
"""A case of sixty facts of every kind has less; 10 MB in a field are refused before they are read."""
MAX_FIELDS = 4_000
SECONDS = 30.0
"""In which all of a form has to come."""


@dataclass(slots=True)
class Refusal(Exception):  # noqa: N818 it is an answer, not a fault
    """Why what came is no form that can be read: a status of HTTP, and the name of its words in labels.yaml."""

    status: int
    reason: str
    detail: dict[str, str] = field(default_factory=dict)


async def read(request: Request) -> dict[str, str]:
    """The fields of a form by name; of several of one name, a line each. Raises Refusal."""
    body = await _whole(request, "application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, encoding="utf-8", errors="strict"
        )
    except ValueError:  # of letters that are no UTF-8 too
        raise Refusal(400, "no-form") from None
    fields: dict[str, str] = {}
    for name, text in pairs:
        given = text.replace("\r\n", "\n")
        fields[name] = f"{fields[name]}\n{given}" if name in fields else given
    return fields


async def read_file(request: Request) -> bytes:
    """The bytes of the file that a form sends as `file` (RFC 7578). Raises Refusal."""
    body = await _whole(request, "multipart/form-data")
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode("latin-1")
    message = message_from_bytes(head + body, policy=policy.HTTP)
    for part in message.iter_parts() if message.is_multipart() else ():
        if part.get_param("name", header="content-disposition") == "file":
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else b""
    raise Refusal(400, "no-form")


async def _whole(request: Request, wanted: str) -> bytes:
    """The body of a form of this site and of this kind. Raises Refusal."""
    if _is_from_elsewhere(request):
        raise Refusal(403, "from-elsewhere")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise Refusal(415, "no-form")
    try:
        async with asyncio.timeout(SECONDS):
            return await _body(request)
    except TimeoutError:
        raise Refusal(408, "slow-form") from None
    except ClientDisconnect:
        raise Refusal(400, "no-form") from None


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:12]) > MAX_BYTES:
        raise Refusal(413, "too-much", {"most": str(MAX_BYTES // 1024)})
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BYTES:
            raise Refusal(413, "too-much", {"most": str(MAX_BYTES // 1024)})
    return bytes(body)


def _is_from_elsewhere(request: Request) -> bool:
    """Whether a page of another site has sent it (Sec-Fetch-Site, else Origin, as OWASP has it against CSRF)."""
    site = request.headers.get("sec-fetch-site")
    if site:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    if not origin or origin == "null":
        return origin == "null"
    return origin.partition("://")[2] != request.headers.get("host", "")
