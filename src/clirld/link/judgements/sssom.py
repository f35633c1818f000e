"""The files of judgements: append-only, one for each thing that can be said, as SSSOM/TSV.

Simple Standard for Sharing Ontological Mappings, https://mapping-commons.github.io/sssom/spec-formats-tsv/; `record_id`
and `ext_…` are slots of version 1.1. A negative is `predicate_modifier: Not`, never in the file of positives.
"""

from __future__ import annotations

import csv
import fcntl
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from clirld.errors import DataError
from clirld.issues import Issue
from clirld.link.judgements.judgement import PREFIXES, SAYS, Judgement, Says
from clirld.link.records import TABLES

LICENSE = "https://creativecommons.org/licenses/by/4.0/"
COLUMNS = (
    "record_id", "subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label",
    "mapping_justification", "author_id", "mapping_date", "confidence", "comment", "ext_evidence", "ext_withdraws",
)  # fmt: skip
_REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification", "author_id", "mapping_date")

PREDICATES: Mapping[Says, tuple[str, ...]] = {
    "same": ("skos:exactMatch", "owl:sameAs"),
    "different": ("skos:exactMatch", "owl:sameAs"),
    "unsure": ("skos:closeMatch",),
}
"""The predicates of each file that are understood; the first is the one that is written."""

_TITLES: Mapping[Says, str] = {
    "same": "Pairs of records that are one thing, as somebody judged",
    "different": "Pairs of records that are NOT one thing (predicate_modifier: Not), as somebody judged",
    "unsure": "Pairs of records of which somebody could not say whether they are one thing",
}
_APPENDED = "Append-only: a later row of these files may withdraw one by its record_id (ext_withdraws)."


def file_name(says: Says) -> str:
    """The file that has what is so judged."""
    return f"{says}.sssom.tsv"


@dataclass(slots=True)
class Ledger:
    """All judgements of a folder, withdrawn ones too, in the order of the files; and what is wrong with them."""

    judgements: list[Judgement] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def read(folder: Path) -> Ledger:
    """The judgements of a folder; a file that is not there has none. What cannot be read is an issue."""
    ledger = Ledger()
    known: dict[str, Judgement] = {}
    for says in SAYS:
        path = folder / file_name(says)
        for number, one in _rows(path, says, ledger.issues):
            before = known.setdefault(one.id, one)
            if before is one:
                ledger.judgements.append(one)
            elif before != one:  # the same row twice is what a merge of two branches leaves: it says no more
                ledger.issues.append(_wrong(path, number, one.id, "id d'un autre jugement", "id of another judgement"))
    for one in ledger.judgements:
        for name in (name for name in one.withdraws if name not in known):
            detail = {"judgement": one.id}
            code = "judgement-withdraws-unknown"
            ledger.issues.append(Issue("judgements", "link", code, file_name(one.says), value=name, detail=detail))
    return ledger


def read_file(path: Path) -> Ledger:
    """The judgements of one SSSOM file, in which each row may say another thing; what cannot be read is an issue."""
    ledger = Ledger()
    ledger.judgements = [one for _number, one in _rows(path, None, ledger.issues)]
    return ledger


def append(folder: Path, judgements: Iterable[Judgement]) -> None:
    """Put judgements at the end of their files, all of a file at once; nothing that stands there is touched.

    Raises DataError for a file whose columns are others.
    """
    by_file: dict[Says, list[Judgement]] = {}
    for one in judgements:
        by_file.setdefault(one.says, []).append(one.named())
    folder.mkdir(parents=True, exist_ok=True)
    for says, new in by_file.items():
        path = folder / file_name(says)
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            there = file.read()
            columns = _columns_of(there) if there else COLUMNS
            if set(COLUMNS) - set(columns):
                raise DataError(
                    "the file of judgements has not all columns", where=str(path),
                    do=f"give it these, in any order: {', '.join(COLUMNS)}",
                )  # fmt: skip
            text = "" if there else _head(says)
            # Somebody's editor may have left out the end of the last line.
            text += "\n" if there and not there.endswith(b"\n") else ""
            file.write((text + _as_rows(new, columns)).encode())
            file.flush()
            os.fsync(file.fileno())


