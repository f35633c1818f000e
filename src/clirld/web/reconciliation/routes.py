"""The routes of the Reconciliation Service API 0.2 (W3C Entity Reconciliation Community Group, 10 April 2023).

`/reconcile/fr` and `/reconcile/en`; `/reconcile` in the language of the request. Under `/release/ID/` of that release,
so that the same table gets the same candidates again.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from typing import Any, TypeVar, get_args

from anyio import CapacityLimiter, to_thread
from pyoxigraph import Store
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from clirld.link.reconciliation.candidates import MAX_LIMIT, Candidate, candidates, given_of
from clirld.link.reconciliation.extend import MOST, extend, proposed
from clirld.link.reconciliation.facts import Facts, facts, label
from clirld.link.reconciliation.looked_up import DEFAULT_LIMIT, Query
from clirld.link.reconciliation.properties import TYPES, Language, properties
from clirld.query.failure import Failure
from clirld.search.find import SearchTimeout, find
from clirld.search.index import FILE
from clirld.settings import BASE
from clirld.web import protocol
from clirld.web.citable.choice import address, release_of
from clirld.web.conditional import conditional, preflight, read_route
from clirld.web.documents import lookup
from clirld.web.local_links import document_path
from clirld.web.reconciliation.manifest import BATCH, manifest
from clirld.web.release import ServedRelease

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_MAX_BODY = 1 << 20
_AT_ONCE = 1
"""Queries that are looked up at the same time, each some thousandths of a second: other visitors come between."""
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,79}(?:\.[A-Za-z_$][\w$]{0,79}){0,4}")
_SUGGESTED = 20
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request: the release and its store, the language, the parameters."""

    release: ServedRelease
    store: Store
    language: Language
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class ReconciliationService:
    """The service of one server."""

    failure_response: Callable[[Request, Failure], Response]
    host: Callable[[Request], str]

    @cached_property
    def _threads(self) -> CapacityLimiter:
        return CapacityLimiter(_AT_ONCE)

    @property
    def routes(self) -> list[Route]:
        """What the application serves for tables to be reconciled."""
        service = partial(self._answer, self._service)
        read = {
            "/suggest/{kind}": self._suggest,
            "/flyout/{kind}": self._flyout,
            "/properties": self._properties,
            "/preview": self._preview,
            "/view": self._view,
        }
        return [
            *(Route(path, service, methods=list(_METHODS)) for path in ("/reconcile", "/reconcile/{lang}")),
            *(read_route(f"/reconcile/{{lang}}{path}", partial(self._answer, answer)) for path, answer in read.items()),
        ]

    async def _answer(self, answer: Callable[[Request, _Asked], Any], request: Request) -> Response:
        if request.method == "OPTIONS":
            return preflight(_METHODS)
        try:
            asked = await self._asked(request)
            response: Response = await answer(request, asked)
        except protocol.Refused as refused:
            return self.failure_response(request, refused.failure)
        except SearchTimeout:
            return self.failure_response(request, Failure("slow-search"))
        except sqlite3.DatabaseError:
            return self.failure_response(request, Failure("damaged", detail={"path": FILE}))
        except lookup.UNREADABLE as error:
            return self.failure_response(request, lookup.unreadable(error))
        response.headers["vary"] = "Accept-Language"
        return conditional(request, response, asked.release) if request.method != "POST" else response

    async def _asked(self, request: Request) -> _Asked:
        release = release_of(request)
        if release is None:
            raise protocol.Refused(Failure("no-release"))
        if not (release.folder / FILE).is_file():
            raise protocol.Refused(Failure("no-search"))
        if not release.is_whole(FILE):
            raise protocol.Refused(Failure("damaged", detail={"path": FILE}))
        parameters = await protocol.read_form(request, _MAX_BODY)
        if isinstance(parameters, Failure):
            raise protocol.Refused(parameters)
        language = request.path_params.get("lang") or protocol.request_language(request, "fr")
        if language not in get_args(Language):
            raise protocol.Refused(Failure("not-found", detail={"path": request.url.path}))
        return _Asked(release, lookup.open_store(release.store), language, parameters)

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await to_thread.run_sync(work, limiter=self._threads)

    def _address(self, request: Request, asked: _Asked) -> str:
        return f"{self.host(request)}{address(request, f'/reconcile/{asked.language}')}"

    # what is answered ---------------------------------------------------------------------------------

    async def _service(self, request: Request, asked: _Asked) -> Response:
        """The manifest, candidates of `queries`, or values of `extend`."""
        if "queries" in asked.parameters:
            return _json(asked, await self._candidates(asked))
        if "extend" in asked.parameters:
            return _json(asked, await self._extended(asked))
        return _json(
            asked, manifest(self._address(request, asked), self.host(request), asked.release.id, asked.language)
        )

    async def _candidates(self, asked: _Asked) -> dict[str, Any]:
        batch = _object(asked.parameters, "queries")
        if len(batch) > BATCH:
            raise protocol.Refused(Failure("reconcile-batch", detail={"given": str(len(batch)), "limit": str(BATCH)}))
        index = asked.release.folder / FILE
        answer = {}
        for name, given in batch.items():
            query = _query(name, given)
            found = await self._in_thread(partial(candidates, query, asked.store, index))
            shown = partial(_candidates_in_words, found, asked.store, asked.language)
            answer[name] = {"result": await self._in_thread(shown)}
        return answer

    async def _extended(self, asked: _Asked) -> dict[str, Any]:
        given = _object(asked.parameters, "extend")
        ids, wanted = given.get("ids"), given.get("properties")
        if not isinstance(ids, list) or not isinstance(wanted, list):
            raise _refused("extend", "ids, properties")
        if len(ids) > MOST:
            raise protocol.Refused(Failure("reconcile-batch", detail={"given": str(len(ids)), "limit": str(MOST)}))
        names = [str(one.get("id")) if isinstance(one, dict) else str(one) for one in wanted]
        if unknown := [name for name in names if name not in properties()]:
            raise _refused("extend", f"properties: {unknown[0][:80]} (→ {', '.join(properties())})")
        known = [properties()[name] for name in dict.fromkeys(names)]
        licences = _licences(asked)
        answer: dict[str, Any] = {"meta": [], "rows": {}}
        for id_ in dict.fromkeys(str(one)[:300] for one in ids):
            work = partial(extend, [id_], known, asked.store, licences, asked.language)
            one = await self._in_thread(work)
            answer = {"meta": one["meta"], "rows": answer["rows"] | one["rows"]}
        return answer

    async def _suggest(self, request: Request, asked: _Asked) -> Response:
        """What begins as what is typed: things, properties, types."""
        prefix = asked.parameters.get("prefix", "").strip()
        match request.path_params["kind"]:
            case "entity":
                index = asked.release.folder / FILE
                work = partial(find, index, prefix, language=asked.language, limit=_SUGGESTED * 3)
                hits = (await self._in_thread(work)).hits if prefix else []
                ids = [hit.iri.removeprefix(f"{BASE}id/") for hit in hits if hit.iri.startswith(f"{BASE}id/")]
                ids = [one for one in ids if one.partition("/")[0] in TYPES][:_SUGGESTED]
                result = [await self._in_thread(partial(_suggested, asked.store, one, asked.language)) for one in ids]
            case "property":
                told = {one.id: one.labels[asked.language] for one in properties().values()}
                result = _begun(told, prefix)
            case "type":
                result = _begun({id_: labels[asked.language] for id_, labels in TYPES.items()}, prefix)
            case _:
                raise protocol.Refused(Failure("not-found", detail={"path": request.url.path}))
        return _json(asked, {"result": result})

    async def _flyout(self, request: Request, asked: _Asked) -> Response:
        """A few words about something that was suggested."""
        id_ = asked.parameters.get("id", "")[:300]
        match request.path_params["kind"]:
            case "entity":
                thing = await self._in_thread(partial(facts, asked.store, id_))
                words = f"<p>{escape(await self._in_thread(partial(_described, thing, asked.language)))}</p>"
            case "property" if id_ in properties():
                words = f"<p>{escape(properties()[id_].labels[asked.language])}</p>"
            case "type" if id_ in TYPES:
                words = f"<p>{escape(TYPES[id_][asked.language])}</p>"
            case _:
                raise protocol.Refused(Failure("not-found", detail={"path": request.url.path}))
        return _json(asked, {"id": id_, "html": words})

    async def _properties(self, _: Request, asked: _Asked) -> Response:
        limit = asked.parameters.get("limit", "")
        most = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 4 else None
        return _json(asked, proposed(asked.parameters.get("type", ""), most, asked.language))

    async def _preview(self, _: Request, asked: _Asked) -> Response:
        """A small page about a thing, to be shown in a frame."""
        thing = await self._in_thread(partial(facts, asked.store, asked.parameters.get("id", "")[:300]))
        if not thing.said:
            raise protocol.Refused(Failure("not-found", detail={"path": thing.id}))
        name, text = escape(_name(thing)), escape(await self._in_thread(partial(_described, thing, asked.language)))
        page = (
            f'<!doctype html><html lang="{asked.language}"><meta charset="utf-8"><title>{name}</title>'
            '<body style="font: 15px/1.4 sans-serif; margin: 8px"><h1 style="font-size: 17px; margin: 0">'
            f"{name}</h1><p>{text}</p></body></html>"
        )
        return Response(page, media_type="text/html")

    async def _view(self, request: Request, asked: _Asked) -> Response:
        """Leads to the page of a thing, whose id a client may have escaped."""
        path = document_path(f"{BASE}id/{asked.parameters.get('id', '')[:300]}")
        return RedirectResponse(f"{address(request, path)}?lang={asked.language}", status_code=303)


