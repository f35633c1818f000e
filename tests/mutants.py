"""`make mutants`: small faults put into the modules that decide what is published; do their tests see them?

A sample of mutations, the same for the same seed, is made one at a time in a copy of `src/clirld`, and the tests that
execute the line run against it, the quickest first, until one fails. Which tests execute what is found by running
them once on a copy that notes it. Exit code 1 where fewer than 95 % of the sample are caught, those not counted that
`mutants.yaml` says to be equivalent.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

PROJECT = Path(__file__).resolve().parent.parent
SOURCE = PROJECT / "src" / "clirld"
KEPT = PROJECT / ".cache" / "mutants.json"
LEAST = 0.95
BUDGET = 90.0
"""Seconds of tests (as they took without a mutation) that a mutation is given to be caught in."""

HISTORY = ("tests/presence/test_history.py", "tests/records/test_erasure.py")
TESTS = {
    "guards/checks.py": ("tests/guards/test_checks.py",),
    "records/erasure.py": ("tests/records/test_erasure.py",),
    "records/accounts.py": ("tests/records/test_accounts.py", "tests/validate/test_graph.py"),
    "records/territory.py": ("tests/records/test_territory.py",),
    "presence/successors.py": HISTORY,
    "presence/history.py": HISTORY,
    "presence/tombstones.py": HISTORY,
    "link/matching.py": ("tests/link/test_matching.py",),
    "validate/graph.py": ("tests/validate/test_graph.py",),
    "harvest/acceptance.py": ("tests/guards/test_checks.py",),
    "harvest/retention.py": ("tests/records/test_erasure.py", "tests/release/test_tidy.py"),
    "release/published.py": ("tests/release/test_published.py",),
}
"""Module → the files of its tests."""

_LOADED = "polars pyoxigraph pydantic rdflib pyshacl rapidfuzz requests typer rich starlette jinja2 isal ijson"
_ORDERS: dict[type, list[type]] = {
    ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.GtE], ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.In: [ast.NotIn], ast.NotIn: [ast.In], ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
}  # fmt: skip
_OTHERS: dict[type, type] = {
    ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutation: where, the code before and after, and the whole text of the module with it."""

    module: str
    function: str
    line: int
    statement: int
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function}: {self.before}  →  {self.after}"


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str, Any]]:
    """What may be changed at a node: (object, attribute, value)."""
    match node:
        case ast.Compare():
            for n, op in enumerate(node.ops):
                for other in _ORDERS[type(op)]:
                    yield node, "ops", [*node.ops[:n], other(), *node.ops[n + 1 :]]
        case ast.BinOp(left=ast.Constant(value=str())) | ast.BinOp(right=ast.Constant(value=str() | bytes())):
            return  # any other operator is an error
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=ast.Add() as op) if type(op) in _OTHERS:
            yield node, "op", _OTHERS[type(op)]()
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield node, "op", None  # the operand alone
        case ast.Constant(value=bool() as value):
            yield node, "value", not value
        case ast.Constant(value=int() | float() as value):
            yield node, "value", value + 1


def _code(path: list[ast.AST]) -> str:
    """The code of the innermost expression that says more than a constant; of a statement, its head."""
    node = path[-1]
    for node in reversed(path):
        if not isinstance(node, ast.Constant | ast.Slice | ast.keyword | ast.Tuple):
            break
    text = ast.unparse(node)
    return " ".join((text.splitlines()[0] if isinstance(node, ast.stmt) else text).split())


def _mutants(module: str) -> Iterator[Mutant]:
    """All mutations of a module, in the order of its lines."""
    tree = ast.parse((SOURCE / module).read_text(encoding="utf-8"))

    def visit(path: list[ast.AST], names: list[str], statement: int) -> Iterator[Mutant]:
        node = path[-1]
        for thing, name, value in _changes(node):
            before, kept = _code(path), getattr(thing, name)
            if value is None:
                parent, place = path[-2], _place(path[-2], node)
                place(node.operand)
                after, text = _code([*path[:-1], node.operand]), ast.unparse(tree)
                _place(parent, node.operand)(node)
            else:
                setattr(thing, name, value)
                after, text = _code(path), ast.unparse(tree)
                setattr(thing, name, kept)
            line = getattr(node, "lineno", statement)
            yield Mutant(module, ".".join(names) or "(module)", line, statement, before, after, text)
        for field, child in _children(node):
            if field in ("decorator_list", "annotation", "returns") or isinstance(node, ast.Raise):
                continue
            inner = names
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = [*names, child.name]
            within = isinstance(child, ast.stmt) and any(isinstance(one, ast.FunctionDef) for one in path)
            here = child.lineno if within else statement
            yield from visit([*path, child], inner, here)

    yield from visit([tree], [], 0)


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield name, child


