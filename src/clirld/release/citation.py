"""Citations of answers: which release said what to which query, under which licences, with the hash of the answer.

A citation is written as text, BibTeX or CSL-JSON; each has the address of the answer (release and query) and its hash,
so that it can be had again and compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from clirld.errors import DataError
from clirld.release.history import moment
from clirld.settings import BASE

Language = Literal["fr", "en"]

OWN_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
"""Of what the project says itself: the ontology, the schemes, the catalogue, the compilation."""

CSL, BIBTEX, TEXT = "application/vnd.citationstyles.csl+json", "application/x-bibtex", "text/x-bibliography"
FORMATS = {"citation": TEXT, "bibtex": BIBTEX, "csl": CSL}
"""Short name → media type, as the registries of DOIs have them."""

TITLE = {
    "fr": "clirld, données liées de la coopération territoriale",
    "en": "clirld, linked open data of territorial cooperation",
}
"""Of the whole dataset."""
_AUTHOR = {"fr": "Contributeurs de clirld", "en": "clirld contributors"}
_WORDS = {
    "fr": {
        "release": "version",
        "answer": "réponse à une requête SPARQL, {rows}",
        "rows": ("{n} ligne", "{n} lignes"),
        "licences": "Licences des données : ",
        "sample": "données d'exemple, inventées",
    },
    "en": {
        "release": "release",
        "answer": "answer to a SPARQL query, {rows}",
        "rows": ("{n} row", "{n} rows"),
        "licences": "Licences of the data: ",
        "sample": "sample data, invented",
    },
}
_ADDRESS = re.compile(r"/release/([0-9][0-9A-Za-z-]*)/sparql\?([^\s\"{}<>]+)")
_HASH = re.compile(r"sha256:([0-9a-f]{64})\b")


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the dataset that the request names, if any."""

    query: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """As the SPARQL protocol has it."""
        return [
            ("query", self.query),
            *(("default-graph-uri", iri) for iri in self.default_graphs or ()),
            *(("named-graph-uri", iri) for iri in self.named_graphs or ()),
        ]

    @property
    def encoded(self) -> str:
        """Its parameters as they stand in an address."""
        return urlencode(self.parameters)

    def address(self, release: str, encoded: str | None = None) -> str:
        """The address of its answer by a release, for ever. `encoded` is its own, where it is known already."""
        return f"{BASE}release/{release}/sparql?{encoded or self.encoded}"


@dataclass(frozen=True, slots=True)
class Citation:
    """An answer of a release. `rows` is None for yes or no; `graphs` is None where they may be any."""

    release: str
    created: datetime | None
    version: str
    question: Question
    sha256: str
    rows: int | None
    graphs: tuple[str, ...] | None
    licences: Mapping[str, Mapping[str, str]]
    is_sample: bool = False

    @property
    def address(self) -> str:
        """Where the answer is."""
        return self.question.address(self.release)

    def write(self, media: str, language: Language) -> str:
        """The citation in a media type of `FORMATS`."""
        return {CSL: self._csl, BIBTEX: self._bibtex, TEXT: self._text}[media](language)

    def _title(self, language: Language) -> str:
        words = _WORDS[language]
        sample = f" ({words['sample']})" if self.is_sample else ""
        return f"{TITLE[language]}, {words['release']} {self.release}{sample}"

    def _note(self, language: Language) -> str:
        words = _WORDS[language]
        one, many = words["rows"]
        counted = "" if self.rows is None else (one if self.rows < 2 else many).format(n=self.rows)
        answer = str(words["answer"]).format(rows=counted).removesuffix(", ")
        names = "; ".join(f"{title.get(language) or iri} <{iri}>" for iri, title in self.licences.items())
        licences = f". {words['licences']}{names}" if names else ""
        return f"{answer}, sha256:{self.sha256}{licences}"

    def _text(self, language: Language) -> str:
        day = f" ({self.created:%Y-%m-%d})" if self.created else ""
        note = self._note(language)
        said = f"{_AUTHOR[language]}{day}. {self._title(language)}. {note[:1].upper()}{note[1:]}."
        return f"{said}\n{self.address}\n\n{self.question.query}\n"

    def _bibtex(self, language: Language) -> str:
        def escaped(text: str) -> str:
            return re.sub(r"([&%$#_])", r"\\\1", text)

        dated = f"  date = {{{self.created:%Y-%m-%d}}},\n  year = {{{self.created:%Y}}},\n" if self.created else ""
        return (
            f"@misc{{clirld-{self.release}-{self.sha256[:8]},\n"
            f"  author = {{{{{_AUTHOR[language]}}}}},\n"
            f"  title = {{{{{escaped(self._title(language))}}}}},\n"
            f"{dated}"
            f"  version = {{{self.release}}},\n"
            f"  note = {{{escaped(self._note(language))}}},\n"
            f"  url = {{{self.address}}},\n"
            "}\n"
        )

    def _csl(self, language: Language) -> str:
        item = {
            "id": f"clirld-{self.release}-{self.sha256[:8]}",
            "type": "dataset",
            "title": self._title(language),
            "author": [{"literal": _AUTHOR[language]}],
            "publisher": "clirld",
            "version": self.release,
            "note": self._note(language),
            "URL": self.address,
            "language": language,
            "custom": {
                "release": self.release,
                "created": self.created.isoformat() if self.created else None,
                "version": self.version,
                "query": self.question.query,
                "default-graph-uri": self.question.default_graphs,
                "named-graph-uri": self.question.named_graphs,
                "sha256": self.sha256,
                "rows": self.rows,
                "graphs": self.graphs,
                "licences": {iri: dict(titles) for iri, titles in self.licences.items()},
            },
        }
        if self.created:
            item["issued"] = {"date-parts": [[self.created.year, self.created.month, self.created.day]]}
        return json.dumps([item], ensure_ascii=False, indent=1) + "\n"


