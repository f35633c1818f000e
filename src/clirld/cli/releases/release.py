"""`clirld release`, `releases` and `tidy`: make a release; list them, go back to one, withdraw some; delete old ones.

What makes or deletes is loaded where it is done: to list releases takes none of it.
"""

from __future__ import annotations

import getpass
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from clirld.cli import report
from clirld.cli.releases import listing
from clirld.cli.terminal import AsJson, Data, out, print_error, print_json
from clirld.errors import DataError, UsageError
from clirld.harvest.lock import release_lock, source_lock
from clirld.release import published
from clirld.release.unavailable.mark import mark_of, withdrawals
from clirld.settings import Settings


def release(
    force: Annotated[bool, typer.Option("--force", help="Make one even if nothing has changed.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a release of the last good harvests and serve it."""
    from clirld.cli import run
    from clirld.project import Project
    from clirld.replicate.harvests import shared

    project = Project.load(Settings.from_environment(data=data))
    new_release, is_new, damaged = shared.release(project, force=force)
    for name, error in damaged.items():
        print_error(error, name)
    if as_json:
        print_json({"release": new_release.manifest, "new": is_new})
    else:
        run.print_release(new_release, is_new, project.settings.language)
    if damaged:
        raise typer.Exit(1)


def releases(
    use: Annotated[str | None, typer.Option("--use", metavar="ID", help="Serve this release from now on.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Check every file against its checksum.")] = False,
    withdraw: Annotated[
        list[str] | None,
        typer.Option("--withdraw", metavar="ID", help="Never give this release again; may be repeated."),
    ] = None,
    because: Annotated[
        str, typer.Option("--because", help="Why it is withdrawn; everybody reads it: name nobody.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Who says so; else the name of the user here.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List the releases, check them, go back to one, or withdraw some."""
    settings = Settings.from_environment(data=data)
    if (use and withdraw) or (because and not withdraw):
        do = "give --use alone, or --withdraw with --because"
        raise UsageError("what is to be done with the releases is not said, or twice", do=do)
    if use:
        from clirld.release.unavailable.erased import mark_releases

        with release_lock(settings.data):
            mark_releases(settings)
            published.switch_to(settings.data, use)
    if withdraw:
        _withdraw(settings, withdraw, because, by, silent=as_json)
    all_releases, served = published.all_releases(settings.data), published.current(settings.data)
    marks = {release.id: mark_of(settings.data, release.id) for release in all_releases}
    withdrawn = withdrawals(settings.data)
    checked = all_releases if verify else []
    damaged_files = {release.id: files for release in checked if (files := published.damaged_files(release))}
    if verify:
        from clirld.harvest import outcome

        damaged_files |= outcome.damaged_outputs(settings.data)
    if as_json:
        served_id = served.id if served else None
        listed = [
            {
                "current": release.id == served_id,
                "erased": marks[release.id].holds_erased,
                "withdrawn": release.id in withdrawn,
                **release.manifest,
            }
            for release in all_releases
        ]
        why = {name: asdict(one) for name, one in withdrawn.items()}
        print_json({"releases": listed, "withdrawn": why, "damaged": damaged_files})
    else:
        gone = {name: one for name, one in withdrawn.items() if name not in marks}
        told = listing.lines(all_releases, served, marks, settings.language) if all_releases else []
        told += listing.withdrawn(gone, settings.language)
        typer.echo("\n".join(told) or report.labels_of(settings.language)["no-release"])
    for where, files in damaged_files.items():
        # A release is named by its id, a stage's folder by its path: <stage>/<source>/<fingerprint>.
        do = f"run “clirld run {where.split('/')[1]}”, which makes it anew" if "/" in where else "use another"
        print_error(DataError(f"{len(files)} files are not as they were made: {files[0]}", where=where, do=do))
    if damaged_files:
        raise typer.Exit(1)


def _withdraw(settings: Settings, identifiers: list[str], because: str, by: str, *, silent: bool) -> None:
    """Withdraw releases, and say of which that was known, and what is to be done next."""
    from clirld.release.unavailable import repeated
    from clirld.release.unavailable.withdrawn import withdraw

    new = withdraw(settings.data, identifiers, because, by.strip() or getpass.getuser())
    if silent:
        return
    labels = report.labels_of(settings.language)
    for name in dict.fromkeys(identifiers):
        label = labels["withdrawn_now" if name in new else "withdrawn_before"]
        out.print(label.format(name), highlight=False, soft_wrap=True, markup=False)
    served = published.current(settings.data)
    repeats = served and repeated.by_anything(served.folder, withdrawals(settings.data))
    for label in ("withdrawn_then_release" if repeats else "withdrawn_then", "elsewhere"):
        out.print(labels[label], highlight=False, soft_wrap=True)


def tidy(
    keep: Annotated[int, typer.Option(min=1, help="Newest releases to keep, beside the one that is served.")] = 5,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    data: Data = None,
) -> None:
    """Delete old releases, and outputs of stages that nothing points at any more."""
    from clirld.contributions.inbox import Inbox
    from clirld.project import Project
    from clirld.release import history
    from clirld.release import tidy as unused_folders

    project = Project.load(Settings.from_environment(data=data))
    if not project.settings.data.is_dir():
        do = "give the data folder: --data, or CLIRLD_DATA"
        raise UsageError("there is no such folder", where=str(project.settings.data), do=do)
    with ExitStack() as locks:
        for name in unused_folders.sources_to_lock(project):
            locks.enter_context(source_lock(project.settings.data, name))
        locks.enter_context(release_lock(project.settings.data))
        folders = unused_folders.unused_paths(project, keep)
        folders += Inbox.of(project.settings.inbox).expired(datetime.now(UTC))
        labels = report.labels_of(project.settings.language)
        if not dry_run:
            history.remember(project.settings.data)
            freed = f"{unused_folders.delete(folders) / 2**20:.1f}"
        for folder in folders:
            is_in_data = folder.is_relative_to(project.settings.data)
            path = folder.relative_to(project.settings.data) if is_in_data else folder
            typer.echo(labels["would-delete" if dry_run else "delete"].format(path))
        if not folders:
            typer.echo(labels["nothing-unused"])
        elif not dry_run:
            typer.echo(labels["freed"].format(freed if project.settings.language == "en" else freed.replace(".", ",")))
