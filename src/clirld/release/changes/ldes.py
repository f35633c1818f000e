"""The change feed: an event stream of each graph, as static pages that never change (LDES 1.0, on TREE).

feed/<graph>/index.trig            the stream and its pages: the one file that a later release replaces
feed/<graph>/<release>-<n>.trig.gz a page: what one release changed, one transaction

A member is a subject of the graph as it now is: a named graph with all that is said of it, as:Create, as:Update or,
without statements, as:Delete. Who keeps the last member of each subject has the graph. Pages of earlier releases are
those of the release before, linked. A stream begins anew, under another name and with all that the graph has, where
nothing may be repeated of a release before, or where changes have grown bigger than the beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from clirld import stages
from clirld.release import gzip_files
from clirld.release.changes.difference import Difference
from clirld.settings import BASE

PAGE_BYTES = 1_000_000
"""A page ends with the member that makes it longer."""

_NAME = b"\0"
"""Stands for the name of a member, which depends on its page; N-Quads never have it."""

_ACTIVITIES = {"added": b"Create", "changed": b"Update", "removed": b"Delete"}

_PREFIXES = """@prefix as: <https://www.w3.org/ns/activitystreams#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ldes: <https://w3id.org/ldes#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix tree: <https://w3id.org/tree#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
_INDEX = (
    _PREFIXES
    + """
<{stream}> a ldes:EventStream ;
  dct:source <{graph}> ;
  ldes:timestampPath dct:created ; ldes:versionOfPath dct:isVersionOf ;
  ldes:transactionPath prov:wasGeneratedBy ; ldes:transactionFinalizedPath as:closed ;
  ldes:versionCreateObject as:Create ; ldes:versionUpdateObject as:Update ; ldes:versionDeleteObject as:Delete ;
  tree:view <> .
<> a tree:Node .
"""
)
_RELATION = """<> tree:relation
  [ a tree:GreaterThanOrEqualToRelation ; tree:path dct:created ; tree:value {time} ; tree:node <{page}> ] ,
  [ a tree:LessThanOrEqualToRelation ; tree:path dct:created ; tree:value {time} ; tree:node <{page}> ] .
"""


def write_pages(differences: Iterable[Difference], folder: Path, name: str, begin: str, release: str) -> None:
    """Write the pages of one release into the folder of a stream that began with the release `begin`."""
    members = _members(differences, stream_iri(name, begin), release)
    member = next(members, None)
    number = 0
    while member is not None:
        number += 1
        page = f"{release}-{number:05}"
        with gzip_files.writing(folder / f"{page}.trig.gz") as out:
            out.write(f"{_PREFIXES}@prefix m: <{BASE}feed/{name}/{page}#> .\n<> a tree:Node .\n".encode())
            size = count = 0
            while member is not None and size < PAGE_BYTES:
                following = next(members, None)
                count += 1
                text = member.replace(_NAME, b"m:%d" % count)
                if following is None:
                    text += b"m:%d as:closed true .\n" % count
                out.write(text)
                size += len(text)
                member = following


def _members(differences: Iterable[Difference], stream: str, release: str) -> Iterator[bytes]:
    """The statements of each member, as TriG with a stand-in for the member's name."""
    begin = f"<{stream}> tree:member ".encode()
    common = f"dct:created {_time(release)} ; prov:wasGeneratedBy <{BASE}release/{release}> .\n".encode()
    for one in differences:
        kind = _ACTIVITIES[one.change]
        told = b"%s a as:%s ; dct:isVersionOf %s ; " % (_NAME, kind, one.subject)
        triples = _triples(one.after)
        yield begin + _NAME + b" .\n" + told + common + (_NAME + b" {\n" + triples + b"}\n" if triples else b"")


def write_index(folder: Path, name: str, graph: str, begin: str) -> None:
    """Write the page that leads to all pages of the stream of a graph."""
    text = _INDEX.format(stream=stream_iri(name, begin), graph=graph)
    for page in pages(folder):
        text += _RELATION.format(time=_time(release_of(page)), page=page.name.removesuffix(".gz"))
    (folder / "index.trig").write_text(text, encoding="utf-8")


def stream_iri(name: str, begin: str) -> str:
    """The IRI of the stream of a graph that began with a release."""
    return f"{BASE}feed/{name}#{begin}"


def pages(folder: Path) -> list[Path]:
    """The pages in a stream's folder, the oldest first."""
    return sorted(folder.glob("*.trig.gz"))


def release_of(page: Path) -> str:
    """The release that a page is of."""
    return page.name.rpartition("-")[0]


def begin_of(folder: Path) -> str | None:
    """The release that a stream began with; None where there is no stream, or it has no page."""
    return release_of(found[0]) if (found := pages(folder)) else None


def has_outgrown_its_beginning(folder: Path) -> bool:
    """Whether what followed takes more bytes than what the stream began with."""
    found = pages(folder)
    begin = [page.stat().st_size for page in found if release_of(page) == release_of(found[0])]
    return sum(page.stat().st_size for page in found) > 2 * sum(begin)


def carry_over(earlier: Path, folder: Path) -> None:
    """Put the pages of an earlier release's stream into a folder, as links: they never change."""
    for page in pages(earlier):
        stages.link(page, folder / page.name)


def _triples(lines: Sequence[bytes]) -> bytes:
    """Lines of N-Quads without their graph, which is the same of all, hardly ever excepted."""
    text = b"".join(lines)
    end = text[text.rfind(b" <") :]
    if text.count(end) == len(lines):
        return text.replace(end, b" .\n")
    return b"".join(line[: line.rindex(b" <")] + b" .\n" for line in lines)


def _time(release: str) -> str:
    """When a release was made, which its id begins with."""
    t = release[:16]
    return f'"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[9:11]}:{t[11:13]}:{t[13:15]}Z"^^xsd:dateTime'
