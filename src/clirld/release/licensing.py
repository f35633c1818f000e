"""What the release as a whole says of its licences: a compilation of sources, each under its own.

A statement stands in the catalogue, the manifest and the README of a release; the files are made by licence group
(`ontology/licences.yaml`), and what may not be published is left out, and told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from clirld.harvest import rights
from clirld.harvest.outcome import Harvest
from clirld.harvest.rights import Refusal
from clirld.project import Project
from clirld.release import code_lists
from clirld.release.catalog import WHOLE, SourceEntry
from clirld.release.statements import iri, statements
from clirld.settings import BASE
from clirld.vocabulary.terms import Licence, LicenceGroup

STATEMENT = {
    "fr": (
        "Cette version est une compilation : chaque source y garde la licence de son producteur, que nomment le "
        "catalogue, le manifeste et chaque ligne des tables. Les fichiers sont faits par groupe de licences ; aucun ne "
        "mêle une licence de partage à l'identique aux autres. L'ontologie, les schémas, le catalogue et la "
        "compilation elle-même sont sous CC BY 4.0. Qui réutilise un fichier cite les sources qu'il contient."
    ),
    "en": (
        "This release is a compilation: each source keeps the licence of its publisher, which the catalogue, the "
        "manifest and each row of the tables name. Files are made by licence group; none mixes a share-alike licence "
        "with others. The ontology, the schemes, the catalogue and the compilation itself are under CC BY 4.0. Who "
        "reuses a file cites the sources in it."
    ),
}

_REASONS: dict[Refusal, dict[str, str]] = {
    "not-accepted": {
        "fr": "« {title} » ({id}) n'est pas publiée ({license}) : personne n'a encore vérifié, et dit, que ce projet a "
        "le droit de la publier",
        "en": "“{title}” ({id}) is not published ({license}): nobody has yet checked, and said, that this project may "
        "publish it",
    },
    "to-erase": {
        "fr": "« {title} » ({id}) n'est pas publiée pour l'instant : elle a des fiches à effacer, et sa dernière "
        "moisson a échoué ; elle revient dès qu'une moisson aboutit",
        "en": "“{title}” ({id}) is not published for now: it has records to be erased, and its last harvest failed; it "
        "comes back once a harvest succeeds",
    },
    "never": {
        "fr": "« {title} » ({id}) n'est pas publiée ({license}) : une licence qui n'est pas ouverte n'est dans aucun "
        "fichier public",
        "en": "“{title}” ({id}) is not published ({license}): a licence that is not open is in no public file",
    },
}
HOW_TO_ACCEPT = "clirld accept {id} --rights --by … --because …"
"""What the command line says to who runs the project, and no page."""


def licence_of(project: Project, source: str) -> Licence:
    """The licence of a source's card."""
    return project.vocabulary.licences[project.sources[source].card.license]


def left_out(
    project: Project, harvests: Mapping[str, Harvest], to_erase: Collection[str] = ()
) -> dict[str, dict[str, Any]]:
    """The sources that are not published, by id, each with its licence and why, in words.

    `to_erase` are those that still have what is to be erased (`clirld.release.unavailable.pending`).
    """
    refusals: dict[str, Refusal] = dict.fromkeys(to_erase, "to-erase")
    refusals |= {name: reason for name, one in harvests.items() if (reason := rights.refusal(project, one))}
    return {
        name: {
            "id": name,
            "title": project.sources[name].card.title.model_dump(),
            "license": {"iri": (licence := licence_of(project, name)).iri, "title": dict(licence.titles)},
            "reason": reason,
            "message": message(name, project.sources[name].card.title.model_dump(), licence.titles, reason),
        }
        for name, reason in refusals.items()
    }


def message(source: str, title: Mapping[str, str], licence: Mapping[str, str], reason: Refusal) -> dict[str, str]:
    """Why a source is not published, in French and English, for whoever reads it."""
    return {
        language: text.format(id=source, title=title.get(language) or source, license=licence.get(language, ""))
        for language, text in _REASONS[reason].items()
    }


def told(entry: Mapping[str, Any]) -> dict[str, str]:
    """The message of an entry of a manifest, in the words of today where its reason is known."""
    reason, licence = entry.get("reason"), entry.get("license") or {}
    if reason not in _REASONS:
        return dict(entry.get("message") or {})
    return message(str(entry.get("id", "")), entry.get("title") or {}, licence.get("title") or {}, reason)


def by_group(project: Project, entries: Sequence[SourceEntry]) -> dict[str, list[SourceEntry]]:
    """The entries of each licence group that has any, in the order of licences.yaml; the open one is always there."""
    groups: dict[str, list[SourceEntry]] = {name: [] for name in groups_of(project)}
    for entry in entries:
        groups[licence_of(project, entry.source.id).group.id].append(entry)
    return {group: members for group, members in groups.items() if members or group == OPEN}


