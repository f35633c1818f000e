"""Who was there at which phase, and what counts as having worked: no more is said than sources and dates say."""

from __future__ import annotations

import pytest

from clirld.reuse.cases import Activity, Experience, Outcome, Process, Role, Step
from clirld.reuse.facts import CONCEPT, Named
from clirld.reuse.told import Expected, Told
from clirld.web.practice.roles import State, role_table
from clirld.web.practice.score import score
from clirld.web.practice.story import is_shown_to_work

IMPULSE, DIALOGUE, TRIAL = (Named(name, name) for name in ("impulse", "dialogue", "trial"))
CARRIER, LENDER, HELPER = (Named(name, name) for name in ("carrier", "lender", "helper"))


def role(kind: Named, start: str, end: str, *, is_public: bool = False) -> Role:
    return Role(f"r-{kind.label}-{start}", [kind], "", None, Named("a", "A"), is_public, [], start, end, "")


def case(roles: list[Role], activities: list[tuple[Named, str]]) -> tuple[Told, Process]:
    step = Step("s", [TRIAL], "try", None, "1", "", [], [], [], "")
    process = Process("p", [], "process", None, "", "", "", [step], [])
    done = [Activity(f"a{n}", [phase], "", None, [], day, "") for n, (phase, day) in enumerate(activities)]
    said = Experience("", [], [], [process], done, roles, [], [], [], [], [], [])
    expected = {"s": Expected([HELPER], [], [])}
    nothing: list[Named] = []
    told = Told(
        Named("i", "I"),
        *(nothing for _ in range(6)),
        "",
        "",
        nothing,
        {},
        said,
        expected,
        [],
        [],
        [],
        [],
        [IMPULSE, DIALOGUE, TRIAL],
        frozenset(),
    )
    return told, process


@pytest.mark.parametrize(
    ("start", "end", "state"),
    [
        ("2014", "2016", "said"),
        ("2015-03-02", "", "said"),
        ("2014", "", "doubtful"),
        ("", "2016", "doubtful"),
        ("2016", "", "not-said"),
        ("2012", "2014", "not-said"),
        ("", "", "not-said"),
    ],
)
def test_a_role_is_held_at_a_phase_by_its_dates(start: str, end: str, state: State) -> None:
    table = role_table(*case([role(CARRIER, start, end)], [(DIALOGUE, "2015-06-30"), (IMPULSE, "")]))
    assert [one.label for one in table.phases] == ["impulse", "dialogue", "trial"]
    held = next(row for row in table.rows if row.role == CARRIER)
    assert held.states == ["not-said", state, "not-said"]


def test_public_actors_come_first_and_what_a_step_expects_has_a_row() -> None:
    roles = [role(CARRIER, "2014", ""), role(LENDER, "2015", "", is_public=True)]
    table = role_table(*case(roles, [(DIALOGUE, "2015")]))
    assert [(row.role.label, row.is_public) for row in table.rows] == [
        ("lender", True),
        ("carrier", False),
        ("helper", False),
    ]
    assert table.rows[2].states == ["not-said", "expected"]
    assert table.rows[2].actors == []


def test_the_drawing_keeps_what_has_no_date_apart() -> None:
    told, process = case(
        [role(LENDER, "2013", "2014", is_public=True)], [(DIALOGUE, "2015"), (TRIAL, ""), (DIALOGUE, "2015")]
    )
    drawn = score(told, process, "phase not said")
    assert drawn is not None
    assert [(one.number, one.is_dated) for one in drawn.moments] == [(1, True), (2, True), (3, False)]
    assert drawn.moments[0].x != drawn.moments[1].x
    assert [line.is_known for line in drawn.lines] == [False, True, True]
    assert [(one.until is not None) for one in drawn.public] == [True]
    assert score(*case([], [(TRIAL, "")]), "") is None


@pytest.mark.parametrize(
    ("assessment", "evidence", "works"),
    [
        ("worked", "compared", True),
        ("partly-worked", "independent", True),
        ("worked", "counted", False),
        ("worked", "", False),
        ("did-not-work", "replicated", False),
        ("", "compared", False),
    ],
)
def test_worked_only_with_evidence(assessment: str, evidence: str, works: bool) -> None:
    def named(scheme: str, name: str) -> list[Named]:
        return [Named(f"{CONCEPT}{scheme}/{name}", name)] if name else []

    kinds, levels = named("outcome-assessment", assessment), named("evidence-level", evidence)
    outcome = Outcome("o", kinds, "", None, [], "", "", "", "", "", levels, [])
    assert is_shown_to_work(outcome) == works
