"""The page of `/sparql`: the form, the examples, and what its script has to know."""

from __future__ import annotations

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from clirld import yamlfile
from clirld.query.failure import Language
from clirld.query.files.examples import Example
from clirld.query.formats import PREFIXES
from clirld.query.worker_pool import ServeSettings
from clirld.settings import BASE
from clirld.web import number_formats, pages
from clirld.web.citable.choice import chosen
from clirld.web.protocol import request_language
from clirld.web.release import ServedRelease

POLICY = pages.HEADERS["content-security-policy"] + "; script-src 'self'; connect-src 'self'"
"""Scripts of this server alone, which ask this server alone."""

_FORMATS = dict((*pages.TABLES, *pages.GRAPHS))


def query_form(
    request: Request, release: ServedRelease, examples: list[Example], settings: ServeSettings, endpoint: str
) -> HTMLResponse:
    """Where a query is written, with the examples; `?example=` names the one to begin with."""
    named = request.query_params.get("example")
    example = next((one for one in examples if one.name == named), examples[0] if examples else None)
    language = request_language(request, "fr")
    places = {"base": BASE, "within": chosen(request).prefix, "language": language, "prefixes": PREFIXES}
    context = {
        "examples": examples,
        "chosen": example.name if example else "",
        "query": example.text if example else pages.DEFAULT_QUERY,
        "endpoint": endpoint,
        "words": _words(language) | {"limits": _limits(language, settings)},
        "places": places,
    }
    page = pages.render(request, "sparql.html", settings, release=release, **context)
    page.headers["content-security-policy"] = POLICY
    return page


def _limits(language: Language, settings: ServeSettings) -> str:
    return str(_words(language)["limits"]).format(timeout=number_formats.number(settings.timeout, language))


@cache
def _words(language: Language) -> dict[str, Any]:
    """What the script says in one language."""
    said = {name: one[language] for name, one in yamlfile.shipped(__package__, "words.yaml").items()}
    labels = {name: one[language] for name, one in yamlfile.shipped("clirld.web", "labels.yaml").items()}
    cites = {name: labels[label] for name, label in pages.CITATIONS}
    return {**said, "formats": _FORMATS, "cites": cites, "search_cut": labels["search_cut_query"]}
