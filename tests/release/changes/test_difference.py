"""Sorting in parts, and comparing two sorted graphs, against what sets say."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from clirld.release.changes.difference import differences
from clirld.release.changes.sorting import sorted_lines

TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
SUBJECTS = (b"<a:a>", b"<a:a/b>", b"<a:a-b>", b"<a:a#b>", b"<a:b>", "<a:é>".encode())
LINES = st.builds(
    lambda subject, predicate, value: b"%s %s %s <a:g> .\n" % (subject, predicate, value),
    st.sampled_from(SUBJECTS),
    st.sampled_from((TYPE, b"<a:p>")),
    st.sampled_from((b"<a:C>", b'"<a:x> ."', b'"\\" <a:y>"', b'"1"')),
)


@given(st.lists(LINES), st.integers(1, 5))
def test_lines_are_sorted_each_once_in_parts_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], size: int
) -> None:
    assert list(sorted_lines(lines, tmp_path_factory.getbasetemp(), at_a_time=size)) == sorted(set(lines))


@given(st.sets(LINES), st.sets(LINES))
def test_what_differs_is_what_sets_say(before: set[bytes], after: set[bytes]) -> None:
    found = list(differences(sorted(before), sorted(after)))
    assert [line for one in found for line in one.removed] == [line for line in sorted(before) if line not in after]
    assert [line for one in found for line in one.added] == [line for line in sorted(after) if line not in before]

    def of(lines: set[bytes], subject: bytes) -> set[bytes]:
        return {line for line in lines if line.startswith(subject + b" ")}

    for one in found:
        old, new = of(before, one.subject), of(after, one.subject)
        assert (set(one.before), set(one.after)) == (old, new)
        assert one.change == ("added" if not old else "removed" if not new else "changed")
        assert set(one.classes) <= {"a:C"}
    same = set(SUBJECTS) - {one.subject for one in found}
    assert all(of(before, subject) == of(after, subject) for subject in same)


def test_nothing_differs_from_itself(tmp_path: Path) -> None:
    lines = [b'<a:a> <a:p> "%d" <a:g> .\n' % n for n in range(10)]
    assert list(differences(iter(lines), iter(lines))) == []