def write(judgements: Sequence[Judgement], folder: Path) -> None:
    """Write judgements as three files, each with its head, sorted: what holds, without what was withdrawn."""
    for says in SAYS:
        rows = sorted((one for one in judgements if one.says == says), key=lambda one: (*one.pair, one.id))
        text = _head(says).replace(_APPENDED, "Those that hold: what was withdrawn is left out.")
        (folder / file_name(says)).write_text(text + _as_rows(rows, COLUMNS), encoding="utf-8")


def _head(says: Says) -> str:
    columns = [{"slot_name": "ext_evidence", "property": "dct:references", "type_hint": "xsd:string"},
               {"slot_name": "ext_withdraws", "property": "dct:replaces", "type_hint": "xsd:string"}]  # fmt: skip
    prefixes = PREFIXES | {"dct": "http://purl.org/dc/terms/", "xsd": "http://www.w3.org/2001/XMLSchema#"}
    head = {
        "sssom_version": "1.1",
        "mapping_set_id": f"{PREFIXES['judgement']}{says}",
        "mapping_set_title": _TITLES[says],
        "license": LICENSE,
        "comment": _APPENDED,
        "curie_map": prefixes,
        "extension_definitions": columns,
    }
    text = yaml.safe_dump(head, sort_keys=False, width=1000)
    return "".join(f"#{line}\n" for line in text.splitlines()) + "\t".join(COLUMNS) + "\n"


