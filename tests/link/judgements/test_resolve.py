"""What judgements come to: groups, what blocks them and by which way, and the same as nomenklatura's Resolver."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.link.clusters import clusters
from clirld.link.identifiers import Numbered
from clirld.link.judgements.judgement import Judgement, Says, in_force
from clirld.link.judgements.resolve import Resolved, resolve
from tests.link.judgements import graphs
from tests.link.judgements.made import judged

NAMES = "abcdef"
DECISIONS = st.lists(
    st.tuples(
        st.sampled_from(["same", "same", "different", "unsure"]), st.sampled_from(NAMES), st.sampled_from(NAMES),
        st.sampled_from(["ada", "bo"]),
    ).filter(lambda one: one[1] != one[2]),
    max_size=12,
)  # fmt: skip


def found(judgements: Iterable[Judgement], numbered: Sequence[Numbered] = (), gone: str = "") -> Resolved:
    every = list(judgements)
    names = {name for one in every for name in one.pair} | {
        f"organization:{key}" for one in numbered for key in one.keys
    }
    return resolve(every, numbered, {name for name in names if name.partition(":")[2] not in gone.split()})


def groups(resolved: Resolved) -> list[str]:
    return [" ".join(name.partition(":")[2] for name in one.members) for one in resolved.groups]


def codes(resolved: Resolved) -> list[str]:
    return [one.code for one in resolved.issues]


def test_same_is_transitive_and_unsure_says_nothing() -> None:
    resolved = found([judged("same", "a", "b"), judged("same", "c", "b", "bo"), judged("unsure", "c", "d")])
    assert (groups(resolved), codes(resolved), len(resolved.holding)) == (["a b c"], [], 3)


def test_a_different_inside_a_group_blocks_it_and_the_shortest_way_is_told() -> None:
    far = [judged("same", one, other) for one, other in ("ax", "xy", "yb")]
    near = [judged("same", "a", "m", "bo"), judged("same", "m", "b")]
    apart, elsewhere = judged("different", "b", "a", "cy"), judged("same", "e", "f")
    resolved = found([*far, *near, apart, elsewhere])
    assert groups(resolved) == ["e f"]
    assert resolved.holding == [elsewhere]
    (issue,) = resolved.issues
    assert (issue.code, issue.value) == ("judgements-contradict", "initiative:a ≠ initiative:b")
    told = issue.message("fr")
    assert all(text in told for text in ("reviewer:cy", near[0].id, near[1].id, apart.id, "initiative:m"))
    assert not any(one.id in told for one in far)


def test_opposite_judgements_of_two_people_hold_neither() -> None:
    same, different = judged("same", "a", "b"), judged("different", "a", "b", "bo")
    resolved = found([same, different])
    assert (groups(resolved), codes(resolved)) == ([], ["judgements-contradict"])
    assert all(name in resolved.issues[0].message("en") for name in ("reviewer:ada", "reviewer:bo"))
    assert groups(found([same, replace(different, withdraws=(same.id,))])) == []
    assert groups(found([replace(same, withdraws=(different.id,)), different])) == ["a b"]


def test_who_withdraws_each_other_holds_neither() -> None:
    one, other = judged("same", "a", "b"), judged("different", "a", "b", "bo")
    circle = [replace(one, withdraws=(other.id,)), replace(other, withdraws=(one.id,))]
    assert found(circle) == Resolved()


def test_a_record_that_is_gone_still_joins_the_others_and_is_told() -> None:
    resolved = found([judged("same", "a", "v"), judged("same", "v", "b")], gone="v")
    assert (groups(resolved), codes(resolved)) == (["a b"], ["judgement-vanished"] * 2)
    assert not any("initiative:v" in one.message() for one in resolved.issues)
    assert resolved.holding == []


def test_a_record_that_has_another_id_now_counts_by_that() -> None:
    one = judged("same", "a", "old")
    resolved = resolve([one], [], {"initiative:a", "initiative:new"}, {"initiative:old": "initiative:new"})
    assert (groups(resolved), codes(resolved), resolved.holding) == (["a new"], [], [one])


NUMBERED = Numbered(("siren-1", "rna-W1"), ("siren-1", "rna-W1"), ("x",))


@pytest.mark.parametrize(
    ("says", "pairs", "expected", "told"),
    [
        ("same", ["a-7 rna-W1"], ["siren-1 rna-W1 a-7"], []),
        ("same", ["siren-2 rna-W1"], [], ["judgement-against-numbers"]),
        ("same", ["a-7 rna-W1", "a-7 siren-2"], [], ["judgement-against-numbers"]),
        ("same", ["rna-W2 siren-1"], [], ["judgement-against-numbers"]),
        ("different", ["siren-1 rna-W1"], [], ["judgements-contradict"]),
    ],
)
def test_numbers_and_people(says: Says, pairs: list[str], expected: list[str], told: list[str]) -> None:
    every = [judged(says, *pair.split(" "), table="organization") for pair in pairs]
    resolved = found(every, [NUMBERED])
    assert (groups(resolved), codes(resolved)) == (expected, told)
    assert bool(resolved.apart) == (says == "different")


def test_of_numbers_that_contradict_a_person_says_which_is_right() -> None:
    torn = Numbered(("siren-1", "siren-2", "rna-W1"), ("siren-1", "siren-2", "rna-W1"), ("x", "y"))
    right = judged("same", "rna-W1", "siren-1", table="organization")
    wrong = judged("different", "rna-W1", "siren-2", table="organization")
    assert groups(found([right, wrong], [torn])) == ["siren-1 rna-W1"]


@given(DECISIONS)
def test_nothing_is_one_that_somebody_says_is_not(decisions: list[tuple[Says, str, str, str]]) -> None:
    every = [judged(*one) for one in decisions]
    resolved = found(every)
    reached = [set(group) for group in clusters(one.pair for one in every if one.says == "same")]
    against = [one for one in every if one.says == "different" and any(set(one.pair) <= group for group in reached)]
    whole = [group for group in reached if not any(set(one.pair) <= group for one in against)]
    assert [set(one.members) for one in resolved.groups] == whole
    assert codes(resolved) == ["judgements-contradict"] * len(against)
    lost = [one for one in every if one not in resolved.holding]
    assert lost == [one for one in every if any(set(one.pair) <= group for group in reached if group not in whole)]


@given(DECISIONS, st.data())
def test_what_is_withdrawn_is_as_if_it_had_never_been_said(
    decisions: list[tuple[Says, str, str, str]], data: st.DataObject
) -> None:
    every = list({one.id: one for one in (judged(*one) for one in decisions)}.values())
    taken = data.draw(st.lists(st.sampled_from(every), unique_by=lambda one: one.id)) if every else []
    withdrawal = judged("unsure", "y", "z", withdraws=tuple(taken))
    left = [one for one in every if one not in taken]
    assert in_force([*every, withdrawal]) == [*left, withdrawal]
    assert found([*every, withdrawal]) == found([*left, withdrawal])


def test_a_thousand_random_graphs_give_what_nomenklatura_gives() -> None:
    expected = Path(__file__).with_name("resolver.txt").read_text(encoding="utf-8").splitlines()
    assert len(expected) == graphs.COUNT
    assert [f"{number} {ours(decisions)}" for number, decisions in enumerate(graphs.graphs())] == expected


def ours(decisions: Sequence[graphs.Decision]) -> str:
    """The groups before anything blocks them, which that Resolver does not do; and what must not be asked again."""
    every = [judged(said, one, other) for one, other, said in decisions]  # type: ignore[arg-type]
    resolved = found([replace(one, says="same") for one in every if one.says == "same"])
    one_of = {name: group.members for group in resolved.groups for name in group.members}
    names = sorted({name for one in every for name in one.pair})
    blockers = [{one_of.get(name, (name,)) for name in one.pair} for one in every if one.says != "same"]
    apart = [pair for pair in combinations(names, 2)
             if len(sides := {one_of.get(name, (name,)) for name in pair}) == 2 and sides in blockers]  # fmt: skip
    return graphs.digest(
        [[name.partition(":")[2] for name in group] for group in set(one_of.values())],
        [[name.partition(":")[2] for name in pair] for pair in apart],
    )


def test_the_stored_answers_are_those_of_nomenklatura(project: Path) -> None:
    python = project / ".venv-resolver" / "bin" / "python"
    if not python.exists():
        pytest.skip("no .venv-resolver: run “make resolver”, which needs a C++ compiler and the headers of ICU")
    done = subprocess.run([python, "-m", graphs.__name__], cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, Path(__file__).with_name("resolver.txt").read_text()), done.stderr
