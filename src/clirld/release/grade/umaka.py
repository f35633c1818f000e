"""The operation score of Umaka, which grades SPARQL endpoints: 50 points for a Service Description, 50 for VoID.

`Evaluation#operation` of https://github.com/dbcls/umakadata (`app/models/evaluation.rb`). Its other scores are of
answers over a month, of speed and of what a crawler finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pyoxigraph import RdfFormat, parse

from clirld.release.formats.service_description import describe
from clirld.release.grade.described import Described
from clirld.release.grade.marks import Mark
from clirld.settings import BASE

METHOD = "umaka"


def marks(described: Described, manifest: Mapping[str, Any]) -> Iterator[Mark]:
    """Whether the endpoint would describe itself, and whether the catalogue says in VoID how much there is."""
    sources = [one["id"] for one in manifest["sources"]]
    text = describe(f"{BASE}sparql", "text/turtle", manifest["id"], sources, manifest["quads"])
    told = Described.of(quad.triple for quad in parse(text, RdfFormat.TURTLE))
    services = told.instances("sd:Service")
    is_described = any(told.iris(one, "sd:endpoint") and told.values(one, "sd:defaultDataset") for one in services)
    yield Mark(METHOD, "service-description", "", 50 * is_described, 50)
    counted = [one for one in described.instances("void:Dataset") if described.text(one, "void:triples")]
    yield Mark(METHOD, "void", "", 50 * bool(counted), 50)
