"""What data.gouv.fr says of a file: who publishes it, under which licence, how often, and its address that stays.

The API is udata's (https://www.data.gouv.fr/api/1/): `/api/1/datasets/<id or slug>/` has `title`, `description`,
`license`, `frequency`, `organization`, `page` and `resources`; `/api/2/datasets/resources/<id>/` has `dataset_id`
(opendatateam/udata: udata/core/dataset/{api_fields,apiv2}.py). Codes of licences are in `ontology/licences.yaml`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from clirld.errors import FetchError, UsageError

FREQUENCIES = {
    "daily": "daily",
    "weekly": "weekly",
    "monthly": "monthly",
    "quarterly": "quarterly",
    "annual": "annual",
    "annual_2": "biannual",
    "semiannual": "biannual",
    "biannual": "biannual",
    "irreg": "irregular",
    "irregular": "irregular",
    "as_needed": "irregular",
    "punctual": "irregular",
    "never": "never",
    "not_planned": "never",
}
"""udata's frequencies, old names included (udata/core/dataset/constants.py), and those of a card."""

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_LANGUAGE_PREFIX = re.compile(r"^/(fr|en|es)(?=/)")

HttpGet = Callable[[str], bytes]
"""Gives the body of an address. Raises FetchError."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of a dataset."""

    id: str
    title: str
    url: str
    format: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset; `license` and `frequency` are the portal's codes, None where it has none."""

    id: str
    title: str
    description: str
    page: str
    license: str | None
    frequency: str | None
    publisher: str
    publisher_page: str
    resources: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class PortalReference:
    """What an address of the portal names: a dataset (id or slug), a resource, or the file of one."""

    dataset: str | None = None
    resource: str | None = None
    file: str | None = None


def parse_reference(url: str, portal: str) -> PortalReference | None:
    """What an address names on the portal; None for one of another host."""
    parts, home = urlsplit(url), urlsplit(portal)
    path = _LANGUAGE_PREFIX.sub("", parts.path)
    if parts.hostname == f"static.{(home.hostname or '').removeprefix('www.')}":
        match = re.match(r"/resources/([^/]+)/", path)
        return PortalReference(dataset=match[1], file=url) if match else None
    if parts.netloc != home.netloc:
        return None
    if match := re.match(rf"(?:/api/1)?/datasets/r/({_ID})/?$", path):
        return PortalReference(resource=match[1])
    if match := re.match(r"(?:/api/1)?/datasets/([\w.-]+)", path):
        resource_id = parse_qs(parts.query).get("resource_id", [""])[0] or parts.fragment.rpartition("/")[2]
        return PortalReference(dataset=match[1], resource=resource_id if re.fullmatch(_ID, resource_id) else None)
    return None


def get_dataset(reference: PortalReference, get: HttpGet, portal: str) -> Dataset:
    """The dataset that a place is of. Raises FetchError."""
    identifier = reference.dataset
    if identifier is None:
        identifier = str(
            _get_object(get, f"{portal}/api/2/datasets/resources/{reference.resource}/").get("dataset_id") or ""
        )
    url = f"{portal}/api/1/datasets/{identifier}/"
    data = _get_object(get, url)
    owner = data.get("organization") or {}
    return Dataset(
        id=str(data.get("id") or identifier),
        title=_one_line(data.get("title")),
        description=_one_line(data.get("description")),
        page=str(data.get("page") or f"{portal}/datasets/{identifier}/"),
        license=data.get("license") if data.get("license") != "notspecified" else None,
        frequency=data.get("frequency"),
        publisher=_one_line(owner.get("name")),
        publisher_page=str(owner.get("page") or ""),
        resources=tuple(_resource(one) for one in data.get("resources") or [] if isinstance(one, dict)),
    )


def select_resource(dataset: Dataset, reference: PortalReference, address: str) -> Resource:
    """The resource that an address means. Raises UsageError with a command for each where it does not say which."""
    for one in dataset.resources:
        if (reference.resource and one.id == reference.resource) or (reference.file and one.url == reference.file):
            return one
    if len(dataset.resources) == 1 and not reference.resource:
        return dataset.resources[0]
    start = f"{dataset.page[: dataset.page.index('/', len('https://'))]}/datasets/r/"
    files = [f"{one.title} ({one.format}):\n    clirld source new {start}{one.id}" for one in dataset.resources]
    raise UsageError(
        f"“{dataset.title}” has {len(files)} files, and the address does not say which",
        where=address,
        do="\n  ".join(["take one of them:", *files]) if files else "look at the page of the dataset",
    )


def _resource(data: Mapping[str, Any]) -> Resource:
    names = ("id", "title", "url", "format")
    return Resource(*(_one_line(data.get(name)) for name in names))


def _one_line(text: object) -> str:
    return " ".join(str(text or "").split())


def _get_object(get: HttpGet, url: str) -> dict[str, Any]:
    try:
        data = json.loads(get(url))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        do = "try again later, or give the address of the file itself"
        raise FetchError("the portal's answer is not what its API promises", where=url, do=do)
    return data