def _json(asked: _Asked, answer: Mapping[str, Any]) -> Response:
    """The answer, as a call of a function where an old client asks for that (JSONP)."""
    body = json.dumps(answer, ensure_ascii=False)
    callback = asked.parameters.get("callback")
    if callback is None:
        return Response(body, media_type="application/json", headers={"content-language": asked.language})
    if not _CALLBACK.fullmatch(callback):
        raise _refused("callback", callback[:80])
    return Response(f"{callback}({body});", media_type="text/javascript")


def _refused(name: str, why: str) -> protocol.Refused:
    return protocol.Refused(Failure("reconcile-query", detail={"name": name, "why": why}))


def _object(parameters: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        found = json.loads(parameters[name])
    except (ValueError, RecursionError):
        raise _refused(name, "JSON?") from None
    if not isinstance(found, dict):
        raise _refused(name, type(found).__name__)
    return found


def _query(name: str, given: Any) -> Query:
    if not isinstance(given, dict):
        raise _refused("queries", f"{name[:40]}: {type(given).__name__}")
    type_ = given.get("type") or ""
    type_ = (type_[0] if type_ else "") if isinstance(type_, list) else type_
    type_ = type_.get("id", "") if isinstance(type_, dict) else type_
    if type_ and not (isinstance(type_, str) and type_ in TYPES):
        # The API has no way to say it of one query; to look among all types would give matches that nobody asked for.
        raise _refused("queries", f"{name[:40]}, type: {str(type_)[:80]} (→ {', '.join(TYPES)})")
    limit = given.get("limit", DEFAULT_LIMIT)
    words = given.get("query", "")
    return Query(
        words[:1000] if isinstance(words, str) else "",
        str(type_),
        min(max(limit, 1), MAX_LIMIT) if isinstance(limit, int) else DEFAULT_LIMIT,
        given_of(given.get("properties")),
    )


def _candidates_in_words(found: list[Candidate], store: Store, language: Language) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "name": one.name,
            "description": _described(one.facts, language),
            "score": one.score,
            "match": one.match,
            "type": [{"id": one.facts.type, "name": TYPES[one.facts.type][language]}],
            "features": [{"id": name, "value": value} for name, value in one.features.items()],
        }
        for one in found
    ]


