"""`clirld publish --to URL`: bring a release into another store or a bucket, or say in what state that is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from clirld.cli import terminal
from clirld.cli.releases import object_storage
from clirld.cli.terminal import AsJson, Data, print_json
from clirld.publish import choice, graphs, run
from clirld.publish.client import Client
from clirld.publish.endpoints import endpoints
from clirld.publish.graphs import DEFAULT
from clirld.publish.state import State
from clirld.publish.target import Target
from clirld.release.unavailable.mark import mark_of
from clirld.replicate.upload import KEEP
from clirld.settings import BASE, Settings


def publish(
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="Address of the store's graphs, or s3://bucket/prefix.")
    ],
    identifier: Annotated[
        str | None, typer.Option("--release", metavar="ID", help="Publish this release, not the one that is served.")
    ] = None,
    status: Annotated[
        bool, typer.Option("--status", help="Only say in what state the store is; 1 where it is not whole.")
    ] = False,
    query: Annotated[str | None, typer.Option("--query", metavar="URL", help="Where the store takes queries.")] = None,
    update: Annotated[
        str | None, typer.Option("--update", metavar="URL", help="Where the store takes updates.")
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Replace graph after graph, without staging graphs and a swap.")
    ] = False,
    default_graph: Annotated[
        bool,
        typer.Option("--default-graph", help="Put everything into the default graph too, replacing what is there."),
    ] = False,
    licence_groups: Annotated[
        list[str] | None,
        typer.Option("--licence-group", metavar="GROUP", help="Only this licence group; may be repeated."),
    ] = None,
    drop: Annotated[
        bool, typer.Option("--drop", help="Delete there what was asked for before, and is not now.")
    ] = False,
    gzip: Annotated[bool, typer.Option("--gzip", help="Pack what is sent: not every store takes that.")] = False,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Send over http, without encryption, to another machine.")
    ] = False,
    endpoint_url: Annotated[
        str | None, typer.Option("--endpoint-url", metavar="URL", help="Of object storage that is not Amazon's.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="Releases that stay in a bucket (default: 3).")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Bring a release into another store, graph by graph, or whole into object storage: only what changed."""
    settings = Settings.from_environment(data=data)
    of_graphs = {
        "--query": query,
        "--update": update,
        "--in-place": in_place,
        "--default-graph": default_graph,
        "--licence-group": licence_groups,
        "--drop": drop,
        "--gzip": gzip,
    }
    if object_storage.is_bucket(to):
        object_storage.require_only("a bucket", of_graphs)
        bucket = object_storage.bucket_of(settings, "--to", to, endpoint_url, insecure=insecure)
        if status:
            object_storage.show_state(settings, bucket, as_json=as_json)
        else:
            object_storage.publish(settings, bucket, identifier, keep or KEEP, as_json=as_json)
        return
    object_storage.require_only("a store of graphs", {"--endpoint-url": endpoint_url, "--keep": keep})
    addresses = endpoints(to, query, update, insecure=insecure)
    target = Target(addresses, Client(settings), gzip)
    if status:
        _show_state(target, settings, as_json=as_json)
        return
    release = choice.chosen(settings, identifier)
    sent = graphs.of_release(release, licence_groups or (), default_graph=default_graph)
    groups = choice.groups_asked(release, licence_groups) if licence_groups else ()
    if not drop:
        choice.require_nothing_lost(target, target.state(), release, groups, default_graph=default_graph)
    words = _WORDS[settings.message_language]

    def tell(what: str, graph: str, triples: int) -> None:
        if not as_json:
            is_published = graph == DEFAULT or release.manifest["graphs"].get(_name(graph))
            word = "dropped" if what == "deleted" and is_published else what
            text = words[word].format(graph=_name(graph), triples=_number(triples, settings))
            terminal.err.print(f"  {text}", highlight=False, soft_wrap=True, markup=False)

    outcome = run.publish(target, release.id, sent, groups=groups, in_place=in_place, tell=tell)
    refused = {name: why for name in outcome.found if (why := _refused(settings.data, name, words))}
    if as_json:
        print_json({**asdict(outcome), "to": to, "groups": groups, "refused": refused})
    else:
        _show(outcome, to, refused, settings)


def _show(outcome: run.Outcome, to: str, refused: dict[str, str], settings: Settings) -> None:
    words = _WORDS[settings.message_language]
    whole, triples = len(outcome.counted), _number(sum(outcome.counted.values()), settings)
    same = whole - len(outcome.counted.keys() & outcome.sent.keys())
    numbers = {"sent": len(outcome.sent), "same": same, "deleted": len(outcome.deleted)}
    typer.echo(words["whole"].format(release=outcome.release, to=to, graphs=whole, triples=triples))
    typer.echo(words["numbers"].format(**numbers))
    if outcome.mended:
        typer.echo(words["mended"].format(graphs=", ".join(map(_name, outcome.mended))))
    if outcome.resumed:
        typer.echo(words["resumed"])
    for name, why in refused.items():
        typer.echo(words["replaced"].format(release=name, why=why))


