"""Opendatasoft: the export, or the records, as many as the portal counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from clirld.connect import CollectResult, Opendatasoft
from clirld.errors import FetchError
from tests.registries_server import Asked, Given, Service, opendatasoft, places, registry

Ask = Callable[..., tuple[CollectResult, bytes]]

DATASET = "/api/explore/v2.1/catalog/datasets/jo_associations"


def notices(number: int) -> list[dict[str, Any]]:
    return [{**one, "region": "BR" if n % 2 else "PDL"} for n, one in enumerate(places(number))]


def asking(ask: Ask, url: str, **options: Any) -> tuple[CollectResult, list[Any]]:
    card = {"dataset": "jo_associations", **options}
    collected, body = ask(url=url, opendatasoft=card, format="jsonl")
    return collected, [json.loads(line) for line in body.splitlines()]


def test_the_export_and_the_count(ask: Ask) -> None:
    with registry(opendatasoft(notices(250))) as server:
        collected, found = asking(ask, server.url)
    assert (collected.records, found) == (250, notices(250))
    assert [one.path for one in server.asked] == [f"{DATASET}/{end}" for end in ("records", "exports/jsonl", "records")]


def test_conditions_and_columns_are_quoted(ask: Ask) -> None:
    with registry(opendatasoft(notices(10))) as server:
        collected, found = asking(ask, server.url + "/", where='region="BR"', select=("id", "region"))
    assert collected.records == 5
    assert found[0] == {"id": "P002", "region": "BR"}
    assert server.asked[1].parameters == {"where": 'region="BR"', "select": "id,region"}


def test_records_page_by_page_where_there_is_no_export(ask: Ask) -> None:
    with registry(opendatasoft(notices(250), exports=False)) as server:
        with pytest.raises(FetchError, match="403"):
            asking(ask, server.url)
        server.asked.clear()
        collected, found = asking(ask, server.url, export=False, order_by="id")
    assert (collected.records, found) == (250, notices(250))
    pages = [one.parameters for one in server.asked if "offset" in one.parameters]
    assert pages == [
        {"limit": limit, "offset": offset, "order_by": "id"}
        for limit, offset in (("100", "0"), ("100", "100"), ("50", "200"))
    ]


def test_more_than_10_000_records_need_slices(ask: Ask) -> None:
    with registry(opendatasoft(notices(10_050))) as server:
        with pytest.raises(FetchError, match="10050 records of the dataset, and no more than 10,000 are given"):
            asking(ask, server.url, export=False, order_by="id")
        slices = ("region=BR", "region=PDL")
        collected, found = asking(ask, server.url, export=False, order_by="id", slices=slices, where="name=Lieu 7")
        assert (collected.records, [one["id"] for one in found]) == (1, ["P007"])
        collected, found = asking(ask, server.url, export=False, order_by="id", slices=slices)
        assert len({one["id"] for one in found}) == collected.records == 10_050


def test_slices_that_miss_records_or_have_too_many(ask: Ask) -> None:
    with registry(opendatasoft(notices(10_050))) as server:
        with pytest.raises(FetchError, match="the portal counts 10050 records, 5025 came"):
            asking(ask, server.url, export=False, order_by="id", slices=("region=BR",))
        server.service = opendatasoft([{"id": "id"}] * 10_050)
        with pytest.raises(FetchError, match="10050 records of id=id"):
            asking(ask, server.url, export=False, order_by="id", slices=("id=id",))


def export(service: Service, change: Callable[[bytes], bytes]) -> Service:
    def answer(asked: Asked) -> Given:
        found = service(asked)
        return replace(found, body=change(found.body)) if asked.path.endswith("jsonl") else found

    return answer


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda body: b"".join(body.splitlines(keepends=True)[:-1]), "the portal counts 20 records, 19 came"),
        (lambda body: body + body.splitlines()[0], "the portal counts 20 records, 21 came"),
        (lambda _body: b"", "the portal counts 20 records, 0 came"),
        (lambda body: body[:-5], "is not JSON; it begins"),
        (
            lambda body: body + b"Streaming interrupted due to the following error: x",
            "it begins: “Streaming interrupted",
        ),
        (lambda _body: b"<!DOCTYPE html>\n<title>Maintenance</title>", "it begins: “<!DOCTYPE html>"),
    ],
)
def test_an_export_that_is_not_whole(ask: Ask, change: Callable[[bytes], bytes], message: str) -> None:
    with registry(export(opendatasoft(notices(20)), change)) as server, pytest.raises(FetchError, match=message):
        asking(ask, server.url)


def test_a_dataset_that_changes_meanwhile(ask: Ask) -> None:
    counts = iter([20, 20, 21])

    def answer(asked: Asked) -> Given:
        return opendatasoft(notices(next(counts)))(asked)

    with registry(answer) as server, pytest.raises(FetchError, match="the portal counts 21 records, 20 came"):
        asking(ask, server.url)


@pytest.mark.parametrize("wrong", [{"export": False}, {"order_by": "id"}, {"slices": ("a=b",)}])
def test_a_card_says_all_that_is_needed(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Opendatasoft.model_validate({"dataset": "x", **wrong})
