"""Files of judgements: what is appended is read again, by others too; what is malformed is told, line by line."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.errors import DataError, UsageError
from clirld.link.judgements import sssom
from clirld.link.judgements.judgement import Judgement, author, free_text
from tests.link.judgements.made import judged

SAME = judged("same", "a-1", "b-1")
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(lambda text: " ".join(text.split()))
JUDGEMENTS = st.builds(
    Judgement,
    says=st.sampled_from(["same", "different", "unsure"]),
    subject=st.sampled_from(["initiative:a-1", "initiative:b.2"]),
    object=st.sampled_from(["initiative:c_3", "initiative:d-4"]),
    author=st.sampled_from(["reviewer:ada", "orcid:0000-0002-1825-0097"]),
    day=st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    comment=TEXTS,
    evidence=TEXTS,
    confidence=st.none() | st.sampled_from([0, 0.25, 1.0]),
    withdraws=st.lists(st.just(SAME.id), max_size=1).map(tuple),
    subject_label=TEXTS,
    object_label=TEXTS,
).map(Judgement.named)


@given(st.lists(JUDGEMENTS, max_size=5, unique_by=lambda one: one.id))
def test_what_is_appended_is_read_again(tmp_path_factory: pytest.TempPathFactory, judgements: list[Judgement]) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    sssom.append(folder, [SAME])
    for one in judgements:
        sssom.append(folder, [one])
    ledger = sssom.read(folder)
    assert sorted(ledger.judgements, key=lambda one: one.id) == sorted([SAME, *judgements], key=lambda one: one.id)
    assert ledger.issues == []


def test_nothing_that_stands_there_is_touched(tmp_path: Path) -> None:
    sssom.append(tmp_path, [SAME])
    path = tmp_path / "same.sssom.tsv"
    before = path.read_bytes().rstrip(b"\n")
    path.write_bytes(before)
    new = judged("same", "c", "d")
    sssom.append(tmp_path, [new, judged("different", "e", "f", withdraws=(SAME,))])
    assert path.read_bytes().startswith(before + b"\n")
    assert {one.id for one in sssom.read(tmp_path).judgements} >= {SAME.id, new.id}
    path.write_text("subject_id\tpredicate_id\n")
    with pytest.raises(DataError, match="has not all columns"):
        sssom.append(tmp_path, [SAME])
    assert path.read_text() == "subject_id\tpredicate_id\n"


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"subject_id": ""}, "subject_id is empty"),
        ({"subject_id": "a-1"}, "unknown name"),
        ({"subject_id": "initiative:a b"}, "unknown name"),
        ({"subject_id": "https://example.org/a"}, "unknown name"),
        ({"subject_id": "reviewer:a"}, "neither initiative nor organization"),
        ({"subject_id": "organization:siren-1"}, "never what carries it"),
        ({"subject_id": "initiative:b-1"}, "the same record twice"),
        ({"predicate_id": "skos:closeMatch"}, "not what this file says"),
        ({"predicate_modifier": "Not"}, "not what this file says"),
        ({"author_id": "initiative:a-1"}, "neither a pseudonym nor an ORCID"),
        ({"mapping_date": "2/1/2026"}, "no date"),
        ({"confidence": "high"}, "not between 0 and 1"),
        ({"confidence": "nan"}, "not between 0 and 1"),
        ({"comment": "one\ttoo many"}, "15 cells for 14 columns"),
        ({"comment": '"open'}, "quotes that do not close"),
        ({"ext_withdraws": "x"}, "unknown name"),
    ],
)
def test_a_malformed_line_is_told_and_the_others_count(tmp_path: Path, cells: dict[str, str], why: str) -> None:
    sssom.append(tmp_path, [SAME, other := judged("same", "c", "d")])
    path = tmp_path / "same.sssom.tsv"
    *head, row, last = path.read_text().splitlines()
    named = dict(zip(head[-1].split("\t"), row.split("\t"), strict=True)) | cells
    path.write_text("\n".join([*head, "\t".join(named.values()), last, ""]))
    ledger = sssom.read(tmp_path)
    assert ledger.judgements == [other]
    (issue,) = ledger.issues
    assert (issue.distribution, issue.row) == ("same.sssom.tsv", len(head) + 1)
    assert why in issue.message("en")


@pytest.mark.parametrize("text", ["", "#curie_map: {\n", "\n\n", "#a: b\n", "#- 1\n"])
def test_a_file_without_rows_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "same.sssom.tsv").write_text(text)
    assert sssom.read(tmp_path).judgements == []


@given(st.binary(max_size=200), st.integers(0, 60))
def test_whatever_stands_in_a_file_is_no_traceback(
    tmp_path_factory: pytest.TempPathFactory, dirt: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("dirt")
    sssom.append(folder, [SAME])
    path = folder / "same.sssom.tsv"
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([*lines[: at % len(lines)], dirt, *lines[at % len(lines) :]]))
    ledger = sssom.read(folder)
    assert ledger.judgements == [SAME] or ledger.issues


def test_columns_in_another_order_with_other_prefixes_and_without_an_id(tmp_path: Path) -> None:
    (tmp_path / "different.sssom.tsv").write_text(
        "#curie_map:\n#  i: https://w3id.org/clirld/id/initiative/\n"
        "author_id\tobject_id\tpredicate_modifier\tpredicate_id\tsubject_id\tmapping_date\tmapping_justification\r\n"
        "reviewer:bo\ti:b-1\tNot\towl:sameAs\thttps://w3id.org/clirld/id/initiative/a-1\t2026-01-02\t"
        "semapv:ManualMappingCuration\r\n"
    )
    assert sssom.read(tmp_path).judgements == [judged("different", "a-1", "b-1", "bo")]


def test_a_row_twice_says_no_more_and_an_id_of_another_is_told(tmp_path: Path) -> None:
    sssom.append(tmp_path, [SAME, SAME, replace(judged("same", "c", "d"), id=SAME.id)])
    sssom.append(tmp_path, [judged("unsure", "a-1", "b-1", withdraws=(judged("same", "x", "y"),))])
    ledger = sssom.read(tmp_path)
    assert [one.says for one in ledger.judgements] == ["same", "unsure"]
    assert [one.code for one in ledger.issues] == ["judgement-malformed", "judgement-withdraws-unknown"]


def test_others_read_the_files(project: Path, tmp_path: Path) -> None:
    python = project / ".venv-oracle" / "bin" / "python"
    if not (python.exists() and list((project / ".venv-oracle" / "lib").glob("*/site-packages/sssom_pydantic"))):
        pytest.skip("no sssom-pydantic in .venv-oracle: run “make test”")
    different = replace(judged("different", "c", "d", "bo", withdraws=(SAME,)), comment='one "of" two', confidence=0.5)
    sssom.append(tmp_path, [SAME, different])
    program = """
