"""A store that is a copy with what differs has what one loaded anew has, whatever changes and in whichever dump."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store

from clirld.release import gzip_files
from clirld.release.changes.write import dump_names, graph_iri
from clirld.release.incremental import store
from clirld.release.published import Release

NAMES = [*dump_names("open", ["lieux"], is_open=True), *dump_names("other", [], is_open=False)]
"""Those of a source and the project's own, of which some graphs have a part in each licence group."""
SHARED = ("catalog", "accounting", "derived", "links")
Dumps = dict[str, set[bytes]]
INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
VALUES = ('"0"', f'"1"^^{INTEGER}', f'"01"^^{INTEGER}')
"""The last two are one value, spelled in two ways, and one quad of the store."""


def quad(name: str, subject: int, value: int) -> bytes:
    said = f"<https://example.org/{subject}> <https://example.org/p> {VALUES[value]}"
    return f"{said} <{graph_iri(name)}> .\n".encode()


@st.composite
def dumps(draw: st.DrawFn) -> Dumps:
    numbers = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=3)
    return {name: {quad(name, *one) for one in draw(numbers)} for name in NAMES}


def written(folder: Path, said: Dumps) -> dict[str, Path]:
    """The dumps in the folder of a release; their lines in files, by name."""
    (folder / "dump").mkdir(parents=True)
    for name, lines in said.items():
        gzip_files.write_lines(sorted(lines), folder / "dump" / f"{name}.nq.gz")
        (folder / name).write_bytes(b"".join(lines))
    return {name: folder / name for name in said}


def made(folder: Path, said: Dumps, before: Release | None) -> tuple[Release, bool]:
    paths = written(folder, said)
    own = {name: path for name, path in paths.items() if name.partition("-")[0] in SHARED}
    others = {name: path for name, path in paths.items() if name not in own}
    of_store, changed = store.make(folder / "store", others, folder / "dump", before)
    store.put(folder / "store", own, folder / "dump", None if changed is None else before)
    groups = [{"id": "open", "sources": ["lieux"]}, {"id": "other", "sources": []}]
    return Release(folder, {"store": of_store, "quads": 10_000, "rights": {"groups": groups}}), changed is not None


@settings(max_examples=25)  # each opens six stores, which wait for the disk
@given(dumps(), dumps())
def test_a_copy_with_what_differs_has_what_one_loaded_anew_has(first: Dumps, second: Dumps) -> None:
    with tempfile.TemporaryDirectory() as place:
        before, _ = made(Path(place) / "before", first, None)
        after, is_copy = made(Path(place) / "after", second, before)
        assert is_copy
        expected = Store()
        expected.load(b"".join(line for lines in second.values() for line in lines), format=RdfFormat.N_QUADS)
        assert set(Store.read_only(str(after.folder / "store"))) == set(expected)
