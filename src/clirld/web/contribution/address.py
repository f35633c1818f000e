"""Where one adds or corrects: at the form of a thing, else on the page that says whom to write to."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlencode

from clirld.contributions.statements import kind_of
from clirld.query.failure import Language
from clirld.settings import BASE

PATH = "/contribute"
_OF_A_PAGE = re.compile(r"(?:[a-z]+://[^/]+)?(?:/release/[^/]+)?/(doc|id|graph|concept)/([^?#]+)")
_FORMAT = re.compile(r"\.(html|ttl|nt|nq|trig|jsonld|rdf|csv)$")


def contribute(forms: str, language: Language, about: str = "", statement: str = "") -> str:
    """The address to add or correct at; `forms` is that of their server, empty where there is none.

    Of what is no thing, such as a concept, there is no form.
    """
    query = {"about": about, "statement": statement, "lang": language}
    has_form = not about or kind_of(about)
    asked = urlencode({name: text for name, text in query.items() if text}, safe=":/")
    return f"{forms if has_form else ''}{PATH}?{asked}"


def thing_of(given: str) -> str:
    """The IRI that is meant by one, by its end (`initiative/…`), or by the address of its page on any server."""
    text = given.strip()
    if text.startswith(BASE):
        return text
    if page := _OF_A_PAGE.fullmatch(text.partition("?")[0].partition("#")[0]):
        kind, rest = page.groups()
        name = _FORMAT.sub("", unquote(rest)) if kind == "doc" else rest
        is_thing = kind in ("doc", "id") and not name.startswith(("concept/", "graph/"))
        return f"{BASE}{'id/' if is_thing else '' if kind in ('doc', 'id') else f'{kind}/'}{name}"
    return f"{BASE}id/{text}" if re.fullmatch(r"[a-z-]+/[^/\s]+", text) else text
