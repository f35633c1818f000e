"""The OpenAPI description: it has every route, and what it says is what is answered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance
from starlette.routing import Route

from clirld.web.app import create_app
from clirld.web.openapi.description import describe, route_paths, said_of_routes
from tests.web.served import serve_settings
from tests.web.test_routes import EXAMPLES

ROUTES = create_app(Path("nowhere"), settings=serve_settings()).routes
DESCRIPTION = describe(ROUTES, "http://127.0.0.1")
OPERATIONS = [f"{method.upper()} {path}" for path, said in DESCRIPTION["paths"].items() for method in said]
CASES = 12
CHECKS = [not_a_server_error, content_type_conformance, status_code_conformance]


def test_every_route_is_told_of_and_nothing_else() -> None:
    assert set(route_paths(ROUTES)) == said_of_routes()["routes"].keys()
    assert len(route_paths(ROUTES)) == sum(isinstance(route, Route) for route in ROUTES)


def test_a_route_that_is_not_told_of_cannot_be_described() -> None:
    with pytest.raises(KeyError, match="/new"):
        describe([*ROUTES, Route("/new", lambda _: None)], "")


def test_every_parameter_of_a_path_is_told_of() -> None:
    for path, operations in DESCRIPTION["paths"].items():
        for operation in operations.values():
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == {part.split("}")[0] for part in path.split("{")[1:]}, path


def test_each_parameter_is_used() -> None:
    said = said_of_routes()
    used = {name for route in said["routes"].values() for name in route.get("parameters", ())}
    assert used | {"id"} == said["parameters"].keys()


def test_it_is_served_and_found(documents: str) -> None:
    served = requests.get(f"{documents}/openapi.json", timeout=20)
    assert served.json() == {**DESCRIPTION, "servers": [{"url": documents}]}
    for path in ("/", "/sparql"):
        assert '</openapi.json>; rel="service-desc"' in requests.get(documents + path, timeout=20).headers["link"]
    catalog = requests.get(f"{documents}/.well-known/api-catalog", timeout=20)
    assert catalog.headers["content-type"] == "application/linkset+json"
    (entry,) = catalog.json()["linkset"]
    for relation in ("service-desc", "service-doc", "service-meta"):
        (target,) = entry[relation]
        found = requests.get(target["href"], headers={"accept": target["type"]}, timeout=20)
        assert found.headers["content-type"].split(";")[0] == target["type"]


@pytest.mark.parametrize("path", route_paths(ROUTES))
def test_what_is_there_is_answered_as_described(documents: str, path: str) -> None:
    addresses = next(found for route, found in EXAMPLES.items() if re.sub(r":\w+}", "}", route) == path)
    for address in addresses:
        answer = requests.get(documents + address, timeout=20, allow_redirects=False)
        assert answer.status_code < 400
        content = DESCRIPTION["paths"][path]["get"]["responses"][str(answer.status_code)].get("content", {})
        assert answer.status_code != 200 or {answer.headers["content-type"].split(";")[0], "*/*"} & content.keys()


def schema() -> Any:
    """The description as schemathesis reads it, its examples being things that are there."""
    text = json.dumps(DESCRIPTION).replace("territory/commune-39300", "initiative/atelier").replace('"ptce"', '"lieux"')
    return schemathesis.openapi.from_dict(json.loads(text))


SCHEMA = schema()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_described_is_what_is_answered(documents: str, operation: str) -> None:
    method, path = operation.split(" ")

    @hypothesis.settings(
        max_examples=CASES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=SCHEMA[path][method].as_strategy())
    def ask(case: Any) -> None:
        response = case.call(base_url=documents, allow_redirects=False)
        case.validate_response(response, checks=CHECKS)

    ask()