def _show_state(target: Target, settings: Settings, *, as_json: bool) -> None:
    """Raises typer.Exit(1) where the store holds no whole release, PublishError where there is no store."""
    words, state = _WORDS[settings.message_language], target.state()
    if state is None:
        target.require_there()
    differing = choice.differing(target, state) if state else {}
    refused = _refused(settings.data, state.held, words) if state and state.held else None
    if as_json:
        print_json(_as_data(state, differing, refused))
    elif state is None:
        typer.echo(words["nothing"])
    else:
        typer.echo(state.labels()[settings.message_language])
        typer.echo(words["times"].format(started=state.started, ended=state.ended or "–"))
        if state.kind != "complete":
            done = [_name(iri) for iri, part in state.under_way.items() if part.sha256]
            left = [_name(iri) for iri, part in state.under_way.items() if not part.sha256]
            typer.echo(words["done"].format(graphs=", ".join(done) or "–"))
            typer.echo(words["left"].format(graphs=", ".join(left) or "–"))
        for iri, counted in differing.items():
            numbers = {"counted": _number(counted, settings), "stated": _number(state.parts[iri].triples, settings)}
            typer.echo(words["differs"].format(graph=_name(iri), **numbers))
        if refused:
            typer.echo(words["refused"].format(release=state.held, why=refused))
        if state.kind != "complete" or differing or refused:
            typer.echo(words["again"].format(command=_command(target, state)))
    if state is None or state.kind != "complete" or differing or refused:
        raise typer.Exit(1)


def _command(target: Target, state: State) -> str:
    """The command that brings there what the state says was asked for."""
    options = [f"--licence-group {group}" for group in state.groups]
    options += ["--default-graph"] if DEFAULT in state.parts else []
    return " ".join(["clirld publish --to", target.endpoints.graphs, *options])


def _as_data(state: State | None, differing: dict[str, int], refused: str | None) -> dict[str, Any]:
    if state is None:
        return {"kind": "nothing"}
    return {**asdict(state), "kind": state.kind, "labels": state.labels(), "differing": differing, "refused": refused}


def _number(number: int, settings: Settings) -> str:
    """With its thousands apart."""
    return f"{number:,}".replace(",", "," if settings.message_language == "en" else "\u202f")


def _refused(data: Path, release: str, words: dict[str, str]) -> str | None:
    """Why a release is given no more; None where it is."""
    mark = mark_of(data, release)
    if mark.withdrawal:
        return words["withdrawn"].format(day=mark.withdrawal.day, because=mark.withdrawal.because)
    return words["erased"] if mark.holds_erased else None


def _name(iri: str) -> str:
    """A graph as people call it; of a staging graph the one that it is for."""
    if iri.startswith(run.STAGING):
        return iri.removeprefix(run.STAGING).rpartition(":")[0]
    return "default-graph" if iri == DEFAULT else iri.removeprefix(f"{BASE}graph/")


_WORDS = {
    "fr": {
        "sent": "{graph} : envoyé, {triples} triplets",
        "deleted": "{graph} : supprimé, car il n'est plus publié",
        "dropped": "{graph} : supprimé, car il n'est pas demandé (--drop)",
        "swapped": "échange : tous les graphes envoyés sont à leur place",
        "cleared": "{graph} : graphe d'attente effacé",
        "whole": "version {release} entière dans {to} : {graphs} graphes, {triples} triplets ; chaque graphe compté",
        "numbers": "envoyés : {sent} ; inchangés : {same} ; supprimés : {deleted}",
        "mended": "changés là-bas par quelqu'un, et envoyés de nouveau : {graphs}",
        "resumed": "une publication précédente n'était pas allée au bout : elle a été reprise",
        "replaced": "l'entrepôt avait la version {release}, {why} : les graphes qui en différaient sont remplacés",
        "erased": "qui contient ce qui a été effacé depuis",
        "withdrawn": "retirée le {day} ({because})",
        "nothing": "rien n'y a été publié par clirld",
        "times": "commencé : {started} ; achevé : {ended}",
        "done": "faits : {graphs}",
        "left": "à faire : {graphs}",
        "differs": "{graph} a {counted} triplets, et non les {stated} qui y ont été mis",
        "refused": "la version {release} n'est plus donnée : {why}",
        "again": "→ rendre l'entrepôt entier : {command}, qui envoie ce qui manque ou diffère",
    },
    "en": {
        "sent": "{graph}: sent, {triples} triples",
        "deleted": "{graph}: deleted, as it is no longer published",
        "dropped": "{graph}: deleted, as it is not asked for (--drop)",
        "swapped": "swap: all graphs that were sent are at their places",
        "cleared": "{graph}: staging graph cleared",
        "whole": "release {release} is whole in {to}: {graphs} graphs, {triples} triples; each graph counted",
        "numbers": "sent: {sent}; unchanged: {same}; deleted: {deleted}",
        "mended": "changed there by somebody, and sent anew: {graphs}",
        "resumed": "an earlier publication had not come to its end: it was taken up again",
        "replaced": "the store had release {release}, {why}: the graphs of it that differed are replaced",
        "erased": "which holds what has been erased since",
        "withdrawn": "withdrawn on {day} ({because})",
        "nothing": "nothing was published there by clirld",
        "times": "begun: {started}; done: {ended}",
        "done": "done: {graphs}",
        "left": "to do: {graphs}",
        "differs": "{graph} has {counted} triples, not the {stated} that were put there",
        "refused": "release {release} is given no more: {why}",
        "again": "→ to make it whole: {command}, which sends what is missing or differs",
    },
}
