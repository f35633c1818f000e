"""The page of a thing, in French or English: a template for each type, a general one for the rest."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Store
from starlette.requests import Request
from starlette.responses import HTMLResponse

from clirld.query.failure import Language
from clirld.query.worker_pool import ServeSettings
from clirld.settings import BASE
from clirld.web import pages
from clirld.web.documents import lookup
from clirld.web.documents.formats import OFFERED
from clirld.web.documents.lookup import Description, kind
from clirld.web.documents.naming import Naming, short, whole
from clirld.web.documents.sources import GraphSource, graph_quads, source_of_graph, sources_of
from clirld.web.documents.view import Group, Page, stands_for, types
from clirld.web.local_links import document_path
from clirld.web.practice.contexts import practice_context
from clirld.web.protocol import request_language
from clirld.web.release import ServedRelease

_TEMPLATES = ("initiative", "organization", "territory", "programme", "process", "record", "dataset", "concept")
_SAID_ABOVE = ("dct:title", "dct:source", "void:triples", "void:dataDump", "dct:identifier")
_WITHIN = """PREFIX clir: <https://w3id.org/clirld/ontology#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT DISTINCT ?initiative ?name ?territory WHERE {{
  ?territory dct:isPartOf* <{iri}> .
  ?initiative clir:seatedIn|clir:actsIn ?territory ; a clir:Initiative ; rdfs:label ?name .
}}
ORDER BY ?name
"""
_ALL_LINKS = "SELECT * WHERE {{\n  ?s {predicate} <{iri}> .\n}}\nLIMIT 1000\n"


def document(
    request: Request,
    release: ServedRelease,
    settings: ServeSettings,
    store: Store,
    description: Description,
    link_properties: Iterable[str],
    predicate: str | None,
    is_gone: bool,
) -> HTMLResponse:
    """The page of what a thing is and what is said of it; one page of what links here, where a property is given."""
    naming = _naming(release.store, request_language(request, "fr"))
    subject = description.subject
    page = Page(naming, release)
    source = _source(release, subject.value)
    title = source_title(source, naming) if source else naming.label(subject.value)
    about = NamedNode(source.dataset) if source and source.dataset else subject
    thing_kind = "dataset" if source else kind(subject.value)
    context: dict[str, Any] = {
        "title": title,
        "kind": _territory_kind(naming, description) or naming.kind(thing_kind),
        "types": [naming.label(iri) for iri in types(description)],
        "iri": subject.value,
        "path": document_path(subject.value),
        "formats": [name for name in OFFERED if name != "html"],
        "numbered": page.numbered,
        "description": description,
        "last_page": lookup.MAX_PAGES,
        "page_size": lookup.PAGE,
        "link_name": short(predicate) if predicate else "",
        "source_title": lambda one: source_title(one, naming),
        "stands_for": page.value(NamedNode(found)) if (found := stands_for(description)) else None,
    }
    if predicate or description.page > 1:
        context |= {
            "heading": naming.inverse(predicate) if predicate else "",
            "items": page.items(description.incoming),
            "query": _ALL_LINKS.format(predicate=f"<{predicate}>" if predicate else "?p", iri=subject.value),
        }
        return pages.render(request, "links.html", settings, release=release, **context)
    region = request.query_params.get("in", "")
    practice = None if is_gone else practice_context(release, naming.language, thing_kind, subject.value, region)
    if practice and thing_kind != "programme":  # what these pages say is all their own, numbers of sources among it
        context |= {"datasets": sources_of(release, (*description.outgoing, *description.incoming)), **practice}
        return pages.render(request, f"{thing_kind}.html", settings, release=release, **context)
    context |= {
        "way_up": page.way_up(subject, description.outgoing),
        "facts": page.facts(description.outgoing, title, _SAID_ABOVE if source else ()),
        "groups": [] if is_gone else page.groups(about, link_properties),
        "records": page.records(description.outgoing),
        "source": source.entry if source else None,
        "source_name": source.name if source else "",
        "within": _WITHIN.format(iri=subject.value),
        "quads": graph_quads(release, source.name) if source else None,
        "dump": _dump(release, source),
    }
    context["by_name"] = _by_name(context["groups"])
    context |= practice or {}
    first = thing_kind.partition("/")[0]
    template = "former_entity" if is_gone else first if first in _TEMPLATES else "thing"
    return pages.render(request, f"{template}.html", settings, release=release, **context)


def _territory_kind(naming: Naming, description: Description) -> str:
    """What kind of territory it is, as its source says: a commune, or a former one."""
    kinds = (one.object for one in description.outgoing if one.predicate.value == whole("clir:territoryKind"))
    return next((naming.label(one.value) for one in kinds if isinstance(one, NamedNode)), "")


def _source(release: ServedRelease, iri: str) -> GraphSource | None:
    """The source or graph that a page is about."""
    for start in (f"{BASE}graph/", f"{BASE}id/dataset/"):
        name = iri.removeprefix(start)
        if name != iri and graph_quads(release, name) is not None:
            return source_of_graph(release, f"{BASE}graph/{name}")
    return None


def _dump(release: ServedRelease, source: GraphSource | None) -> tuple[str, int] | None:
    """Path and size of the file of a graph."""
    path = f"dump/{source.name}.nq.gz" if source else ""
    file = release.file(path) if path else None
    return (path, file.stat().st_size) if file else None


def source_title(source: GraphSource, naming: Naming) -> str:
    """The name of a source, as its card has it."""
    title = (source.entry.get("title") or {}).get(naming.language)
    return str(title) if title else naming.label(source.graph)


def _by_name(groups: list[Group]) -> dict[str, list[Group]]:
    by_name: dict[str, list[Group]] = {}
    for group in groups:
        by_name.setdefault(group.name, []).append(group)
    return by_name


@lru_cache(maxsize=4)
def _naming(store: Path, language: Language) -> Naming:
    return Naming(lookup.open_store(store), language)
