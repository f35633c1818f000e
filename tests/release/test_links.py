"""What a release says of what is one: in its graph where numbers say so; else beside its store, for a person."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Store

from clirld.link import output, records
from clirld.link.identifiers import Numbered
from clirld.query.select import select
from clirld.release import published
from clirld.release.published import Release
from clirld.settings import BASE
from tests.dumps import quads_of


@pytest.fixture(scope="module")
def release(samples: Path) -> Release:
    found = published.current(samples)
    assert found
    return found


def test_organizations_that_numbers_join_are_joined_and_no_initiative_is(release: Release) -> None:
    store = Store.read_only(str(release.folder / "store"))
    said = {
        (quad.subject, quad.object)
        for quad in store.quads_for_pattern(None, NamedNode(output.SAME_AS), None, NamedNode(output.GRAPH))
    }
    query = f"""PREFIX clir: <{BASE}ontology#>
        SELECT DISTINCT ?one ?other {{
          ?one clir:rna ?number ; clir:siren ?siren . ?other clir:rna ?number
          FILTER NOT EXISTS {{ ?other clir:siren ?any }}
        }}"""
    apart = {row[side] for row in candidates(release) if row["verdict"] == "conflict" for side in ("left", "right")}
    rows = [(row["other"], row["one"]) for row in select(store, query)]
    joined = {row for row in rows if row[1].value.rpartition("/")[2] not in apart}
    assert joined
    assert joined <= said  # beside those that a SIRET joins
    assert len(joined) < len(rows)  # one number of the samples is that of two organizations
    assert not {subject for subject, _ in said} & {canonical for _, canonical in said}


def test_what_is_only_a_candidate_is_not_in_the_store(release: Release) -> None:
    assert candidates(release)
    assert not any(quad.endswith(b"/graph/links/candidates> .") for quad in quads_of(release.folder))


def test_the_one_that_goes_first_stands_for_the_others(tmp_path: Path) -> None:
    one = Numbered(("siren-1", "rna-W1", "a-7"), ("siren-1", "rna-W1"), ("a", "b"))
    (path,) = output.write_same([one], {"open": ["a", "b"]}, "open", tmp_path).values()
    assert path.read_text().splitlines() == [
        f"<{BASE}id/organization/{key}> <{output.SAME_AS}> <{BASE}id/organization/siren-1> <{BASE}graph/links> ."
        for key in ("a-7", "rna-W1")
    ]


def candidates(release: Release) -> list[dict[str, str]]:
    with (release.folder / "links" / "candidates.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_numbers_that_contradict_join_nothing_and_are_told(tmp_path: Path) -> None:
    apart = Numbered(("siren-1", "siren-2"), ("siren-1", "siren-2", "rna-W1"), ("a", "b"))
    (path,) = output.write_same([apart], {"open": ["a", "b"]}, "open", tmp_path).values()
    assert path.read_text() == ""
    assert output.write_candidates({"organization": records.of_tables([])}, [apart], tmp_path) == 1
    with (tmp_path / "candidates.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["table"], row["left"], row["right"], row["verdict"]) == (
        "organization",
        "siren-1",
        "siren-2",
        "conflict",
    )
