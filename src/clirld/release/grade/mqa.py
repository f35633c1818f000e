"""The score of the Metadata Quality Assessment of data.europa.eu: 405 points, 23 indicators in five dimensions.

Method: https://data.europa.eu/mqa/methodology. Names, definitions and points: the vocabulary of its metrics,
`piveau-dqv-vocabulary.ttl` of https://github.com/piveau-data/piveau-vocabularies (which takes five points off where a
format or a media type is missing; the methodology does not, and nothing is taken off here). Of several distributions of
a dataset the one with most points counts; the score of a catalogue is the mean of its datasets.

Two indicators are of answers to requests. Here nothing is asked: an address of the release itself counts where the
release has what it leads to, and an address of others does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clirld.release.grade.described import Described, Node
from clirld.release.grade.marks import Mark
from clirld.settings import BASE

METHOD = "mqa"

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_FILE_TYPES = f"{_AUTHORITY}file-type/"
_MEDIA_TYPES = ("http://www.iana.org/assignments/media-types/", "https://www.iana.org/assignments/media-types/")
_LICENCES = f"{_AUTHORITY}licence/"
_ACCESS_RIGHTS = {f"{_AUTHORITY}access-right/{code}" for code in ("PUBLIC", "RESTRICTED", "NON_PUBLIC")}

# Which file types are which: edp-non-proprietary-format.rdf and edp-machine-readable-format.rdf of
# https://gitlab.com/european-data-portal/edp-vocabularies.
_NON_PROPRIETARY = frozenset((
    "BMP", "CSV", "DBF", "GEOJSON", "GZIP", "HTML", "ICS", "JPEG2000", "JSON", "JSON_LD", "KML", "KMZ",
    "NETCDF", "ODS", "PNG", "RDF_N_QUADS", "RDF_N_TRIPLES", "RDF_TRIG", "RDF_TURTLE", "RDF_XML", "RSS", "RTF",
    "TAR", "TIFF", "TSV", "TXT", "WMS_SRVC", "XML", "ZIP"
))  # fmt: skip
_MACHINE_READABLE = frozenset((
    "CSV", "GEOJSON", "ICS", "JSON", "JSON_LD", "KML", "KMZ", "NETCDF", "ODS", "RDFA", "RDF_N_QUADS",
    "RDF_N_TRIPLES", "RDF_TRIG", "RDF_TURTLE", "RDF_XML", "RSS", "SHP", "XLS", "XLSX", "XML"
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at: a catalogue, which addresses lead to something, and which datasets keep the shapes."""

    described: Described
    answers: Callable[[str], bool]
    compliant: Callable[[Node], bool]


