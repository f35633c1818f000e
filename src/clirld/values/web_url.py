"""Web addresses as people write them in registries, made into URIs: ASCII, http(s), safe in N-Quads."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

import idna

from clirld.values import contacts


class WebUrl(NamedTuple):
    """The address, or why there is none."""

    url: str | None
    scheme_added: bool = False
    why_fr: str = ""
    why_en: str = ""


def _rejected(fr: str, en: str) -> WebUrl:
    return WebUrl(None, False, fr, en)


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+-]*):/*(?=[^/])")
_PARTS = re.compile(r"([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)  # RFC 3986, appendix B, after "//"
# At most 63 signs a label and 253 in all (RFC 1035, section 2.3.4: 255 octets with the lengths).
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{1,59})")
_PORT = re.compile(r"(?::[0-9]{0,5})?$")
# Nothing about these is to be looked into, and most are like this. No sign of a second address, no person's page.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(
    rf"(?=.{{8,200}}$)https?://(?!.*linkedin)(?:{_LABEL}\.)+[a-z]{{2,24}}(?!/www\.)"
    r"(?:/[A-Za-z0-9_~-]+(?:\.[A-Za-z0-9]+)?)*/?"
)
# A person's own page: those of organizations are under /company/, /school/, /showcase/.
_PROFILE = re.compile(r"linkedin\.com/(?:in|pub)/", re.IGNORECASE)
_ESCAPED = re.compile(r"(%[0-9A-Fa-f]{2})")

# Without scheme and without "www.", "M.Dupont" looks like a host too: only these endings are believed,
# besides those of two letters (countries).
_GENERIC_TLDS = re.compile(
    "com|org|net|info|coop|bzh|alsace|corsica|paris|pro|biz|asso|app|site|city|space|xyz|online|tech|bio|cloud"
    "|dev|social|earth|world|design"
)


# Where a second address begins: after a space (encoded or not) or a sign that ends the first one, or right after it.
# An address may hold another one, after a slash or in its query: that is one address.
_ADDRESS = r"(?:https?:/|www\.)"
_SECOND_ADDRESS = re.compile(
    rf"(?:%20|%0[AaDd]|[;,|+])+{_ADDRESS}|(?<=[^/=:?&#%._~-])https?:/|^(?:https?:/+)?[^/:]+\.[^/]+/+www\.",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(rf"\s*[;|,]+(?=\s|$|{_ADDRESS})\s*|\s+", re.IGNORECASE)
_CONNECTORS = frozenset(("ou", "et", "puis", "and", "or", "&", "+", "-", "–", "—", "/", "//", "•", "·", "*"))

SEVERAL_ADDRESSES = _rejected("plusieurs adresses dans une cellule", "several addresses in one cell")


def addresses(text: str) -> tuple[str, ...]:
    """The web addresses that a text holds, as written, where it holds nothing else; () where it does.

    They are parted by spaces, line breaks, `;`, `,`, `|`, or words such as « ou » and « et ».
    """
    words = [word for word in _SEPARATOR.split(text) if word.strip(",;") and word.lower() not in _CONNECTORS]
    return tuple(words) if all(web_url(word).url for word in words) else ()


def web_url(text: str) -> WebUrl:
    """`text` (one tidy line) as a URI, or the reason why it is none. Never raises.

    A scheme is added where what is there looks like a host; scheme and host become lower case, an
    international host becomes ASCII; what an IRI may not hold is percent-encoded. A space is not: what stands
    after it is mostly another address or a remark.
    """
    has_no_scheme = text.startswith("www.")
    url = f"http://{text}" if has_no_scheme else text
    if _PLAIN.fullmatch(url) and not contacts.may_hold(text):
        return WebUrl(url, has_no_scheme)
    return _any_url(text)


def _any_url(text: str) -> WebUrl:
    address = text.strip("<>\"'« »,;").replace("\\/", "/")
    if " " in address:
        if len(addresses(address)) > 1:
            return SEVERAL_ADDRESSES
        return _rejected("il y a des espaces dans l'adresse", "there are spaces in the address")
    if _SECOND_ADDRESS.search(address):
        return SEVERAL_ADDRESSES
    if address.endswith(("…", "...")):
        return _rejected("adresse coupée à la source", "address cut off at the source")
    scheme, rest, scheme_added = _split_scheme(address)
    if scheme not in ("http", "https"):
        return _rejected(f"schéma {scheme}: au lieu de http(s):", f"scheme {scheme}: instead of http(s):")
    match = _PARTS.fullmatch(rest)
    authority, path, query, fragment = match.groups("") if match else ("", "", "", "")
    if "@" in authority:
        return _rejected("courriel ou compte, pas un site", "e-mail or account, not a site")
    if refused_as_personal(rest):
        return _rejected(
            "elle mène à une personne : courriel, téléphone ou profil", "it leads to a person: e-mail, phone or profile"
        )
    port = _PORT.search(authority)
    port_text = port.group() if port else ""
    host = _ascii_host(authority.removesuffix(port_text))
    if host is None or (scheme_added and not _is_plausible_host(host)):
        return _rejected("pas un nom de site", "not the name of a site")
    if port_text.strip(":") and not 0 < int(port_text[1:]) < 65536:
        return _rejected("port impossible", "impossible port")
    path_query_fragment = (
        _encoded(path, "/") + _encoded(query, "/?") + ("#" + _encoded(fragment[1:], "/?") if fragment else "")
    )
    url = f"{scheme}://{host}{port_text.rstrip(':')}{path_query_fragment}"
    if len(url) > 2000:
        return _rejected("plus de 2000 caractères", "longer than 2,000 characters")
    return WebUrl(url, scheme_added)


def refused_as_personal(address: str) -> bool:
    """Whether a web address holds an e-mail address or a phone number, or is the page of a person."""
    # As it is and as it is read: « %2B33%206 » is +33 6.
    return (
        _PROFILE.search(address) is not None
        or bool(contacts.find(address))
        or ("%" in address and bool(contacts.find(unquote(address))))
    )


def _split_scheme(address: str) -> tuple[str, str, bool]:
    """Scheme, the rest after "//", and whether the scheme had to be added."""
    if address.startswith("//"):
        return "http", address.lstrip("/"), True
    # “example.org:8080/” has a port, not a scheme.
    match = _SCHEME.match(address)
    if match and ("/" in match.group() or not re.match(r"[0-9]+(?:[/?#]|$)", address[match.end() :])):
        return match[1].lower(), address[match.end() :], False
    return "http", address, True


def _ascii_host(host: str) -> str | None:
    """The host in lower-case ASCII, None if it cannot be one."""
    host = host.rstrip(".").lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError, IndexError):
            return None
    return host if _HOST.fullmatch(host) else None


def _is_plausible_host(host: str) -> bool:
    tld = host.rpartition(".")[2]
    return (
        host.startswith("www.") or len(tld) == 2 or _GENERIC_TLDS.fullmatch(tld) is not None or tld.startswith("xn--")
    )


def _encoded(part: str, extra: str) -> str:
    """Percent-encode what RFC 3986 does not allow there; %XX that is already there stays."""
    safe = "-._~!$&'()*+,;=:@" + extra
    return "".join(
        piece if _ESCAPED.fullmatch(piece) else quote(piece, safe=safe, errors="replace")
        for piece in _ESCAPED.split(part)
    )
