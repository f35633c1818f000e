"""Paged JSON: everything an API has comes, or nothing does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from clirld.connect import CollectResult, Paged, pages
from clirld.connect.details import Details
from clirld.errors import FetchError
from tests.registries_server import (
    Given,
    Service,
    changed,
    communecter,
    given,
    murmurations,
    places,
    recherche_entreprises,
    registry,
    siae,
    sirene,
    tabular,
)

Ask = Callable[..., tuple[CollectResult, bytes]]

SIRENE = {
    "paged": {
        "by": "cursor",
        "parameter": "curseur",
        "first": "*",
        "cursor": "header.curseurSuivant",
        "size": 3,
        "size_parameter": "nombre",
        "total": "header.total",
        "identifier": "siren",
    },
    "items": "unitesLegales.item",
}
RECHERCHE = {
    "paged": {"by": "page", "size": 25, "total": "total_results", "cap": 10_000, "identifier": "siren"},
    "items": "results.item",
}
TABULAR = {
    "paged": {"by": "next", "next": "links.next", "size": 3, "size_parameter": "page_size", "total": "meta.total"},
    "items": "data.item",
}
OFFSET = {"paged": {"by": "offset", "size": 3, "total": "count", "identifier": "siret"}, "items": "results.item"}
MURMURATIONS = {
    "paged": {
        "by": "page",
        "size": 3,
        "size_parameter": "page_size",
        "total": "meta.number_of_results",
        "cap": 10_000,
        "identifier": "profile_url",
        "detail": "profile_url",
    },
    "items": "data.item",
}
COMMUNECTER = {"paged": {"by": "next", "next": "meta.next", "identifier": "_key"}, "items": "entities.*"}
KEY = {"X-INSEE-Api-Key-Integration": "secret"}
TOKEN = {"Authorization": "Bearer secret"}


def documents(body: bytes) -> list[Any]:
    return [json.loads(line) for line in body.splitlines()]


@pytest.mark.parametrize("number", [0, 1, 3, 7])
def test_sirene_is_asked_until_its_cursor_stands(ask: Ask, number: int) -> None:
    with registry(sirene(number)) as server:
        collected, body = ask(KEY, url=f"{server.url}/api-sirene/3.11/siren?q=periode(economieSociale:O)", **SIRENE)
    units = [unit["siren"] for page in documents(body) for unit in page["unitesLegales"]]
    assert units == [f"{n:09}" for n in range(1, number + 1)]
    assert collected.records == number
    assert [one.parameters["curseur"] for one in server.asked][:2] == ["*", f"AoE={min(3, number)}"][
        : len(server.asked)
    ]
    assert {one.parameters["q"] for one in server.asked} == {"periode(economieSociale:O)"}
    assert {one.parameters["nombre"] for one in server.asked} == {"3"}


def companies(**numbers: int) -> list[dict[str, str]]:
    return [
        {"siren": f"{departement[1:]}{n:07}", "departement": departement[1:], "section": "PQRS"[n % 4]}
        for departement, number in numbers.items()
        for n in range(number)
    ]


def test_recherche_entreprises_page_by_page(ask: Ask) -> None:
    found = companies(d22=60)
    with registry(recherche_entreprises(found)) as server:
        collected, body = ask(url=f"{server.url}/search?est_ess=true", **RECHERCHE)
    assert [one for page in documents(body) for one in page["results"]] == found
    assert collected.records == 60
    assert [one.parameters for one in server.asked] == [
        {"est_ess": "true", "per_page": "25", "page": page} for page in "123"
    ]


def slices(*levels: tuple[str, list[str]], cap: int = 100) -> dict[str, Any]:
    by = [{"parameter": parameter, "values": values} for parameter, values in levels]
    return {**RECHERCHE, "paged": {**RECHERCHE["paged"], "cap": cap, "slices": by[0] if len(by) == 1 else by}}


def test_slices_come_one_after_another(ask: Ask) -> None:
    found = companies(d22=60, d29=70)
    with registry(recherche_entreprises(found, cap=100)) as server:
        collected, body = ask(url=f"{server.url}/search", **slices(("departement", ["22", "29"])))
    assert [one for page in documents(body) for one in page["results"]] == found
    assert collected.records == 130


def test_a_slice_that_reaches_the_cap_is_divided_again(ask: Ask) -> None:
    found = companies(d22=60, d75=300)
    with registry(recherche_entreprises(found, cap=100)) as server:
        card = slices(("departement", ["22", "75"]), ("section", list("PQRS")))
        collected, body = ask(url=f"{server.url}/search", **card)
    got = [one["siren"] for page in documents(body) for one in page["results"]]
    assert sorted(got) == sorted(one["siren"] for one in found)
    assert collected.records == 360
    assert [one.parameters["departement"] for one in server.asked if "section" in one.parameters] == ["75"] * 12


@pytest.mark.parametrize(
    ("card", "message"),
    [
        (RECHERCHE, None),
        (slices(("departement", ["22", "75"])), "as many records as the registry gives at once, 100, or more"),
        (
            slices(("departement", ["22", "75"]), ("section", ["P"])),
            "slices by section have 75 records of at least 100",
        ),
        (slices(("region", ["53", "11"]), cap=1000), "every slice begins alike: region seems to have no effect"),
    ],
)
def test_more_than_the_cap_is_never_taken_for_all(ask: Ask, card: dict[str, Any], message: str | None) -> None:
    with registry(recherche_entreprises(companies(d22=60, d75=300), cap=100)) as server:
        if message is None:
            card = {**card, "paged": {**card["paged"], "cap": 100}}
            message = "give slices in source.yaml"
        with pytest.raises(FetchError, match=message):
            ask(url=f"{server.url}/search", **card)


def test_tabular_api_by_its_links(ask: Ask) -> None:
    with registry(tabular(8)) as server:
        collected, body = ask(url=f"{server.url}/api/resources/1fa831ec/data/", **TABULAR)
    assert [row["__id"] for page in documents(body) for row in page["data"]] == list(range(1, 9))
    assert collected.records == 8
    assert [one.parameters["page"] for one in server.asked[1:]] == ["2", "3"]


def test_offsets_follow_what_came_and_not_what_was_asked_for(ask: Ask) -> None:
    """A server that gives fewer a page than it was asked for loses nothing."""
    card = {**OFFSET, "paged": {**OFFSET["paged"], "size": 1000}}
    with registry(siae(250)) as server:
        collected, body = ask(TOKEN, url=f"{server.url}/api/siae", **card)
    assert len([one for page in documents(body) for one in page["results"]]) == collected.records == 250
    assert [one.parameters["offset"] for one in server.asked] == ["0", "100", "200"]


@pytest.mark.parametrize("number", [0, 30, 70])
def test_communecter_by_its_links_keyed_by_id(ask: Ask, number: int) -> None:
    with registry(communecter(number)) as server:
        collected, body = ask(url=f"{server.url}/api/organization/get/key/exampleCostum", **COMMUNECTER)
    assert sum(len(page["entities"]) for page in documents(body)) == number
    assert collected.records is None


def test_pages_without_a_total_end_with_an_empty_one(ask: Ask) -> None:
    def service(asked: Any) -> Given:
        page = asked.number("page", 1)
        return given(places(5)[(page - 1) * 2 : page * 2])

    with registry(service) as server:
        _collected, body = ask(url=f"{server.url}/labs", paged={"by": "page"}, items="item")
    assert [one["id"] for page in documents(body) for one in page] == ["P001", "P002", "P003", "P004", "P005"]
    assert len(server.asked) == 4


def test_a_place_may_be_a_key_with_a_point_in_it(ask: Ask) -> None:
    def service(asked: Any) -> Given:
        more = {"@odata.nextLink": "/items?page=2"} if "page" not in asked.parameters else {}
        return given({"value": places(1, page=asked.parameters.get("page")), **more})

    with registry(service) as server:
        ask(url=f"{server.url}/items", paged={"by": "next", "next": "@odata.nextLink"}, items="value.item")
    assert len(server.asked) == 2


def test_answers_are_written_as_they_came(ask: Ask) -> None:
    bodies = [b'\xef\xbb\xbf[ {"lat": 47.10, "id" : 1} ]', b"[]"]
    with registry(lambda asked: Given(bodies[asked.number("page", 1) - 1])) as server:
        _collected, body = ask(url=server.url, paged={"by": "page"}, items="item")
    assert body == bodies[0] + b"\n" + bodies[1] + b"\n"


# Details -----------------------------------------------------------------------------------------


def test_the_full_record_of_each_item(ask: Ask) -> None:
    with registry(murmurations(4, lambda n: f"/profiles/{n}.json")) as server:
        collected, body = ask(url=f"{server.url}/v2/nodes?country=FR", **MURMURATIONS)
    rows = [one for page in documents(body) for one in page["data"]]
    assert [row["detail"]["name"] for row in rows] == [f"Organisation {n}" for n in range(1, 5)]
    assert rows[0]["item"] == {"profile_url": "/profiles/1.json", "status": "posted", "country": "FR"}
    assert collected.records == 4


def test_a_few_full_records_may_be_missing(ask: Ask) -> None:
    links = {1: "http://127.0.0.1:1/gone.json", 2: "ftp://example.org/x.json"}
    with registry(murmurations(6, lambda n: links.get(n, f"/profiles/{n}.json"))) as server:
        _collected, body = ask(url=f"{server.url}/v2/nodes", **MURMURATIONS)
    rows = [one for page in documents(body) for one in page["data"]]
    assert [row["detail"] is None for row in rows] == [True, True, False, False, False, False]


def test_a_full_record_that_is_no_record_is_missing(ask: Ask) -> None:
    index = murmurations(6, lambda n: f"/profiles/{n}.json")
    wrong = {"/profiles/1.json": b'{"name": "' + b"x" * 3 * 1024**2 + b'"}', "/profiles/2.json": b"<html>Gone</html>"}

    def service(asked: Any) -> Given:
        return Given(wrong[asked.path]) if asked.path in wrong else index(asked)

    with registry(service) as server:
        _collected, body = ask(url=f"{server.url}/v2/nodes", **MURMURATIONS)
    rows = [one for page in documents(body) for one in page["data"]]
    assert [row["detail"] is None for row in rows] == [True, True, False, False, False, False]


def test_more_than_a_third_may_not(ask: Ask) -> None:
    links = dict.fromkeys((1, 2, 3), "http://localhost/private.json")
    with (
        registry(murmurations(6, lambda n: links.get(n, f"/profiles/{n}.json"))) as server,
        pytest.raises(FetchError, match="3 of 6 full records could not be had"),
    ):
        ask(url=f"{server.url}/v2/nodes", **MURMURATIONS)


@pytest.mark.parametrize("link", ["http://localhost/x", "http://10.0.0.1/x", "http://[::1]/x", "http://intranet/x"])
def test_a_registry_cannot_send_us_into_our_own_network(ask: Ask, link: str) -> None:
    nobody: Any = None  # would fail if it was asked
    details = Details("profile_url", nobody, "https://index.example.org/v2/nodes")
    assert json.loads(details.with_details([{"profile_url": link}], "item")) == [
        {"item": {"profile_url": link}, "detail": None}
    ]


# What is not whole -------------------------------------------------------------------------------


def styles(number: int = 7) -> dict[str, tuple[Service, dict[str, Any], dict[str, str]]]:
    page = {**RECHERCHE, "paged": {**RECHERCHE["paged"], "size": 3}}
    return {
        "cursor": (sirene(number), SIRENE, KEY),
        "page": (recherche_entreprises(companies(d22=number)), page, {}),
        "next": (tabular(number), TABULAR, {}),
        "offset": (siae(number), OFFSET, TOKEN),
    }


def items_of(found: dict[str, Any]) -> list[Any]:
    return next(found[key] for key in ("unitesLegales", "results", "data") if key in found)


def set_total(found: dict[str, Any], change: int) -> None:
    for holder, key in (
        (found.get("header"), "total"),
        (found, "total_results"),
        (found.get("meta"), "total"),
        (found, "count"),
    ):
        if holder is not None and key in holder:
            holder[key] += change


class Faults:
    """What an API may do wrong on any page; each leaves the answer in its layout."""

    def __init__(self) -> None:
        self.page: list[Any] = []

    def repeats_a_page(self, found: dict[str, Any], n: int) -> None:
        if n % 3 == 1:
            self.page = list(items_of(found))
        elif n % 3 == 2:
            items_of(found)[:] = self.page

    def total_changes(self, found: dict[str, Any], n: int) -> None:
        set_total(found, n)

    def fewer_than_promised(self, found: dict[str, Any], _n: int) -> None:
        del items_of(found)[:]

    def more_than_promised(self, found: dict[str, Any], _n: int) -> None:
        set_total(found, -5)

    def an_error_page(self, _found: dict[str, Any], _n: int) -> Given:
        return Given(b"\n<!DOCTYPE html><title>Maintenance</title>", headers={"Content-Type": "text/html"})

    def an_error_object(self, _found: dict[str, Any], _n: int) -> Given:
        return given({"error": {"code": 498, "message": "Jeton expiré"}})

    def nothing_at_all(self, _found: dict[str, Any], _n: int) -> Given:
        return Given(b"")

    def cut_json(self, _found: dict[str, Any], _n: int) -> Given:
        return Given(b'{"results": [{"id": 1}, {"i')

    def no_items(self, found: dict[str, Any], _n: int) -> Given:
        return given({"records": items_of(found)})

    def no_total(self, found: dict[str, Any], _n: int) -> Given:
        return given({key: value for key, value in found.items() if isinstance(value, list)})


MESSAGES = {
    "repeats_a_page": r"repeats an earlier one|of an earlier page come again",
    "total_changes": r"the number of records changed from \d+ to \d+ while they were read",
    "fewer_than_promised": "7 records were promised(,| and) 0 came|still no end after|leads back",
    "more_than_promised": "2 records were promised, 3 came",
    "an_error_page": "is not JSON; it begins: “<!DOCTYPE html>",
    "an_error_object": "the registry answers with an error: Jeton expiré",
    "nothing_at_all": "the answer is empty",
    "cut_json": "is not JSON",
    "no_items": "the answer has nothing at",
    "no_total": "there is no number at",
}


@pytest.mark.parametrize("style", styles())
@pytest.mark.parametrize("fault", MESSAGES)
def test_what_is_not_whole_is_refused(ask: Ask, style: str, fault: str) -> None:
    service, card, headers = styles()[style]
    with (
        registry(changed(service, getattr(Faults(), fault))) as server,
        pytest.raises(FetchError, match=MESSAGES[fault]) as refused,
    ):
        ask(headers, url=f"{server.url}/api", **card)
    assert refused.value.where.startswith(server.url)
    assert refused.value.do


@pytest.mark.parametrize("style", styles())
def test_a_list_that_moved_once_is_read_again_from_the_start(ask: Ask, style: str) -> None:
    service, card, headers = styles()[style]

    def moves(found: dict[str, Any], n: int) -> None:
        set_total(found, 1 if n == 2 else 0)

    with registry(changed(service, moves)) as server:
        collected, body = ask(headers, url=f"{server.url}/api", **card)
    assert sum(len(items_of(page)) for page in documents(body)) == collected.records == 7


@pytest.mark.parametrize("style", styles())
def test_a_server_that_fails_on_the_way_is_asked_again_for_that_page_only(ask: Ask, style: str) -> None:
    service, card, headers = styles()[style]

    def fails(found: dict[str, Any], n: int) -> Given | None:
        return Given(b"busy", 503, {"Retry-After": "0"}) if n == 2 else None

    with registry(changed(service, fails)) as server:
        collected, body = ask(headers, url=f"{server.url}/api", **card)
    assert sum(len(items_of(page)) for page in documents(body)) == collected.records == 7
    assert server.asked[1].parameters == server.asked[2].parameters


def test_a_cursor_that_is_lost(ask: Ask) -> None:
    def lost(found: dict[str, Any], n: int) -> None:
        if n % 2 == 0:
            del found["header"]["curseurSuivant"]

    with (
        registry(changed(sirene(7), lost)) as server,
        pytest.raises(FetchError, match=r"nothing at header.curseurSuivant .* 7 records were promised and 6 came"),
    ):
        ask(KEY, url=server.url, **SIRENE)


@pytest.mark.parametrize("after", ["AoE=3", "*"])
def test_a_cursor_that_stands_before_the_end(ask: Ask, after: str) -> None:
    def stands(found: dict[str, Any], _n: int) -> None:
        found["header"]["curseurSuivant"] = after

    with (
        registry(changed(sirene(7), stands)) as server,
        pytest.raises(FetchError, match=r"header.curseurSuivant of the answer leads back to"),
    ):
        ask(KEY, url=server.url, **SIRENE)


def test_a_link_in_a_circle(ask: Ask) -> None:
    def circle(found: dict[str, Any], n: int) -> None:
        found["links"]["next"] = "/data/?page=2&page_size=3"
        for row in found["data"]:
            row["__id"] = n

    with registry(changed(tabular(9), circle)) as server, pytest.raises(FetchError, match=r"links.next .* leads back"):
        ask(url=server.url + "/data/", **TABULAR)


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/data/?page=2", "//elsewhere.example/x", "file:///etc/passwd"]
)
def test_a_link_to_another_host(ask: Ask, link: str) -> None:
    def elsewhere(found: dict[str, Any], _n: int) -> None:
        found["links"]["next"] = link

    with registry(changed(tabular(9), elsewhere)) as server, pytest.raises(FetchError, match="on another host"):
        ask(url=server.url, **TABULAR)
    assert len(server.asked) == 1


def test_a_link_that_says_http_is_followed_the_way_the_page_came() -> None:
    assert pages._same_host("http://tabular.example/d/?page=2", "https://tabular.example/d/") == (
        "https://tabular.example/d/?page=2"
    )


def test_pages_without_end(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_MAX_PAGES", 20)
    with (
        registry(lambda asked: given([{"id": asked.parameters["page"]}])) as server,
        pytest.raises(FetchError, match="still no end after 21 pages"),
    ):
        ask(url=server.url, paged={"by": "page"}, items="item")


def test_empty_pages_without_end(ask: Ask) -> None:
    def empty(found: dict[str, Any], n: int) -> None:
        found["unitesLegales"] = []
        found["header"]["curseurSuivant"] = f"AoE={n}"

    with registry(changed(sirene(7), empty)) as server, pytest.raises(FetchError, match="still no end after 18 pages"):
        ask(KEY, url=server.url, **SIRENE)


def test_an_identifier_that_is_not_there(ask: Ask) -> None:
    card = {**SIRENE, "paged": {**SIRENE["paged"], "identifier": "siret"}}
    with registry(sirene(3)) as server, pytest.raises(FetchError, match="a record has nothing at siret"):
        ask(KEY, url=server.url, **card)


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": "cursor"},
        {"by": "next", "cursor": "x", "next": "y"},
        {"by": "next"},
        {"by": "cursor", "cursor": "c", "size": 3},
        {"by": "page", "slices": {"parameter": "departement", "values": []}},
    ],
)
def test_a_card_says_all_that_is_needed(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Paged.model_validate(wrong)
