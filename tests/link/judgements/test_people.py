"""What a person is asked, how often two agree, what is taken apart, and what OpenRefine gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clirld.errors import DataError, UsageError
from clirld.link.judgements import openrefine, queue
from clirld.link.judgements.judgement import in_force, short_name, withdrawal
from clirld.link.judgements.split import split
from tests.link.judgements.made import DAY, judged

PAIRS = [("initiative:b", "initiative:a"), ("initiative:c", "initiative:d"), ("initiative:e", "initiative:f")]


def test_nobody_is_asked_twice_and_a_second_person_what_another_said() -> None:
    said = [judged("same", "a", "b"), judged("unsure", "c", "d"), judged("different", "g", "h", "bo")]
    assert queue.to_ask(PAIRS, said, "reviewer:ada") == [("initiative:e", "initiative:f")]
    asked = queue.to_ask(PAIRS, said, "reviewer:bo")
    assert sorted(asked) == [("initiative:c", "initiative:d"), ("initiative:e", "initiative:f")]
    assert asked == queue.to_ask(reversed(PAIRS), said, "reviewer:bo")
    second = queue.to_ask(PAIRS, said, "reviewer:ada", second=True)
    assert second == [("initiative:g", "initiative:h")]
    undone = withdrawal(said[0], "reviewer:ada", DAY)
    assert ("initiative:a", "initiative:b") in queue.to_ask(PAIRS, [*said, undone], "reviewer:ada")


def test_two_agree_where_both_say_the_same() -> None:
    said = [judged("same", "a", "b"), judged("same", "b", "a", "bo"), judged("same", "c", "d")]
    said += [judged("different", "c", "d", "bo"), judged("unsure", "e", "f", "bo"), judged("same", "e", "f")]
    assert queue.agreement(said, "reviewer:ada") == (2, 1)
    assert queue.agreement(said, "reviewer:cy") == (0, 0)


def test_a_record_is_taken_apart_and_who_joined_it_is_withdrawn() -> None:
    said = [
        judged("same", "a", "b"),
        judged("same", "b", "a", "bo"),
        judged("same", "a", "c"),
        judged("same", "c", "d"),
    ]
    apart = split(said, "initiative:a", None, "reviewer:cy", DAY, "deux lieux")
    assert [one.pair[1] for one in apart] == ["initiative:b", "initiative:c"]
    left = in_force([*said, *apart])
    assert [one.says for one in left] == ["same", "different", "different"]
    assert left[0] == said[3]
    (one,) = split(said, "initiative:a", "initiative:b", "reviewer:cy", DAY, "")
    assert one.withdraws == (said[0].id, said[1].id)
    (by_number,) = split([], "organization:siren-1", "organization:rna-W1", "reviewer:cy", DAY, "")
    assert by_number.withdraws == ()
    known = judged("different", "a", "b", "bo")
    assert split([known], "initiative:a", "initiative:b", "reviewer:cy", DAY, "")[0].withdraws == ()
    with pytest.raises(DataError, match="nobody has judged"):
        split(said, "initiative:x", None, "reviewer:cy", DAY, "")


@pytest.mark.parametrize(
    "text",
    [
        "initiative:a-1",
        "initiative/a-1",
        "/id/initiative/a-1",
        "https://w3id.org/clirld/id/initiative/a-1",
        " initiative:a-1 ",
    ],
)
def test_a_record_is_named_by_its_iri_or_the_end_of_it(text: str) -> None:
    assert short_name(text) == "initiative:a-1"


@pytest.mark.parametrize(
    "text", ["", "a-1", "record:a", "initiative:", "xinitiative:a", "initiative:a b", "initiative:a>"]
)
def test_what_names_no_record_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        short_name(text)


EXPORT = """fiche,appariée,judgment,action,comment
https://w3id.org/clirld/id/initiative/a-1,initiative/b-1,matched,single,"même
adresse"
initiative/a-2,initiative/b-2,matched,auto,
initiative/a-3,initiative/b-3,new,mass,
initiative/a-4,,new,single,
initiative/a-5,initiative/b-5,none,,
initiative/a-6,initiative/b-6,perhaps,single,
initiative/a-7,organization/siren-1,matched,single,
initiative/a-8,initiative/a-8,matched,single,
somewhere,initiative/b-9,matched,single,
initiative/a-9,initiative/b-9,matched,single,ada@example.org
"""
NAMED = openrefine.COLUMNS | {"record": "fiche", "match": "appariée"}


def test_an_export_of_openrefine_becomes_judgements(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(EXPORT, encoding="utf-8-sig")
    found = openrefine.read(path, NAMED, "reviewer:ada", DAY)
    assert [(one.says, *one.pair, one.comment) for one in found.judgements] == [
        ("same", "initiative:a-1", "initiative:b-1", "même adresse"),
        ("different", "initiative:a-3", "initiative:b-3", ""),
    ]
    assert dict(found.left_out) == {"auto": 1, "undecided": 2}
    assert [one.row for one in found.issues] == [8, 9, 10, 11, 12]
    assert sum(found.left_out.values()) + len(found.judgements) + len(found.issues) == 10


def test_without_a_column_of_judgments_every_match_counts(tmp_path: Path) -> None:
    path = tmp_path / "export.tsv"
    path.write_text("record\tmatch\ninitiative/a-1\tinitiative/b-1\ninitiative/a-2\t\n", encoding="utf-8")
    found = openrefine.read(path, openrefine.COLUMNS, "reviewer:ada", DAY)
    assert [replace(one, evidence="", id="").named() for one in found.judgements] == [judged("same", "a-1", "b-1")]
    assert dict(found.left_out) == {"undecided": 1}


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n", b"\xff\xfe", b"record\0match\n", b'record,match\n"' + b"x" * 200_000]
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError):
        openrefine.read(path, openrefine.COLUMNS, "reviewer:ada", DAY)
