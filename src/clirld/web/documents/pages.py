"""The page of a thing, in French or English: a template for each type, a general one for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
from clirld.web.documents.corrections import doubts, publishers
from clirld.web.documents.formats import OFFERED
from clirld.web.documents.initiatives.page import Actor, initiative, organization
from clirld.web.documents.lookup import Description, kind
from clirld.web.documents.naming import Naming, short, whole
from clirld.web.documents.sources import GraphSource, graph_quads, source_of_graph, sources_of
from clirld.web.documents.territories.page import TerritoryPage, territory
from clirld.web.documents.things import Thing
from clirld.web.documents.told import Group
from clirld.web.documents.view import Page, stands_for, types
from clirld.web.documents.wording import Words, words
from clirld.web.local_links import document_path
from clirld.web.practice.contexts import practice_context
from clirld.web.protocol import request_language
from clirld.web.release import ServedRelease

_TEMPLATES = ("initiative", "organization", "territory", "programme", "process", "record", "dataset", "concept")
_SAID_ABOVE = ("dct:title", "dct:source", "void:triples", "void:dataDump", "dct:identifier")
_ALL_LINKS = "SELECT * WHERE {{\n  ?s {predicate} <{iri}> .\n}}\nLIMIT 1000\n"

_View = Callable[[Page, Words, Thing, str, Iterable[str]], Actor | TerritoryPage]
_VIEWS: Mapping[str, _View] = {"initiative": initiative, "organization": organization, "territory": territory}
"""What makes the pages of a kind of thing; others show all that is said of them, property by property."""


def document(
    request: Request,
    release: ServedRelease,
    settings: ServeSettings,
    store: Store,
    description: Description,
    link_properties: Iterable[str],
    predicate: str | None,
    is_gone: bool,
    contact: str,
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
        context |= {"publishers": publishers(page, Thing(subject, description.outgoing)), "contact": contact}
        context["doubts"] = doubts(page, subject.value)
        return pages.render(request, f"{thing_kind}.html", settings, release=release, **context)
    context |= {
        "source": source.entry if source else None,
        "source_name": source.name if source else "",
        "quads": graph_quads(release, source.name) if source else None,
        "dump": _dump(release, source),
    }
    first = thing_kind.partition("/")[0]
    thing = Thing(subject, description.outgoing)
    if first in _VIEWS and not is_gone:
        page.number_all(thing.quads)
        said = words(naming.language)
        view = _VIEWS[first](page, said, thing, title, link_properties)
        way_up = page.way_up(subject, thing.quads)
        if not way_up and view.above:
            above = NamedNode(view.above.iri)
            way_up = [*page.way_up(above, lookup.outgoing(store, above)), view.above]
        context |= {"w": said, "view": view, "way_up": way_up}
        context |= {"publishers": publishers(page, thing), "contact": contact, "doubts": doubts(page, subject.value)}
    else:
        context["facts"] = page.facts(thing.quads, title, _SAID_ABOVE if source else ())
        context["way_up"] = page.way_up(subject, thing.quads)
        groups = [] if is_gone else page.groups(about, link_properties, ("clir:underProgramme",) if practice else ())
        context |= {"groups": groups, "by_name": _by_name(groups), **(practice or {})}
    records = page.records(thing.quads)
    context["records"] = [page.row(one) for one in records] if "view" in context else records
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
