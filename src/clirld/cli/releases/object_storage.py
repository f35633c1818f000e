"""`clirld publish --to s3://…` and `clirld serve --from s3://…`: releases to and from object storage."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict

import typer

from clirld import logs
from clirld.cli import terminal
from clirld.cli.terminal import print_json
from clirld.errors import UsageError
from clirld.publish import choice
from clirld.replicate import pointer, upload
from clirld.replicate.address import SCHEME, address
from clirld.replicate.bucket import Bucket, open_bucket
from clirld.replicate.fetch import Fetched
from clirld.replicate.follow import Follower
from clirld.replicate.pointer import KEY, Pointer
from clirld.settings import Settings


def is_bucket(url: str) -> bool:
    """Whether an address is one of object storage, and not of a SPARQL store."""
    return url.startswith(SCHEME)


def bucket_of(settings: Settings, option: str, url: str, endpoint_url: str | None, *, insecure: bool) -> Bucket:
    """The bucket that an option names; see `clirld.replicate.address`."""
    return open_bucket(settings, address(option, url, endpoint_url, insecure=insecure))


def publish(settings: Settings, bucket: Bucket, identifier: str | None, keep: int, *, as_json: bool) -> None:
    """Publish a release in a bucket, and say what was done."""
    words = _WORDS[settings.message_language]
    bucket.require_signed()
    release = choice.chosen(settings, identifier)
    outcome = upload.publish(bucket, settings.data, release, keep=keep)
    if as_json:
        print_json({**asdict(outcome), "to": str(bucket.address)})
        return
    told = words["published" if outcome.is_new else "unchanged"]
    typer.echo(told.format(release=outcome.release, to=bucket.address))
    counted = {name: (len(files), _size(sum(files.values()), settings)) for name, files in _ways(outcome).items()}
    typer.echo(words["ways"].join(words[name].format(*numbers) for name, numbers in counted.items()))
    if outcome.before and outcome.before != outcome.release:
        typer.echo(words["before"].format(release=outcome.before))
    if outcome.deleted:
        typer.echo(words["deleted"].format(releases=", ".join(outcome.deleted)))


def _ways(outcome: upload.Outcome) -> dict[str, dict[str, int]]:
    return {"sent": outcome.sent, "copied": outcome.copied, "there": outcome.there}


def show_state(settings: Settings, bucket: Bucket, *, as_json: bool) -> None:
    """Say what is published in a bucket. Raises typer.Exit(1) where nothing is, or it is not whole."""
    words, found = _WORDS[settings.message_language], bucket.read(KEY)
    said = pointer.read(found[0], str(bucket.address)) if found else None
    lost = upload.missing(bucket, said) if said else {}
    if as_json:
        print_json({"pointer": asdict(said) if said else None, "missing": lost})
    elif said is None:
        typer.echo(words["nothing"])
    else:
        _show(said, lost, words)
    if said is None or lost:
        raise typer.Exit(1)


def _show(said: Pointer, lost: dict[str, list[str]], words: dict[str, str]) -> None:
    typer.echo(words["state"].format(release=said.release, time=said.published))
    typer.echo(words["kept"].format(releases=", ".join(sorted(said.releases, reverse=True))))
    for name, files in lost.items():
        typer.echo(words["missing"].format(release=name, number=len(files), file=files[0]))


def follower(settings: Settings, bucket: Bucket) -> Follower:
    """Who keeps a data folder what the bucket says; each release that comes is told on standard error."""
    words = _WORDS[settings.message_language]

    def tell(fetched: Fetched) -> None:
        if fetched.is_new or fetched.fetched:
            size = _size(sum(fetched.fetched.values()), settings)
            numbers = {"files": len(fetched.fetched), "size": size, "here": fetched.here}
            if logs.as_json():
                said = {"release": fetched.release, "files": len(fetched.fetched)}
                sys.stderr.write(logs.line("release", "info", said) + "\n")
                return
            text = words["fetched"].format(release=fetched.release, **numbers)
            terminal.err.print(text, highlight=False, soft_wrap=True, markup=False)

    return Follower(bucket, settings.data, tell)


def require_only(kind: str, options: Mapping[str, object]) -> None:
    """Raises UsageError for options that say nothing of a place of this kind."""
    if given := sorted(name for name, value in options.items() if value):
        raise UsageError(f"{', '.join(given)}: not for {kind}", where="--to", do="leave it out; see docs/replicas.md")


def _size(size: int, settings: Settings) -> str:
    unit, number = ("MB", size / 1e6) if settings.message_language == "en" else ("Mo", size / 1e6)
    text = f"{number:,.1f}"
    return f"{text if unit == 'MB' else text.replace(',', chr(0x202F)).replace('.', ',')} {unit}"


_WORDS = {
    "fr": {
        "published": "version {release} publiée dans {to}",
        "unchanged": "version {release} déjà publiée dans {to} ; rien n'a changé",
        "ways": " ; ",
        "sent": "envoyés : {0} fichiers, {1}",
        "copied": "copiés sur place : {0}, {1}",
        "there": "déjà là : {0}, {1}",
        "before": "elle y remplace la version {release}",
        "deleted": "versions qui n'y sont plus : {releases}",
        "nothing": "rien n'y a été publié par clirld",
        "state": "version {release}, publiée le {time}",
        "kept": "versions gardées : {releases}",
        "missing": "version {release} : il manque {number} fichiers, dont {file}\n  → relancer clirld publish",
        "fetched": "version {release} servie ; fichiers reçus : {files}, {size} ; déjà ici : {here}",
    },
    "en": {
        "published": "release {release} is published in {to}",
        "unchanged": "release {release} was published in {to} already; nothing has changed",
        "ways": "; ",
        "sent": "sent: {0} files, {1}",
        "copied": "copied there: {0}, {1}",
        "there": "there already: {0}, {1}",
        "before": "it takes the place of release {release}",
        "deleted": "releases that are there no more: {releases}",
        "nothing": "nothing was published there by clirld",
        "state": "release {release}, published at {time}",
        "kept": "releases kept: {releases}",
        "missing": "release {release}: {number} files are missing, {file} among them\n  → run clirld publish again",
        "fetched": "release {release} is served; files received: {files}, {size}; here already: {here}",
    },
}
