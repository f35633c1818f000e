"""The text of a new source card, with a comment in French and English on whatever a person has to look at."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from clirld.card.model import FREQUENCIES
from clirld.connect.datagouv import FREQUENCIES as FREQUENCIES_THERE
from clirld.connect.datagouv import Dataset, Resource
from clirld.draft.card_lines import TO_CHECK, TO_FILL, commented, on_one_line, prefilled, scalar, to_fill
from clirld.draft.concepts import MAX_LOOKUP_VALUES
from clirld.draft.propose import CardProposal, ColumnProposal
from clirld.draft.sniff import UNNAMED_PREFIX, SniffResult
from clirld.values import personal_data
from clirld.values.persons import names as person_names
from clirld.values.persons import streets
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary

_FREE_TEXT_TARGETS = {"name", "alternative_name", "organization.name", "description", "street", "private_address"}
"""Where people may be named: values of these are never copied into a card, which is published."""

_MAX_EXAMPLE_LENGTH = 30
_MAX_DESCRIPTION_LENGTH = 400
_MAX_CONCEPTS = 40


@dataclass(frozen=True, slots=True)
class FileMetadata:
    """What is known of a file besides its bytes: where it was found, and what data.gouv.fr says of it."""

    location: str
    dataset: Dataset | None = None
    resource: Resource | None = None


def card_yaml(
    id_: str,
    metadata: FileMetadata,
    sniffed: SniffResult,
    unnamed_proposal: CardProposal,
    tables: Tables,
    vocabulary: Vocabulary,
) -> str:
    """Text of `source.yaml`."""
    proposal = _with_position_names(unnamed_proposal)
    lines = [
        *_head(id_, metadata.dataset, vocabulary),
        *_distribution(metadata, sniffed, [one.column.name for one in proposal.columns]),
        *_records(sniffed, proposal, tables, vocabulary),
        *_retention(proposal),
        *_lookups(proposal, tables, vocabulary),
        *_assertions(sniffed),
    ]
    return "\n".join(lines) + "\n"


def _head(id_: str, dataset: Dataset | None, vocabulary: Vocabulary) -> list[str]:
    licences = [f"#   {iri}  {licence.titles['fr']}" for iri, licence in vocabulary.licences.items()]
    described = dataset or Dataset("", "", "", "", None, None, "", "", ())
    licence_iri = next(
        (one.iri for one in vocabulary.licences.values() if one.datagouv and one.datagouv == described.license), ""
    )
    portal_code = f" ; data.gouv.fr : {described.license or 'notspecified'}" if dataset else ""
    frequency = FREQUENCIES_THERE.get(described.frequency or "", "")
    portal_frequency = f" ; data.gouv.fr : {described.frequency}" if described.frequency and not frequency else ""
    return [
        "# yaml-language-server: $schema=../../source.schema.json",
        "# Squelette écrit par « clirld source new » : rien n'y est sûr, tout est à relire.",
        "# Skeleton written by “clirld source new”: nothing in it is certain, all of it has to be read.",
        f"# {TO_FILL} : la fiche ne se charge pas avant / the card does not load before.",
        f"# {TO_CHECK} : proposé d'après le nom ou le contenu / proposed from name or content.",
        f"# Ensuite / then: clirld check {id_}",
        f"# sample : lignes du vrai fichier, ou inventées ? {TO_CHECK}: rows of the real file, or invented ones?",
        f"id: {id_}",
        "title:",
        prefilled("  fr:", described.title, "titre en français"),
        to_fill("  en:", "title in English"),
        "description:",
        prefilled("  fr:", _shortened(described.description), "ce que le fichier contient, une ou deux phrases"),
        to_fill("  en:", "what the file holds, one or two sentences"),
        "publisher:",
        prefilled("  name:", described.publisher, "qui publie / who publishes"),
        prefilled("  url:", described.publisher_page, "son site / its website, https://…"),
        prefilled(
            "landing_page:", described.page, "la page qui présente le fichier / the page about the file, https://…"
        ),
        "# Licences admises / allowed licences:",
        *licences,
        prefilled("license:", licence_iri, f"une de ces adresses / one of these addresses{portal_code}"),
        commented("status: unconfirmed", "active : colonnes et licence relues / columns and licence confirmed"),
        "language: fr",
        prefilled("frequency:", frequency, f"mise à jour / updated: {', '.join(FREQUENCIES)}{portal_frequency}"),
        "# Pour être trouvée, si c'est vrai / to be found by, where it is true:",
        "# keywords: {fr: [tiers-lieux], en: [third places]}, themes: [SOCI], spatial: [FRA]",
    ]


_WAYS = {"page": "page", "p": "page", "pagenumber": "page", "offset": "offset", "skip": "offset", "debut": "offset"}
_WAYS |= {"cursor": "cursor", "curseur": "cursor"}
_SIZE_PARAMETERS = ("perpage", "parpage", "pagesize", "limit", "limite", "size", "rows", "nombre")
"""Names of parameters that say which page is wanted, and how many records a page; without signs."""


def _paged(url: str, sniffed: SniffResult) -> list[str]:
    """How the pages follow each other, as far as the address shows it."""
    total = sniffed.stated_total
    assert total is not None
    comment = f"la réponse dit {total.records} fiches et en a {sniffed.rows} : une page d'une API / a page of an API"
    lines = [commented("    paged:", comment)]
    parameters = {name.lower().replace("_", ""): (name, value) for name, value in parse_qsl(urlsplit(url).query)}
    way = next(((by, parameters[name][0]) for name, by in _WAYS.items() if name in parameters), None)
    if way and way[0] != "cursor":
        lines += [commented(f"      by: {way[0]}", TO_CHECK), f"      parameter: {scalar(way[1])}"]
    else:
        lines.append(to_fill("      by:", "page, offset, cursor, next (docs/add-a-source.md)"))
    size = next(
        (parameters[name] for name in _SIZE_PARAMETERS if name in parameters and parameters[name][1].isdecimal()), None
    )
    if size:
        lines += [f"      size: {size[1]}", f"      size_parameter: {scalar(size[0])}"]
    return [*lines, f"      total: {scalar(total.path)}"]


def _shortened(text: str) -> str:
    """The first sentences of a text, without addresses of persons."""
    words = personal_data.without_personal_data(text).split()
    cut = " ".join(words)[:_MAX_DESCRIPTION_LENGTH]
    return cut if len(" ".join(words)) <= _MAX_DESCRIPTION_LENGTH else f"{cut.rpartition(' ')[0]} …"


def _distribution(metadata: FileMetadata, sniffed: SniffResult, names: list[str]) -> list[str]:
    layout = sniffed.layout
    lines = ["distributions:", "  default:"]
    if metadata.resource and metadata.dataset:
        lines.append(commented(f"    datagouv: {metadata.resource.id}", metadata.resource.title))
        lines.append(
            commented(f"    dataset: {metadata.dataset.id}", "sa licence est relue / its licence is looked at")
        )
    elif metadata.location.startswith(("https://", "http://")):
        lines.append(f"    url: {scalar(metadata.location)}")
    else:
        file = _told(Path(metadata.location).name)
        inbox = (
            "    # Sans adresse publique : inbox: true à la place de url ; le fichier entier va dans CLIRLD_INBOX, ou",
            "    # dans un miroir (--mirror), jamais dans ce dossier, qui est publié.",
            "    # Without a public address: inbox: true in place of url; the whole file goes to CLIRLD_INBOX, or to a",
            "    # mirror (--mirror), never to this folder, which is published.",
        )
        lines += [*inbox, to_fill("    url:", f"adresse publique de / public address of {file}, https://…")]
    if sniffed.stated_total:
        lines += _paged(metadata.location, sniffed)
    lines += [f"    # {TO_CHECK} : {_told(note.fr)} / {_told(note.en)}" for note in sniffed.notes]
    lines.append(f"    format: {layout.format}")
    if layout.member:
        where = f"dans l'archive ZIP / in the ZIP archive: {TO_CHECK}"
        lines.append(commented(f"    member: {scalar(layout.member)}", where))
    if layout.format == "csv":
        is_certain = layout.encoding.startswith("utf-8")
        guess = "" if is_certain else f"{TO_CHECK}: é, è, ê, ç dans les noms / in the names"
        lines.append(commented(f"    encoding: {layout.encoding}", guess))
        lines.append(f"    delimiter: {json.dumps(layout.delimiter)}")
    if layout.escape:
        lines.append(commented(f"    escape: {json.dumps(layout.escape)}", f'\\" : {TO_CHECK}'))
    if layout.sheet:
        lines.append(commented(f"    sheet: {scalar(layout.sheet)}", TO_CHECK))
    if layout.header > 1:
        lines.append(commented(f"    header: {layout.header}", f"ligne des titres / row of the header: {TO_CHECK}"))
    if layout.until:
        lines.append(commented(f"    until: {layout.until}", f"le tableau finit là / the table ends there: {TO_CHECK}"))
    if layout.columns:
        shown = ", ".join(map(scalar, layout.columns))
        no_header = f"pas de titres dans le fichier / no header in it: {TO_CHECK}"
        lines.append(commented(f"    columns: [{shown}]", no_header))
    if layout.format == "json":
        lines.append(f"    items: {scalar(layout.items)}")
    if layout.fields:
        fields = ", ".join(scalar(name) for name in names)
        lines.append(commented(f"    fields: [{fields}]", f"noms des positions / names of positions: {TO_CHECK}"))
    if layout.escaped_twice:
        lines.append("    escaped_twice: true")
    if layout.syntax:
        lines.append(f"    syntax: {layout.syntax}")
    if layout.prefixes:
        lines += ["    prefixes:", *(f"      {scalar(name)}: {scalar(iri)}" for name, iri in layout.prefixes.items())]
    return lines


def _with_position_names(proposal: CardProposal) -> CardProposal:
    """Positions of arrays get the name of what they are proposed for."""
    columns = []
    for one in proposal.columns:
        if one.column.name.startswith(UNNAMED_PREFIX) and one.to:
            name = "id" if one.to[0] == "record.identifier" else one.to[0]
            one = replace(one, column=replace(one.column, name=name))
        columns.append(one)
    return replace(proposal, columns=tuple(columns))


# records ----------------------------------------------------------------------------------------


def _records(sniffed: SniffResult, proposal: CardProposal, tables: Tables, vocabulary: Vocabulary) -> list[str]:
    lines = ["records:", "  - from: default"]
    others = ", ".join(name for name in tables if name not in ("record", "ended", proposal.table))
    lines += [commented(f"    table: {proposal.table}", f"{TO_CHECK} ; sinon / else: {others}"), "    columns:"]
    if not proposal.of("record.identifier"):
        lines.append(
            f"      # {TO_FILL} : donner record.identifier à la ou aux colonnes qui identifient une ligne"
            " / give it to the column or columns that identify a row (docs/add-a-source.md)"
        )
    constants: list[str] = []
    for name, column in tables[proposal.table].columns.items():
        if not column.required or proposal.of(name):
            continue
        if column.type == "concept":
            slugs = _slugs(vocabulary, column.scheme)
            constants.append(to_fill(f"      {name}:", f"pour toutes les lignes / for all rows: {slugs}"))
        else:
            lines.append(f"      # {TO_FILL} : une colonne doit aller à / one column must go to {name}")
    if any(to.startswith("organization.") for one in proposal.columns for to in one.to) and not (
        proposal.table == "organization" or proposal.of("organization.name")
    ):
        lines.append(
            f"      # {TO_CHECK} : aucune colonne ne nomme le porteur (organization.name) : sans nom il n'est pas créé"
            " / no column names the carrier: without a name it is not made"
        )
    lines += _columns(proposal.columns, nested=sniffed.layout.format in ("json", "jsonl", "geojson"))
    if any(to.startswith("organization.") for one in proposal.columns for to in one.to):
        roles = _slugs(vocabulary, "participation-role")
        constants.append(commented("      participation.role: carrier", f"{TO_CHECK}: {roles}"))
    return lines + (["    constants:", *constants] if constants else [])


def _columns(proposals: Iterable[ColumnProposal], nested: bool) -> list[str]:
    """A line for each column; in nested JSON, one line for an object of which nothing is proposed."""
    groups: dict[str, list[ColumnProposal]] = {}
    for one in proposals:
        groups.setdefault(one.column.name.partition(".")[0] if nested else one.column.name, []).append(one)
    lines = []
    for parent, members in groups.items():
        if len(members) > 1 and not any(one.to for one in members):
            personal = "personnel / personal; " if any(one.personal for one in members) else ""
            fields = ", ".join(one.column.name.removeprefix(f"{parent}.") for one in members)
            lines.append(commented(f"      {scalar(parent)}: ~", f"{personal}{TO_CHECK}: {fields}"))
        else:
            lines += [commented(f"      {scalar(one.column.name)}: {_target(one)}", _comment(one)) for one in members]
    return lines


def _target(one: ColumnProposal) -> str:
    options = {"lookup": one.lookup, "split": one.split, "level": one.level, "by": one.by, "join": one.join}
    option_text = "".join(f", {name}: {scalar(value)}" for name, value in options.items() if value)
    has_siret = any(to.endswith("siret") for to in one.to)
    targets = []
    for to in one.to:
        text = ", first: 9" if has_siret and to.endswith("siren") else option_text
        targets.append(to if to == "record.identifier" or not text else f"{{to: {to}{text}}}")
    if len(targets) > 1:
        return f"[{', '.join(targets)}]"
    return targets[0] if targets else "~"


def _comment(one: ColumnProposal) -> str:
    """Why, how full, and two values; never values of what is personal, nor of free text that may be."""
    reason = " / ".join(filter(None, (one.why_fr, one.why_en)))
    parts = [reason] if reason else []
    if one.column.filled:
        parts.append(f"{one.column.fill_rate:.0%}")
    distinct = len(one.column.counts)
    is_category = distinct <= MAX_LOOKUP_VALUES and 2 * distinct <= one.column.filled
    if not one.personal and (is_category or (one.to and not _FREE_TEXT_TARGETS & set(one.to))):
        values = [value for value in one.column.counts if _is_public(value)]
        shown = [f"« {_excerpt(value)} »" for value in values[:2]]
        parts += [", ".join(shown)] if shown else []
    return " · ".join(parts)


def _is_public(value: str) -> bool:
    return not streets.find(value) and not person_names.may_be_somebody(value)


def _told(text: str) -> str:
    """What is said of a file on one line, without persons: sheets and files may be named after one."""
    return streets.masked_text(on_one_line(text))


def _excerpt(value: str) -> str:
    line = on_one_line(value)
    return line if len(line) <= _MAX_EXAMPLE_LENGTH else f"{line[: _MAX_EXAMPLE_LENGTH - 1]}…"


# lookups and assertions -------------------------------------------------------------------------


def _lookups(proposal: CardProposal, tables: Tables, vocabulary: Vocabulary) -> list[str]:
    lines = ["lookups:"] if proposal.lookups else []
    for name, values in proposal.lookups.items():
        table = proposal.table if name in tables[proposal.table].columns else "organization"
        slugs = _slugs(vocabulary, tables[table].columns[name].scheme)
        lines += [f"  # {TO_CHECK} ; ~ : ne donne rien / gives nothing; {slugs}", f"  {name}:"]
        if tables[table].columns[name].required:
            lines.append(
                f"  # une ligne sans {name} est écartée / a row without it is dropped; ~: constants: {{{name}: …}}"
            )
        public = {value: slug for value, slug in values.items() if _is_public(value)}
        lines += [f"    {scalar(value)}: {slug or '~'}" for value, slug in public.items()]
        if len(public) < len(values):
            lines.append(
                "    # des valeurs qui nomment quelqu'un n'y sont pas / values that name somebody are not here"
            )
    return lines


def _retention(proposal: CardProposal) -> list[str]:
    """No raw file is kept of a source that has columns about persons."""
    if not any(one.personal or one.some_persons for one in proposal.columns):
        return []
    why = "colonnes personnelles : aucun fichier brut gardé / personal columns: no raw file is kept"
    return [commented("retention: 0", why)]


def _assertions(sniffed: SniffResult) -> list[str]:
    if not sniffed.complete:
        return [
            f"# assertions: lu seulement les {sniffed.rows} premières lignes ; donner le nombre de lignes attendu",
            f"#   read only the first {sniffed.rows} rows; give the number of rows expected",
            "#   rows: {default: [from, to]}",
        ]
    total = sniffed.stated_total.records if sniffed.stated_total else sniffed.rows_read
    outside = f" (hors du tableau / outside the table: {sniffed.rows_outside})" if sniffed.rows_outside else ""
    # Ten percent less and more, rounded outwards.
    low, high = total * 9 // 10, -(-total * 11 // 10)
    rows = f"  rows: {{default: [{low}, {high}]}}"
    return ["assertions:", commented(rows, f"lignes lues / rows read: {total}{outside}; {TO_CHECK}")]


def _slugs(vocabulary: Vocabulary, scheme: str | None) -> str:
    concepts = vocabulary.concepts.get(scheme or "", {})
    slugs = [slug for slug, concept in concepts.items() if concept.replaced_by is None]
    return ", ".join(slugs[:_MAX_CONCEPTS]) + (", …" if len(slugs) > _MAX_CONCEPTS else "")
