"""Virtuoso 7.2 (Debian's `virtuoso-opensource`): a release is published there, then another, by its own swap.

Virtuoso keeps decimals by their value, and points as its own geometry in single precision: they are compared so.
"""

from __future__ import annotations

import math
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import requests
from pyoxigraph import RdfFormat, parse

from clirld.errors import PublishError
from clirld.publish import graphs
from clirld.publish.client import Client
from clirld.publish.endpoints import endpoints
from clirld.publish.run import STAGING, publish
from clirld.publish.target import Target
from clirld.release.published import load
from clirld.settings import Settings

_USER = _PASSWORD = "dba"  # as a new database has them
_INI = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 40000
MaxDirtyBuffers = 30000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 4
[SPARQL]
"""
_DECIMAL = re.compile(r'"([-+\d.]+)"\^\^<http://www\.w3\.org/2001/XMLSchema#decimal>')
_GEOMETRY = re.compile(r'"([A-Z]+\([-\d., ()]+\))"\^\^<(?:[^>]*wktLiteral|[^>]*virtrdf#Geometry)>')
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def publish_there(release: Path, _address: str) -> str:
    """Publish a release, then one without a source, then the first again; what was compared."""
    command = shutil.which("virtuoso-t")
    if command is None:
        return "left out: no virtuoso-t (apt install virtuoso-opensource)"
    made = load(release.resolve())
    wanted = graphs.of_release(made)
    with _running(command) as (address, version):
        there = _target(address, _PASSWORD)
        _refuses_a_wrong_password(address)
        first = publish(there, made.id, wanted)
        assert first.sent == first.counted == {one.iri: one.triples for one in wanted}
        values = sum(_compared(there, one) for one in wanted)
        fewer = publish(there, "2-fewer", _without(wanted))
        assert fewer.swapped, "Virtuoso takes updates"
        assert len(fewer.deleted) == 1, fewer
        last = publish(there, made.id, wanted)
        assert last.sent.keys() == {*fewer.deleted}, last
        sum(_compared(there, one) for one in wanted)
        assert not publish(there, made.id, wanted).sent
        assert not _staging(address), "staging graphs are left"
    return (
        f"{version}: {len(wanted)} graphs, {sum(first.counted.values())} triples, the same as the dumps but for the "
        f"writing of {values} decimals and geometries; then one graph less, then back, each by a swap"
    )


def _target(address: str, password: str) -> Target:
    settings = replace(Settings.from_environment({}), publish_user=_USER, publish_password=password)
    return Target(endpoints(f"{address}/sparql-graph-crud-auth"), Client(settings))


def _refuses_a_wrong_password(address: str) -> None:
    said = "nothing: it was taken"
    try:
        _target(address, "wrong").state()
    except PublishError as problem:
        said = problem.what
    assert "does not let us in" in said, f"a wrong password: {said}"


def _without(wanted: list[graphs.ReleaseGraph]) -> list[graphs.ReleaseGraph]:
    """All but one of a source."""
    left_out = next(one for one in wanted if one.iri.endswith("/ptce"))
    return [one for one in wanted if one is not left_out]


def _compared(there: Target, graph: graphs.ReleaseGraph) -> int:
    """Compare a graph there with the dump; gives how many values are only equal as numbers."""
    stated = {str(quad.triple) for quad in parse(input=b"".join(graph.chunks()), format=RdfFormat.N_TRIPLES)}
    got = {str(triple) for triple in there.triples(graph.iri)}
    other, lost = sorted(map(_value, got - stated), key=repr), sorted(map(_value, stated - got), key=repr)
    assert len(other) == len(lost), f"{graph.iri}: {len(lost)} missing, {len(other)} more"
    for (text, numbers), (wanted, wanted_numbers) in zip(other, lost, strict=True):
        same = all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(numbers, wanted_numbers, strict=True))
        assert text == wanted, f"{graph.iri}: {text} is not {wanted}"
        assert same, f"{graph.iri}: {text} {numbers} {wanted_numbers}"
    return len(lost)


def _value(triple: str) -> tuple[str, tuple[float, ...]]:
    """A triple without its number or the numbers of its geometry, and these."""
    if found := _DECIMAL.search(triple):
        return triple.replace(found[0], ""), (float(found[1]),)
    if found := _GEOMETRY.search(triple):
        form = _NUMBER.sub("", found[1])
        return triple.replace(found[0], form), tuple(map(float, _NUMBER.findall(found[1])))
    return triple, ()


def _staging(address: str) -> list[str]:
    query = f'SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{STAGING}")) }}'
    answer = requests.get(f"{address}/sparql", {"query": query}, headers={"Accept": "text/csv"}, timeout=60)
    answer.raise_for_status()
    return answer.text.split()[1:]


@contextmanager
def _running(command: str) -> Iterator[tuple[str, str]]:
    """The address of a new Virtuoso, and what it calls itself; gone with its files at the end."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        sql, http = one.getsockname()[1], two.getsockname()[1]
    address = f"http://127.0.0.1:{http}"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "virtuoso.ini").write_text(_INI.format(sql=sql, http=http), encoding="utf-8")
        process = subprocess.Popen(
            [command, "-f", "-c", "virtuoso.ini"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield address, _version(address, process)
        finally:
            process.kill()
            process.wait()


def _version(address: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(240):
        assert process.poll() is None, "virtuoso-t did not start"
        try:
            return requests.get(f"{address}/sparql", timeout=5).headers["Server"].split(" ")[0]
        except (requests.ConnectionError, KeyError):
            time.sleep(0.5)
    raise AssertionError("virtuoso-t does not answer")
