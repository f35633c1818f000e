"""The text of a new source card, with a comment in French and English on whatever a person has to look at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from clirld.card.model import FREQUENCIES
from clirld.connect.datagouv import FREQUENCIES as FREQUENCIES_THERE
from clirld.connect.datagouv import Dataset, Resource
from clirld.draft.evidence import personal_value
from clirld.draft.propose import LOOKUP_SIZE, Proposal, Proposed
from clirld.draft.sniff import UNNAMED, Sniffed
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary

MARK = "À COMPLÉTER / TO FILL"
CHECK = "À VÉRIFIER / TO CHECK"

_PLAIN = re.compile(r"@?[^\W\d_][\w.-]*( [\w.-]+)*")
_WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_COMMENT_AT = 46
_FREE = {"name", "alternative_name", "organization.name", "description", "street"}
"""Where people may be named: values of these are never copied into a card, which is published."""

_SHOWN = 30
_DESCRIPTION = 400
_CONCEPTS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file besides its bytes: where it was found, and what data.gouv.fr says of it."""

    place: str
    dataset: Dataset | None = None
    resource: Resource | None = None


def card(id_: str, known: Known, sniffed: Sniffed, proposed: Proposed, tables: Tables, vocabulary: Vocabulary) -> str:
    """Text of `source.yaml`."""
    named = _named(proposed)
    lines = [
        *_head(id_, known.dataset, vocabulary),
        *_distribution(known, sniffed, [one.column.name for one in named.columns]),
        *_records(sniffed, named, tables, vocabulary),
        *_lookups(named, tables, vocabulary),
        *_assertions(sniffed),
    ]
    return "\n".join(lines) + "\n"


def _head(id_: str, dataset: Dataset | None, vocabulary: Vocabulary) -> list[str]:
    licences = [f"#   {iri}  {licence.titles['fr']}" for iri, licence in vocabulary.licences.items()]
    said = dataset or Dataset("", "", "", "", None, None, "", "", ())
    own = next((one.iri for one in vocabulary.licences.values() if one.datagouv and one.datagouv == said.license), "")
    code = f" ; data.gouv.fr : {said.license or 'notspecified'}" if dataset else ""
    frequency = FREQUENCIES_THERE.get(said.frequency or "", "")
    every = f" ; data.gouv.fr : {said.frequency}" if said.frequency and not frequency else ""
    return [
        "# yaml-language-server: $schema=../../source.schema.json",
        "# Squelette écrit par « clirld source new » : rien n'y est sûr, tout est à relire.",
        "# Skeleton written by “clirld source new”: nothing in it is certain, all of it has to be read.",
        f"# {MARK} : la fiche ne se charge pas avant / the card does not load before.",
        f"# {CHECK} : proposé d'après le nom ou le contenu / proposed from name or content.",
        f"# Ensuite / then: clirld check {id_}",
        f"id: {id_}",
        "title:",
        _given("  fr:", said.title, "titre en français"),
        _marked("  en:", "title in English"),
        "description:",
        _given("  fr:", _shortened(said.description), "ce que le fichier contient, une ou deux phrases"),
        _marked("  en:", "what the file holds, one or two sentences"),
        "publisher:",
        _given("  name:", said.publisher, "qui publie / who publishes"),
        _given("  url:", said.publisher_page, "son site / its website, https://…"),
        _given("landing_page:", said.page, "la page qui présente le fichier / the page about the file, https://…"),
        "# Licences admises / allowed licences:",
        *licences,
        _given("license:", own, f"une de ces adresses / one of these addresses{code}"),
        _noted("status: unconfirmed", "active : colonnes et licence relues / columns and licence confirmed"),
        "language: fr",
        _given("frequency:", frequency, f"mise à jour / updated: {', '.join(FREQUENCIES)}{every}"),
    ]


_BY = {"page": "page", "p": "page", "pagenumber": "page", "offset": "offset", "skip": "offset", "debut": "offset"}
_BY |= {"cursor": "cursor", "curseur": "cursor"}
_SIZES = ("perpage", "parpage", "pagesize", "limit", "limite", "size", "rows", "nombre")
"""Names of parameters that say which page is wanted, and how many records a page; without signs."""


