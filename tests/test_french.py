"""Every message that a steward or an operator can meet has its French, with the same things filled in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

import pytest

from clirld.draft import sniff
from clirld.fetch import format_check
from clirld.french import french, translations
from tests.conftest import PROJECT

FOLDER = PROJECT / "src" / "clirld"
ELSEWHERE = {
    "contributions/decide": "contributions/messages.yaml has its messages in both languages",
    "cases/facts": "cases/problem_messages.yaml has its messages in both languages",
    "query/failure": "query/failure_messages.yaml has its messages in both languages",
    "map/yarrrml": "only someone who changes the mapping meets them",
}
MODULES = sorted(
    {path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.py")} - ELSEWHERE.keys()
)
OTHERS = {
    ("harvest/acceptance", "'kept back: ' +"): "brings its French with it",
    ("cli/app", "os_reason(problem)"): "the words of the operating system, which errors.fr.yaml has",
    ("cli/app", "problem.format_message()"): "the words of Typer, which errors.fr.yaml has",
    ("fetch/http", "RETRY_LATER"): "a constant of http_body, held to its French there",
    ("fetch/http", 'f"the server answered'): "the status in the words of HTTP",
    ("fetch/rate_limits", "problem.what"): "a message of another error, again",
    ("fetch/rate_limits", "problem.do"): "a message of another error, again",
    ("fetch/format_check", 'f"{what} instead of'): "put together from parts: PARTS",
    ("connect/datagouv", "'\\n  '.join"): "a list of commands",
    ("card/source", "_suggestion(first)"): "a guess: GUESSES",
    ("validate/shacl", "problem.what"): "a message of another error, again",
    ("validate/shacl", "problem.do"): "a message of another error, again",
    ("release/make", "error.do"): "a message of another error, again",
    ("release/published", "problem.what"): "a message of another error, again",
    ("harvest/outcome", "problem.what"): "a message of another error, again",
    ("replicate/follow", "os_reason(problem)"): "the words of the operating system, which errors.fr.yaml has",
    ("query/endpoint", "what"): "the words of the server, in the language asked for",
    ("query/endpoint", "do"): "the words of the server, in the language asked for",
    ("query/files/registered", "str(path)"): "where the failure of a query is, which brings its French with it",
    ("release/registered/guard", "whole('en')"): "brings its French with it",
    ("release/registered/guard", "words('do', 'en')"): "brings its French with it",
    ("stages", "do"): "said by whoever calls it",
}
"""What is only known when the program runs: (module, how its code begins) → why it is no template."""
GUESSES = ["did you mean {0}?", "give the address of a licence, one of those in ontology/licences.yaml"]
PARTS = ["{0} instead of {1}", "{0} instead of {1}: “{2}…”"]


def written(node: ast.expr, names: Mapping[str, list[ast.expr]]) -> Iterator[str | ast.expr]:
    """The templates that an expression can give, through the variables it names; code where that is not to be seen."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [one.value if isinstance(one, ast.Constant) else None for one in node.values]
        holes = iter(range(len(parts)))
        yield "".join(str(part) if part is not None else f"{{{next(holes)}}}" for part in parts)
    elif isinstance(node, ast.IfExp):
        yield from written(node.body, names)
        yield from written(node.orelse, names)
    elif isinstance(node, ast.Name) and node.id in names:
        for one in names[node.id]:
            yield from written(one, names)
    else:
        yield node


def assigned(scope: ast.AST) -> dict[str, list[ast.expr]]:
    """What each variable is given anywhere in a function; for the whole module, what its constants are."""
    found: dict[str, list[ast.expr]] = {}
    nodes = scope.body if isinstance(scope, ast.Module) else ast.walk(scope)
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name):
            found.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.For) and ast.unparse(node.iter) == "_SIGNATURES.items()":
            found |= {"what": [], "do": []}  # sniff._SIGNATURES, held to its French below
    return found


def messages(module: str) -> Iterator[str | ast.expr]:
    """`what` and `do` of every error that a module raises."""
    tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef) or scope.name in ("wrong", "_wrong", "_fail"):
            continue
        names = assigned(tree) | assigned(scope)
        for node in ast.walk(scope):
            for one in said(node):
                yield from written(one, names)


def said(node: ast.AST) -> list[ast.expr]:
    """The expressions of `what` and `do`, of a call that makes an error."""
    if not isinstance(node, ast.Call):
        return []
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name in ("wrong", "_wrong", "_fail") and isinstance(node.func, ast.Attribute):
        return node.args[1:3]
    if (
        name.endswith("Error") and name not in ("AttributeError", "ValueError", "OSError", "TypeError")
    ) or name == "error":
        return [*node.args[:1], *(one.value for one in node.keywords if one.arg == "do")]
    return []


@pytest.mark.parametrize("module", MODULES)
def test_every_message_has_its_french(module: str) -> None:
    found = list(messages(module))
    assert [one for one in found if isinstance(one, str) and one not in translations()] == []
    code = [ast.unparse(one) for one in found if isinstance(one, ast.expr)]
    assert [one for one in code if not any(module == where and one.startswith(how) for where, how in OTHERS)] == []


def test_what_is_put_together_has_its_french() -> None:
    signs = [word for pair in sniff._SIGNATURES.values() for word in pair]
    words = [*PARTS, *GUESSES, *format_check._OTHER_SIGNATURES.values(), format_check._MESSAGE, *signs]
    assert [one for one in words if one not in translations()] == []
    assert french("a gzip archive instead of csv: “x…”") == "une archive gzip au lieu de csv : « x… »"


@pytest.mark.parametrize(("english", "translated"), translations().items())
def test_the_french_has_the_same_things_filled_in(english: str, translated: str) -> None:
    holes = sorted(re.findall(r"\{\d+\}", english))
    assert sorted(re.findall(r"\{\d+\}", translated)) == holes
    if not re.search(r"[a-z]", re.sub(r"\{\d+\}", "", english)):
        return  # “{0}: {1}” says nothing by itself: see the messages within messages
    for word in ("<{}>", "x"):
        words = [word.format(n) for n in range(len(holes))]
        assert french(filled(english, words)) == filled(translated, words)


def filled(template: str, words: list[str]) -> str:
    return re.sub(r"\{(\d+)\}", lambda hole: words[int(hole[1])], template)


def test_messages_within_messages() -> None:
    assert french("records.0.table: no table x") == "records.0.table : pas de table x"
    assert french("by: label is for concepts, x is of type y") == "by: label est pour les concepts, x est de type y"
    where = "records.0.columns.Dept"
    assert (
        french(f"{where}: by: label is for concepts, x is of type y")
        == f"{where} : by: label est pour les concepts, x est de type y"
    )
    assert french("did you mean ptce? There are: a, b") == "vouliez-vous dire ptce ? Il y a : a, b"


def test_what_is_not_known_stays() -> None:
    assert french("something else") == "something else"
    assert french("[Errno 2] No such file: 'x'") == "[Errno 2] No such file: 'x'"
