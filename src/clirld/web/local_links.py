"""Where an IRI is read: on this server, at `/doc/…` and `/ontology/…`, if it is the project's, else where it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

from clirld.query.failure import Language
from clirld.settings import BASE

# What a path may hold as it is (RFC 3986, section 3.3); an IRI has its percent signs already.
_SAFE = "/%~:@!$&'()*+,;=-._"


@lru_cache(maxsize=1024)  # the licences of a release stand in every answer
def uri(iri: str) -> str:
    """An IRI in the letters of a URI (RFC 3987, section 3.1), as a header has to have it."""
    return quote(iri, safe=_SAFE + "#?[]")


def document_path(iri: str) -> str:
    """The path of the document about an IRI of the project, without its language; empty for any other.

    A row of a file, which is a fragment of its IRI, is read where the file is.
    """
    name = iri.partition("#")[0].removeprefix(BASE)
    if not iri.startswith(BASE):
        return ""
    if name.startswith("id/"):
        return f"/doc/{quote(name.removeprefix('id/'), safe=_SAFE)}"
    return f"/doc/{quote(name, safe=_SAFE)}" if name.startswith(("graph/", "concept/")) else ""


def link(iri: str, language: Language) -> str:
    """The address to read about an IRI; empty where it is none that a browser should open."""
    if path := document_path(iri):
        return f"{path}?lang={language}"
    if iri.startswith(f"{BASE}ontology"):
        return f"/ontology/{language}/index.html{iri.removeprefix(f'{BASE}ontology')}"
    if iri.startswith(f"{BASE}release/"):
        return f"/{quote(iri.removeprefix(BASE), safe=_SAFE)}"
    if iri == BASE:
        return f"/?lang={language}"
    return iri if iri.startswith(("http://", "https://")) else ""


_OF_A_RELEASE = re.compile(
    r"/(?:sparql/?|search|compare|reuse(?:/missing)?|reconcile(?:/.*)?|(?:doc|id|graph)/.*|catalog(?:\.[a-z]+)?"
    r"|changes(?:\.[a-z]+)?|issues(?:/.*)?|grade|queries/registered|map(?:\.svg|/.*)?|figure/.*)",
    re.DOTALL,
)
_FILES = "/release/"
_NAMES_ONE = re.compile(r"/release/[0-9]")


def is_of_a_release(path: str) -> bool:
    """Whether what a path names is the same resource in each release, and not of the server as a whole."""
    return path.startswith(_FILES) or bool(_OF_A_RELEASE.fullmatch(path))


def within(prefix: str, path: str) -> str:
    """The path, with its query and fragment, of the same resource in one release, `prefix` being `/release/ID`.

    What is not of a release, or names one already, stays what it is.
    """
    if not prefix or _NAMES_ONE.match(path):
        return path
    if path.startswith(_FILES):
        return prefix + path.removeprefix(_FILES[:-1])
    name = re.split("[?#]", path, maxsplit=1)[0]
    return prefix + path if _OF_A_RELEASE.fullmatch(name) else path


def prefixed_name(iri: str, namespaces: Mapping[str, str]) -> str:
    """An IRI with the prefix of the longest namespace that it starts with, the IRI itself where there is none."""
    fitting = [(namespace, name) for name, namespace in namespaces.items() if iri.startswith(namespace)]
    if not fitting:
        return iri
    namespace, name = max(fitting, key=lambda pair: len(pair[0]))
    return f"{name}:{iri.removeprefix(namespace)}"