def _as_rows(judgements: Iterable[Judgement], columns: Sequence[str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter="\t", lineterminator="\n", restval="")
    for one in judgements:
        writer.writerow({
            "record_id": one.id, "subject_id": one.subject, "object_id": one.object,
            "subject_label": _line(one.subject_label), "object_label": _line(one.object_label),
            "predicate_id": PREDICATES[one.says][0], "predicate_modifier": "Not" if one.says == "different" else "",
            "mapping_justification": one.justification, "author_id": one.author, "mapping_date": one.day.isoformat(),
            "confidence": "" if one.confidence is None else f"{one.confidence:g}", "comment": _line(one.comment),
            "ext_evidence": _line(one.evidence), "ext_withdraws": "|".join(one.withdraws),
        })  # fmt: skip
    return out.getvalue()


def _line(text: str) -> str:
    return " ".join(text.split())


def _columns_of(there: bytes) -> list[str]:
    lines = there.decode("utf-8", "replace").splitlines()
    return next((line.split("\t") for line in lines if not line.startswith("#")), [])


def _rows(path: Path, says: Says | None, issues: list[Issue]) -> Iterator[tuple[int, Judgement]]:
    """Lines of a file with what each says; what cannot be read becomes an issue."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as problem:
        issues.append(_wrong(path, None, path.name, f"illisible : {problem}", f"unreadable: {problem}"))
        return
    lines = text.split("\n")
    size = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    prefixes = _prefixes(path, "\n".join(line[1:] for line in lines[:size]), issues)
    columns = lines[size].rstrip("\r").split("\t") if size < len(lines) else []
    if missing := [name for name in _REQUIRED if name not in columns]:
        if any(line.strip() for line in lines[size:]):
            names = ", ".join(missing)
            issues.append(_wrong(path, size + 1, names, f"colonnes absentes : {names}", f"no columns {names}"))
        return
    for number, line in enumerate(lines[size + 1 :], size + 2):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            yield number, _judgement(_cells(line.rstrip("\r"), columns), says, prefixes)
        except _Malformed as problem:
            issues.append(_wrong(path, number, problem.value, problem.fr, problem.en))


class _Malformed(Exception):  # noqa: N818 – it becomes an issue, no error
    def __init__(self, value: str, fr: str, en: str) -> None:
        super().__init__(en)
        self.value, self.fr, self.en = value, fr, en


def _wrong(path: Path, number: int | None, value: str, fr: str, en: str) -> Issue:
    detail = {"why": fr, "why_en": en}
    return Issue("judgements", "link", "judgement-malformed", path.name, number, value=value[:200], detail=detail)


def _prefixes(path: Path, head: str, issues: list[Issue]) -> dict[str, str]:
    """Prefix → what it stands for: those of the file, and those that are always known."""
    try:
        found = yaml.safe_load(head) if head.strip() else {}
        prefixes = found.get("curie_map") or {}
        return PREFIXES | {str(name): str(start) for name, start in prefixes.items()}
    except (yaml.YAMLError, AttributeError, ValueError):
        issues.append(_wrong(path, 1, "#", "en-tête illisible : les préfixes usuels valent",
                             "unreadable head: the usual prefixes hold"))  # fmt: skip
        return dict(PREFIXES)


def _cells(line: str, columns: Sequence[str]) -> dict[str, str]:
    try:
        cells = next(csv.reader([line], delimiter="\t", strict=True))
    except csv.Error as problem:
        raise _Malformed(line, "guillemets qui ne se ferment pas", "quotes that do not close") from problem
    if len(cells) != len(columns):
        fr = f"{len(cells)} cellules pour {len(columns)} colonnes"
        raise _Malformed(line, fr, f"{len(cells)} cells for {len(columns)} columns")
    row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    for name in _REQUIRED:
        if not row[name]:
            raise _Malformed(line, f"{name} est vide", f"{name} is empty")
    return row


def _judgement(row: Mapping[str, str], of_file: Says | None, prefixes: Mapping[str, str]) -> Judgement:
    """What a row says, with the names that the project has for it."""
    cells = {name: _short(row[name], prefixes) for name in _REQUIRED[:-1]}
    subject, object_ = cells["subject_id"], cells["object_id"]
    for name in (subject, object_):
        if name.partition(":")[0] not in TABLES:
            raise _Malformed(name, "ni initiative ni organisation", "neither initiative nor organization")
    if subject.partition(":")[0] != object_.partition(":")[0]:
        raise _Malformed(f"{subject} {object_}", "une initiative n'est jamais ce qui la porte",
                         "an initiative is never what carries it")  # fmt: skip
    if subject == object_:
        raise _Malformed(subject, "deux fois la même fiche", "the same record twice")
    modifier = row.get("predicate_modifier", "")
    says = of_file or (
        "different" if modifier else "unsure" if cells["predicate_id"] in PREDICATES["unsure"] else "same"
    )
    if cells["predicate_id"] not in PREDICATES[says] or modifier != ("Not" if says == "different" else ""):
        said = f"{modifier} {cells['predicate_id']}".strip()
        raise _Malformed(said, "ce que ce fichier ne dit pas", "not what this file says")
    if not cells["author_id"].startswith(("reviewer:", "orcid:")):
        raise _Malformed(cells["author_id"], "ni pseudonyme ni ORCID", "neither a pseudonym nor an ORCID iD")
    withdraws = [name.strip() for name in row.get("ext_withdraws", "").split("|") if name.strip()]
    return Judgement(
        says, subject, object_, cells["author_id"], _day(row["mapping_date"]), row.get("comment", ""),
        row.get("ext_evidence", ""), _confidence(row.get("confidence", "")),
        tuple(_short(name, prefixes) for name in withdraws), cells["mapping_justification"],
        row.get("subject_label", ""), row.get("object_label", ""),
        _short(row["record_id"], prefixes) if row.get("record_id") else "",
    ).named()  # fmt: skip


def _short(name: str, prefixes: Mapping[str, str]) -> str:
    """A name or an IRI by the project's own prefixes."""
    prefix, colon, rest = name.partition(":")
    whole = prefixes[prefix] + rest if colon and prefix in prefixes else name
    longest = max((one for one in PREFIXES if whole.startswith(PREFIXES[one])), key=lambda one: len(PREFIXES[one]),
                  default=None)  # fmt: skip
    key = whole[len(PREFIXES[longest]) :] if longest else ""
    if longest is None or not key or any(sign in key for sign in ' <>"{}|\\^`') or not key.isprintable():
        raise _Malformed(name, "nom inconnu", "unknown name")
    return f"{longest}:{key}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise _Malformed(text, "pas une date (AAAA-MM-JJ)", "no date (YYYY-MM-DD)") from problem


def _confidence(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise _Malformed(text, "pas entre 0 et 1", "not between 0 and 1")
    return value