import json, sys, sssom_pydantic
print(json.dumps([
    [one.subject.curie, one.predicate_modifier, one.object.curie, one.predicate.curie, one.justification.curie,
     [by.curie for by in one.authors], str(one.mapping_date), one.confidence, one.comment, one.record.curie,
     {name: slot.value for name, slot in (one.extensions or {}).items()}]
    for name in sys.argv[1:] for one in sssom_pydantic.read(name).mappings]))
"""
    files = [tmp_path / "same.sssom.tsv", tmp_path / "different.sssom.tsv"]
    done = subprocess.run([python, "-c", program, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    how = ["skos:exactMatch", "semapv:ManualMappingCuration"]
    assert json.loads(done.stdout) == [
        ["initiative:a-1", None, "initiative:b-1", *how, ["reviewer:ada"], "2026-01-02", None, None, SAME.id, {}],
        ["initiative:c", "Not", "initiative:d", *how, ["reviewer:bo"], "2026-01-02", 0.5, 'one "of" two', different.id,
         {"ext_withdraws": SAME.id}],
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Ada L", "ada@example.org", "", "a", "0000-0002-1825-0098", "-x", "x" * 40])
def test_who_judges_gives_what_may_be_published(name: str) -> None:
    with pytest.raises(UsageError):
        author(name)


def test_names_of_those_who_judge() -> None:
    assert author("ada-2") == "reviewer:ada-2"
    assert author("https://orcid.org/0000-0002-1825-0097") == "orcid:0000-0002-1825-0097"
    with pytest.raises(UsageError):
        free_text("call 06 12 34 56 78", "--because")
