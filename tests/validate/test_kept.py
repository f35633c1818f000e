"""Results that are kept: the same report as of a full validation, whatever has changed; and when nothing is kept."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.settings import Settings
from clirld.validate import checks, engine, kept, stage
from clirld.validate.graph import Shapes, results_key, validate
from clirld.validate.shacl import SH
from clirld.vocabulary.terms import Vocabulary
from tests.validate.graphs import initiative, organization, participation, record
from tests.validate.test_parts import FILES, NUMBERS, entities

CLIR = "https://w3id.org/clirld/ontology#"
PROV = "http://www.w3.org/ns/prov#"
TIME = "2026-11-24T10:00:00Z"


@pytest.fixture(scope="module")
def shapes(project: Path) -> Shapes:
    return Shapes.load(project / "shapes")


@pytest.fixture(scope="module")
def vocabulary(project: Path) -> Vocabulary:
    return Vocabulary.load(project / "ontology")


Run = Callable[..., list[bytes]]


@pytest.fixture(scope="module")
def run(shapes: Shapes, vocabulary: Vocabulary) -> Run:
    """Validate a text into a folder, in three parts; gives the outputs."""

    def run(text: str, out: Path, earlier: Path | None = None, part: int = 0) -> list[bytes]:
        out.mkdir(parents=True)
        graph = out / "in.nq"
        graph.write_text(text, encoding="utf-8")
        size = part or 1 + len(text.encode()) // 3
        validate(graph, shapes, vocabulary, out, source="x", part=size, earlier=earlier)
        return [(out / file).read_bytes() for file in FILES]

    return run


def fetched(text: str, row: int, time: str, sha256: str) -> str:
    """The graph as of another file: rows further down, another time and checksum."""
    text = re.sub(r'sourceRow> "(\d+)"', lambda found: f'sourceRow> "{int(found[1]) + row}"', text)
    return text.replace(TIME, time).replace("0" * 64, sha256)


histories = st.lists(
    st.tuples(
        st.lists(entities, max_size=8),
        st.integers(0, 3),
        st.sampled_from([TIME, "2026-12-01T00:00:00Z", "2089-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "lately"]),
        st.sampled_from(["0" * 64, "1" * 64, "none"]),
    ),
    min_size=2,
    max_size=3,
)


@settings(max_examples=25)
@given(histories, st.booleans())
def test_what_is_kept_changes_nothing(run: Run, history: list[tuple[list[str], int, str, str]], grows: bool) -> None:
    with TemporaryDirectory() as name:
        folder, earlier, before = Path(name), None, list[str]()
        for number, (found, row, time, sha256) in enumerate(history):
            before = [*before, *found] if grows else found
            text = fetched("".join([*map(record, NUMBERS), *before]), row, time, sha256)
            incremental = run(text, folder / f"{number}", earlier)
            assert incremental == run(text, folder / f"{number}-full")
            earlier = folder / f"{number}"


def many(changed: int = 0) -> str:
    """Records that nothing connects; of a tenth the name is missing, of another the initiative is not there."""
    blocks = []
    for number in range(1, 31):
        name = " " if number % 10 == 3 else f"Lieu {number}" + (" bis" if number <= changed else "")
        blocks += [record(number), initiative(number, name).replace("address/shared", f"address/x-{number}")]
        blocks[-1] += organization(number, f"{number:09}").replace(f'"{number:09}"', '"552100554"')
        blocks[-1] = blocks[-1].replace(f"<{CLIR}siren>", f"<{CLIR}note>")
        if number % 10 == 7:
            blocks.append(participation(number, f"{number:09}", member_of=99 + number))
    return "".join(sorted(blocks))


def test_only_what_changed_is_validated(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(many(), tmp_path / "first")
    seen: list[bytes] = []
    by_engine, load = engine.validate_batch, checks.Checks._load

    def counted(shapes: Shapes, quads: bytes) -> list[engine.Result]:
        seen.append(quads)
        return by_engine(shapes, quads)

    loaded: list[int] = []

    def counted_load(self: checks.Checks, *arguments: object) -> ox.Store:
        store = load(self, *arguments)  # type: ignore[arg-type]
        loaded.append(sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(f"{GRAPH}"))))
        return store

    monkeypatch.setattr(engine, "validate_batch", counted)
    monkeypatch.setattr(checks.Checks, "_load", counted_load)
    later = fetched(many(changed=2), 1, "2026-12-01T00:00:00Z", "1" * 64)
    outputs = run(later, tmp_path / "second", tmp_path / "first")
    assert sorted(re.findall(rb"initiative/x-(\d+)> <[^>]*label>", b"".join(seen))) == [b"1", b"2"]
    assert 0 < sum(loaded) < later.count("\n") / 5
    monkeypatch.undo()
    assert outputs == run(later, tmp_path / "full")


GRAPH = "https://w3id.org/clirld/graph/x"


@pytest.mark.parametrize("file", ["key", "shapes", "checks", "results.jsonl"])
@pytest.mark.parametrize("damage", ["gone", "cut", "other"])
def test_what_is_damaged_is_not_taken(
    run: Run, tmp_path: Path, shapes: Shapes, vocabulary: Vocabulary, file: str, damage: str
) -> None:
    key = results_key(shapes, vocabulary)
    assert kept.find(tmp_path / "outputs", key) is None
    run(many(), tmp_path / "outputs" / "first")
    assert kept.find(tmp_path / "outputs", key) == tmp_path / "outputs" / "first"
    path = tmp_path / "outputs" / "first" / "kept" / file
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-1] if damage == "cut" else data[:-1] + bytes([data[-1] ^ 1]))
    assert kept.find(tmp_path / "outputs", key) is None


def test_other_shapes_concepts_or_engine_have_other_keys(
    shapes: Shapes, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {results_key(shapes, vocabulary), results_key(replace(shapes, fingerprint="other"), vocabulary)}
    monkeypatch.setattr(engine, "version", lambda: "pySHACL 0")
    keys.add(results_key(shapes, vocabulary))
    monkeypatch.setattr(Vocabulary, "as_nquads", lambda *_arguments: ["<x:a> <x:b> <x:c> ."])
    assert len(keys | {results_key(shapes, vocabulary)}) == 4


LEFT_OUT = {f"{CLIR}sourceRow", f"{PROV}generatedAtTime"}


def test_what_a_digest_leaves_out_decides_nothing(shapes: Shapes) -> None:
    """Only three shapes look at it, and pass whatever stands there; of the time, the one check asks for the year."""
    triples = list(ox.parse(shapes.triples, format=ox.RdfFormat.N_TRIPLES))
    looking = {
        str(one.subject).rpartition("#")[2].strip(">")
        for one in triples
        if isinstance(one.object, ox.NamedNode) and one.object.value in LEFT_OUT
    }
    assert looking == {"SourceRecordRow", "SourceRecordTime"}
    constraints = {
        one.predicate.value.removeprefix(SH): str(one.object)
        for one in triples
        if str(one.subject).endswith("#SourceRecordFile>") and one.predicate.value.startswith(SH)
    }
    assert {"minCount", "nodeKind", "pattern"} <= set(constraints)
    assert not {"maxCount", "in", "hasValue"} & set(constraints)
    for check in shapes.checks:
        assert "sourceRow" not in check.query, check.name
        read = check.query.count("?read")
        assert read == check.query.count("SUBSTR(STR(?read), 1, 4)") + check.query.count("generatedAtTime ?read")
        assert check.query.count("generatedAtTime") == check.query.count("generatedAtTime ?read"), check.name


@settings(max_examples=50)
@given(
    st.integers(1, 10**9),
    st.datetimes(min_value=datetime(1000, 1, 1)),
    st.text("0123456789abcdef", min_size=64, max_size=64),
)
def test_a_record_passes_from_whatever_file_it_is(shapes: Shapes, row: int, time: datetime, sha256: str) -> None:
    text = fetched(record(1), row, f"{time:%Y-%m-%dT%H:%M:%SZ}", sha256)
    assert engine.validate_batch(shapes, text.encode()) == []
    first = kept.digest(record(1).encode(), of_record=True)
    same_year = kept.digest(text.encode(), of_record=True) == first
    assert same_year == (f"{time:%Y}" == "2026")


@pytest.mark.parametrize(
    "other",
    [
        record(1).replace('sourceRow> "2"', 'sourceRow> "0"'),
        record(1).replace(TIME, "2026-02-30T10:00:00Z"),
        record(1).replace(TIME, "2026-11-24T10:00:00"),
        record(1).replace("0" * 64, "0" * 63),
        record(1).replace('identifier> "1"', 'identifier> "2"'),
        record(1)
        + next(line for line in record(1).splitlines(keepends=True) if "sourceRow" in line).replace('"2"', '"3"'),
    ],
)
def test_what_is_not_as_it_should_be_is_looked_at(other: str) -> None:
    assert len({kept.digest(text.encode(), of_record=True) for text in (record(1), other)}) == 2


WORDS = [
    f'{CLIR}sourceRow> "2"^^<http://www.w3.org/2001/XMLSchema#integer> ',
    f'{CLIR}sourceRow> "02"',
    f'{PROV}generatedAtTime> "{TIME}"^^<x> ',
    f'{PROV}generatedAtTime> "2026-02-30T10:00:00Z" ',
    f"{PROV}wasDerivedFrom> <https://w3id.org/clirld/id/distribution/x.default.{'0' * 64}> ",
    f"{PROV}wasDerivedFrom> <https://w3id.org/clirld/id/record/x-1> ",
    f'http://purl.org/dc/terms/title> " <{CLIR}sourceRow> "2"^^<x> ',
]


@given(
    st.lists(st.sampled_from(WORDS), max_size=6), st.sampled_from(["<s>", "<https://w3id.org/clirld/id/record/x-1>"])
)
def test_a_digest_is_that_of_the_whole_text_changed_by_one_expression(words: list[str], subject: str) -> None:
    text = "".join(f"{subject} <{one}{GRAPH} .\n" for one in words).encode()
    whole = re.compile(rb"^[^ \n]* (?:" + kept._RETRIEVAL.pattern + rb")[^\n]*", re.MULTILINE)
    several = max(text.count(kept._ROW), text.count(kept._TIME)) > 1
    assert kept._without_retrieval(text) == (
        text if several else whole.sub(lambda found: kept._steady(found) or found[0], text)
    )


def test_digests_are_met_in_about_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_CHUNK", 20)
    digests = [bytes([number]) * 16 for number in range(100)]
    (tmp_path / "digests").write_bytes(b"".join(digests))
    met = kept._Digests(tmp_path / "digests")
    some = [one for one in digests if one[0] % 3]
    some[:10] = random.Random(0).sample(some[:10], 10)
    assert all(met.meets(one) for one in some)
    assert not met.meets(b"x" * 16)
    assert not met.meets(digests[1])  # it was long ago
    met.close()


def test_the_stage_finds_what_is_kept(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = Project.load(replace(Settings.from_environment({}), data=tmp_path))
    _, harvest = [
        line.harvest(loaded, loaded.sources[name], Origin(sample=True)) for name in ("territories", "tiers-lieux-2019")
    ]
    shutil.copytree(harvest.graph, tmp_path / "the-same")
    monkeypatch.setattr(engine, "validate_batch", lambda *_arguments: pytest.fail("validated again"))
    again, skipped = stage.validate_graph(
        harvest.source, harvest.records, tmp_path / "the-same", loaded.settings, loaded.shapes, loaded.vocabulary
    )
    assert not skipped
    assert again != harvest.validated
    assert [(again / one).read_bytes() for one in FILES] == [(harvest.validated / one).read_bytes() for one in FILES]