def _name(thing: Facts) -> str:
    return thing.names[0] if thing.names else thing.id.rpartition("/")[2]


def _described(thing: Facts, language: Language) -> str:
    """What tells a thing from others of its name: of what kind it is, where, its number, and who says so."""
    kinds = [label(thing.store, iri, language) for iri in (*thing.value("kind"), *thing.value("legal_form"))]
    kinds += [label(thing.store, iri, language) for iri in thing.things(f"{BASE}ontology#territoryKind")]
    places = [*thing.value("commune"), *thing.value("departement")]
    where = [label(thing.store, iri, language) for iri in places if not iri.endswith(thing.id)]
    numbers = [f"{name.upper()} {number}" for name in ("siren", "rna") for number in thing.numbers(name)[:1]]
    code = thing.value("insee") if thing.type == "territory" else []
    sources = [one.removeprefix(f"{BASE}graph/") for one in thing.sources][:3]
    parts = [", ".join(kinds), ", ".join(where), *numbers, *code, ", ".join(sources)]
    return " · ".join(part for part in parts if part)


def _suggested(store: Store, id_: str, language: Language) -> dict[str, Any]:
    thing = facts(store, id_)
    kind = {"id": thing.type, "name": TYPES[thing.type][language]}
    return {"id": id_, "name": _name(thing), "description": _described(thing, language), "notable": [kind]}


def _begun(told: Mapping[str, str], prefix: str) -> list[dict[str, Any]]:
    start = prefix.casefold()
    return [{"id": id_, "name": name} for id_, name in told.items() if start in f"{id_} {name}".casefold()]


def _licences(asked: _Asked) -> dict[str, str]:
    """The titles of the licences of the sources' graphs."""
    return {
        f"{BASE}graph/{source['id']}": str((source["license"].get("title") or {}).get(asked.language) or "")
        for source in asked.release.manifest.get("sources") or []
        if source.get("license") and source.get("id")
    }
