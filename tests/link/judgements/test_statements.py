"""What is published of who judges: a process of the project is software, a person is not."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode

from clirld.link.judgements import statements
from clirld.link.judgements.judgement import PROCESSES
from tests.link.judgements.made import judged

SOFTWARE = NamedNode("http://www.w3.org/ns/prov#SoftwareAgent")


@pytest.mark.parametrize("name", ["ada", "bo", *sorted(one.partition(":")[2] for one in PROCESSES)])
def test_only_a_process_is_published_as_software(name: str) -> None:
    quads = list(statements.told(judged("same", "a", "b", name)))
    marked = [str(quad.subject) for quad in quads if quad.object == SOFTWARE]
    assert bool(marked) == (f"reviewer:{name}" in PROCESSES)
    assert all(f"reviewer/{name}" in one for one in marked)
