"""Issues: every code has words in both languages, and gets all the names that its words use."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from ruamel.yaml import YAML

from clirld import issues
from clirld.cli import report
from clirld.harvest import issue_groups
from clirld.issues import Issue
from clirld.records.placing import agreement
from clirld.values.cleaners import Cleaned

CODES: Mapping[str, Any] = YAML(typ="safe").load(files("clirld").joinpath("issue_messages.yaml").read_text("utf-8"))
FOLDER = Path(str(files("clirld")))
SOURCES = {path.relative_to(FOLDER).as_posix(): path.read_text("utf-8") for path in FOLDER.rglob("*.py")}
COMMON = {"value", "column", "source"}
CLEANED = {
    **{
        code: set(Cleaned("x", code).detail("date"))
        for code in ("zero-restored", "scheme-added", "decimals-removed", "street-names-person", "street-only-person")
    },
    **{code: set(Cleaned(None, code, "fr", "en").detail("date")) for code in ("value-unclean", "value-doubtful")},
    **{code: {"commune"} for code in agreement.OTHER.values()},
}
"""The details of the codes that cleaners give are made in one place, and so are those of columns that contradict."""
VALIDATED = {"record-held", "shape-warning"}


def names_in(template: str) -> set[str]:
    return {name for _text, name, _form, _conversion in string.Formatter().parse(template) if name is not None}


def used(code: str) -> set[str]:
    words = CODES[code]
    return {name for part in ("message", "advice") for text in words[part].values() for name in names_in(text)}


def line_of(match: re.Match[str]) -> str:
    return match.string[: match.end()].rpartition("\n")[2]


def given(code: str) -> set[str]:
    """The names of the detail beside the code where it is made, read from the program itself."""
    if code in CLEANED:
        return CLEANED[code]
    if code == "vintage-contradicted":  # made by a source
        text = (Path(__file__).parent.parent / "pipelines/sources/statistics/vintages.py").read_text(encoding="utf-8")
        return {name for line in re.findall(r"detail \|?= \{.*", text) for name in re.findall(r'"(\w+)":', line)}
    if code in VALIDATED:
        text = SOURCES["validate/result_issues.py"]
        made = text[text.index("detail = {\n") : text.index("yield Issue(")]
        return set(re.findall(r'"(\w+)":', made))
    found = [match for text in SOURCES.values() for match in re.finditer(rf'(?<!== )"{code}".*', text)]
    makers = [one for one in found if one.string[: one.start()].rstrip().endswith(("CellIssue(", "_issue("))]
    # It may also stand in a list of codes.
    places = makers or [one for one in found if not re.search(r'\("[a-z-]+"(, "[a-z-]+")+\)$', line_of(one))]
    assert len(places) == 1, f"{code} is made in {len(places)} places"
    here = places[0]
    if here.string[: here.start()].splitlines()[-1].lstrip().startswith(("Issue(", "SOURCE, ")):
        return set(re.findall(r'"(\w+)":', here.string[here.start() :].partition("\n    )")[0]))
    before = here.string[: here.start()].splitlines()[-3:]
    return set(re.findall(r'"(\w+)":', "\n".join([*before, here[0]])))


@pytest.mark.parametrize("code", issues.codes())
def test_every_code_is_whole_and_raised(code: str) -> None:
    entry = CODES[code]
    assert entry["severity"] in ("error", "warning", "info")
    for part in ("message", "advice"):
        assert set(entry[part]) == {"fr", "en"}
        assert all(text.strip() for text in entry[part].values())
    assert used(code) <= given(code) | COMMON
    assert code == "vintage-contradicted" or f'"{code}"' in "".join(SOURCES.values())


def test_both_languages_say_the_same_things() -> None:
    def plain(text: str) -> set[str]:
        return {name.removesuffix("_en").removesuffix("_fr") for name in names_in(text)}

    for code, entry in CODES.items():
        for part in ("message", "advice"):
            assert plain(entry[part]["fr"]) == plain(entry[part]["en"]), code


def test_every_code_in_the_program_has_words() -> None:
    made = {code for text in SOURCES.values() for code in re.findall(r'(?:CellIssue|_issue)\(\s*"([a-z-]+)"', text)}
    assert made
    assert made <= set(issues.codes())


def test_an_issue_in_words_and_back_from_the_disk(tmp_path: Path) -> None:
    one = Issue("places", "records", "lookup-miss", "default", 3, "TYPE", "Cantine", {"lookup": "types"})
    assert one.severity == "warning"
    assert one.message() == "« Cantine » n'est pas dans la table types"
    assert one.message("en") == "“Cantine” is not in lookup types"
    assert one.advice("en").startswith("add it to lookups.types in source.yaml")
    odd = Issue("places", "records", "lookup-miss", value="{x} {0} {", detail={"lookup": "{column}"})
    assert "{x} {0} {" in odd.message("en")
    assert issues.write([one, odd], tmp_path / "issues.jsonl") == 2
    assert list(issues.read(tmp_path / "issues.jsonl")) == [one, odd]
    line = json.loads((tmp_path / "issues.jsonl").read_text().splitlines()[0])
    assert line["message"] == {"fr": one.message("fr"), "en": one.message("en")}
    assert (line["severity"], line["row"]) == ("warning", 3)


def test_line_separators_in_a_value_do_not_break_the_file(tmp_path: Path) -> None:
    odd = Issue("places", "records", "lookup-miss", value="a\u2028b\nc\x85d", detail={"lookup": "t"})
    issues.write([odd, odd], tmp_path / "issues.jsonl")
    assert list(issues.read(tmp_path / "issues.jsonl")) == [odd, odd]


def test_issues_are_shown_once_with_their_number_errors_first() -> None:
    console = Console(width=200, record=True, file=None, quiet=False, emoji=False)
    many = [Issue("p", "records", "lookup-miss", "default", n, "T", "[/] :heart:", {"lookup": "t"}) for n in (2, 3, 4)]
    detail = {"reason": "missing-name", "why": "sans nom", "why_en": "no name"}
    dropped = Issue("p", "records", "row-dropped", "default", 9, detail=detail)
    report.issues(console, issue_groups.group_issues([*many, dropped]), "en")
    shown = console.export_text()
    assert shown.index("missing-name") < shown.index("[/] :heart:")
    assert shown.count("[/] :heart:") == 1
    assert re.search(r"default, row 2, T\b.* 3 ", shown)
    report.issues(console, [], "en")
    assert console.export_text() == ""


def test_shares_are_written_as_each_language_writes_them() -> None:
    issue = Issue(
        "x", "guards", "guard-fewer", detail={"share": "62.5%", "before": "80", "found": "30", "most": "30.0%"}
    )
    assert "62,5\u00a0% de lignes" in issue.message("fr")
    assert "62.5% fewer rows" in issue.message("en")