def _paged(place: str, sniffed: Sniffed) -> list[str]:
    """How the pages follow each other, as far as the address shows it."""
    promise = sniffed.promised
    assert promise is not None
    said = f"la réponse dit {promise.records} fiches et en a {sniffed.rows} : une page d'une API / a page of an API"
    lines = [_noted("    paged:", said)]
    given = {name.lower().replace("_", ""): (name, value) for name, value in parse_qsl(urlsplit(place).query)}
    way = next(((by, given[name][0]) for name, by in _BY.items() if name in given), None)
    if way and way[0] != "cursor":
        lines += [_noted(f"      by: {way[0]}", CHECK), f"      parameter: {_scalar(way[1])}"]
    else:
        lines.append(_marked("      by:", "page, offset, cursor, next (docs/add-a-source.md)"))
    size = next((given[name] for name in _SIZES if name in given and given[name][1].isdecimal()), None)
    if size:
        lines += [f"      size: {size[1]}", f"      size_parameter: {_scalar(size[0])}"]
    return [*lines, f"      total: {_scalar(promise.place)}"]


def _shortened(text: str) -> str:
    """The first sentences of a text, without addresses of persons."""
    words = [word for word in text.split() if not personal_value(word.strip("().,;:<>"))]
    cut = " ".join(words)[:_DESCRIPTION]
    return cut if len(" ".join(words)) <= _DESCRIPTION else f"{cut.rpartition(' ')[0]} …"


def _distribution(known: Known, sniffed: Sniffed, names: list[str]) -> list[str]:
    layout = sniffed.layout
    lines = ["distributions:", "  default:"]
    if known.resource and known.dataset:
        lines.append(_noted(f"    datagouv: {known.resource.id}", known.resource.title))
        lines.append(_noted(f"    dataset: {known.dataset.id}", "sa licence est relue / its licence is looked at"))
    elif known.place.startswith(("https://", "http://")):
        lines.append(f"    url: {_scalar(known.place)}")
    else:
        file = Path(known.place).name
        lines.append(
            _marked("    url:", f"adresse publique de / public address of {file}, https://…; "
                    f"ou, fichier copié ici / or, file copied here: path: {file}")
        )  # fmt: skip
    if sniffed.promised:
        lines += _paged(known.place, sniffed)
    lines.append(f"    format: {layout.format}")
    if layout.member:
        lines.append(_noted(f"    member: {_scalar(layout.member)}", "dans l'archive ZIP / in the ZIP archive"))
    if layout.format == "csv":
        lines += [f"    encoding: {layout.encoding}", f"    delimiter: {json.dumps(layout.delimiter)}"]
    if layout.sheet:
        lines.append(f"    sheet: {_scalar(layout.sheet)}")
    if layout.header > 1:
        lines.append(_noted(f"    header: {layout.header}", "ligne des titres / row of the header"))
    if layout.format == "json":
        lines.append(f"    items: {_scalar(layout.items)}")
    if layout.fields:
        fields = ", ".join(_scalar(name) for name in names)
        lines.append(_noted(f"    fields: [{fields}]", f"noms des positions / names of positions: {CHECK}"))
    if layout.escaped_twice:
        lines.append("    escaped_twice: true")
    if layout.syntax:
        lines.append(f"    syntax: {layout.syntax}")
    if layout.prefixes:
        lines += ["    prefixes:", *(f"      {_scalar(name)}: {_scalar(iri)}" for name, iri in layout.prefixes.items())]
    return lines


def _named(proposed: Proposed) -> Proposed:
    """Positions of arrays get the name of what they are proposed for."""
    columns = []
    for one in proposed.columns:
        if one.column.name.startswith(UNNAMED) and one.to:
            name = "id" if one.to[0] == "record.identifier" else one.to[0]
            one = replace(one, column=replace(one.column, name=name))
        columns.append(one)
    return replace(proposed, columns=tuple(columns))


# records ----------------------------------------------------------------------------------------


def _records(sniffed: Sniffed, proposed: Proposed, tables: Tables, vocabulary: Vocabulary) -> list[str]:
    lines = ["records:", "  - from: default"]
    others = ", ".join(name for name in tables if name not in ("record", "ended", proposed.table))
    lines += [_noted(f"    table: {proposed.table}", f"{CHECK} ; sinon / else: {others}"), "    columns:"]
    if not proposed.of("record.identifier"):
        lines.append(
            f"      # {MARK} : donner record.identifier à la ou aux colonnes qui identifient une ligne"
            " / give it to the column or columns that identify a row"
        )
    constants: list[str] = []
    for name, column in tables[proposed.table].columns.items():
        if not column.required or proposed.of(name):
            continue
        if column.type == "concept":
            slugs = _slugs(vocabulary, column.scheme)
            constants.append(_marked(f"      {name}:", f"pour toutes les lignes / for all rows: {slugs}"))
        else:
            lines.append(f"      # {MARK} : une colonne doit aller à / one column must go to {name}")
    lines += _columns(proposed.columns, nested=sniffed.layout.format in ("json", "jsonl", "geojson"))
    if any(to.startswith("organization.") for one in proposed.columns for to in one.to):
        roles = _slugs(vocabulary, "participation-role")
        constants.append(_noted("      participation.role: carrier", f"{CHECK}: {roles}"))
    return lines + (["    constants:", *constants] if constants else [])


