"""Releases one after the other: what is said of one thing changes; one release is gone, one holds what was erased, one
was withdrawn and is gone too.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Store

from clirld import stages
from clirld.release import history
from clirld.release.unavailable import mark
from tests.web.served import make_release

OLD, MIDDLE, NEW = "20260101T000000Z-aaaaaaaa", "20260301T000000Z-cccccccc", "20260401T000000Z-dddddddd"
GONE, ERASED = "20260201T000000Z-bbbbbbbb", "20260301T120000Z-eeeeeeee"
WITHDRAWN = "20260215T000000Z-ffffffff"
CREATED = {
    OLD: "2026-01-01T00:00:00+00:00",
    GONE: "2026-02-01T00:00:00+00:00",
    WITHDRAWN: "2026-02-15T00:00:00+00:00",
    MIDDLE: "2026-03-01T00:00:00+00:00",
    ERASED: "2026-03-01T12:00:00+00:00",
    NEW: "2026-04-01T00:00:00+00:00",
}
HTTP_DATE = {
    OLD: "Thu, 01 Jan 2026 00:00:00 GMT",
    GONE: "Sun, 01 Feb 2026 00:00:00 GMT",
    WITHDRAWN: "Sun, 15 Feb 2026 00:00:00 GMT",
    MIDDLE: "Sun, 01 Mar 2026 00:00:00 GMT",
    ERASED: "Sun, 01 Mar 2026 12:00:00 GMT",
    NEW: "Wed, 01 Apr 2026 00:00:00 GMT",
}
THING = "https://w3id.org/clirld/id/initiative/atelier"
LABEL = "SELECT ?label { <http://example.org/release> <http://example.org/label> ?label }"


def make_releases(data: Path) -> None:
    """Make them all; the newest is served."""
    for name, created in CREATED.items():
        folder = make_release(data, name, rows=3, label=name, created=created)
        with_thing(folder, name)
    history.remember(data)
    for name in (GONE, WITHDRAWN):
        shutil.rmtree(data / "releases" / name)
    stages.write_json(data / mark.ERASED / f"{ERASED}.json", {"list": "1", "holds": True})
    said = {"when": "2026-05-01T10:00:00+00:00", "because": "une colonne en trop", "by": "x"}
    stages.write_json(data / mark.WITHDRAWN / f"{WITHDRAWN}.json", said)


def with_thing(folder: Path, label: str) -> None:
    """Let a release say something of a thing."""
    store = Store(str(folder / "store"))
    graph = NamedNode("https://w3id.org/clirld/graph/lieux")
    store.add(Quad(NamedNode(THING), NamedNode("http://www.w3.org/2000/01/rdf-schema#label"), Literal(label), graph))
    store.flush()