def cite(
    manifest: Mapping[str, Any],
    release: str,
    question: Question,
    digest: Mapping[str, Any],
    graphs: Collection[str] | None,
) -> Citation:
    """The citation of an answer, by its release's manifest, its `digest` (`rows`, `sha256`) and the graphs read."""
    return Citation(
        release,
        moment(manifest.get("created")),
        str(manifest.get("version") or ""),
        question,
        str(digest["sha256"]),
        digest["rows"],
        None if graphs is None else tuple(sorted(graphs)),
        licences(manifest, graphs),
        any(source.get("sample") for source in manifest.get("sources") or []),
    )


def licences(manifest: Mapping[str, Any], graphs: Collection[str] | None) -> dict[str, dict[str, str]]:
    """IRI → titles of the licences of the graphs that an answer may come from; None: of all of them."""
    sources = [source for source in manifest.get("sources") or [] if source.get("license")]
    own = {OWN_LICENCE: {"fr": "CC BY 4.0", "en": "CC BY 4.0"}}
    names = None if graphs is None else {graph.removeprefix(f"{BASE}graph/") for graph in graphs}
    if names is None or names & {"derived", "accounting", "links"}:  # these follow from all sources
        touched, is_own = sources, True
    else:
        touched = [source for source in sources if source["id"] in names]
        is_own = bool(names & {"ontology", "concepts", "catalog"})
    found = {str(source["license"].get("iri")): dict(source["license"].get("title") or {}) for source in touched}
    return {**found, **(own if is_own else {})}


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation says of an answer: which question to ask which release again, and the hash that it had."""

    release: str
    question: Question
    sha256: str


def read(text: str, where: str) -> Cited:
    """Read a citation in any format: what counts is the address of the answer and its hash.

    Raises DataError where one of them is not there.
    """
    address, found = _ADDRESS.search(text), _HASH.search(text)
    parameters: dict[str, list[str]] = {}
    if address:
        # A full stop is that of the sentence: no query ends in one.
        for name, value in parse_qsl(address[2].rstrip("."), keep_blank_values=True):
            parameters.setdefault(name, []).append(value)
    if address is None or len(parameters.get("query", [])) != 1:
        raise DataError(
            "this is no citation: it has no address …/release/ID/sparql?query=…",
            where=where,
            do="give what “clirld cite” wrote, whole",
        )
    if found is None:
        raise DataError(
            "this citation has no hash sha256:…, so that its answer cannot be compared",
            where=where,
            do="give what “clirld cite” wrote, whole",
        )
    default, named = (parameters.get(name) for name in ("default-graph-uri", "named-graph-uri"))
    question = Question(
        parameters["query"][0],
        None if default is None else tuple(default),
        None if named is None else tuple(named),
    )
    return Cited(address[1], question, found[1])
