"""rml: what is exported for RML engines; what one makes of it is checked in test_rml_oracle.py."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from ruamel.yaml import YAML

from clirld.map import rml
from clirld.vocabulary import tables
from clirld.vocabulary.tables import Tables


@pytest.fixture
def known(project: Path) -> Tables:
    return tables.load(project / "ontology" / "tables.yaml")


def test_each_list_column_has_a_file_and_a_pattern_of_its_own(project: Path, known: Tables, tmp_path: Path) -> None:
    row = {
        "key": "a",
        "record": "s-a",
        "source": "s",
        "row": 2,
        "name": 'A "b"\nc',
        "page": ["http://x/1", "http://x/2"],
    }
    (tmp_path / "programme").mkdir()
    pl.DataFrame([row], schema=known["programme"].schema).write_parquet(tmp_path / "programme" / "part-00000.parquet")
    file = rml.export(tmp_path, known, project / "ontology" / "mapping.yarrrml", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "mapping.yarrrml",
        "programme--page.csv",
        "programme.csv",
    ]
    head = "key,record,source,name,description,start_year"
    assert (tmp_path / "out" / "programme.csv").read_text() == f'{head}\na,s-a,s,"A ""b""\nc",,\n'
    assert (tmp_path / "out" / "programme--page.csv").read_text() == "key,source,page\na,s,http://x/1\na,s,http://x/2\n"
    written = YAML(typ="safe").load(file)
    assert list(written) == ["prefixes", "mappings"]
    assert written["mappings"]["programme--page"] == {
        "sources": [["programme--page.csv~csv"]],
        "s": "id:programme/$(key)",
        "graphs": "https://w3id.org/clirld/graph/$(source)",
        "po": [["foaf:page", "$(page)~iri"]],
    }
    assert list(written["mappings"]) == ["programme", "programme--page"]
