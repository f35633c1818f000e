"""A case that was written offline fills in the form: all of it, and nothing that would harm whoever reads it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.cases import template
from clirld.cases.collection import read_case
from clirld.cases.values import Values
from clirld.contributions import case_file
from clirld.contributions.case_form import raw_case
from clirld.vocabulary.terms import Vocabulary
from tests.conftest import PROJECT

CASES = sorted((PROJECT / "pipelines" / "sources" / "capitalisation").glob("*/*.md"))


@pytest.fixture(scope="module")
def values() -> Values:
    return Values(Vocabulary.load(PROJECT / "ontology"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("kind", ["md", "xlsx"])
def test_a_file_fills_in_the_whole_form(path: Path, kind: str, values: Values, tmp_path: Path) -> None:
    content = path.read_bytes()
    raw = read_case(content, path, path.name)
    if kind == "xlsx":
        template.write(tmp_path / "case.xlsx", values, raw)
        content = (tmp_path / "case.xlsx").read_bytes()
    fields, problems = case_file.read(content)
    assert problems == []
    again, wrong = raw_case("case", fields)
    assert wrong == []
    wanted = {name: value for name, value in raw.data.items() if value}
    as_lists = {name: [value] if isinstance(value, str) else value for name, value in wanted.items()}
    found = {name: [value] if isinstance(value, str) else value for name, value in again.data.items()}
    assert found.keys() == as_lists.keys()
    assert len(found["documents"]) == len(as_lists["documents"])
    assert found["titre"] == as_lists["titre"]


def packed(size: int) -> bytes:
    """A workbook that is small, and large once it is unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b"0" * size)
    return out.getvalue()


BILLION = "---\n" + "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(24)
) + "---\n"  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK", b"PK\x03\x04 no archive", packed(30 * 1024**2), BILLION.encode(), b"\xff\xfe", b"no form",
        b"---\ntitre: [\n---\n", b"---\n" + b"[" * 5_000 + b"\n---\n", b"---\ntitre: x\n",
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_form_or_would_harm_is_said_to_be_so(content: bytes) -> None:
    fields, problems = case_file.read(content)
    assert fields == {}
    assert problems
    assert all(one.message("fr") and one.message("en") for one in problems)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"---\n{text}\n---\n".encode()))
def test_any_bytes_can_be_sent(content: bytes) -> None:
    fields, _problems = case_file.read(content)
    assert all(isinstance(text, str) for text in fields.values())
