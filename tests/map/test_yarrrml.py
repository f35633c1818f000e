"""The mapping: what is read from the subset of YARRRML, and the refusal of everything else, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from clirld.errors import MappingError
from clirld.map import yarrrml
from clirld.map.yarrrml import PredicateObject, RdfMapping, Template
from clirld.vocabulary import tables
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary

GOOD = """\
prefixes:
  ex: http://example.org/
  xsd: http://www.w3.org/2001/XMLSchema#

mappings:
  initiative:
    sources: [initiative]
    s: ex:initiative/$(key)
    graphs: ex:graph/$(source)
    po:
      - [a, ex:Initiative]
      - [ex:label, $(name), fr~lang]
      - [ex:kind, ex:kind/$(kind)~iri]
      - [ex:homepage, $(homepage)~iri]
      - [ex:row, $(row), xsd:integer]
  place:
    sources: [territory]
    s: ex:place/$(key)
    graphs: ex:territories
    po:
      - [ex:code, $(code)]
"""
TERMS = {f"http://example.org/{name}" for name in ("Initiative", "label", "kind", "homepage", "row", "code")}


@pytest.fixture(scope="module")
def known(project: Path) -> Tables:
    return tables.load(project / "ontology" / "tables.yaml")


def load(text: str, folder: Path, known: Tables) -> RdfMapping:
    file = folder / "mapping.yarrrml"
    file.write_text(text, encoding="utf-8")
    return yarrrml.load(file, known, TERMS)


def test_mapping_is_read_in_the_order_of_the_file(tmp_path: Path, known: Tables) -> None:
    loaded = load(GOOD, tmp_path, known)
    assert [one.name for one in loaded.maps] == ["initiative", "place"]
    initiative = loaded.maps[0]
    assert initiative.table == "initiative"
    assert initiative.subject == Template(("http://example.org/initiative/", ""), ("key",))
    assert initiative.graph == Template(("http://example.org/graph/", ""), ("source",))
    assert loaded.maps[1].graph.constant == "http://example.org/territories"
    assert [one.name for one in loaded.of_table("territory")] == ["place"]
    assert loaded.of_table("programme") == []


def test_objects_are_classes_literals_templates_and_addresses(tmp_path: Path, known: Tables) -> None:
    found = load(GOOD, tmp_path, known).maps[0].objects
    ex = "http://example.org/"
    assert found == (
        PredicateObject(yarrrml.RDF_TYPE, Template((f"{ex}Initiative",), ()), "iri"),
        PredicateObject(f"{ex}label", Template(("", ""), ("name",)), "literal", language="fr", needs_escaping=True),
        PredicateObject(f"{ex}kind", Template((f"{ex}kind/", ""), ("kind",)), "iri", list_column="kind"),
        PredicateObject(f"{ex}homepage", Template(("", ""), ("homepage",)), "iri", list_column="homepage"),
        PredicateObject(
            f"{ex}row",
            Template(("", ""), ("row",)),
            "literal",
            datatype="http://www.w3.org/2001/XMLSchema#integer",
        ),
    )
    assert found[0].object.constant == f"{ex}Initiative"
    assert found[1].object.constant is None
    assert found[1].object.whole_column == "name"
    assert found[2].object.whole_column is None


REFUSED = {
    "unknown section": ("prefixes:", "sources: {}\nprefixes:", 1, "subset"),
    "prefix that is no IRI": ("ex: http://example.org/", "ex: example", 2, "“example” is not an IRI"),
    "prefix that is a list": ("ex: http://example.org/", "ex: []", 2, "not an IRI"),
    "unknown key": ("    po:\n      - [ex:code", "    condition: x\n    po:\n      - [ex:code", 20, "subset"),
    "function as subject": ("s: ex:place/$(key)", "s: {function: ex:f}", 18, "IRI template"),
    "no subject": ("    s: ex:place/$(key)\n", "", 16, "s is None"),
    "list of graphs": ("graphs: ex:territories", "graphs: [ex:a, ex:b]", 19, "graphs is"),
    "two tables": ("[territory]", "[territory, initiative]", 17, "give one of"),
    "table that is not there": ("[territory]", "[nowhere]", 17, "nowhere"),
    "file as source": ("[territory]", "[[territory.csv~csv]]", 17, "give one of"),
    "source as text": ("[territory]", "territory", 17, "give one of"),
    "mapping without content": ("  place:", "  empty:\n  place:", 16, "empty is None"),
    "po without list": ("    po:\n      - [ex:code, $(code)]", "    po: {}", 20, "po is not a list"),
    "empty po": ("    po:\n      - [ex:code, $(code)]", "    po: []", 20, "po is not a list"),
    "po in long form": ("- [ex:code, $(code)]", "- {p: ex:code, o: $(code)}", 21, "not in the subset"),
    "po of one": ("[ex:code, $(code)]", "[ex:code]", 21, "not in the subset"),
    "po of four": ("[ex:code, $(code)]", "[ex:code, $(code), fr~lang, x]", 21, "not in the subset"),
    "function as object": ("[ex:code, $(code)]", "[ex:code, {function: ex:f}]", 21, "not in the subset"),
    "several objects": ("[ex:code, $(code)]", "[ex:code, [$(code), $(name)]]", 21, "not in the subset"),
    "number as object": ("[ex:code, $(code)]", "[ex:code, 5]", 21, "not in the subset"),
    "unknown prefix": ("[ex:code, $(code)]", "[no:code, $(code)]", 21, "“no:code” has no known prefix"),
    "predicate without prefix": ("[ex:code, $(code)]", "[code, $(code)]", 21, "no known prefix"),
    "unknown predicate": ("[ex:code, $(code)]", "[ex:cod, $(code)]", 21, "no declared vocabulary"),
    "predicate with a column": ("[ex:code, $(code)]", "[ex:$(code), $(code)]", 21, "no declared vocabulary"),
    "unknown class": ("[a, ex:Initiative]", "[a, ex:Initiativ]", 11, "no declared vocabulary"),
    "class as literal": ("[a, ex:Initiative]", "[a, $(name)]", 11, "a class is an IRI"),
    "constant literal": ("[ex:code, $(code)]", "[ex:code, hello]", 21, "no known prefix"),
    "constant with datatype": ("[ex:code, $(code)]", "[ex:code, ex:code, xsd:date]", 21, "constant literal"),
    "IRI with language": ("[ex:homepage, $(homepage)~iri]", "[ex:homepage, $(homepage)~iri, x]", 14, "no datatype"),
    "bad language": ("fr~lang", "FR_fr~lang", 12, "not a language tag"),
    "misspelt datatype": ("xsd:integer", "xsd:intger", 15, "no known datatype"),
    "unknown column": ("[ex:code, $(code)]", "[ex:code, $(cod)]", 21, "no column cod in table territory"),
    "unnamed column": ("[ex:code, $(code)]", "[ex:code, $()]", 21, "no column  in table"),
    "unknown column in subject": ("ex:place/$(key)", "ex:place/$(id)", 18, "no column id"),
    "helper column": ("[ex:row, $(row), xsd:integer]", "[ex:row, $(departement)]", 15, "no column departement"),
    "column of another table": ("[ex:code, $(code)]", "[ex:code, $(homepage)]", 21, "no column homepage"),
    "literal template": ("[ex:code, $(code)]", "[ex:code, code $(code)]", 21, "a template, not one column"),
    "literal of two columns": ("[ex:code, $(code)]", "[ex:code, $(code)$(name)]", 21, "a template"),
    "blank node": ("[ex:code, $(code)]", "[ex:code, $(code)~blanknode]", 21, "a template"),
    "reference not closed": ("[ex:code, $(code)]", '[ex:code, "ex:$(code~iri"]', 21, "not closed"),
    "IRI of free text": ("[ex:code, $(code)]", "[ex:code, ex:c/$(name)~iri]", 21, "of type name, not safe"),
    "IRI that is not an address": ("[ex:code, $(code)]", "[ex:code, $(part_of)~iri]", 21, "not of type url"),
    "IRI without a start": ("[ex:code, $(code)]", "[ex:code, $(key)$(row)~iri]", 21, "starts with a column"),
    "subject without a start": ("s: ex:place/$(key)", "s: $(key)", 18, "starts with a column"),
    "space in IRI": ("[ex:code, $(code)]", "[ex:code, ex:a b/$(key)~iri]", 21, "an IRI cannot have"),
    "brace in IRI": ("s: ex:place/$(key)", 's: "ex:place/{$(key)}"', 18, "an IRI cannot have"),
    "escaped reference": ("s: ex:place/$(key)", "s: ex:place/\\$(key)", 18, "an IRI cannot have"),
    "term type on subject": ("s: ex:place/$(key)", "s: ex:place/$(key)~iri", 18, "an IRI cannot have"),
    "list in subject": ("s: ex:place/$(key)", "s: ex:place/$(part_of)", 18, "a list column"),
    "list in graph": ("ex:graph/$(source)", "ex:graph/$(kind)", 9, "a list column"),
    "two lists": ("ex:kind/$(kind)~iri", "ex:kind/$(kind)/$(domain)~iri", 13, "two list columns: kind, domain"),
    "same list twice": ("ex:kind/$(kind)~iri", "ex:kind/$(kind)/$(kind)~iri", 13, "two list columns"),
    "same name twice": ("  place:", "  initiative:", 16, "not YAML"),
    "not YAML": ("[ex:code, $(code)]", "[ex:code, $(code)", 22, "not YAML"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_outside_the_subset_is_refused_with_its_line(name: str, tmp_path: Path, known: Tables) -> None:
    old, new, line, message = REFUSED[name]
    assert GOOD.count(old) == 1
    with pytest.raises(MappingError) as caught:
        load(GOOD.replace(old, new), tmp_path, known)
    assert caught.value.where == f"{tmp_path / 'mapping.yarrrml'}:{line}"
    assert message in str(caught.value)
    assert caught.value.do


@pytest.mark.parametrize("section", ["prefixes", "mappings"])
def test_a_missing_section_is_refused(section: str, tmp_path: Path, known: Tables) -> None:
    only = "mappings: {}\n" if section == "prefixes" else "prefixes: {}\n"
    with pytest.raises(MappingError, match=f"{section} is None"):
        load(only, tmp_path, known)


def test_no_file_is_said(tmp_path: Path, known: Tables) -> None:
    with pytest.raises(MappingError, match="not there"):
        yarrrml.load(tmp_path / "none", known, TERMS)


def test_the_projects_own_mapping_uses_every_published_column(project: Path, known: Tables) -> None:
    """A column that nothing reads is a column forgotten: only these are there for those who take the tables."""
    tables_only = {
        ("record", "record"),
        ("record", "distribution"),
        ("initiative", "commune"),
        ("initiative", "latitude"),
        ("initiative", "longitude"),
        ("organization", "commune"),
        ("territory", "authority"),
        *(("territory", name) for name in ("latitude", "longitude", "area", "postcode")),
        *((name, "row") for name in known if name != "record"),
        ("contour", "key"),
        ("equivalent", "key"),
        ("zoning", "key"),
        *((table, name) for table in ("territory_figures", "commune_comparison") for name in known[table].schema),
        *(("comparison", name) for name in ("not_comparable", "missing_groups")),
        *(("comparison_neighbour", name) for name in known["comparison_neighbour"].schema if name.startswith("share_")),
    }
    terms = Vocabulary.load(project / "ontology").terms
    loaded = yarrrml.load(project / "ontology" / "mapping.yarrrml", known, terms)
    used = {
        (one.table, column)
        for one in loaded.maps
        for template in (one.subject, one.graph, *(po.object for po in one.objects))
        for column in template.columns
    }
    all_columns = {(table.name, column) for table in known.values() for column in table.schema}
    assert all_columns - used == tables_only
