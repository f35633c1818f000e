"""The redirects of w3id.org, in Apache as w3id.org runs it: every kind of IRI leads to its page on the server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pyoxigraph import NamedNode, Store

from clirld.settings import BASE
from clirld.web.local_links import uri
from tests.conftest import PROJECT
from tests.web.served import serve_settings, serving

RULES = PROJECT / "deploy" / "w3id" / ".htaccess"
HOST = "https://data.example.org"
MODULES = Path("/usr/lib/apache2/modules")
CONFIGURATION = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
{modules}
{user}
DocumentRoot {folder}/www
<Directory {folder}/www>
  AllowOverride All
  Require all granted
</Directory>
"""
ELSEWHERE = {
    "alignment/semic": "/release/vocabulary/alignments/semic.ttl",
    "problem": "/openapi.json",
    "sparql?query=ASK%7B%7D": "/sparql?query=ASK%7B%7D",
    "doc/territory/commune-39300.ttl": "/doc/territory/commune-39300.ttl",
}
"""What is no IRI of the store, but is given as an address."""


def key(iri: str) -> str:
    """The kind of an IRI: what its path begins with."""
    path = iri.removeprefix(BASE).partition("#")[0]
    return "/".join(path.split("/")[: 2 if path.startswith("id/") else 1])


@pytest.fixture(scope="module")
def site(samples: Path) -> Iterator[str]:
    with serving(samples, serve_settings()) as address:
        yield address


@pytest.fixture(scope="module")
def iris(samples: Path) -> dict[str, str]:
    """One IRI of each kind that a release has: the longest, which has most that could be changed on the way."""
    found: dict[str, str] = {}
    for quad in Store.read_only(str(samples / "current" / "store")):
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, NamedNode) and term.value.startswith(BASE):
                kind = key(term.value)
                found[kind] = max(found.get(kind, ""), term.value, key=len)
    return found


@pytest.fixture(scope="module")
def w3id(site: str) -> Iterator[str]:
    """Apache on loopback, with the rules and the server of the tests in the place of the real one."""
    apache = shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin")
    if apache is None or not MODULES.is_dir():
        pytest.skip("no Apache: apt install apache2")
    folder = Path(tempfile.mkdtemp(prefix="clirld-w3id-"))
    folder.chmod(0o755)  # Apache does not read as root
    (folder / "www" / "clirld").mkdir(parents=True)
    rules = RULES.read_text(encoding="utf-8")
    assert HOST in rules
    (folder / "www" / "clirld" / ".htaccess").write_text(rules.replace(HOST, site), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    modules = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in ("mpm_event", "authz_core", "rewrite")]
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    text = CONFIGURATION.format(port=port, folder=folder, modules="\n".join(modules), user=user)
    (folder / "apache.conf").write_text(text, encoding="utf-8")
    process = subprocess.Popen([apache, "-X", "-f", str(folder / "apache.conf")], stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(600):
            if process.poll() is not None:
                pytest.fail(f"Apache did not start: {process.communicate()[1]}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/clirld/"
    finally:
        process.terminate()
        process.communicate()
        shutil.rmtree(folder)


def test_every_kind_of_iri_of_a_release_opens(w3id: str, site: str, iris: dict[str, str]) -> None:
    assert {"", "ontology", "concept", "graph", "id/initiative", "id/territory", "release", "sparql"} <= iris.keys()
    for kind, iri in iris.items():
        name = uri(iri).removeprefix(BASE).partition("#")[0]
        first = requests.get(w3id + name, timeout=60, allow_redirects=False)
        assert first.status_code == (307 if kind == "sparql" else 303), iri
        assert first.headers["location"] == f"{site}/{name}", iri
        for accept in ("text/html", "text/turtle"):
            answer = requests.get(w3id + name, headers={"accept": accept}, timeout=60)
            expected = (200, 406) if kind in ("", "release") else (200,)  # which are no RDF, or one file
            assert answer.status_code in expected, (iri, accept, answer.status_code, answer.url)
            assert answer.url.startswith(site)


@pytest.mark.parametrize("path", [*ELSEWHERE, "id/initiative/caf%C3%A9", "id/x%20y%3Fz", "search?q=a%26b&lang=fr"])
def test_what_was_sent_arrives_as_it_was_sent(w3id: str, site: str, path: str) -> None:
    answer = requests.get(w3id + path, timeout=60, allow_redirects=False)
    assert answer.headers["location"] == site + ELSEWHERE.get(path, f"/{path}")


def test_a_question_that_is_posted_stays_posted(w3id: str) -> None:
    answer = requests.post(f"{w3id}sparql", {"query": "ASK { ?s ?p ?o }"}, timeout=60)
    assert answer.json()["boolean"] is True


def test_shapes_are_in_the_repository(w3id: str) -> None:
    answer = requests.get(f"{w3id}shapes", timeout=60, allow_redirects=False)
    assert answer.headers["location"] == "https://github.com/clirld/clirld/tree/main/shapes"
