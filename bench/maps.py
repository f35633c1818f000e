"""Contenders of the map stage, all from the same Parquet rows to the same quads, and the data they map."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pyoxigraph as ox

from bench import fstrings, synthetic
from bench.contender import SETTINGS, Figures, main
from clirld.map import nquads, rml, yarrrml
from clirld.map.yarrrml import RdfMapping
from clirld.vocabulary import tables
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary


def load_vocabulary() -> tuple[Tables, Vocabulary]:
    """The canonical tables and the vocabulary of the project."""
    return tables.load(SETTINGS.ontology / "tables.yaml"), Vocabulary.load(SETTINGS.ontology)


def rdf_mapping() -> tuple[Tables, RdfMapping]:
    """The canonical tables and the mapping of the project."""
    canonical_tables, vocabulary = load_vocabulary()
    return canonical_tables, yarrrml.load(SETTINGS.ontology / "mapping.yarrrml", canonical_tables, vocabulary.terms)


def make_tables(out: Path, rows: int) -> Figures:
    """Write synthetic canonical tables, and their initiatives alone as CSV with a YARRRML file."""
    canonical_tables, vocabulary = load_vocabulary()
    (out / "tables").mkdir(parents=True)
    synthetic.write_tables(out / "tables", rows, canonical_tables, vocabulary)
    (out / "one").mkdir()
    (out / "one" / "initiative").symlink_to((out / "tables" / "initiative").resolve())
    rml.export(out / "one", canonical_tables, SETTINGS.ontology / "mapping.yarrrml", out / "rml")
    return {}


def digest(*paths: Path) -> Figures:
    """SHA-256 of the distinct quads of each file, however it is written."""
    return {path.name: _digest(path) for path in paths} | {"seconds": 0}


def _digest(path: Path) -> str:
    quads = sorted({str(quad) for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS)})
    return sha256("\n".join(quads).encode()).hexdigest()


def map_clirld(records: Path, out: Path) -> Figures:
    """The project's own stage."""
    canonical_tables, mapping = rdf_mapping()
    return {"rows": nquads.write_graph(records, canonical_tables, mapping, out)}


def map_fstrings(records: Path, out: Path) -> Figures:
    """A generated Python loop."""
    _, mapping = rdf_mapping()
    with out.open("w", encoding="utf-8", newline="") as file:
        for triples_map in mapping.of_table("initiative"):
            for part in sorted((records / "initiative").glob("*.parquet")):
                frame = pl.read_parquet(part)
                file.writelines(fstrings.compiled(triples_map, frame.columns)(frame.iter_rows()))
    return {}


def map_rdflib(records: Path, out: Path) -> Figures:
    """rdflib terms added to a graph, then written."""
    from rdflib import Dataset, Literal, URIRef

    start = time.perf_counter()  # imports are not counted, as for the others
    _, mapping = rdf_mapping()
    dataset = Dataset()
    for triples_map in mapping.of_table("initiative"):
        for row in pl.read_parquet(sorted((records / "initiative").glob("*.parquet"))).iter_rows(named=True):
            if any(row[name] is None for name in triples_map.subject.columns):
                continue
            subject = URIRef(_filled(triples_map.subject, row))
            graph = dataset.graph(URIRef(_filled(triples_map.graph, row)))
            for one in triples_map.objects:
                for cell in row[one.list_column] or () if one.list_column else (None,):
                    cells = {**row, one.list_column: cell} if one.list_column else row
                    if any(cells[name] is None for name in one.object.columns):
                        continue
                    text = _filled(one.object, cells)
                    value = (
                        URIRef(text)
                        if one.kind == "iri"
                        else Literal(text, one.language, URIRef(one.datatype) if one.datatype else None)
                    )
                    graph.add((subject, URIRef(one.predicate), value))
    dataset.serialize(str(out), format="nquads", encoding="utf-8")
    return {"seconds": time.perf_counter() - start}


def _filled(template: yarrrml.Template, row: dict[str, Any]) -> str:
    cells = [str(row[name]) for name in template.columns]
    return template.texts[0] + "".join(a + b for a, b in zip(cells, template.texts[1:], strict=True))


if __name__ == "__main__":
    main(make_tables, digest, map_clirld, map_fstrings, map_rdflib)
