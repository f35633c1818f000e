"""Small graphs as the map stage writes them: blocks of N-Quads of an invented source `x`, record by record."""

from __future__ import annotations

BASE = "https://w3id.org/clirld/"
CLIR = f"{BASE}ontology#"
GRAPH = f"<{BASE}graph/x> ."
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
DERIVED = "http://www.w3.org/ns/prov#wasDerivedFrom"
XSD = "http://www.w3.org/2001/XMLSchema#"


def iri(path: str) -> str:
    return f"<{BASE}{path}>"


def block(subject: str, *pairs: tuple[str, str]) -> str:
    return "".join(f"{subject} <{predicate}> {value} {GRAPH}\n" for predicate, value in pairs)


def record(number: int) -> str:
    return block(
        iri(f"id/record/x-{number}"),
        (RDF_TYPE, f"<{CLIR}SourceRecord>"),
        ("http://purl.org/dc/terms/isPartOf", iri("id/dataset/x")),
        ("http://purl.org/dc/terms/identifier", f'"{number}"'),
        (f"{CLIR}sourceRow", f'"{number + 1}"^^<{XSD}integer>'),
        ("http://www.w3.org/ns/prov#generatedAtTime", f'"2026-11-24T10:00:00Z"^^<{XSD}dateTime>'),
        (DERIVED, iri(f"id/distribution/x.default.{'0' * 64}")),
    )


def derived(number: int) -> tuple[str, str]:
    return DERIVED, iri(f"id/record/x-{number}")


def initiative(number: int, name: str = "Un tiers-lieu") -> str:
    return block(
        iri(f"id/initiative/x-{number}"),
        (RDF_TYPE, f"<{CLIR}Initiative>"),
        (LABEL, f'"{name}"@fr'),
        (f"{CLIR}initiativeKind", iri("concept/initiative-kind/third-place")),
        (f"{CLIR}actsIn", iri("id/territory/departement-39")),
        ("http://www.w3.org/ns/locn#address", iri("id/address/shared")),
        derived(number),
    )


def address(number: int) -> str:
    return block(
        iri("id/address/shared"),
        (RDF_TYPE, "<http://www.w3.org/ns/locn#Address>"),
        ("http://www.w3.org/ns/locn#postCode", '"39000"'),
        derived(number),
    )


def organization(number: int, siren: str, name: str = "Une association") -> str:
    return block(
        iri(f"id/organization/siren-{siren}"),
        (RDF_TYPE, "<http://www.w3.org/ns/org#FormalOrganization>"),
        (LABEL, f'"{name}"@fr'),
        (f"{CLIR}siren", f'"{siren}"'),
        derived(number),
    )


def participation(number: int, siren: str, member_of: int | None = None) -> str:
    return block(
        iri(f"id/participation/x-{number}-carrier"),
        (RDF_TYPE, f"<{CLIR}Participation>"),
        ("http://www.w3.org/ns/org#organization", iri(f"id/initiative/x-{member_of or number}")),
        ("http://www.w3.org/ns/org#member", iri(f"id/organization/siren-{siren}")),
        ("http://www.w3.org/ns/org#role", iri("concept/participation-role/carrier")),
        derived(number),
    )
