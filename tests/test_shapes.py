"""Every shape and check: a source that it agrees with, and one that fails with exactly that shape or check."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from clirld import shacl
from clirld.errors import ShapesError
from clirld.shacl import Shapes
from clirld.vocabulary import CONCEPTS_GRAPH, Vocabulary

VALID = Path(__file__).parent / "data" / "shapes" / "valid.ttl"
ELSEWHERE = "<https://example.org/thing>"
KIND = "<https://w3id.org/clirld/concept/initiative-kind/ptce>"
CARRIER = "<https://w3id.org/clirld/concept/participation-role/carrier>"


def subject(name: str) -> tuple[str, str]:
    return f"{name} a ", f"{ELSEWHERE} a "


# name of the shape or check → (words of valid.ttl, words in their place); what is put in place breaks that rule only
SPOILED: dict[str, tuple[str, str]] = {
    # record.ttl
    "SourceRecordIri": ("record:x-1 a clir", "<https://example.org/record/1> a clir"),
    "SourceRecordDataset": ("dct:isPartOf dataset:x ;", ""),
    "SourceRecordIdentifier": ('dct:identifier "1"', 'dct:identifier " "'),
    "SourceRecordRow": ("clir:sourceRow 2", "clir:sourceRow 0"),
    "SourceRecordTime": ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00"),
    "SourceRecordPage": ("<https://example.org/laureats>", "<ftp://example.org/laureats>"),
    "RecordOutcome": ("concept/row-outcome/published", "concept/status/active"),
    "RecordOutcomeReason": ('"as-it-stands"', '"as it stands"'),
    "Provenance": ("clir:endYear", 'locn:postName "x" . address:a2 a locn:Address ; clir:endYear'),
    # initiative.ttl
    "InitiativeIri": subject("initiative:x-1"),
    "InitiativeLabel": ('"Pôle du Haut-Jura"@fr', '"Pôle"@fr, "Pôle du Haut-Jura"@fr'),
    "InitiativeLabelMarkup": ('"Pôle du Haut-Jura"@fr', '"Pôle du <b>Haut-Jura</b>"@fr'),
    "InitiativeLabelLegible": ('"Pôle du Haut-Jura"@fr', '"PÃ´le du Haut-Jura"@fr'),
    "InitiativeLabelCase": ('"Pôle du Haut-Jura"@fr', '"PÔLE DU HAUT-JURA"@fr'),
    "InitiativeKind": (f"clir:initiativeKind {KIND} ;", ""),
    "InitiativeTerritory": ("clir:actsIn territory:departement-39", "clir:actsIn organization:siren-552100554"),
    "InitiativeDomain": ("concept/activity-domain/circular-economy", "concept/status/active"),
    "InitiativeDescription": ("Entreprises, associations et communes du Haut-Jura qui s'organisent", "Tous"),
    # organization.ttl
    "OrganizationIri": ("organization:siren-552100554 a org", f"{ELSEWHERE} a org"),
    "OrganizationLabel": ('rdfs:label "Structure porteuse"@fr', 'rdfs:label "  "@fr'),
    "OrganizationSiren": ('clir:siren "356000000" ;\n    clir:siret "35600000000001" ;', 'clir:siren "356 000 000" ;'),
    "OrganizationSiret": ('clir:siret "55210055400013"', 'clir:siret "552100554-13"'),
    "OrganizationRna": ('"W9R1011072"', '"W9R101107"'),
    "OrganizationLegalForm": ("concept/legal-form/declared-association", "concept/status/active"),
    "OrganizationActivity": ("sousClasse/62.01Z", "sousClasse/6201Z"),
    "OrganizationFounded": ("1995-03-01", "1995-02-30"),
    # participation.ttl
    "ParticipationIri": subject("participation:x-1-facilitator"),
    "ParticipationInitiative": (
        f"org:organization initiative:x-1 ;\n    org:member organization:siren-552100554 ;\n    org:role {CARRIER}",
        f"org:member organization:siren-552100554 ;\n    org:role {CARRIER}",
    ),
    "ParticipationMember": (
        f"org:member organization:siren-552100554 ;\n    org:role {CARRIER}",
        f"org:role {CARRIER}",
    ),
    "ParticipationRole": (f"org:role {CARRIER} ;", ""),
    # recognition.ttl
    "RecognitionIri": subject("recognition:x-1-ptce"),
    "RecognitionSubject": ("clir:recognises initiative:x-1 ;", ""),
    "RecognitionKind": ("concept/recognition/ptce-laureate-2013", "concept/status/active"),
    "RecognitionProgramme": ("clir:underProgramme programme:ptce-2013", f"clir:underProgramme {ELSEWHERE}"),
    # programme.ttl
    "ProgrammeIri": ("programme:ptce-2013 a clir", f"{ELSEWHERE} a clir"),
    "ProgrammeLabel": ('rdfs:label "Appel à projets PTCE 2013"@fr ;', ""),
    # territory.ttl
    "TerritoryIri": subject("territory:commune-39999"),
    "TerritoryLabel": ('rdfs:label "Ancienne commune"@fr ;', ""),
    "TerritoryKind": ("concept/territory-kind/former-commune", "concept/status/active"),
    "TerritoryCode": ('dct:identifier "39999"', 'dct:identifier "39 999"'),
    "TerritoryInseeCode": ('clir:inseeCode "39999"', 'clir:inseeCode "3999A"'),
    "TerritoryPopulation": ("clir:population 120", "clir:population -1"),
    "TerritoryDensity": ("concept/density-grid/dispersed-rural", "concept/status/active"),
    "TerritoryEnd": ("2021-01-01", "2021-13-01"),
    "TerritorySuccessor": ("dct:isReplacedBy territory:commune-39300", f"dct:isReplacedBy {ELSEWHERE}"),
    # shared.ttl
    "Status": ("concept/status/active", "concept/row-outcome/held"),
    "Seat": ("clir:seatedIn territory:commune-39300", "clir:seatedIn territory:commune-39300, territory:commune-39001"),
    "Homepage": ("<https://example.org/pole>", "<mailto:pole.example.org>"),
    "OfficialPage": ("<https://example.org/appel>", "<https://appel>"),
    "StartYear": ('"2014"^^xsd:gYear', '"1014"^^xsd:gYear'),
    "EndYear": ('clir:endYear "2020"^^xsd:gYear', 'clir:endYear "2020"^^xsd:integer'),
    "Year": ('"2013"^^xsd:gYear', '"201"^^xsd:gYear'),
    "PopulationYear": ('clir:populationYear "2020"^^xsd:gYear', 'clir:populationYear "2020"'),
    "AddressPostcode": ('"39000"', '"3900"'),
    "GeometryPoint": ("POINT(5.55 46.67)", "5.55, 46.67"),
    # checks/
    "CarrierUnidentified": (
        'clir:siren "552100554" ;\n    clir:siret "55210055400013" ;\n    clir:rna "W9R1011072" ;',
        "",
    ),
    "CorsicaCode": (
        'territory-kind/former-commune> ;\n    dct:identifier "39999" ;\n    clir:inseeCode "39999"',
        'territory-kind/commune> ;\n    dct:identifier "20004" ;\n    clir:inseeCode "20004"',
    ),
    "DateInFuture": ('clir:year "2013"', 'clir:year "2028"'),
    "EndBeforeStart": ('clir:endYear "2020"', 'clir:endYear "2013"'),
    "FormerCommuneLost": ("dct:isReplacedBy territory:commune-39300 ;", ""),
    "PersonalData": ("rov:legalName", "schema:email"),
    "PointOutsideFrance": ("POINT(5.55 46.67)", "POINT(46.67 5.55)"),
    "PointZero": ("POINT(5.55 46.67)", "POINT(0.0 0)"),
    "PostcodeElsewhere": ('"39000"', '"97410"'),
    "PtceWithoutMember": (
        "address:a1 a",
        f"""
        initiative:x-2 a clir:Initiative ; rdfs:label "Autre"@fr ; clir:initiativeKind {KIND} ;
            clir:actsIn territory:departement-39 ; prov:wasDerivedFrom record:x-1 .
        address:a1 a""",
    ),
    "PublicRole": ("org:FormalOrganization, cv:PublicOrganisation", "org:FormalOrganization"),
    "ReferenceDangling": ("concept/initiative-kind/ptce", "concept/initiative-kind/pcte"),
    "RoleUnspecified": ("participation-role/carrier", "participation-role/unspecified"),
    "SirenLuhn": ('clir:siren "552100554" ;\n    clir:siret "55210055400013" ;', 'clir:siren "552100555" ;'),
    "SirenTwice": (
        "programme:ptce-2013 a",
        """
        organization:x-3 a org:FormalOrganization ; rdfs:label "Autre"@fr ; clir:siren "552100554" ;
            prov:wasDerivedFrom record:x-1 .
        programme:ptce-2013 a""",
    ),
    "SiretLuhn": ('"35600000000001"', '"35600000000002"'),
    "SiretOfSiren": ('clir:siret "55210055400013"', 'clir:siret "35600000000048"'),
}

# Spoiling an IRI leaves those who refer to the old one dangling, and the new one alone.
ALONG = {
    "SourceRecordIri": {"ReferenceDangling"},
    "InitiativeIri": {"ReferenceDangling", "PtceWithoutMember"},
    "OrganizationIri": {"ReferenceDangling"},
    "ProgrammeIri": {"ReferenceDangling"},
}


@pytest.fixture(scope="module")
def shapes(project: Path) -> Shapes:
    return Shapes.load(project / "shapes")


@pytest.fixture(scope="module")
def concepts(project: Path) -> bytes:
    return "\n".join(Vocabulary.load(project / "ontology").as_nquads(CONCEPTS_GRAPH)).encode()


def failing(turtle: str, shapes: Shapes, concepts: bytes) -> set[str]:
    """Names of the shapes and checks that give results."""
    store = ox.Store()
    graph = ox.NamedNode("https://w3id.org/clirld/graph/x")
    for quad in ox.parse(input=turtle, format=ox.RdfFormat.TURTLE):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    quads = store.dump(format=ox.RdfFormat.N_QUADS)
    assert quads is not None
    results = shacl.validate_batch(shapes.triples, quads)
    store.load(input=concepts, format=ox.RdfFormat.N_QUADS)
    for check in shapes.checks:
        results += shacl.run_check(check, store)
    return {result.shape for result in results}


def test_a_valid_source_passes_all(shapes: Shapes, concepts: bytes) -> None:
    assert failing(VALID.read_text(encoding="utf-8"), shapes, concepts) == set()


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_source_fails_with_exactly_that(name: str, shapes: Shapes, concepts: bytes) -> None:
    valid = VALID.read_text(encoding="utf-8")
    words, instead = SPOILED[name]
    assert words in valid
    failed = failing(valid.replace(words, instead, 1), shapes, concepts)
    assert failed == {name} | ALONG.get(name, set())


def test_every_shape_and_check_is_tried(shapes: Shapes) -> None:
    assert set(SPOILED) == set(shapes.facts)


def test_the_seat_of_la_poste_has_a_luhn_sum(shapes: Shapes, concepts: bytes) -> None:
    """356 000 000 00048 is the one SIRET of La Poste with a Luhn sum, and its digits add up to 26."""
    valid = VALID.read_text(encoding="utf-8").replace("35600000000001", "35600000000048")
    assert failing(valid, shapes, concepts) == set()


@pytest.mark.parametrize(
    "code", ["01001", "2A004", "20004", "97120", "98735", "39", "2B", "974", "27", "011", "200069193"]
)
def test_insee_codes(code: str, shapes: Shapes, concepts: bytes) -> None:
    valid = VALID.read_text(encoding="utf-8").replace('inseeCode "39999"', f'inseeCode "{code}"')
    assert failing(valid, shapes, concepts) == set()


def test_shapes_are_core_and_documented(project: Path) -> None:
    """SHACL-SPARQL costs a tenth of a second a node in pySHACL; what needs SPARQL is a check."""
    sh = shacl.SH
    for path in sorted((project / "shapes").glob("*.ttl")):
        store = ox.Store()
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
        for unwanted in ("sparql", "js", "rule", "target"):
            assert not list(store.quads_for_pattern(None, ox.NamedNode(sh + unwanted), None)), path
        query = f"""
            SELECT ?shape ?part WHERE {{
              VALUES ?kind {{ <{sh}NodeShape> <{sh}PropertyShape> }}
              VALUES ?part {{ <{sh}name> <{sh}description> <{sh}message> }}
              VALUES ?language {{ "fr" "en" }}
              ?shape a ?kind .
              FILTER NOT EXISTS {{ ?shape ?part ?text . FILTER(LANG(?text) = ?language) }}
            }}"""
        rows = store.query(query)
        assert isinstance(rows, ox.QuerySolutions)
        assert [str(row["shape"]) for row in rows] == [], path


SHAPE = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/clirld/shapes#> .
shape:One a sh:NodeShape ; sh:severity sh:Violation ; sh:message "faux"@fr, "wrong"@en .
"""
CHECK = '# name: One\n# severity: Warning\nSELECT ?focus ?value ?messageFr ?messageEn { BIND("" AS ?messageFr) }'


@pytest.mark.parametrize(
    ("turtle", "check", "said"),
    [
        ("shape:One a", CHECK, "not Turtle"),
        (SHAPE.replace("shape:One", "<https://example.org/one>"), CHECK, "without a name"),
        (SHAPE.replace("sh:severity sh:Violation ;", ""), CHECK, "no severity"),
        (SHAPE.replace('"faux"@fr, ', ""), CHECK, "no message in fr"),
        (SHAPE, CHECK.replace("# name: One\n", ""), "without a header"),
        (SHAPE, CHECK + "}", "not a SELECT query"),
        (SHAPE, "# name: One\n# severity: Warning\nASK { ?s ?p ?o }", "not a SELECT query"),
        (SHAPE, CHECK.replace("?value", "?path"), "other variables"),
    ],
)
def test_broken_files_are_named(turtle: str, check: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "one.ttl").write_text(turtle, encoding="utf-8")
    (tmp_path / "checks" / "one.rq").write_text(check, encoding="utf-8")
    with pytest.raises(ShapesError, match=said) as caught:
        Shapes.load(tmp_path)
    assert "one." in caught.value.where
    assert caught.value.do


def test_a_folder_without_shapes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ShapesError, match="no shapes"):
        Shapes.load(tmp_path)
