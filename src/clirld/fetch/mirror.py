"""mirror: a folder of copies of registries' files, taken instead of the network."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from clirld import yamlfile
from clirld.errors import FetchError
from clirld.snapshot import store


def mirror_file(mirror: Path, source: str, distribution: str, url: str | None, copy: str | None = None) -> Path:
    """The file of a distribution in a mirror folder; `url` is its public address, if it has one.

    `mirror.yaml` there says which it is (source id → distribution → file, from the folder); without an entry it is
    `<source>/<distribution>.<any ending>`, or else the file that the card names (`copy`), or the copy of that
    address by `MANIFEST.tsv`. Raises FetchError where it is absent, or outside of the folder.
    """
    store.folder(mirror, source, distribution)
    index = mirror / "mirror.yaml"
    where = str(mirror)
    advice = f"put the file in {mirror / source / distribution}.<csv, xlsx or json>"
    if index.is_file():
        file = yamlfile.load(index, FetchError)
        where = file.where([source, distribution])
        entry = file.data.get(source)
        named = entry.get(distribution) if isinstance(entry, dict) else None
        if named is not None:
            path = mirror / str(named)
            if not path.resolve().is_relative_to(mirror.resolve()):
                raise _outside(str(named), where)
            if not path.is_file():
                raise FetchError(
                    f"“{named}” is not there", where=where, do=f"copy the file to {path}, or correct its name"
                )
            return path
        advice = f"add {distribution}: <file> under {source}: in mirror.yaml, or {advice}"
    candidates = sorted((mirror / source).glob(f"{distribution}.*"))
    if len(candidates) > 1:
        names = ", ".join(path.name for path in candidates)
        raise FetchError(f"several files could be it: {names}", where=str(mirror / source), do="keep one of them")
    if not candidates and (found := _copy(mirror, copy, where) or _by_manifest(mirror, url)):
        return found
    if not candidates or not candidates[0].resolve().is_relative_to(mirror.resolve()):
        raise FetchError(f"the mirror has no {distribution} of {source}", where=where, do=advice)
    return candidates[0]


def in_mirror(mirror: Path, source: str, distribution: str, url: str | None, copy: str | None = None) -> bool:
    """Whether a mirror has a file for a distribution, or at least names one. Raises FetchError for a wrong index."""
    index = mirror / "mirror.yaml"
    entry = yamlfile.load(index, FetchError).data.get(source) if index.is_file() else None
    named = isinstance(entry, dict) and distribution in entry
    if named or any((mirror / source).glob(f"{distribution}.*")):
        return True
    return (_copy(mirror, copy, str(mirror)) or _by_manifest(mirror, url)) is not None


def _copy(mirror: Path, copy: str | None, where: str) -> Path | None:
    """The file that a card names, where the mirror has it."""
    path = mirror / (copy or "")
    if not copy or not path.is_file():
        return None
    if not path.resolve().is_relative_to(mirror.resolve()):
        raise _outside(copy, where)
    return path


def _by_manifest(mirror: Path, url: str | None) -> Path | None:
    """The copy of an address by MANIFEST.tsv, where there is one: a folder, and what it has of a commit on GitHub.

    A path that is a pattern or names several files gives no address of a file, and so is never the one asked for.
    """
    manifest = mirror / "MANIFEST.tsv"
    if not url or not manifest.is_file():
        return None
    try:
        text = manifest.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as problem:
        raise FetchError(
            f"the file cannot be read: {problem.strerror}", where=str(manifest), do="check its name and its rights"
        ) from problem
    header, *lines = (line.split("\t") for line in text.split("\n"))
    for number, cells in enumerate(lines, 2):
        row = dict(zip(header, cells, strict=False))
        if not {"dir", "repo", "path", "commit"} <= row.keys():
            continue
        path = mirror / row["dir"] / PurePosixPath(row["path"]).name
        if url == f"https://raw.githubusercontent.com/{row['repo']}/{row['commit']}/{row['path']}" and path.is_file():
            if not path.resolve().is_relative_to(mirror.resolve()):
                raise _outside(row["dir"], f"{manifest}:{number}")
            return path
    return None


def _outside(named: str, where: str) -> FetchError:
    return FetchError(f"“{named}” leads out of the mirror", where=where, do="name a file inside the folder")
