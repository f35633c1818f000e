"""`/contribute` on the server of the release: leads to the forms where there are any, else says whom to write to.

With `?about=IRI` it lists what is said of a thing; with `&statement=ID` it names the source and the row of a statement,
and has the text to send.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyoxigraph import NamedNode, Store
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from clirld.cases import form
from clirld.cases.values import Values
from clirld.errors import MappingError
from clirld.query.failure import Failure
from clirld.settings import BASE
from clirld.vocabulary.terms import Vocabulary
from clirld.web import number_formats, pages, protocol
from clirld.web.conditional import read_route
from clirld.web.contribution import words
from clirld.web.contribution.address import PATH, contribute, thing_of
from clirld.web.contribution.said import Row, Said, rows, said_of
from clirld.web.documents import lookup
from clirld.web.documents.corrections import landing_pages
from clirld.web.documents.naming import Naming
from clirld.web.documents.sources import source_of_graph
from clirld.web.made_pages import MadePages
from clirld.web.protocol import request_language
from clirld.web.release import ServedRelease

_LONGEST = 2_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Keeper:
    """A source that says something: its title, the pages of its publisher, its rows, and the text to send."""

    name: str
    title: str
    pages: tuple[str, ...]
    """Empty where the project keeps the source itself."""
    rows: tuple[Row, ...]
    message: str


@dataclass(frozen=True)
class TellingPages(MadePages):
    """Whom to write to; `contact` is where whoever serves the data is told that something is wrong."""

    contact: str
    ontology: Path
    """The folder whose words the form of a case is made from."""

    @property
    def routes(self) -> list[Route]:
        """What the application serves of it."""
        return [
            read_route(PATH, partial(self.made, self._answer)),
            read_route(f"{PATH}/case.md", partial(self.made, self._form)),
            read_route(f"{PATH}/case.xlsx", partial(self.made, self._sheet)),
        ]

    def _form(self, _request: Request, _release: ServedRelease) -> Response:
        content = form.form("case", self._values())
        headers = {"content-disposition": 'attachment; filename="clirld-case.md"'}
        return Response(content, media_type="text/markdown", headers=headers)

    def _sheet(self, _request: Request, _release: ServedRelease) -> Response:
        from clirld.cases import template  # the writer of spreadsheets is only needed here

        headers = {"content-disposition": 'attachment; filename="clirld-case.xlsx"'}
        return Response(template.content(self._values()), media_type=_XLSX, headers=headers)

    def _values(self) -> Values:
        try:
            return Values(Vocabulary.load(self.ontology))
        except MappingError:
            raise protocol.Refused(Failure("not-found", detail={"path": f"{PATH}/case"})) from None

    def _answer(self, request: Request, release: ServedRelease) -> Response:
        language = request_language(request, "fr")
        about = thing_of(request.query_params.get("about", "")[:_LONGEST])
        asked = request.query_params.get("statement", "")
        address = contribute(self.settings.contributions_url, language, about, asked)
        if not address.startswith(PATH):
            return RedirectResponse(address, 303)
        naming = Naming(lookup.open_store(release.store), language)
        context = {"release": release, "c": words.labels(language), "contact": self.contact}
        if not about:
            return pages.render(request, "contribution_elsewhere.html", self.settings, **context)
        if not about.startswith(BASE) or not _is_known(naming.store, about):
            raise protocol.Refused(Failure("unknown-iri", detail={"iri": about[:200]}))
        said = said_of(naming, about)
        chosen = next((one for one in said if one.id == asked), None)
        context |= {
            "about": about,
            "name": naming.label(about),
            "said": [] if chosen else said,
            "chosen": chosen,
            "keepers": _keepers(release, naming, about, chosen) if chosen else [],
            "sources": _sources(release, naming, said, about),
            "message_text": words.labels(language)["off_message"].format(name=naming.label(about), iri=about),
            "source_title": lambda name: source_of_graph(release, f"{BASE}graph/{name}").title(language),
        }
        return pages.render(request, "contribution_elsewhere.html", self.settings, **context)


def _is_known(store: Store, iri: str) -> bool:
    # Of a graph nothing need be said: it has a page by what is said in it.
    return bool(lookup.describe(store, iri, 1, None)) or store.contains_named_graph(NamedNode(iri))


def _sources(release: ServedRelease, naming: Naming, said: list[Said], about: str) -> list[tuple[str, str]]:
    """The sources that say something of a thing, or that it is itself: title and page of the publisher."""
    own = [about.removeprefix(f"{BASE}{start}") for start in ("graph/", "id/dataset/")]
    names = [name for name in own if name != about] or [name for one in said for name in one.sources]
    found = []
    for name in dict.fromkeys(names):
        title = source_of_graph(release, f"{BASE}graph/{name}").title(naming.language)
        found += [(title, page) for page in landing_pages(naming.store, name)]
    return found


def _keepers(release: ServedRelease, naming: Naming, about: str, chosen: Said) -> list[Keeper]:
    text = words.labels(naming.language)
    found = []
    for name in chosen.sources:
        source = source_of_graph(release, f"{BASE}graph/{name}")
        its_rows = tuple(rows(naming.store, about, chosen.statement, name))
        title = source.title(naming.language)
        retrieved = number_formats.date(source.retrieved, naming.language) if source.retrieved else ""
        message = text["off_message_value"].format(
            source=title,
            row=" ; ".join(row_in_words(one, text) for one in its_rows) or text["off_no_row"],
            read=text["off_read"].format(date=retrieved) if retrieved else "",
            label=chosen.label[:1].upper() + chosen.label[1:],
            name=naming.label(about),
            value=chosen.text,
            iri=about,
        )
        found.append(Keeper(name, title, tuple(landing_pages(naming.store, name)), its_rows, message))
    return found


def row_in_words(row: Row, text: Mapping[str, str]) -> str:
    """« fiche 268, ligne 269 du fichier », as far as it is known."""
    parts = {"off_record": row.identifier, "off_line": row.number}
    return ", ".join(text[name].format(value) for name, value in parts.items() if value)
