"""The pages for people, French and English, without a script and with nothing from elsewhere."""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlencode

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from clirld import yamlfile
from clirld.query.failure import Failure, Language
from clirld.query.formats import PREFIXES
from clirld.query.worker_pool import ServeSettings
from clirld.web import number_formats
from clirld.web.citable.choice import chosen, raw_path
from clirld.web.contribution.address import contribute
from clirld.web.local_links import link, prefixed_name, within
from clirld.web.protocol import STATUS, request_language, retry_headers
from clirld.web.release import ServedRelease

_FOLDER = Path(__file__).parent
TABLES = (("json", "JSON"), ("xml", "XML"), ("csv", "CSV"), ("tsv", "TSV"))
GRAPHS = (("ttl", "Turtle"), ("nt", "N-Triples"), ("rdf", "RDF/XML"), ("jsonld", "JSON-LD"))
CITATIONS = (("citation", "cite_text"), ("bibtex", "cite_bibtex"), ("csl", "cite_csl"))
_LONGEST = 2000
"""Characters of the value of a parameter that a page repeats, but for a query."""
_OWN_LINK = re.compile(r'\b(href|action|src|srcset)="(/[^"]*)"')
_TEXT_IN = {one: re.compile(rf'<(?!a\s)\w+[^<>]*\slang="{one}"[^<>]*>([^<]{{40,}})') for one in get_args(Language)}
"""Language → what pages mark as a text in it: no link, and longer than most names."""
_TEXTS = 80
"""Signs of such texts from which on a page says that it has some."""
DEFAULT_QUERY = "SELECT * WHERE {\n  ?s ?p ?o .\n}\nLIMIT 10\n"
HEADERS = {
    "vary": "Accept, Accept-Language",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


def results(
    request: Request,
    release: ServedRelease,
    settings: ServeSettings,
    query: str,
    page: dict[str, Any],
    query_string: str,
    *,
    is_citable: bool,
) -> HTMLResponse:
    """The answer to a query as a page; `query_string` is the request's query string without its format."""
    formats = GRAPHS if "turtle" in page else TABLES
    context = {
        "release": release,
        "query": query,
        "page": page,
        "formats": formats,
        "asked": query_string,
        "citations": CITATIONS if is_citable else (),
        "answered": True,
    }
    return render(request, "results.html", settings, **context)


def issues(
    request: Request,
    release: ServedRelease,
    settings: ServeSettings,
    sources: list[tuple[dict[str, Any], dict[str, Any]]],
) -> HTMLResponse:
    """How many issues each source has, and which of them failed."""
    return render(request, "issues.html", settings, release=release, sources=sources)


def source_issues(
    request: Request,
    release: ServedRelease,
    settings: ServeSettings,
    source: dict[str, Any],
    summary: dict[str, Any],
    files: dict[str, str],
) -> HTMLResponse:
    """The issues of a source in groups; `files` of the release have them all, and what its publisher is sent."""
    context = {"source": source, "noticed": summary, "files": files}
    return render(request, "source_issues.html", settings, release=release, **context)


def problem(request: Request, failure: Failure, settings: ServeSettings, query: str = "") -> HTMLResponse:
    """A failure, in words, with the query to mend."""
    language = request_language(request, "fr")
    is_missing = STATUS[failure.kind] in (404, 410)
    response = render(
        request,
        "problem.html",
        settings,
        release=None,
        heading=failure.text("title", language),
        where=failure.where(language),
        what=failure.text("what", language),
        do=failure.text("do", language),
        query=query,
        is_missing=is_missing,
        sought=_words_of(request.url.path) if is_missing else "",
    )
    response.status_code = STATUS[failure.kind]
    response.headers.update({"cache-control": "no-store", **retry_headers(failure)})
    return response


def _words_of(path: str) -> str:
    """What the last part of an address says, to search for."""
    last = path.rstrip("/").rpartition("/")[2]
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"\.\w{1,5}$", "", last)))[:_LONGEST]


def render(request: Request, template: str, settings: ServeSettings, **context: Any) -> HTMLResponse:
    """A page in the language of the request; its template is one of `templates/` or `documents/templates/`."""
    language = request_language(request, "fr")
    given = ((name, value) for name, value in request.query_params.multi_items() if name != "lang")
    parameters = [(name, value) for name, value in given if name == "query" or len(value) <= _LONGEST]
    other = "?" + urlencode([*parameters, ("lang", "en" if language == "fr" else "fr")])
    choice = chosen(request)
    if choice.prefix:  # without its path it would be that of the current release
        other = raw_path(request) + other
    context |= {"other": other, "settings": settings, "asked_release": choice.release if choice.prefix else None}
    context["contribute"] = partial(contribute, settings.contributions_url, language)
    html = _templates(language).get_template(template).render(context)
    if choice.prefix:  # a page of a release that was asked for leads on within it
        html = _OWN_LINK.sub(lambda link: f'{link[1]}="{within(choice.prefix, link[2])}"', html)
    return HTMLResponse(html, headers={**HEADERS, "content-language": language})


def labels(language: Language) -> dict[str, str]:
    """What the pages say in a language."""
    return {name: words[language] for name, words in yamlfile.shipped(__package__, "labels.yaml").items()}


def words(package: str, language: Language) -> dict[str, str]:
    """What `words.yaml` of a package says in a language."""
    return {name: said[language] for name, said in yamlfile.shipped(package, "words.yaml").items()}


def _with_notice(body: Markup, language: Language) -> Markup:
    """The body of a page, where texts of it are in the other language with a sentence below the title that says so."""
    other = next(one for one in get_args(Language) if one != language)
    title, end, rest = body.partition("</h1>")
    if not end or sum(map(len, _TEXT_IN[other].findall(rest))) < _TEXTS:
        return body
    return title + Markup('</h1>\n<p class="small soft">{}</p>').format(labels(language)["texts_in_other"]) + rest


@cache
def _templates(language: Language) -> Environment:
    """The templates with the words and the customs of one language."""
    # A manifest may lack any key: what is missing shows as nothing.
    environment = Environment(
        loader=FileSystemLoader([_FOLDER / name / "templates" for name in (".", "documents", "contribution")]),
        autoescape=True,
        trim_blocks=True,
        undefined=ChainableUndefined,
    )
    environment.globals.update(
        t=labels(language),
        lang=language,
        answered=False,
        documentation=(_FOLDER / "documentation" / "site" / "index.html").is_file(),
    )
    environment.filters.update(
        number=lambda value: number_formats.number(value, language),
        percent=lambda value: number_formats.percent(value, language),
        size=lambda value: number_formats.size(value, language),
        date=lambda value: number_formats.date(value, language),
        words=lambda value, language: value.get(language, "") if isinstance(value, dict) else value or "",
        short=lambda iri: prefixed_name(iri, PREFIXES),
        link=lambda iri: link(iri, language),
        with_notice=lambda body: _with_notice(body, language),
        figure=lambda text: number_formats.figure(text, language),
        sentence=lambda text: text[:1].upper() + text[1:],  # what is marked up stays so
        lower_first=lambda text: f"{text[:1].lower()}{text[1:]}",
    )
    return environment
