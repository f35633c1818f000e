"""Blocks of a graph: as one would make them line by line, wherever a read ends; and the version of its content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from hypothesis import example, given
from hypothesis import strategies as st

from clirld.map import blocks, version
from clirld.map.blocks import Block

ID = "https://w3id.org/clirld/id"
DERIVED = "<http://www.w3.org/ns/prov#wasDerivedFrom>"
RETRIEVED = "<http://www.w3.org/ns/prov#generatedAtTime>"
OBJECTS = [
    "<https://example.org/a>",
    f'"a {DERIVED} <{ID}/record/x-9> ."',
    f'" {RETRIEVED} été"@fr',
    f"<{ID}/distribution/x.default.0>",
]


def line_by_line(text: bytes) -> Iterator[Block]:
    """What a block is, said plainly."""
    subject, lines, derived = b"", list[bytes](), f"{DERIVED} <{ID}/record/".encode()
    for line in text.splitlines(keepends=True):
        name, _, rest = line.partition(b" ")
        if name != subject and lines:
            yield block(subject, subject, lines)
            lines = []
        subject = name
        lines.append(line)
        if rest.startswith(derived):
            yield block(subject, rest.partition(b"<")[2].partition(b"<")[2].partition(b">")[0], lines)
            subject, lines = b"", []
    if lines:
        yield block(subject, subject, lines)


def block(subject: bytes, record: bytes, lines: list[bytes]) -> Block:
    return Block(subject.strip(b"<>").decode(), record.strip(b"<>").decode(), b"".join(lines))


subjects = st.sampled_from([f"<{ID}/record/x-1>", f"<{ID}/record/x-10>", f"<{ID}/initiative/x-1>", "_:b"])
predicates = st.sampled_from(["<https://example.org/p>", RETRIEVED])
quads = st.builds("{} {} {} <https://example.org/g> .\n".format, subjects, predicates, st.sampled_from(OBJECTS))
ends = st.builds(f"{{}} {DERIVED} <{ID}/record/x-{{}}> <https://example.org/g> .\n".format, subjects, st.integers(1, 3))


@given(st.lists(st.one_of(quads, ends)), st.integers(1, 400))
@example([f"<a> {DERIVED} <{ID}/record/x-1> .\n", "<a> <b> <c> .\n", "<a> <b> <d> .\n"], 7)
def test_blocks_are_those_of_the_lines_wherever_a_read_ends(lines: list[str], at_once: int) -> None:
    text = "".join(lines).encode()
    with TemporaryDirectory() as folder, mock.patch.object(blocks, "_BYTES_AT_ONCE", at_once):
        graph = Path(folder) / "graph.nq"
        graph.write_bytes(text)
        found = list(blocks.blocks(graph))
        assert found == list(line_by_line(text))
        assert b"".join(line for one in found for line in one.lines) == text
        graph.write_bytes(text.removesuffix(b"\n"))
        assert list(blocks.blocks(graph)) == found


@given(st.lists(st.one_of(quads, ends)), st.integers(1, 400))
def test_the_version_is_that_of_the_lines_that_do_not_say_when(lines: list[str], at_once: int) -> None:
    with TemporaryDirectory() as folder, mock.patch.object(version, "_BYTES_AT_ONCE", at_once):
        graph = Path(folder) / "graph.nq"
        graph.write_text("".join(lines), encoding="utf-8")
        assert version.content_version(graph) == version.version_of_lines(line.encode() for line in lines)
