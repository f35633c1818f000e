"""Which things of a catalogue break the shapes of DCAT-AP 3.0.1, as they are published (`shapes/dcat-ap/`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, serialize

from clirld import stages
from clirld.release.grade.described import Described, Node
from clirld.release.grade.marks import Mark
from clirld.validate.engine import validate_batch
from clirld.validate.shacl import Shapes, turtle_triples

METHOD = "dcat-ap"
FOLDER = "dcat-ap"
"""Folder of the shapes in that of all shapes."""


def broken(described: Described, folder: Path) -> dict[str, dict[Node, list[str]]]:
    """For each file of shapes, the things that break one, with the properties at which they do.

    Only what is a violation is told: neither file has warnings. Raises ShapesError where they cannot be run.
    """
    quads = serialize((Quad(*triple) for triple in described), format=RdfFormat.N_QUADS) or b""
    found = {}
    for path in sorted((folder / FOLDER).glob("*.ttl")):
        shapes = Shapes(folder / FOLDER, turtle_triples(path), {}, (), stages.files_fingerprint([path]))
        at: dict[Node, list[str]] = defaultdict(list)
        for result in validate_batch(shapes, quads):
            node = BlankNode(result.focus[2:]) if result.focus.startswith("_:") else NamedNode(result.focus)
            at[node].append(result.path.strip("<>"))
        found[path.stem] = dict(at)
    return found


def marks(breaking: Mapping[str, Mapping[Node, list[str]]]) -> Iterator[Mark]:
    """A point for each file of shapes that the whole catalogue keeps; else the first thing that breaks it is named."""
    for name, at in breaking.items():
        first = next((f"{node!s} {', '.join(sorted(set(paths)))}" for node, paths in sorted(at.items(), key=str)), "")
        yield Mark(METHOD, name, "", 0 if at else 1, 1, first.strip())
