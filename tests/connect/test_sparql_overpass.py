"""SPARQL and Overpass: the answer to a query, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from clirld.connect import CollectResult
from clirld.errors import FetchError
from tests.registries_server import Given, Service, overpass, registry, sparql

Ask = Callable[..., tuple[CollectResult, bytes]]

TRIPLES = (
    b'<http://www.wikidata.org/entity/Q2> <http://www.w3.org/2000/01/rdf-schema#label> "B\xc3\xa9ta"@fr .\n'
    b'<http://www.wikidata.org/entity/Q1> <http://www.w3.org/2000/01/rdf-schema#label> "Alpha"@fr .\n'
    b'<http://www.wikidata.org/entity/Q1> <http://www.w3.org/2000/01/rdf-schema#label> "Alpha"@fr .\n'
)
TRACE = (
    b"<http://www.wikidata.org/entity/Q3> <http://www.w3.org/2000/SPARQL-QUERY: queryStr=CONSTRUCT {}\n"
    b"java.util.concurrent.TimeoutException\n"
    b"\tat java.util.concurrent.FutureTask.get(FutureTask.java:205)\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "places.rq").write_text("CONSTRUCT { ?s ?p “é” } WHERE { ?s ?p ?o }\n", encoding="utf-8")
    (tmp_path / "places.overpassql").write_text("[out:json][timeout:60];\nnwr[office=cooperative];\nout center;\n")
    (tmp_path / "xml.overpassql").write_text("nwr[office=cooperative];out;\n")
    return tmp_path


def triples(ask: Ask, url: str, folder: Path) -> bytes:
    return ask(url=url, sparql={"query": "places.rq"}, format="rdf", syntax="ntriples", folder=folder)[1]


def test_triples_are_sorted_and_each_is_there_once(ask: Ask, folder: Path) -> None:
    with registry(sparql(TRIPLES)) as server:
        body = triples(ask, f"{server.url}/sparql", folder)
    assert body.splitlines() == sorted(set(TRIPLES.splitlines()))
    assert server.asked[0].form == {"query": (folder / "places.rq").read_text(encoding="utf-8")}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (TRIPLES + TRACE, "no whole N-Triples: “SPARQL-QUERY: queryStr=CONSTRUCT"),
        (TRACE, "no whole N-Triples"),
        (TRIPLES + b"SPARQL-QUERY: queryStr=x\njava.util.concurrent.TimeoutException\n", "“SPARQL-QUERY: queryStr=x”"),
        (TRIPLES[:-9], "no whole N-Triples: “<http://www.wikidata.org/entity/Q1>"),
        (b"<!DOCTYPE html>\n<title>Maintenance</title>\n", "no whole N-Triples: “<!DOCTYPE html>”"),
        (b'{"head": {"vars": []}}', "no whole N-Triples: “{"),
        (b"", "the answer has no triple"),
        (b"\n# nothing\n", "the answer has no triple"),
    ],
)
def test_triples_that_are_not_whole(ask: Ask, folder: Path, body: bytes, message: str) -> None:
    with registry(sparql(body)) as server, pytest.raises(FetchError, match=message):
        triples(ask, server.url, folder)


def sent(body: str, media_type: str = "application/n-triples") -> Service:
    return lambda _: Given(body.encode(), headers={"Content-Type": media_type})


def test_the_same_graph_is_the_same_bytes_however_it_is_written(ask: Ask, folder: Path) -> None:
    written = [
        ('<u:s> <u:p> "\u00e9" .\n<u:s> <u:q> <u:o> .\n', "application/n-triples"),
        ('# 12:05\n<u:s>  <u:q>  <u:o>.\r\n<u:s> <u:p> "\\u00E9" .', "text/plain"),
        ('@prefix u: <u:> .\nu:s u:q u:o ; u:p "\u00e9", """\u00e9""" .\n', "text/turtle;charset=utf-8"),
    ]
    found = set()
    for body, media_type in written:
        with registry(sent(body, media_type)) as server:
            found.add(triples(ask, server.url, folder))
    assert found == {'<u:s> <u:p> "\u00e9" .\n<u:s> <u:q> <u:o> .\n'.encode()}


@pytest.mark.parametrize("body", ['_:b1 <u:p> "x" .\n', "<u:s> <u:p> _:b1 .\n"])
def test_blank_nodes_have_another_name_in_each_answer(ask: Ask, folder: Path, body: str) -> None:
    with registry(sent(body)) as server, pytest.raises(FetchError, match="the answer has a blank node, beside <u:p>"):
        triples(ask, server.url, folder)


def test_a_query_that_gives_no_triples_is_not_asked(ask: Ask, folder: Path) -> None:
    (folder / "places.rq").write_text("PREFIX construct: <u:>\nSELECT * { ?s construct:p ?o }\n")
    with registry(sent("")) as server, pytest.raises(FetchError, match=r"places\.rq is no CONSTRUCT query"):
        triples(ask, server.url, folder)
    assert server.asked == []


def places(ask: Ask, url: str, folder: Path, query: str = "places.overpassql") -> tuple[CollectResult, bytes]:
    return ask(url=url, overpass={"query": query}, items="elements.item", folder=folder)


def test_elements_of_openstreetmap(ask: Ask, folder: Path) -> None:
    with registry(overpass(3)) as server:
        collected, body = places(ask, f"{server.url}/api/interpreter", folder)
    assert [one["id"] for one in json.loads(body)["elements"]] == [0, 1, 2]
    assert collected.records == 3
    assert server.asked[0].form == {"data": (folder / "places.overpassql").read_text()}


REMARK = 'runtime error: Query timed out in "query" at line 2 after 61 seconds.'


def test_a_remark_means_that_it_is_not_whole(ask: Ask, folder: Path) -> None:
    with registry(overpass(3, remark=REMARK)) as server, pytest.raises(FetchError, match=r"not whole: .* 61 seconds"):
        places(ask, server.url, folder)


def test_no_element_is_no_answer(ask: Ask, folder: Path) -> None:
    with registry(overpass(0)) as server, pytest.raises(FetchError, match="the answer has no element"):
        places(ask, server.url, folder)


BUSY = b"""<?xml version="1.0" encoding="UTF-8"?>
<html><head><title>OSM3S Response</title></head><body>
<p><strong style="color:#FF0000">Error</strong>: runtime error: open64: 0 Success /osm3s_osm_base
Dispatcher_Client::request_read_and_idx::timeout. The server is probably too busy to handle your request. </p>
</body></html>"""


def test_xml_and_pages_are_no_answer(ask: Ask, folder: Path) -> None:
    with registry(overpass(3)) as server, pytest.raises(FetchError, match="the interpreter answers with a page"):
        places(ask, server.url, folder, "xml.overpassql")
    with (
        registry(lambda _: Given(BUSY)) as server,
        pytest.raises(FetchError, match=r"page: “Error : runtime error: .*busy"),
    ):
        places(ask, server.url, folder)
    with registry(lambda _: Given(b"<p>rate_limited</p>")) as server, pytest.raises(FetchError, match="is not JSON"):
        places(ask, server.url, folder)


@pytest.mark.parametrize("query", ["gone.rq", "../gone.rq", "/etc/passwd"])
def test_a_query_is_a_file_of_the_folder(ask: Ask, folder: Path, query: str) -> None:
    with registry(overpass(3)) as server, pytest.raises(FetchError, match="there is no query"):
        places(ask, server.url, folder, query)
    assert server.asked == []
