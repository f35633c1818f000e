"""An index that is changed has what the one made anew has, over random histories; when it is to be made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clirld.release import gzip_files
from clirld.search import index, update
from clirld.search.find import Narrowed, find
from clirld.settings import BASE
from tests.search.described import described

RDFS, SKOS, DCT = (
    "http://www.w3.org/2000/01/rdf-schema#",
    "http://www.w3.org/2004/02/skos/core#",
    "http://purl.org/dc/terms/",
)
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
ONTOLOGY, TERRITORY = f"{BASE}ontology#", f"{BASE}id/territory/"

Graphs = Mapping[str, Sequence[str]]


def says(subject: str, predicate: str, said: str) -> str:
    """A line of N-Quads; of what is said, IRIs are between brackets."""
    return f"<{BASE}{subject}> <{predicate}> {said} <{BASE}graph/g> .\n"


TERRITORIES = [
    *(says(f"id/territory/{key}", f"{RDFS}label", f'"{name}"@fr') for key, name in (
        ("commune-39300", "Lons-le-Saunier"), ("commune-25056", "Besançon"), ("departement-39", "Jura"),
        ("region-27", "Bourgogne-Franche-Comté"),
    )),
    *(says(f"id/territory/{part}", f"{DCT}isPartOf", f"<{TERRITORY}{whole}>") for part, whole in (
        ("commune-39300", "departement-39"), ("commune-25056", "departement-25"), ("departement-39", "region-27"),
    )),
]  # fmt: skip
"""One of them is a part of one that has no name."""

THINGS = [f"id/initiative/{n}" for n in "abcdef"] + [f"id/organization/{n}" for n in "xy"] + ["concept/kind/k"]
STATEMENTS = [
    *((f"{RDFS}label", f'"{name}"{tag}') for name, tag in (
        ("L'Atelier du Val", "@fr"), ("Atelier", "@fr"), ("Ateliers", ""), ("Œuvre de St-Étienne", "@fr"), ("★", "@en"),
        ("Les locaux \\\"neufs\\\"", "@fr"),
    )),
    (f"{SKOS}altLabel", '"Atelier"@fr'),
    (f"{DCT}identifier", '"552100554"'),
    (f"{DCT}description", '"On y travaille le bois.\\nDes locaux, des ateliers."@fr'),
    *((TYPE, f"<{one}>") for one in (f"{ONTOLOGY}Initiative", f"{ONTOLOGY}FormerEntity", f"{SKOS}Concept")),
    *((f"{ONTOLOGY}seatedIn", f"<{TERRITORY}{one}>") for one in ("commune-39300", "commune-25056", "commune-1")),
    (f"{ONTOLOGY}actsIn", f"<{TERRITORY}region-27>"),
    ("http://www.w3.org/2002/07/owl#sameAs", f"<{BASE}id/initiative/a>"),
]  # fmt: skip

said = st.sets(st.sampled_from(STATEMENTS), max_size=6)
"""What a graph says of a thing."""
histories = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(THINGS), said), min_size=1, max_size=25)
"""What a graph says of a thing from then on."""
QUESTIONS = ("atelier", "ateliers du val", "bois locaux", "552100554", "saint etienne", "★", "besancon")


def write(folder: Path, graphs: Graphs) -> dict[str, Path]:
    """Files of graphs, as a release has them."""
    folder.mkdir()
    paths = {name: folder / f"{name}.nq.gz" for name in graphs}
    for name, lines in graphs.items():
        gzip_files.write_lines(sorted({line.encode() for line in lines}), paths[name])
    return paths


def subjects(*graphs: Graphs) -> list[bytes]:
    """Those of which something differs."""
    before, after = ({(name, line) for name, lines in one.items() for line in lines} for one in graphs)
    return sorted({line.split(" ", 1)[0].encode() for _name, line in before ^ after})


def changed(folder: Path, before: Graphs, after: Graphs) -> tuple[Path | None, Path]:
    """The index of graphs by changing that of others, None where that is not done; and made anew."""
    old, new = write(folder / "before", before), write(folder / "after", after)
    earlier, out, anew = (folder / f"{name}.sqlite" for name in ("earlier", "out", "anew"))
    index.write(old.values(), earlier)
    index.write(new.values(), anew)
    done = update.update(earlier, out, subjects(before, after), [*old.values()], [*new.values()])
    assert done == out.is_file()
    return out if done else None, anew


@given(histories)
@settings(deadline=None, max_examples=25)
def test_a_history_of_changes_leads_to_the_index_made_anew(
    history: list[tuple[str, str, set[tuple[str, str]]]],
) -> None:
    known: dict[tuple[str, str], set[tuple[str, str]]] = {}
    states: list[Graphs] = []
    for number, (graph, thing, what) in enumerate([("a", THINGS[0], {STATEMENTS[0]}), *history]):
        known[graph, thing] = what
        if number % 5 == 0 or number == len(history):
            graphs = {
                name: [says(one, *each) for (where, one), all_ in known.items() if where == name for each in all_]
                for name in "ab"
            }
            states.append({"territories": TERRITORIES, **{name: lines for name, lines in graphs.items() if lines}})
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = [write(folder / str(number), state) for number, state in enumerate(states)]
        current, later, anew = (folder / f"{name}.sqlite" for name in ("current", "later", "anew"))
        index.write(paths[0].values(), current)
        for (before, after), (old, new) in zip(pairwise(states), pairwise(paths), strict=True):
            anew.unlink(missing_ok=True)
            index.write(new.values(), anew)
            if not update.update(current, later, subjects(before, after), [*old.values()], [*new.values()]):
                index.write(new.values(), later)
            assert described(later) == described(anew)
            for question in QUESTIONS:
                assert find(later, question) == find(anew, question), question
            assert find(later, "", Narrowed(territory="region-27")) == find(anew, "", Narrowed(territory="region-27"))
            later.replace(current)


PLAIN = {
    "territories": TERRITORIES,
    "a": [says(f"id/initiative/{n}", f"{RDFS}label", f'"Le lieu {n}"@fr') for n in range(20)]
    + [says(f"id/initiative/{n}", TYPE, f"<{ONTOLOGY}Initiative>") for n in range(20)],
}


def test_a_few_changes_are_made_in_the_index_that_is_there(tmp_path: Path) -> None:
    renamed = says("id/initiative/3", f"{RDFS}label", '"Un tout autre nom"@fr')
    new = says("id/initiative/new", f"{RDFS}label", '"Le lieu neuf"@fr')
    lines = [line for line in PLAIN["a"] if "initiative/3>" not in line and "initiative/5>" not in line]
    out, anew = changed(tmp_path, PLAIN, {**PLAIN, "a": [*lines, renamed], "b": [new]})
    assert out is not None
    assert described(out) == described(anew)
    assert [hit.iri for hit in find(out, "tout autre").hits] == [f"{BASE}id/initiative/3"]


def test_lines_are_found_wherever_a_part_of_a_file_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update, "_CHUNK", 90)
    elsewhere = [says("id/initiative/7", f"{DCT}description", '"du bois"@fr')]
    before = {**PLAIN, "b": [], "c": elsewhere}
    out, anew = changed(tmp_path, before, {**before, "b": [says("id/initiative/7", f"{SKOS}altLabel", '"autre"@fr')]})
    assert out is not None
    assert described(out) == described(anew)


TWO = says("id/organization/two", f"{RDFS}label", '"Deux"@fr')
BOTH = [TWO, *(says("id/organization/two", TYPE, f"<{ONTOLOGY}{one}>") for one in ("A", "B"))]
ONLY_A, ONLY_B = (
    [
        says(f"id/organization/{one}{n}", *said)
        for n in range(number)
        for said in ((f"{RDFS}label", '"x"@fr'), (TYPE, f"<{ONTOLOGY}{one}>"))
    ]
    for one, number in (("A", 3), ("B", 2))
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": PLAIN["a"], "t": TERRITORIES}, {"a": PLAIN["a"], "t": TERRITORIES[1:]}),
        ({"a": [*BOTH, *ONLY_B]}, {"a": [*BOTH, *ONLY_B, *ONLY_A]}),
    ],
    ids=["a territory differs", "another class is the most common"],
)
def test_what_others_depend_on_makes_it_anew(tmp_path: Path, before: Graphs, after: Graphs) -> None:
    assert changed(tmp_path, before, after)[0] is None


def test_without_room_it_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "GAP", 1)
    new = says("id/initiative/new", f"{RDFS}label", '"Le lieu 1x"@fr')
    assert changed(tmp_path, PLAIN, {**PLAIN, "b": [new]})[0] is None
