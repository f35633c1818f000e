"""What the command line shows: tables for people, in French or English, and the same as JSON for programs.

What is told of issues is loaded with them: to list releases takes none of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clirld.french import plural

if TYPE_CHECKING:
    from clirld.guards.unpublished import Share
    from clirld.harvest.issue_groups import IssueGroup
    from clirld.harvest.outcome import Harvest
    from clirld.issues import Issue, Language
    from clirld.records.reasons import Bilingual

LABELS = {
    "fr": {
        "source": "source",
        "rows_in": "lignes lues",
        "published": "publiées",
        "held": "retenues",
        "dropped": "écartées",
        "reasons": "raisons",
        "state": "état",
        "fresh": "à jour",
        "kept": "dernière bonne moisson",
        "sample": "exemple",
        "accounting": "Chaque ligne lue est publiée, retenue ou écartée",
        "issues": "Remarques",
        "severity": "gravité",
        "where": "où",
        "message": "remarque",
        "advice": "que faire",
        "count": "fois",
        "more": "et {n} autres",
        "error": "erreurs",
        "warning": "avertissements",
        "info": "corrections",
        "see": "« clirld issues » les montre toutes",
        "none": "rien à signaler",
        "total": "total",
        "release": "version",
        "quads": "quadruplets",
        "sources": "sources",
        "current": "servie",
        "no-release": "pas encore de version : « clirld run --all » en fait une",
        "new": "nouvelle version",
        "same": "rien n'a changé, la version servie reste",
        "candidates": "paires à examiner",
        "started": "en cours",
        "done": "fait",
        "skipped": "inchangé, sauté",
        "failed": "échec",
        "stage-card": "fiche",
        "stage-fetch": "collecte",
        "stage-records": "lignes",
        "stage-presence": "présence",
        "stage-map": "mise en RDF",
        "stage-validate": "validation",
        "stage-guards": "gardes",
        "slow_validation": (
            "validation par pySHACL, plusieurs fois plus lente : le moteur « shacl » ne peut être chargé ici. "
            "Les résultats sont les mêmes."
        ),
        "rights": "{source} peut être publiée sous {license} : « clirld release » la prend",
        "delete": "supprimé : {}",
        "would-delete": "serait supprimé : {}",
        "freed": "{} Mio libérés",
        "nothing-unused": "rien à supprimer",
        "absent": "sources laissées (pas dans le miroir, ou non confirmées : les nommer pour les prendre) : {}",
        "by_hand": "gardées à la main dans leur dossier, et non prises du miroir : {}",
        "missing": "absentes",
        "gone": "disparues",
        "accepted": "accepté : « clirld release », ou la prochaine version, le publie et le dit",
        "holds": "✗ effacé depuis",
        "withdrawn": "✗ retirée le {} : {}",
        "withdrawn_now": "version {} retirée : elle n'est plus donnée",
        "withdrawn_before": "la version {} était déjà retirée : rien n'y change, son motif non plus",
        "withdrawn_then": "ensuite : « clirld tidy » supprime ce qui est retiré ; ôter aussi copies et sauvegardes",
        "elsewhere": "ce qui est dans un entrepôt y reste : y publier de nouveau, « clirld publish --to ADRESSE »",
        "withdrawn_then_release": "les correctifs ou le flux de la version servie répètent ce qui est retiré : ils ne "
        "sont plus donnés. Ensuite : « clirld release » en fait une dont le flux recommence, « clirld tidy » supprime "
        "ce qui est retiré ; ôter aussi copies et sauvegardes",
        "erased": "noté : {0}",
        "unmatched": "aucune fiche n'y répond aujourd'hui",
        "noted": "noté : la prochaine moisson la publie",
        "served_holds": "la version servie contient encore ce qui est effacé",
        "sample_holds": "cet identifiant est aussi dans {} : l'en ôter, puis « clirld check … --accept »",
        "soonest": "le plus vite, par une version plus ancienne qui ne le contient pas : clirld releases --use {0}",
        "then": "pour publier sans : clirld run {0}, puis clirld tidy ; ôter aussi les copies anciennes",
        "places-of-samples": "lignes de l'exemple que vos territoires placent, mais pas ceux des exemples, dont "
        "expected.ttl est fait : {} ; leur donner des communes de pipelines/sources/territories/sample/communes.csv",
        "of-sample": "de l'exemple",
        "of-file": "du fichier",
        "would-none": "aucune ligne {of} n'est une fiche : il n'y a rien à publier",
        "would-all": "seraient publiées : toutes les lignes {of} ({expected})",
        "would-some": "seraient publiées : {published} lignes {of} sur {expected} ; pour les autres, d'abord : {why}",
        "would-next": "ensuite : clirld run {names}",
        "would-few": "c'est moins que {least} (guards.published) : si tout le fichier est ainsi, sa moisson sera "
        "retenue ; corriger d'abord la fiche, puis : clirld check {name}",
        "unpublished": "rien de nouveau n'est publié pour cette source ; ce qui l'était le reste",
    },
    "en": {
        "source": "source",
        "rows_in": "rows in",
        "published": "published",
        "held": "held",
        "dropped": "dropped",
        "reasons": "reasons",
        "state": "state",
        "fresh": "up to date",
        "kept": "last good harvest",
        "sample": "sample",
        "accounting": "Every row read is published, held or dropped",
        "issues": "Issues",
        "severity": "severity",
        "where": "where",
        "message": "issue",
        "advice": "what to do",
        "count": "times",
        "more": "and {n} more",
        "error": "errors",
        "warning": "warnings",
        "info": "corrections",
        "see": "“clirld issues” shows them all",
        "none": "nothing to report",
        "total": "total",
        "release": "release",
        "quads": "quads",
        "sources": "sources",
        "current": "served",
        "no-release": "no release yet: “clirld run --all” makes one",
        "new": "new release",
        "same": "nothing has changed, the release that is served stays",
        "candidates": "pairs to look at",
        "started": "running",
        "done": "done",
        "skipped": "unchanged, skipped",
        "failed": "failed",
        "stage-card": "card",
        "stage-fetch": "fetch",
        "stage-records": "records",
        "stage-presence": "presence",
        "stage-map": "map",
        "stage-validate": "validate",
        "stage-guards": "guards",
        "slow_validation": (
            "validating with pySHACL, which is many times slower: the engine “shacl” cannot be loaded here. "
            "The results are the same."
        ),
        "rights": "{source} may be published under {license}: “clirld release” takes it",
        "delete": "deleted: {}",
        "would-delete": "would be deleted: {}",
        "freed": "{} MiB freed",
        "nothing-unused": "nothing to delete",
        "absent": "sources left out (not in the mirror, or not confirmed: name them to take them): {}",
        "by_hand": "kept by hand in their own folder, and not taken from the mirror: {}",
        "missing": "missing",
        "gone": "gone",
        "accepted": "accepted: “clirld release”, or the next release, publishes it and says so",
        "holds": "✗ erased since",
        "withdrawn": "✗ withdrawn on {}: {}",
        "withdrawn_now": "release {} is withdrawn: it is not given any more",
        "withdrawn_before": "release {} was withdrawn already: nothing changes, nor does its reason",
        "withdrawn_then": "next: “clirld tidy” deletes what is withdrawn; delete copies and backups too",
        "elsewhere": "what was brought into a store stays there: publish there again, “clirld publish --to ADDRESS”",
        "withdrawn_then_release": "the patches or the feed of the release that is served repeat what is withdrawn: "
        "they are not given any more. Next: “clirld release” makes one whose feed begins anew, “clirld tidy” deletes "
        "what is withdrawn; delete copies and backups too",
        "erased": "noted: {0}",
        "unmatched": "no record matches it today",
        "noted": "noted: the next harvest publishes it",
        "served_holds": "the release that is served still holds what is erased",
        "sample_holds": "this identifier is in {} too: take it out of there, then “clirld check … --accept”",
        "soonest": "soonest, by an older release that does not hold it: clirld releases --use {0}",
        "then": "to publish without it: clirld run {0}, then clirld tidy; delete older copies too",
        "places-of-samples": "rows of the sample that your territories place, but not those of the samples, which "
        "expected.ttl is made with: {}; give them communes of pipelines/sources/territories/sample/communes.csv",
        "of-sample": "of the sample",
        "of-file": "of the file",
        "would-none": "no row {of} is a record: there is nothing to publish",
        "would-all": "would be published: all rows {of} ({expected})",
        "would-some": "would be published: {published} of {expected} rows {of}; of the others, mainly: {why}",
        "would-next": "next: clirld run {names}",
        "would-few": "that is less than {least} (guards.published): if the whole file is like this, its harvest will "
        "be kept back; correct the card first, then: clirld check {name}",
        "unpublished": "nothing new of this source is published; what was stays",
    },
}
"""Labels of the command line, by language."""


def labels_of(language: str) -> Mapping[str, str]:
    """The labels of a language; French where it is not known."""
    return LABELS.get(language, LABELS["fr"])


def account_of(harvest: Harvest) -> dict[str, Any]:
    """The accounting of a harvest as data."""
    return {"id": harvest.source, "sample": harvest.sample, **harvest.account_summary}


def prospects(share: Share, *, sample: bool, language: str) -> str:
    """How many of the rows that were tried would be published, and the main reason why the others would not."""
    labels = labels_of(language)
    facts = {"of": labels["of-sample" if sample else "of-file"]}
    facts |= {"published": str(share.published), "expected": str(share.expected)}
    main = next((one for one in share.reasons if one.is_expected), None)
    if not share.expected:
        return labels["would-none"].format(**facts)
    if main is None:
        return labels["would-all"].format(**facts)
    return labels["would-some"].format(**facts, why=main.text(_message_language(language)))


def is_too_little(share: Share, least: float) -> bool:
    """Whether the guards would keep back a file of which no larger share would be published."""
    return not share.expected or share.published < least * share.expected


def next_step(share: Share, least: float, name: str, names: str, language: str) -> str:
    """What to do after a check: run `names`, or first correct the card of `name`; `least`: what the guards ask for."""
    percent = f"{least:.0%}" if language == "en" else f"{least * 100:.0f}\u00a0%"
    label = "would-few" if is_too_little(share, least) else "would-next"
    return labels_of(language)[label].format(least=percent, name=name, names=names)


def accounting(
    console: Console,
    accounts: Sequence[Mapping[str, Any]],
    language: str,
    shapes: Mapping[str, Bilingual] | None = None,
) -> None:
    """Show rows in = published + held + dropped, for each source and in all, and below it what the reasons mean.

    Records that are missing from their source, or gone, are counted beside it where there are any.
    """
    from clirld.records import reasons

    labels = labels_of(language)
    shown_reasons: set[str] = set()
    table = Table(title=labels["accounting"], title_justify="left")
    table.add_column(labels["source"], no_wrap=True)
    presence_columns = [name for name in ("missing", "gone") if any(account.get(name) for account in accounts)]
    columns = ["rows_in", "published", "held", "dropped", *presence_columns]
    for name in columns:
        table.add_column(labels[name], justify="right")
    table.add_column(labels["reasons"])
    for account in accounts:
        reason_counts = Counter(account["reasons"]["held"]) + Counter(account["reasons"]["dropped"])
        shown_reasons |= set(reason_counts)
        numbers = [f"{account[name]:,}".replace(",", " ") for name in columns]
        lines = [f"{reason} {count}" for reason, count in sorted(reason_counts.items())]
        table.add_row(account["id"], *numbers, "\n".join(lines))
    if len(accounts) > 1:
        table.add_section()
        sums = [sum(account[name] for account in accounts) for name in columns]
        table.add_row(labels["total"], *(f"{total:,}".replace(",", " ") for total in sums), "")
    console.print(table)
    colon = ": " if language == "en" else " : "
    for reason in sorted(shown_reasons):
        if meaning := reasons.label(reason, _message_language(language), shapes):
            console.print(f"  {reason}{colon}{meaning}", markup=False, highlight=False)


def issues(console: Console, groups: Sequence[IssueGroup], language: str, title: str = "") -> None:
    """Show groups of issues: some of their values with the first place of each, and how many there are in all."""
    from clirld.harvest.issue_groups import location_label

    labels, message_language = labels_of(language), _message_language(language)
    if not groups:
        return
    table = Table(title=title or labels["issues"], title_justify="left", show_lines=True)
    for name in ("severity", "where", "message", "advice"):
        table.add_column(labels[name])
    table.add_column(labels["count"], justify="right")
    style = {"error": "red", "warning": "yellow", "info": "dim"}
    for group in groups:
        first = group.first
        where = ", ".join(part for part in (location_label(first, message_language), first.column) if part)
        is_single = len(group.examples) == 1
        lines = [
            _example(issue, 1 if is_single else count, is_single, message_language)
            for issue, count in group.examples.values()
        ]
        lines += [f"… {labels['more'].format(n=group.other_count)}"] if group.other_count else []
        severity = f"[{style[first.severity]}]{labels[first.severity].removesuffix('s')}[/]\n[dim]{first.code}[/]"
        cells = (escape(text) for text in (where, "\n".join(lines), first.advice(message_language)))
        table.add_row(severity, *cells, str(group.count))
    console.print(table)


def _example(issue: Issue, count: int, is_single: bool, message_language: Language) -> str:
    from clirld.harvest.issue_groups import location_label

    place = f" ({location_label(issue, message_language)})" if issue.row and not is_single else ""
    return f"{issue.message(message_language)}{place}{f' × {count}' if count > 1 else ''}"


def summary(console: Console, counts: Mapping[str, int], language: str) -> None:
    """Say in a line how many issues there are, and the command that shows them."""
    labels = labels_of(language)
    if any(counts.values()):
        named = {one: (labels[one].removesuffix("s"), labels[one]) for one in counts}
        parts = ", ".join(f"{count} {plural(*named[one], count, language)}" for one, count in counts.items() if count)
        console.print(
            f"{labels['issues']}{': ' if language == 'en' else ' : '}{parts} — {labels['see']}", highlight=False
        )


def _message_language(language: str) -> Language:
    return "en" if language == "en" else "fr"
