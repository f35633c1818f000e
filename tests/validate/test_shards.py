"""A graph in shards: what is found does not depend on who looks at them, nor in which order."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clirld.errors import MappingError
from clirld.map.blocks import blocks
from clirld.validate import kept, shards
from clirld.validate.graph import results_key, validate
from clirld.validate.shacl import Shapes
from clirld.vocabulary.terms import CONCEPTS_GRAPH, Vocabulary
from tests.validate.graphs import address, organization, record
from tests.validate.test_parts import NUMBERS, PERSONS, entities, initiative, process, step, territory, unlike
from tests.validate.test_statements import FILES

Begin = Callable[[Callable[[Any, bytes], Any], Any, Callable[[], bytes]], Callable[[], Any]]


@pytest.fixture(scope="module")
def shapes(project: Path) -> Shapes:
    return Shapes.load(project / "shapes")


@pytest.fixture(scope="module")
def vocabulary(project: Path) -> Vocabulary:
    return Vocabulary.load(project / "ontology")


class Others:
    """Look at every shard when it is asked for, as another process would: of what was sent, with what comes back."""

    above = 0

    def __init__(self) -> None:
        self.looked = 0

    def begin(self, work: Any, of_all: Any, piece: Callable[[], bytes]) -> Callable[[], Any]:
        sent = pickle.dumps((work, of_all, piece()))

        def finish() -> Any:
            work, of_all, quads = pickle.loads(sent)
            self.looked += 1
            return pickle.loads(pickle.dumps(work(of_all, quads)))

        return finish


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from(["<a>", "<b>", "<cc>"]), st.integers(0, 40)), max_size=30),
    st.integers(1, 120),
    st.booleans(),
)
@example([("<a>", 200_000), ("<a>", 1), ("<b>", 70_000)], 100, True)
@example([("<a>", 3)] * 9, 10, True)
def test_shards_are_the_graph_cut_where_subjects_change(lines: list[tuple[str, int]], size: int, end: bool) -> None:
    text = "\n".join(f"{subject} {'x' * length}" for subject, length in lines).encode() + b"\n" * (end and bool(lines))
    with TemporaryDirectory() as folder:
        graph = Path(folder) / "graph.nq"
        graph.write_bytes(text)
        found = shards.of(graph, size)
        assert b"".join(shards.read(graph, one) for one in found) == text
        assert [one for shard in found for one in blocks(graph, *shard)] == list(blocks(graph))
        for before, after in pairwise(found):
            assert before.end == after.start >= before.start + size
            last = shards.read(graph, before).splitlines()[-1]
            assert last.partition(b" ")[0] != shards.read(graph, after).partition(b" ")[0]


@pytest.fixture(scope="module")
def outputs(shapes: Shapes, vocabulary: Vocabulary) -> Callable[..., dict[str, bytes]]:
    def outputs(graph: Path, shard: int, others: Others | None, part: int | None = None) -> dict[str, bytes]:
        with TemporaryDirectory() as name:
            out = Path(name) / "out"
            validate(
                graph, shapes, vocabulary, out, source="x", shard=shard, elsewhere=others, batch=5,
                part=part or graph.stat().st_size // 3 + 1,
            )  # fmt: skip
            return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    return outputs


@settings(max_examples=15)
@given(st.lists(entities, max_size=14))
@example([unlike(1, "552100554", "Une"), unlike(2, "552100554", "Autre")])  # the same SIREN connects two shards
@example([step(1, 9, 1, 2), step(2, 9, 1, 1)])  # what they refer to is in no shard
@example([process(1, 9), step(1, 9, 1, 2), step(2, 9, 1, 1), organization(3, "552100555")])
@example([*PERSONS, initiative(3, "Camille Témoin", 3, "2013", 3)])  # names are of persons in all shards together
@example([territory(1), address(2), address(3)])  # a part as a whole, by what stands in one shard
def test_who_looks_changes_nothing(outputs: Callable[..., dict[str, bytes]], found: list[str]) -> None:
    text = "".join([*map(record, NUMBERS), *found])
    with TemporaryDirectory() as folder:
        graph = Path(folder) / "graph.nq"
        graph.write_text(text, encoding="utf-8")
        others = Others()
        given = outputs(graph, 500, others)
        assert given == outputs(graph, 500, None)
        assert others.looked == len(shards.of(graph, 500)) > 1
        assert {*FILES, "kept/key"} <= given.keys()


def test_of_no_sample_anything_changes(samples: Path, outputs: Callable[..., dict[str, bytes]]) -> None:
    graphs = sorted(samples.glob("graphs/*/*/graph.nq"))
    assert len(graphs) > 20
    several = 0
    for graph in graphs:
        others = Others()
        size = max(graph.stat().st_size // 4, 1)
        whole, alone = outputs(graph, size, None), outputs(graph, 2**40, None)
        assert outputs(graph, size, others) == whole, graph
        assert {name: whole[name] for name in FILES} == {name: alone[name] for name in FILES}, graph
        several += others.looked > 1
    assert several > 20


def rows(looked: shards.Looked) -> list[tuple[int, ...]]:
    return sorted(row for one in looked.noted.mentions for row in pl.read_parquet(BytesIO(one)).rows())


def test_another_process_notes_the_same(shapes: Shapes, vocabulary: Vocabulary) -> None:
    """Whose hashes of texts begin with another number."""
    of_all = shards.OfAll(shapes, tuple(vocabulary.as_nquads(CONCEPTS_GRAPH)), 5, 2026)
    quads = "".join([*map(record, NUMBERS), *PERSONS, *(unlike(n, "552100554", "Une") for n in NUMBERS)]).encode()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        there = pool.submit(shards.look, of_all, quads).result()
    here = shards.look(of_all, quads)
    assert (there.findings, there.kept, there.records) == (here.findings, here.kept, here.records)
    assert there.noted._replace(mentions=[]) == here.noted._replace(mentions=[])
    assert rows(there) == rows(here)
    assert len(rows(here)) > 10
    assert here.noted.suspects


def test_what_is_known_from_earlier_is_taken_here(
    shapes: Shapes, vocabulary: Vocabulary, outputs: Callable[..., dict[str, bytes]], tmp_path: Path
) -> None:
    graph, others = tmp_path / "graph.nq", Others()
    graph.write_text("".join(record(n) + initiative(n, "Le Moulin", n, "2013", n) for n in range(50)), encoding="utf-8")
    validate(graph, shapes, vocabulary, tmp_path / "a" / "1", source="x", shard=2000, elsewhere=others)
    looked = others.looked
    assert looked > 1
    earlier = kept.find(tmp_path / "a", results_key(shapes, vocabulary))
    assert earlier
    validate(graph, shapes, vocabulary, tmp_path / "a" / "2", source="x", shard=2000, elsewhere=others, earlier=earlier)
    assert others.looked == looked
    for name in FILES:
        assert (tmp_path / "a" / "1" / name).read_bytes() == (tmp_path / "a" / "2" / name).read_bytes()


def test_small_graphs_stay_here_and_what_is_wrong_is_told(
    shapes: Shapes, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    graph, others = tmp_path / "graph.nq", Others()
    graph.write_text("no quads\n", encoding="utf-8")
    with pytest.raises(MappingError):
        validate(graph, shapes, vocabulary, tmp_path / "out", source="x", elsewhere=others)
    assert others.looked == 1
    others.above = 1000
    with pytest.raises(MappingError):
        validate(graph, shapes, vocabulary, tmp_path / "out", source="x", elsewhere=others)
    assert others.looked == 1