def _columns(proposals: Iterable[Proposal], nested: bool) -> list[str]:
    """A line for each column; in nested JSON, one line for an object of which nothing is proposed."""
    groups: dict[str, list[Proposal]] = {}
    for one in proposals:
        groups.setdefault(one.column.name.partition(".")[0] if nested else one.column.name, []).append(one)
    lines = []
    for parent, members in groups.items():
        if len(members) > 1 and not any(one.to for one in members):
            personal = "personnel / personal; " if any(one.personal for one in members) else ""
            fields = ", ".join(one.column.name.removeprefix(f"{parent}.") for one in members)
            lines.append(_noted(f"      {_scalar(parent)}: ~", f"{personal}{CHECK}: {fields}"))
        else:
            lines += [_noted(f"      {_scalar(one.column.name)}: {_target(one)}", _why(one)) for one in members]
    return lines


def _target(one: Proposal) -> str:
    options = {"lookup": one.lookup, "split": one.split, "level": one.level, "by": one.by}
    given = "".join(f", {name}: {_scalar(value)}" for name, value in options.items() if value)
    targets = [to if to == "record.identifier" or not given else f"{{to: {to}{given}}}" for to in one.to]
    if len(targets) > 1:
        return f"[{', '.join(targets)}]"
    return targets[0] if targets else "~"


def _why(one: Proposal) -> str:
    """Why, how full, and two values; never values of what is personal, nor of free text that may be."""
    why = " / ".join(filter(None, (one.why_fr, one.why_en)))
    parts = [why] if why else []
    if one.column.filled:
        parts.append(f"{one.column.fill:.0%}")
    kinds = len(one.column.counts)
    category = kinds <= LOOKUP_SIZE and 2 * kinds <= one.column.filled
    if not one.personal and (category or (one.to and not _FREE & set(one.to))):
        values = [value for value in one.column.counts if not personal_value(value)]
        shown = [f"« {_short(value)} »" for value in values[:2]]
        parts += [", ".join(shown)] if shown else []
    return " · ".join(parts)


def _short(value: str) -> str:
    line = "".join(sign if sign.isprintable() else " " for sign in " ".join(value.split()))
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


# lookups and assertions -------------------------------------------------------------------------


def _lookups(proposed: Proposed, tables: Tables, vocabulary: Vocabulary) -> list[str]:
    lines = ["lookups:"] if proposed.lookups else []
    for name, values in proposed.lookups.items():
        table = proposed.table if name in tables[proposed.table].columns else "organization"
        slugs = _slugs(vocabulary, tables[table].columns[name].scheme)
        lines += [f"  # {CHECK} ; ~ : ne donne rien / gives nothing; {slugs}", f"  {name}:"]
        lines += [f"    {_scalar(value)}: {slug or '~'}" for value, slug in values.items()]
    return lines


def _assertions(sniffed: Sniffed) -> list[str]:
    if not sniffed.whole:
        return [
            f"# assertions: lu seulement les {sniffed.rows} premières lignes ; donner le nombre de lignes attendu",
            f"#   read only the first {sniffed.rows} rows; give the number of rows expected",
            "#   rows: {default: [from, to]}",
        ]
    whole = sniffed.promised.records if sniffed.promised else sniffed.rows
    low, high = whole * 9 // 10, -(-whole * 11 // 10)
    rows = f"  rows: {{default: [{low}, {high}]}}"
    return ["assertions:", _noted(rows, f"{whole} aujourd'hui / today; {CHECK}")]


# YAML -------------------------------------------------------------------------------------------


def _given(line: str, value: str, words: str) -> str:
    """A line with what is known, to be checked; a marked one where nothing is."""
    return _noted(f"{line} {_scalar(value)}", CHECK) if value else _marked(line, words)


def _marked(line: str, words: str) -> str:
    return _noted(line, f"{MARK} : {words}")


def _noted(line: str, note: str) -> str:
    return f"{line:{_COMMENT_AT}} # {note}" if note else line


def _scalar(text: str) -> str:
    """A text as YAML: as it is where that is plain, in double quotes otherwise (JSON's are YAML's)."""
    if _PLAIN.fullmatch(text) and not text.startswith("@") and text.lower() not in _WORDS_OF_YAML:
        return text
    if re.fullmatch(r"https?://[\w./~%?=&+-]+", text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _slugs(vocabulary: Vocabulary, scheme: str | None) -> str:
    slugs = list(vocabulary.concepts.get(scheme or "", {}))
    return ", ".join(slugs[:_CONCEPTS_SHOWN]) + (", …" if len(slugs) > _CONCEPTS_SHOWN else "")
