"""The empty form of a case, to take away where it is asked for."""

from __future__ import annotations

import requests

from clirld.cases import form, template
from clirld.cases.values import Values
from clirld.vocabulary.terms import Vocabulary
from tests.conftest import PROJECT
from tests.web.test_pages import BROWSER, Page


def test_the_empty_form_is_a_link_away(documents: str) -> None:
    values = Values(Vocabulary.load(PROJECT / "ontology"))
    answer = requests.get(f"{documents}/contribute", headers=BROWSER, timeout=60)
    assert {"/contribute/case.xlsx", "/contribute/case.md"} <= set(Page(answer.text).links)
    text, sheet = (requests.get(f"{documents}/contribute/case.{suffix}", timeout=60) for suffix in ("md", "xlsx"))
    assert text.content.decode() == form.form("case", values)
    assert sheet.content == template.content(values)
