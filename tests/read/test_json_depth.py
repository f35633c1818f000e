"""Nothing that is nested without end gets as far as a parser that keeps the path of each level."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import ijson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.errors import ReadError
from clirld.read.archive import File
from clirld.read.json import open_json
from clirld.read.json_depth import MAX_DEPTH, bounded

_TREES = st.recursive(
    st.text(alphabet='[]{}"\\a') | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_too_deep_is_refused(tmp_path: Path, opening: bytes, pack: type[bytes]) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(pack(opening * 50_000))
    with open_json(File(file)) as raw, pytest.raises(ReadError, match="200 deep") as problem:
        list(ijson.parse(raw))
    assert (problem.value.where, bool(problem.value.do)) == (str(file), True)


def test_as_deep_as_may_be(tmp_path: Path) -> None:
    text = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert len(list(ijson.parse(bounded(io.BytesIO(text), "here")))) == 2 * MAX_DEPTH
    with pytest.raises(ReadError):
        list(ijson.parse(bounded(io.BytesIO(b"[" + text + b"]"), "here")))


def test_brackets_in_texts_are_no_levels() -> None:
    texts = [f"[{n} {{" for n in range(1000)]
    raw = bounded(io.BytesIO(b"   " + json.dumps(texts).encode()), "here")
    assert [value for _, value in ijson.basic_parse(raw) if value] == texts


@given(_TREES, st.integers(1, 20))
def test_what_is_read_is_the_same(tree: object, size: int) -> None:
    text = json.dumps(tree).encode()
    raw = bounded(io.BytesIO(text), "here")
    assert b"".join(iter(lambda: raw.read(size), b"")) == text