def _place(parent: ast.AST, child: ast.AST) -> Callable[[ast.AST], None]:
    """Puts another node where `child` is."""
    for name, value in ast.iter_fields(parent):
        if value is child:
            return lambda new: setattr(parent, name, new)
        if isinstance(value, list) and any(one is child for one in value):
            place = next(n for n, one in enumerate(value) if one is child)
            return lambda new: value.__setitem__(place, new)
    raise LookupError(child)


def _noting(module: str) -> str:
    """The text of a module that notes which of its statements are executed."""

    class Noting(ast.NodeTransformer):
        def generic_visit(self, node: ast.AST) -> ast.AST:
            super().generic_visit(node)
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list) and not isinstance(node, ast.Module | ast.ClassDef):
                    notes = [ast.parse(f"_executed.add('{module}:{one.lineno}')").body for one in block]
                    block[:] = [one for note, old in zip(notes, block, strict=True) for one in (*note, old)]
            return node

    tree = Noting().visit(ast.parse((SOURCE / module).read_text(encoding="utf-8")))
    tree.body[2:2] = ast.parse("import sys as _sys\n_executed = _sys.__dict__.setdefault('_executed', set())").body
    return ast.unparse(ast.fix_missing_locations(tree))


class Plugin:
    """Runs the tests that are wanted, the quickest first, or notes what each executes and how long it took."""

    def __init__(self, wanted: dict[str, float] | None) -> None:
        self.wanted, self.told = wanted, {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.wanted is not None:
            chosen = [item for item in items if item.nodeid in self.wanted]
            items[:] = sorted(chosen, key=lambda item: self.wanted[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        executed, start = sys.__dict__.setdefault("_executed", set()), time.process_time()
        executed.clear()
        self.passed = True
        result = yield
        if self.passed:
            self.told[item.nodeid] = (time.process_time() - start, sorted(executed))
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed = self.passed and report.passed


def _tree(folder: Path) -> Path:
    """A copy of the package, with what it looks for beside itself."""
    for one in PROJECT.iterdir():
        if one.name != "src":
            (folder / one.name).symlink_to(one)
    shutil.copytree(SOURCE, folder / "src" / "clirld")
    return folder


def _pytest(tree: Path, files: list[str], plugin: Plugin, *, limit: float) -> int:
    """In a process of its own: run test files against the package in `tree`."""
    os.setsid()
    signal.alarm(int(limit))
    sys.path.insert(0, str(tree / "src"))
    os.environ["PYTHONPATH"] = str(tree / "src")
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # two mutations within a second would pass for the same file
    sys.dont_write_bytecode = True
    given = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", f"--basetemp={tree / 'tmp-of-tests'}", *files]
    if plugin.wanted is None:
        given.remove("-x")
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return int(pytest.main(given, plugins=[plugin]))


def _forked(tasks: list[Callable[[Path], Any]], trees: list[Path]) -> Iterator[tuple[int, Any]]:
    """Run tasks, each in a fork, as many at a time as there are trees; gives (number, result), None of one killed."""
    waiting, running = list(enumerate(tasks)), {}
    while waiting or running:
        while waiting and len(running) < len(trees):
            tree = next(one for one in trees if one not in {used for _, used in running.values()})
            number, task = waiting.pop(0)
            pid = os.fork()
            if not pid:
                try:
                    (tree / "result.json").write_text(json.dumps(task(tree)))
                finally:
                    os._exit(0)
            running[pid] = number, tree
        pid, _status = os.wait()
        number, tree = running.pop(pid)
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # what a test may have left
        result = tree / "result.json"
        yield number, json.loads(result.read_text()) if result.exists() else None
        result.unlink(missing_ok=True)


def _executed(files: list[str], trees: list[Path]) -> dict[str, dict[str, tuple[float, list[str]]]]:
    """Test file → test that passes → its seconds and the statements it executes; kept while no file changes."""
    program = b"".join(path.read_bytes() for path in sorted(SOURCE.rglob("*.py")))
    marks = {name: sha256(program + (PROJECT / name).read_bytes()).hexdigest() for name in files}
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    new = [name for name in files if kept.get(name, [""])[0] != marks[name]]
    for tree in trees:
        for module in TESTS:
            (tree / "src" / "clirld" / module).write_text(_noting(module), encoding="utf-8")

    def note(name: str) -> Callable[[Path], Any]:
        def run(tree: Path) -> Any:
            plugin = Plugin(None)
            _pytest(tree, [name], plugin, limit=3600)
            return plugin.told

        return run

    for number, told in _forked([note(name) for name in new], trees):
        kept[new[number]] = [marks[new[number]], told or {}]
        print(f"{new[number]}: {len(told or {})} tests pass", flush=True)
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(kept))
    return {name: kept[name][1] for name in files}


def _attempt(mutant: Mutant, executed: dict[str, dict[str, tuple[float, list[str]]]]) -> Callable[[Path], Any]:
    """Gives whether the mutant is caught."""
    place, wanted, spent = f"{mutant.module}:{mutant.statement}", {}, 0.0
    covering = [
        (seconds, test)
        for name in TESTS[mutant.module]
        for test, (seconds, places) in executed[name].items()
        if not mutant.statement or place in places
    ]
    for seconds, test in sorted(covering):
        spent += seconds
        if spent <= BUDGET or not wanted:
            wanted[test] = seconds

    def run(tree: Path) -> bool:
        path = tree / "src" / "clirld" / mutant.module
        path.write_text(mutant.text, encoding="utf-8")
        try:
            files = sorted({test.partition("::")[0] for test in wanted})
            return bool(files) and _pytest(tree, files, Plugin(wanted), limit=60 + 10 * spent) not in (0, 5)
        finally:
            shutil.copyfile(SOURCE / mutant.module, path)

    return run


def main() -> int:
    """Make the sample, run it, tell what survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=200, help="how many mutations; 0 for all")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="", help="part of the name of the modules")
    parser.add_argument("--list", action="store_true", help="say which mutations there are, and stop")
    given = parser.parse_args()
    start = time.monotonic()
    named: Counter[tuple[str, ...]] = Counter()
    ranked = []
    for mutant in (one for module in TESTS for one in _mutants(module)):
        name = mutant.module, mutant.function, mutant.before, mutant.after
        named[name] += 1
        ranked.append((sha256(repr((given.seed, name, named[name])).encode()).digest(), mutant))
    entries = YAML(typ="safe").load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")) or []
    equivalent = {(one["module"], one["function"], one["before"], one["after"]) for one in entries}
    for name in equivalent - named.keys():
        print("mutants.yaml: no such mutation (any more):", *name)
    chosen = [one for _, one in sorted(ranked, key=lambda pair: pair[0])][: given.sample or None]
    chosen = sorted((one for one in chosen if given.only in one.module), key=lambda one: (one.module, one.line))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    tried = []
    for one in chosen:
        if (one.module, one.function, one.before, one.after) in equivalent:
            counts[one.module]["equivalent"] += 1
        else:
            tried.append(one)
    print(f"{len(chosen)} of {len(ranked)} mutations, {len(chosen) - len(tried)} of them equivalent", flush=True)
    if given.list:
        print(*chosen, sep="\n")
        return 0
    for library in _LOADED.split():
        import_module(library)  # once for all forks
    survivors = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees = [Path(folder, str(n)) for n in range(given.workers)]
        for tree in trees:
            tree.mkdir()
            _tree(tree)
        executed = _executed(sorted({name for one in chosen for name in TESTS[one.module]}), trees)
        for tree in trees:
            for module in TESTS:
                shutil.copyfile(SOURCE / module, tree / "src" / "clirld" / module)
        for number, caught in _forked([_attempt(one, executed) for one in tried], trees):
            mutant = tried[number]
            counts[mutant.module]["survived" if caught is False else "caught"] += 1
            if caught is False:
                survivors.append(mutant)
                print("survived:", mutant, flush=True)
    print()
    for module, count in sorted(counts.items()):
        print(f"{module:24}", *(f"{count[of]:4} {of}" for of in ("caught", "survived", "equivalent")))
    for mutant in sorted(survivors, key=lambda one: (one.module, one.line)):
        print(mutant)
    share = 1 - len(survivors) / max(1, len(tried))
    print(f"{len(tried) - len(survivors)} of {len(tried)} caught, {share:.1%}, in {time.monotonic() - start:.0f} s")
    return 0 if share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
