"""What an address of data.gouv.fr names, and what the portal says of it; answers have the layout of udata's API."""

from __future__ import annotations

import json

import pytest

from clirld.connect import datagouv
from clirld.connect.datagouv import PortalReference
from clirld.errors import FetchError, UsageError

RID = "57bc99ca-0432-4b46-8fcc-e76a35c9efaf"
OTHER = "1fa831ec-d912-4277-8b95-a8b998bf951e"
STATIC = "https://static.data.gouv.fr/resources/lieux-exemple/20240102-030405/lieux.csv"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"https://www.data.gouv.fr/datasets/r/{RID}", PortalReference(resource=RID)),
        (f"https://www.data.gouv.fr/fr/datasets/r/{RID}", PortalReference(resource=RID)),
        (f"https://www.data.gouv.fr/api/1/datasets/r/{RID}", PortalReference(resource=RID)),
        ("https://www.data.gouv.fr/fr/datasets/lieux-exemple/", PortalReference(dataset="lieux-exemple")),
        (
            "https://www.data.gouv.fr/datasets/646c8d45de96cc3428092c6b",
            PortalReference(dataset="646c8d45de96cc3428092c6b"),
        ),
        (f"https://www.data.gouv.fr/datasets/lieux?resource_id={RID}", PortalReference(dataset="lieux", resource=RID)),
        (
            f"https://www.data.gouv.fr/fr/datasets/lieux/#/resources/{RID}",
            PortalReference(dataset="lieux", resource=RID),
        ),
        ("https://www.data.gouv.fr/api/1/datasets/lieux/", PortalReference(dataset="lieux")),
        (STATIC, PortalReference(dataset="lieux-exemple", file=STATIC)),
        ("https://www.data.gouv.fr/organizations/insee/", None),
        ("https://example.org/datasets/lieux/", None),
        ("lieux.csv", None),
    ],
)
def test_what_an_address_names(url: str, found: PortalReference | None) -> None:
    assert datagouv.parse_reference(url) == found


ANSWERS = {
    f"https://www.data.gouv.fr/api/2/datasets/resources/{RID}/": {"resource": {"id": RID}, "dataset_id": "646c"},
    "https://www.data.gouv.fr/api/1/datasets/646c/": {
        "id": "646c",
        "title": "Lieux  exemple",
        "description": "Des lieux.\nInventés.",
        "license": "lov2",
        "frequency": "annual",
        "page": "https://www.data.gouv.fr/datasets/lieux-exemple/",
        "organization": {"name": "Exemple", "page": "https://www.data.gouv.fr/organizations/exemple/"},
        "resources": [
            {"id": RID, "title": "lieux.csv", "url": STATIC, "format": "csv"},
            {"id": OTHER, "title": "Notice", "url": "https://example.org/notice.pdf", "format": "pdf"},
        ],
    },
}


def ask(url: str) -> bytes:
    return json.dumps(ANSWERS[url]).encode()


def test_the_dataset_of_a_resource() -> None:
    named = PortalReference(resource=RID)
    found = datagouv.get_dataset(named, ask)
    assert (found.title, found.description) == ("Lieux exemple", "Des lieux. Inventés.")
    assert (found.license, found.frequency, found.publisher) == ("lov2", "annual", "Exemple")
    assert datagouv.select_resource(found, named, "https://www.data.gouv.fr/").url == STATIC
    assert datagouv.select_resource(found, PortalReference(dataset="646c", file=STATIC), STATIC).id == RID


def test_a_dataset_of_several_files_lists_a_command_for_each() -> None:
    found = datagouv.get_dataset(PortalReference(dataset="646c"), ask)
    with pytest.raises(UsageError, match="has 2 files") as caught:
        datagouv.select_resource(found, PortalReference(dataset="646c"), STATIC)
    for rid in (RID, OTHER):
        assert f"clirld source new https://www.data.gouv.fr/datasets/r/{rid}" in caught.value.do


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'"x"'])
def test_an_answer_that_is_none(body: bytes) -> None:
    with pytest.raises(FetchError, match="not what its API promises"):
        datagouv.get_dataset(PortalReference(dataset="x"), lambda _url: body)


def test_a_licence_that_is_not_stated_is_none() -> None:
    found = datagouv.get_dataset(PortalReference(dataset="x"), lambda _url: b'{"license": "notspecified"}')
    assert found.license is None
    assert found.resources == ()
