"""The command line: verbs only, no logic. Exit codes: 0 done, 1 a problem in the data, 2 called wrongly."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from clirld import accept_cli, case_cli, erase_cli, issues_cli, line, noticed, report, run_cli, source_cli, tidy
from clirld import check as checking
from clirld import query as querying
from clirld import release as releasing
from clirld import releases as kept
from clirld.errors import CardError, ClirldError, DataError, UsageError
from clirld.line import Origin
from clirld.project import Project
from clirld.settings import Settings
from clirld.sparql import outline
from clirld.terminal import AsJson, Data, Mirror, complain, err, out, print_json

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(source_cli.app, name="source")
app.add_typer(case_cli.app, name="case")
app.command("run")(run_cli.run)
app.command("issues")(issues_cli.show)
app.command("accept")(accept_cli.accept)
app.command("erase")(erase_cli.erase)

_EXAMPLE = "ptce-laureates.rq"
"""The example query of the demo."""


def main() -> None:
    """Run the command line; every error a person can act upon is a message, not a traceback."""
    try:
        app()
    except ClirldError as error:
        complain(error)
        sys.exit(error.exit_code)
    except OSError as problem:
        complain(DataError(str(problem), do="check that it is there, the rights and the space on the disk"))
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("interrompu / interrupted")
        sys.exit(130)


@app.command()
def check(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="Id of a source.")],
    mirror: Mirror = None,
    accept: Annotated[bool, typer.Option("--accept", help="Write what the sample becomes to expected.ttl.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a source's card, columns, sample and shapes, without publishing anything."""
    project = Project.load(Settings.from_environment())
    source = project.named([name])[0]
    language = project.settings.language
    origin = Origin(mirror=run_cli.folder(mirror), sample=mirror is None)
    with checking.trial(project) as trial:
        if accept:
            harvest = line.harvest(_with_territories(trial, source.id, origin), source, origin)
            typer.echo(str(checking.accept(trial, source, harvest)))
        checked = checking.check(trial, source, origin)
        account = report.account_of(checked.harvest)
    if as_json:
        print_json(
            {
                "accounting": [account],
                "issues": [json.loads(issue.as_json()) for issue in checked.issues],
                "missing": checked.missing,
                "unexpected": checked.unexpected,
            }
        )
    else:
        report.accounting(out, [account], language, project.shapes.facts)
        report.issues(out, noticed.grouped(checked.issues, examples=20), language)
        for mark, lines in (("-", checked.missing), ("+", checked.unexpected)):
            for one in lines:
                out.print(f"{mark} {one}", markup=False, highlight=False)
    if origin.sample and not (source.folder / "expected.ttl").exists():
        do = f"read what came out, then run “clirld check {name} --accept”"
        raise CardError("no expected.ttl", where=str(source.folder), do=do)
    if checked.missing or checked.unexpected:
        more, less = len(checked.unexpected), len(checked.missing)
        raise DataError(
            f"the sample gives {more} triples more and {less} less than expected.ttl",
            where=str(source.folder / "expected.ttl"),
            do="correct source.yaml, or take what came out with --accept",
        )


def _with_territories(project: Project, name: str, origin: Origin) -> Project:
    if name != line.TERRITORIES and line.TERRITORIES in project.sources:
        line.harvest(project, project.sources[line.TERRITORIES], origin)
    return project