OPEN = "open"
"""The group whose files have what the project itself says."""


def groups_of(project: Project) -> dict[str, LicenceGroup]:
    """The licence groups that there are, by id, in the order of licences.yaml."""
    return {licence.group.id: licence.group for licence in project.vocabulary.licences.values()}


def in_manifest(project: Project, entries: Sequence[SourceEntry]) -> dict[str, Any]:
    """The statement, and of each licence group what it is called and which sources and licences it has."""
    groups = groups_of(project)
    return {
        "statement": STATEMENT,
        "groups": [
            {
                "id": name,
                "title": dict(groups[name].titles),
                "share_alike": groups[name].share_alike,
                "sources": [entry.source.id for entry in members],
                "licenses": sorted({entry.source.card.license for entry in members}),
                "dump": f"dump/clirld-{name}.nq.gz",
                "tables": f"tables/{name}/",
            }
            for name, members in by_group(project, entries).items()
        ],
    }


COMPILATION = "https://creativecommons.org/licenses/by/4.0/"
"""Licence of what the project itself says, and of the compilation as such."""


def group_licence(group: str, licences: Iterable[str]) -> str | None:
    """The licence of a group's files: that of all its sources, or of the compilation where all are open; or none."""
    different = set(licences)
    if group == OPEN:
        return COMPILATION
    return different.pop() if len(different) == 1 else None


def in_catalogue(project: Project, entries: Sequence[SourceEntry]) -> Iterator[Quad]:
    """The statement as rights of the whole dataset, which has no licence of its own; and the licences named."""
    node = RIGHTS
    yield from statements(WHOLE, "dct:rights", node)
    yield from statements(node, "a", iri("dct:RightsStatement"))
    yield from statements(node, "dct:description", *(Literal(text, language=name) for name, text in STATEMENT.items()))
    for name in sorted({COMPILATION, *(entry.source.card.license for entry in entries)}):
        one = project.vocabulary.licences[name]
        yield from code_lists.licence_document(NamedNode(name), one.titles, one.type, one.eu, one.spdx)


RIGHTS = NamedNode(f"{BASE}id/rights/clirld")
"""The statement, as a thing of the catalogue."""


def readme(manifest: Mapping[str, Any]) -> str:
    """README.md of a release, French and English: its licences, its files, how to cite, what is left out.

    It names the version and not the release, whose name has the time: the same content gives the same bytes.
    """
    lines = [f"# clirld {manifest['version']}", ""]
    for language, words in _WORDS.items():
        lines += [f"## {words['title']}", "", STATEMENT[language], ""]
        lines += [f"| {words['group']} | {words['sources']} | {words['files']} |", "|---|---|---|"]
        for group in manifest["rights"]["groups"]:
            files = f"`{group['dump']}`, `{group['tables']}`"
            lines.append(f"| {group['title'][language]} | {', '.join(group['sources']) or '–'} | {files} |")
        lines += ["", f"| {words['source']} | {words['licence']} |", "|---|---|"]
        for source in manifest["sources"]:
            licence, word = source["license"], source["license"]["accepted"]
            said = f" ({words['accepted'].format(**word)})" if word else ""
            said += f" – {words['sample']}" if source["sample"] else ""
            lines.append(f"| {source['title'][language]} (`{source['id']}`) | <{licence['iri']}>{said} |")
        lines += ["", *(f"- {one['message'][language]}" for one in manifest["left_out"])]
        lines += ["", words["cite"].format(**manifest), ""]
    return "\n".join(lines)


_WORDS = {
    "fr": {
        "title": "Licences",
        "group": "groupe",
        "sources": "sources",
        "files": "tout, en un fichier ; tables",
        "source": "source",
        "licence": "licence",
        "sample": "données inventées",
        "accepted": "publiée sur la parole de {by}, {when} : {because}",
        "cite": "Citer : clirld, version {version}, et les sources employées, avec leur licence. Ce numéro dit de quoi "
        "la version est faite ; un site et `manifest.json` (`id`) la nomment par le moment où elle fut faite et le "
        "début de ce numéro : …-{version:.8}. C'est ce nom que l'on cite là où on le connaît, sinon le numéro.",
    },
    "en": {
        "title": "Licences (English)",
        "group": "group",
        "sources": "sources",
        "files": "all in one file; tables",
        "source": "source",
        "licence": "licence",
        "sample": "invented data",
        "accepted": "published on the word of {by}, {when}: {because}",
        "cite": "Cite: clirld, version {version}, and the sources used, with their licence. This number says what the "
        "version is made of; a site and `manifest.json` (`id`) name it by when it was made and the beginning of this "
        "number: …-{version:.8}. That name is the one to cite where it is known, else the number.",
    },
}
