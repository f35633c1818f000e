"""What the catalogue says in words of other lists: those of the European Publications Office, ADMS and SPDX.

A catalogue must be understood without fetching the lists: each of their words that it uses is described in it, with
the scheme that it is of, as the shapes for controlled vocabularies of DCAT-AP 3.0.1 want it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Quad

from clirld.release.statements import iri, statements

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_PUBLISHER_TYPES = "http://purl.org/adms/publishertype/"
_LICENCE_TYPES = "http://purl.org/adms/licencetype/"
_IANA = "http://www.iana.org/assignments/media-types/"

_LANGUAGES = {"fr": "FRA", "en": "ENG"}

_FILE_TYPES = {
    "application/geopackage+sqlite3": "GPKG",
    "application/json": "JSON",
    "application/jsonl": "JSON",
    "application/geo+json": "GEOJSON",
    "application/ld+json": "JSON_LD",
    "application/n-quads": "RDF_N_QUADS",
    "application/n-triples": "RDF_N_TRIPLES",
    "application/rdf+xml": "RDF_XML",
    "application/vnd.apache.parquet": "PARQUET",
    "application/vnd.oasis.opendocument.spreadsheet": "ODS",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/zip": "ZIP",
    "text/csv": "CSV",
    "text/turtle": "RDF_TURTLE",
}
"""Media type → code in the file-type list, where it has one."""

_THEMES = {
    "AGRI": {
        "fr": "Agriculture, pêche, sylviculture et alimentation",
        "en": "Agriculture, fisheries, forestry and food",
    },
    "ECON": {"fr": "Économie et finances", "en": "Economy and finance"},
    "EDUC": {"fr": "Éducation, culture et sport", "en": "Education, culture and sport"},
    "ENER": {"fr": "Énergie", "en": "Energy"},
    "ENVI": {"fr": "Environnement", "en": "Environment"},
    "GOVE": {"fr": "Gouvernement et secteur public", "en": "Government and public sector"},
    "REGI": {"fr": "Régions et villes", "en": "Regions and cities"},
    "SOCI": {"fr": "Population et société", "en": "Population and society"},
    "TECH": {"fr": "Science et technologie", "en": "Science and technology"},
}
_THEME_SCHEME = {"fr": "Thème de données", "en": "Data theme"}

PUBLISHER_TYPES: Mapping[str, tuple[str, str]] = {
    "academia": ("Academia-ScientificOrganisation", "Academia/Scientific organisation"),
    "company": ("Company", "Company"),
    "local-authority": ("LocalAuthority", "Local Authority"),
    "national-authority": ("NationalAuthority", "National authority"),
    "non-governmental-organisation": ("NonGovernmentalOrganisation", "Non-Governmental Organisation"),
    "non-profit-organisation": ("NonProfitOrganisation", "Non-Profit Organisation"),
    "regional-authority": ("RegionalAuthority", "Regional authority"),
    "supra-national-authority": ("SupraNationalAuthority", "Supra-national authority"),
}
"""Types of publishers that a card may name: their codes and labels in the list of ADMS 1.0."""


def agent(url: str, name: str, kind: str | None) -> Iterator[Quad]:
    """Who publishes something: a foaf:Agent with a name and, where it is known, a type."""
    node = NamedNode(url)
    yield from statements(node, "a", iri("foaf:Agent"))
    yield from statements(node, "foaf:name", Literal(name))
    if kind:
        code, label = PUBLISHER_TYPES[kind]
        concept, scheme = NamedNode(_PUBLISHER_TYPES + code), NamedNode(f"{_PUBLISHER_TYPES}1.0")
        yield from statements(node, "dct:type", concept)
        yield from _concept(concept, {"en": label}, scheme, {"en": "ADMS publisher type"})


def frequency(node: NamedNode, code: str) -> Iterator[Quad]:
    """How often a dataset changes, by its code in the frequency list."""
    yield from _listed(node, "dct:accrualPeriodicity", "frequency", code, "dct:Frequency")


def language(node: NamedNode, *tags: str) -> Iterator[Quad]:
    """The languages of a thing, by their tags."""
    for tag in tags:
        yield from _listed(node, "dct:language", "language", _LANGUAGES[tag], "dct:LinguisticSystem")


def media_type(node: NamedNode, media: str) -> Iterator[Quad]:
    """The media type of a distribution, and its file type where the list has one."""
    place = NamedNode(_IANA + media)
    yield from statements(node, "dcat:mediaType", place)
    yield from statements(place, "a", iri("dct:MediaType"))
    if code := _FILE_TYPES.get(media):
        yield from _listed(node, "dct:format", "file-type", code, "dct:MediaTypeOrExtent")


def packed(node: NamedNode, media: str) -> Iterator[Quad]:
    """By what a distribution is compressed."""
    place = NamedNode(_IANA + media)
    yield from statements(node, "dcat:compressFormat", place)
    yield from statements(place, "a", iri("dct:MediaType"))


def countries(node: NamedNode, *codes: str) -> Iterator[Quad]:
    """The countries that a dataset tells of, by their codes: FRA."""
    for code in codes:
        yield from _listed(node, "dct:spatial", "country", code, "dct:Location")


def period(node: NamedNode, start: object, end: object) -> Iterator[Quad]:
    """The days between which what a dataset tells of lies: dates, or as ISO 8601 writes them, None where not known."""
    part = NamedNode(f"{node.value}#period")
    yield from statements(node, "dct:temporal", part)
    yield from statements(part, "a", iri("dct:PeriodOfTime"))
    for name, day in (("dcat:startDate", start), ("dcat:endDate", end)):
        if day:
            yield from statements(part, name, Literal(str(day), datatype=iri("xsd:date")))


def themes(node: NamedNode, *codes: str) -> Iterator[Quad]:
    """The themes of a dataset, by their codes in the list of themes of data portals."""
    scheme = NamedNode(f"{_AUTHORITY}data-theme")
    for code in codes:
        concept = NamedNode(f"{scheme.value}/{code}")
        yield from statements(node, "dcat:theme", concept)
        yield from _concept(concept, _THEMES[code], scheme, _THEME_SCHEME)


def public(node: NamedNode) -> Iterator[Quad]:
    """That everybody may have a dataset, as a release gives it: what may not be published is in none."""
    yield from _listed(node, "dct:accessRights", "access-right", "PUBLIC", "dct:RightsStatement")


def contact(node: NamedNode, name: str, page: str) -> Iterator[Quad]:
    """Where to write to about a dataset: an organization and its page, never a person."""
    part = NamedNode(f"{node.value}#contact")
    yield from statements(node, "dcat:contactPoint", part)
    yield from statements(part, "a", iri("vcard:Kind"), iri("vcard:Organization"))
    yield from statements(part, "vcard:fn", Literal(name))
    yield from statements(part, "vcard:hasURL", NamedNode(page))


def licence_in_list(licence: str, eu: str | None) -> str:
    """The IRI of a licence in the list of the EU, where it is there: portals know no other; else its own."""
    return f"{_AUTHORITY}licence/{eu}" if eu else licence


def theme_taxonomy(node: NamedNode) -> Iterator[Quad]:
    """The list that the themes of a catalogue are from."""
    scheme = NamedNode(f"{_AUTHORITY}data-theme")
    yield from statements(node, "dcat:themeTaxonomy", scheme)
    yield from _scheme(scheme, _THEME_SCHEME)


def licence_document(
    node: NamedNode, titles: Mapping[str, str], kind: str, eu: str | None, spdx: str | None
) -> Iterator[Quad]:
    """A licence: its title, its type in ADMS, and the same licence in the lists of the EU and of SPDX."""
    yield from statements(node, "a", iri("dct:LicenseDocument"))
    yield from statements(node, "dct:title", *(Literal(text, language=tag) for tag, text in titles.items()))
    type_, scheme = NamedNode(_LICENCE_TYPES + kind), NamedNode(f"{_LICENCE_TYPES}1.0")
    yield from statements(node, "dct:type", type_)
    yield from _concept(type_, {"en": kind}, scheme, {"en": "ADMS licence type"})
    if eu:
        same_there = NamedNode(licence_in_list(node.value, eu))
        yield from statements(node, "skos:exactMatch", same_there)
        yield from statements(same_there, "a", iri("dct:LicenseDocument"))
        yield from statements(same_there, "dct:type", type_)
    if spdx and node.value != (same := f"https://spdx.org/licenses/{spdx}"):
        yield from statements(node, "skos:exactMatch", NamedNode(same))


def sha256(file: NamedNode, digest: str, checksum: NamedNode) -> Iterator[Quad]:
    """The SHA-256 of a file, as SPDX says it.

    The shapes want the algorithm under https, SPDX itself writes http: the one says that it is the other.
    """
    algorithm = NamedNode("https://spdx.org/rdf/terms#checksumAlgorithm_sha256")
    yield from statements(file, "spdx:checksum", checksum)
    yield from statements(checksum, "a", iri("spdx:Checksum"))
    yield from statements(checksum, "spdx:checksumValue", Literal(digest, datatype=iri("xsd:hexBinary")))
    yield from statements(checksum, "spdx:algorithm", algorithm)
    yield from statements(algorithm, "a", iri("spdx:ChecksumAlgorithm"))
    yield from statements(algorithm, "owl:sameAs", iri("spdx:checksumAlgorithm_sha256"))


def _listed(node: NamedNode, predicate: str, authority: str, code: str, kind: str) -> Iterator[Quad]:
    word = NamedNode(f"{_AUTHORITY}{authority}/{code}")
    yield from statements(node, predicate, word)
    yield from statements(word, "a", iri(kind))
    yield from statements(word, "skos:inScheme", NamedNode(_AUTHORITY + authority))


def _concept(
    concept: NamedNode, labels: Mapping[str, str], scheme: NamedNode, scheme_titles: Mapping[str, str]
) -> Iterator[Quad]:
    yield from statements(concept, "a", iri("skos:Concept"))
    yield from statements(concept, "skos:prefLabel", *(Literal(text, language=tag) for tag, text in labels.items()))
    yield from statements(concept, "skos:inScheme", scheme)
    yield from _scheme(scheme, scheme_titles)


def _scheme(scheme: NamedNode, titles: Mapping[str, str]) -> Iterator[Quad]:
    yield from statements(scheme, "a", iri("skos:ConceptScheme"))
    yield from statements(scheme, "dct:title", *(Literal(text, language=tag) for tag, text in titles.items()))