Test = Callable[[Looked, Node], bool]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One of the method: its points, whether it is of datasets or of their distributions, and what gives the points."""

    name: str
    dimension: str
    points: int
    of: str
    test: Test


def _stated(property_: str) -> Test:
    return lambda looked, node: bool(looked.described.values(node, property_))


def _leads_somewhere(property_: str) -> Test:
    return lambda looked, node: any(map(looked.answers, looked.described.iris(node, property_)))


def _file_type(looked: Looked, node: Node) -> set[str]:
    formats = looked.described.iris(node, "dct:format")
    return {one.removeprefix(_FILE_TYPES) for one in formats if one.startswith(_FILE_TYPES)}


def _in_vocabularies(looked: Looked, node: Node) -> bool:
    media = looked.described.iris(node, "dcat:mediaType")
    return bool(_file_type(looked, node)) and any(one.startswith(_MEDIA_TYPES) for one in media)


def _file_type_in(known: frozenset[str]) -> Test:
    return lambda looked, node: not known.isdisjoint(_file_type(looked, node))


def _compliant(looked: Looked, node: Node) -> bool:
    return looked.compliant(node)


def _known_access_right(looked: Looked, node: Node) -> bool:
    return not _ACCESS_RIGHTS.isdisjoint(looked.described.iris(node, "dct:accessRights"))


def _known_licence(looked: Looked, node: Node) -> bool:
    return any(one.startswith(_LICENCES) for one in looked.described.iris(node, "dct:license"))


def _dated(property_: str) -> Test:
    """A date of a dataset or of one of its distributions: the method looks at both."""

    def test(looked: Looked, node: Node) -> bool:
        described = looked.described
        return any(described.values(one, property_) for one in (node, *described.distributions(node)))

    return test


INDICATORS = (
    Indicator("keywordAvailability", "findability", 30, "dataset", _stated("dcat:keyword")),
    Indicator("categoryAvailability", "findability", 30, "dataset", _stated("dcat:theme")),
    Indicator("spatialAvailability", "findability", 20, "dataset", _stated("dct:spatial")),
    Indicator("temporalAvailability", "findability", 20, "dataset", _stated("dct:temporal")),
    Indicator("accessUrlStatusCode", "accessibility", 50, "distribution", _leads_somewhere("dcat:accessURL")),
    Indicator("downloadUrlAvailability", "accessibility", 20, "distribution", _stated("dcat:downloadURL")),
    Indicator("downloadUrlStatusCode", "accessibility", 30, "distribution", _leads_somewhere("dcat:downloadURL")),
    Indicator("formatAvailability", "interoperability", 20, "distribution", _stated("dct:format")),
    Indicator("mediaTypeAvailability", "interoperability", 10, "distribution", _stated("dcat:mediaType")),
    Indicator("formatMediaTypeVocabularyAlignment", "interoperability", 10, "distribution", _in_vocabularies),
    Indicator("formatMediaTypeNonProprietary", "interoperability", 20, "distribution", _file_type_in(_NON_PROPRIETARY)),
    Indicator(
        "formatMediaTypeMachineInterpretable", "interoperability", 20, "distribution", _file_type_in(_MACHINE_READABLE)
    ),
    Indicator("dcatApCompliance", "interoperability", 30, "dataset", _compliant),
    Indicator("licenceAvailability", "reusability", 20, "distribution", _stated("dct:license")),
    Indicator("knownLicence", "reusability", 10, "distribution", _known_licence),
    Indicator("accessRightsAvailability", "reusability", 10, "dataset", _stated("dct:accessRights")),
    Indicator("accessRightsVocabularyAlignment", "reusability", 5, "dataset", _known_access_right),
    Indicator("contactPointAvailability", "reusability", 20, "dataset", _stated("dcat:contactPoint")),
    Indicator("publisherAvailability", "reusability", 10, "dataset", _stated("dct:publisher")),
    Indicator("rightsAvailability", "contextuality", 5, "distribution", _stated("dct:rights")),
    Indicator("byteSizeAvailability", "contextuality", 5, "distribution", _stated("dcat:byteSize")),
    Indicator("dateIssuedAvailability", "contextuality", 5, "dataset", _dated("dct:issued")),
    Indicator("dateModifiedAvailability", "contextuality", 5, "dataset", _dated("dct:modified")),
)

MAXIMUM = sum(one.points for one in INDICATORS)
"""405."""

RATINGS = {"excellent": 351, "good": 221, "sufficient": 121, "bad": 0}
"""Rating → the points from which it is given."""


def rating(points: float) -> str:
    """The word of the method for a score."""
    return next(name for name, least in RATINGS.items() if points >= least)


def marks(described: Described, answers: Callable[[str], bool], broken: Iterable[Node]) -> Iterator[Mark]:
    """What each dataset of a catalogue gets of each indicator. `broken` are the things that break the shapes."""
    breaking = set(broken)
    looked = Looked(described, answers, lambda node: breaking.isdisjoint(described.around(node)))
    for identifier, dataset in described.datasets().items():
        found = _best_distribution(looked, dataset)
        for one in INDICATORS:
            is_given = one.test(looked, dataset) if one.of == "dataset" else found.get(one.name, False)
            yield Mark(METHOD, one.name, identifier, one.points if is_given else 0, one.points)


def _best_distribution(looked: Looked, dataset: Node) -> Mapping[str, bool]:
    """What the distribution with most points has; nothing where there is none."""
    indicators = [one for one in INDICATORS if one.of == "distribution"]
    found = [
        {one.name: one.test(looked, node) for one in indicators} for node in looked.described.distributions(dataset)
    ]
    return max(found, key=lambda given: sum(one.points * given[one.name] for one in indicators), default={})


def answers_of(release: Path) -> Callable[[str], bool]:
    """Whether an address is one that the release in this folder answers: of its files, their list, or the endpoint."""
    own = {f"{BASE}release/", f"{BASE}sparql", f"{BASE}catalog", BASE}

    def answers(url: str) -> bool:
        path = url.removeprefix(f"{BASE}release/")
        return url in own or (path != url and ".." not in path and (release / path).is_file())

    return answers