@app.command()
def release(
    force: Annotated[bool, typer.Option("--force", help="Make one even if nothing has changed.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a release of the last good harvests and serve it."""
    project = Project.load(Settings.from_environment(data=data))
    made, new = releasing.make(project, force=force)
    if as_json:
        print_json({"release": made.manifest, "new": new})
    else:
        run_cli.say_release(made, new, project.settings.language)


@app.command()
def releases(
    use: Annotated[str | None, typer.Option("--use", metavar="ID", help="Serve this release from now on.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Check every file against its checksum.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List the releases, check them, or go back to one."""
    settings = Settings.from_environment(data=data)
    if use:
        kept.use(settings.data, use)
    found, served = kept.all_of(settings.data), kept.current(settings.data)
    damaged = {one.id: bad for one in found if verify and (bad := kept.damaged(one))}
    if as_json:
        listed = [{"current": served is not None and one.id == served.id, **one.manifest} for one in found]
        print_json({"releases": listed, "damaged": damaged})
    else:
        report.releases(out, found, served, settings.language)
    for identifier, files in damaged.items():
        raise DataError(f"{len(files)} files are not as they were made: {files[0]}", where=identifier, do="use another")


@app.command("tidy")
def tidy_up(
    keep: Annotated[int, typer.Option(min=1, help="Newest releases to keep, beside the one that is served.")] = 5,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    data: Data = None,
) -> None:
    """Delete old releases, and outputs of stages that nothing points at any more."""
    project = Project.load(Settings.from_environment(data=data))
    folders = tidy.unused(project, keep)
    for folder in folders:
        typer.echo(str(folder.relative_to(project.settings.data)))
    if not dry_run:
        typer.echo(f"{tidy.delete(folders) / 1e6:.0f} MB")


@app.command("vocabulary")
def write_vocabulary(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the pages are written.")],
) -> None:
    """Write the documentation of the vocabulary as pages, in French and English."""
    from clirld import vocabulary_pages  # jinja2 is only needed here

    project = Project.load(Settings.from_environment())
    for path in vocabulary_pages.write(project.settings.ontology, project.mapping, folder):
        typer.echo(str(path))


@app.command()
def query(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A file with a SPARQL query, or - for standard input.")],
    form: Annotated[
        str | None, typer.Option("--format", help="table, csv, tsv, json, xml; ttl, nt, rdf, jsonld.")
    ] = None,
    identifier: Annotated[str | None, typer.Option("--release", metavar="ID", help="Ask this release.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Ask a release a SPARQL query."""
    settings = Settings.from_environment(data=data)
    asked = kept.load(settings.data / "releases" / identifier) if identifier else kept.current(settings.data)
    if asked is None:
        raise DataError("there is no release yet", where=str(settings.data), do="run “clirld run --all” first")
    _ask(asked, _text(file), "json" if as_json else form, settings)


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"cannot read the query: {problem}", where=file, do="give a text file, or -") from None


def _ask(release: kept.Release, text: str, form: str | None, settings: Settings) -> None:
    """Print the answer in the format asked for: a table for people, CSV or Turtle down a pipe."""
    kind = outline(text).kind
    graph = kind in ("construct", "describe")
    people = form == "table" or (form is None and out.is_terminal and not graph)
    name = "json" if people else form or ("ttl" if graph else "csv")
    media = querying.media_type(kind, name)
    if kind and media is None:
        raise UsageError(f"no format {name} for this query", where="--format", do="see “clirld query --help”")
    answer = querying.run(release.folder, text, media, settings.query_timeout, memory=settings.query_memory)
    if people:
        report.answer(out, json.loads(answer))
    else:
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    data: Data = None,
) -> None:
    """Serve the current release over HTTP, read-only, until interrupted."""
    settings = Settings.from_environment(data=data)
    _serve(settings, host, port)


def _serve(settings: Settings, host: str, port: int) -> None:
    from clirld.web.app import serve as serve_until_interrupted  # starlette and uvicorn are only needed here
    from clirld.web.pool import ServeSettings

    serve_until_interrupted(
        settings.data,
        host,
        port,
        ServeSettings(
            timeout=settings.query_timeout,
            workers=settings.workers,
            memory=settings.query_memory,
            document_host=settings.document_host or None,
        ),
    )


@app.command()
def demo(
    serving: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the result until interrupted.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Run the samples of all sources through the whole line, offline, and ask an example query."""
    settings = Settings.from_environment(data=data or Path("data") / "demo")
    _empty(settings.data, ours=data is None)
    project = Project.load(settings)
    run_cli.take(project, [], Origin(sample=True), True, as_json)
    made = kept.current(settings.data)
    if made and not as_json:
        text = (settings.queries / _EXAMPLE).read_text(encoding="utf-8")
        title = re.search(rf"# title-{settings.language}: (.*)", text)
        out.print(f"\n{title[1] if title else _EXAMPLE} (queries/{_EXAMPLE})", highlight=False)
        _ask(made, text, "table", settings)
    if serving:
        _serve(settings, "127.0.0.1", port)


def _empty(folder: Path, ours: bool) -> None:
    """Empty the folder of an earlier demo; one that holds anything else is left alone."""
    mark = folder / "demo"
    if not ours and folder.is_dir() and any(folder.iterdir()) and not mark.exists():
        do = "give a folder that is empty or not there: a demo empties the one it uses"
        raise UsageError("this folder holds something else than a demo", where=str(folder), do=do)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()
