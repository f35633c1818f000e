"""What the page tells of a case: the first lines of each section, each with what belongs to it, and how many more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clirld.query.failure import Language
from clirld.reuse.answer import Question, answer
from clirld.reuse.sections import Line, Section
from clirld.web.reuse.brief import MOST, brief, in_one_line, page_of
from tests.reuse.small import facts, likeness

LANGUAGES: dict[Language, str] = {
    "fr": "cas proche, rang 1 sur 2\N{NO-BREAK SPACE}; 2 étapes, 1 rôle, 1 obstacle, 1 résultat",
    "en": "close case, number 1 of 2; 2 steps, 1 role, 1 obstacle, 1 outcome",
}


@given(st.lists(st.integers(0, 3), max_size=12))
def test_nothing_is_lost_without_being_counted(parts: list[int]) -> None:
    lines = [line for more in parts for line in (Line("a"), *(Line("b", level=1) for _ in range(more)))]
    (found,) = brief([Section("done", "Done", lines)])
    assert found.lines == lines[: len(found.lines)]
    shown = sum(not line.level for line in found.lines)
    assert shown + found.more == len(parts)
    assert shown == min(len(parts), MOST)
    assert len(found.lines) == sum(1 + more for more in parts[:MOST])


def test_a_case_in_one_line() -> None:
    for language, line in LANGUAGES.items():
        two, own = answer(facts(language), likeness(), Question("01001", ["jobs"])).cases[:2]
        assert in_one_line(two, language) == line
        assert page_of(two) == two.experience.processes[0].iri
        assert page_of(own) == own.initiative.iri
        assert in_one_line(own, language).startswith(
            "cas proche, sur place" if language == "fr" else "close case, in the same grouping"
        )


def test_a_case_of_another_need_says_so_in_its_line() -> None:
    found = answer(facts(), likeness(), Question("01001", ["housing"]))
    near, own = (in_one_line(case, "fr") for case in found.others)
    assert near.startswith("territoire proche, rang 1 sur 2\N{NO-BREAK SPACE}; le besoin est différent")
    assert own.startswith("sur place\N{NO-BREAK SPACE}; le besoin est différent")
    wide = answer(facts("en"), likeness(), Question("01001", ["jobs"])).cases[2]
    assert in_one_line(wide, "en").startswith("likeness of the territory not known; ")
