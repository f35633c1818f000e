"""The pages for people, French and English, without a script and with nothing from elsewhere."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from ruamel.yaml import YAML
from starlette.requests import Request
from starlette.responses import HTMLResponse

from clirld.query.failure import Failure, Language
from clirld.query.formats import PREFIXES
from clirld.query.worker_pool import ServeSettings
from clirld.web.examples import Example
from clirld.web.protocol import STATUS, retry, spoken
from clirld.web.release import Served

_HERE = Path(__file__).parent
_MONTHS: dict[Language, str] = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
_TABLES = (("json", "JSON"), ("xml", "XML"), ("csv", "CSV"), ("tsv", "TSV"))
_GRAPHS = (("ttl", "Turtle"), ("nt", "N-Triples"), ("rdf", "RDF/XML"), ("jsonld", "JSON-LD"))
_FIRST = "SELECT * WHERE {\n  ?s ?p ?o .\n}\nLIMIT 10\n"
HEADERS = {
    "vary": "Accept, Accept-Language",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


def home(
    request: Request, release: Served, examples: list[Example], settings: ServeSettings, endpoint: str
) -> HTMLResponse:
    """The landing page: what this is, what is served, where to ask and what to take."""
    chosen = request.query_params.get("example") or (examples[0].name if examples else "")
    query = next((example.text for example in examples if example.name == chosen), _FIRST)
    return _page(
        request,
        "home.html",
        settings,
        release=release,
        m=release.manifest,
        examples=examples,
        chosen=chosen,
        query=query,
        files=release.files(),
        endpoint=endpoint,
    )


def results(
    request: Request, release: Served, settings: ServeSettings, query: str, page: dict[str, Any], asked: str
) -> HTMLResponse:
    """The answer to a query as a page; `asked` is the request's query string without its format."""
    formats = _GRAPHS if "turtle" in page else _TABLES
    more = {
        "release": release,
        "query": query,
        "page": page,
        "formats": formats,
        "asked": asked,
        "answered": True,
    }
    return _page(request, "results.html", settings, **more)


def issues(
    request: Request, release: Served, settings: ServeSettings, sources: list[tuple[dict[str, Any], dict[str, Any]]]
) -> HTMLResponse:
    """How many issues each source has, and which of them failed."""
    return _page(request, "issues.html", settings, release=release, sources=sources)


def source_issues(
    request: Request,
    release: Served,
    settings: ServeSettings,
    source: dict[str, Any],
    noticed: dict[str, Any],
    file: str,
) -> HTMLResponse:
    """The issues of a source in groups; `file` has them all, if any does."""
    context = {"source": source, "noticed": noticed, "file": file}
    return _page(request, "source_issues.html", settings, release=release, **context)


def problem(request: Request, failure: Failure, settings: ServeSettings, query: str = "") -> HTMLResponse:
    """A failure, in words, with the query to mend."""
    said = spoken(request, "fr")
    response = _page(
        request,
        "problem.html",
        settings,
        release=None,
        heading=failure.text("title", said),
        where=failure.where(said),
        what=failure.text("what", said),
        do=failure.text("do", said),
        query=query,
    )
    response.status_code = STATUS[failure.kind]
    response.headers.update({"cache-control": "no-store", **retry(failure)})
    return response


def _page(request: Request, template: str, settings: ServeSettings, **context: Any) -> HTMLResponse:
    said = spoken(request, "fr")
    other = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    turned = "?" + urlencode([*other, ("lang", "en" if said == "fr" else "fr")])
    html = _templates(said).get_template(template).render(other=turned, settings=settings, **context)
    return HTMLResponse(html, headers={**HEADERS, "content-language": said})


@cache
def _templates(said: Language) -> Environment:
    """The templates with the words and the customs of one language."""
    text = (_HERE / "words.yaml").read_text(encoding="utf-8")
    # A manifest may lack any key: what is missing shows as nothing.
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        undefined=ChainableUndefined,
    )
    environment.globals.update(
        t={name: words[said] for name, words in YAML(typ="safe").load(text).items()},
        lang=said,
        answered=False,
    )
    space = "\N{NARROW NO-BREAK SPACE}" if said == "fr" else ","
    environment.filters.update(
        number=lambda value: f"{value:,.10g}".replace(",", space),
        size=lambda value: _size(value, said),
        date=lambda value: _date(value, said),
        words=lambda value, language: value.get(language, "") if isinstance(value, dict) else value or "",
        short=_short,
        linkable=lambda iri: iri.startswith(("http://", "https://")),
    )
    return environment


def _short(iri: str) -> str:
    """A prefixed name for reading, the IRI itself where no known prefix fits."""
    fitting = [(len(start), name, start) for name, start in PREFIXES.items() if iri.startswith(start)]
    if not fitting:
        return iri
    _, name, start = max(fitting)
    return f"{name}:{iri.removeprefix(start)}"


def _size(value: int, said: Language) -> str:
    amount = float(value)
    for unit in ("o", "Kio", "Mio", "Gio"):
        if amount < 1024 or unit == "Gio":
            break
        amount /= 1024
    figure = f"{amount:.0f}" if unit == "o" or amount >= 10 else f"{amount:.1f}"
    return f"{figure.replace('.', ',')} {unit}" if said == "fr" else f"{figure} {unit.replace('o', 'B')}"


def _date(value: Any, said: Language) -> str:
    try:
        day = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    number = "1er" if said == "fr" and day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[said].split()[day.month - 1]} {day.year}"
