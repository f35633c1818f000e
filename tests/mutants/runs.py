"""Running tests against a copy of the package: which test executes what, and whether one fails for a mutant."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.mutations import PROJECT, SOURCE, Mutant

KEPT = PROJECT / ".cache" / "mutants.json"
BUDGET = 90.0
"""Seconds of tests (as they took without a mutation) that a mutation is given to be caught in."""

HISTORY = (
    "tests/presence/test_history.py",
    "tests/presence/test_screening.py",
    "tests/records/test_erasure.py",
)
ERASURE = ("tests/records/test_erasure.py", "tests/harvest/test_erasing.py", "tests/release/unavailable/test_erased.py")
PLACING = (
    "tests/records/test_territory.py",
    "tests/records/test_placing.py",
    "tests/records/test_placing_agreement.py",
    "tests/records/test_placing_called.py",
    "tests/records/test_placing_departements.py",
    "tests/records/test_placing_towns.py",
)
TESTS = {
    "guards/checks.py": ("tests/guards/test_checks.py",),
    "records/erasure/matching.py": ERASURE,
    "records/erasure/erasure_list.py": ("tests/records/test_erasure_list.py", *ERASURE),
    "release/unavailable/erased.py": (
        "tests/release/unavailable/test_erased.py",
        "tests/release/changes/test_write.py",
    ),
    "release/unavailable/mark.py": ("tests/release/unavailable/test_withdrawn.py",),
    "release/unavailable/repeated.py": (
        "tests/release/unavailable/test_repeated.py",
        "tests/release/unavailable/test_withdrawn.py",
    ),
    "release/unavailable/withdrawn.py": ("tests/release/unavailable/test_withdrawn.py",),
    "records/accounts.py": ("tests/records/test_accounts.py", "tests/validate/test_graph.py"),
    "records/territory.py": PLACING,
    "presence/successors.py": HISTORY,
    "presence/history.py": HISTORY,
    "presence/screening.py": HISTORY,
    "presence/tombstones.py": HISTORY,
    "link/evidence.py": ("tests/link/test_matching.py",),
    "link/matching.py": ("tests/link/test_matching.py",),
    "validate/graph.py": ("tests/validate/test_graph.py",),
    "harvest/acceptance.py": ("tests/guards/test_checks.py",),
    "harvest/retention.py": ("tests/records/test_erasure.py", "tests/release/test_tidy.py"),
    "release/published.py": ("tests/release/test_published.py", "tests/release/unavailable/test_erased.py"),
}
"""Module → the files of its tests."""

_LOADED = "polars pyoxigraph pydantic rdflib pyshacl rapidfuzz requests typer rich starlette jinja2 isal ijson"


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
    folder.mkdir()
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
    """Run tasks, each in a fork and a tree of its own; gives (number, result), None of one that took too long."""
    waiting, running = list(enumerate(tasks)), {}
    while waiting or running:
        while waiting and len(running) < len(trees):
            tree = next(one for one in trees if one not in {used for _, used in running.values()})
            number, task = waiting.pop(0)
            pid = os.fork()
            if not pid:
                try:
                    (tree / "result.json").write_text(json.dumps(task(tree)))
                except BaseException:
                    traceback.print_exc()
                    os._exit(1)
                os._exit(0)
            running[pid] = number, tree
        pid, status = os.wait()
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise RuntimeError("a run of tests could not be made")
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


def _trial(mutant: Mutant, executed: dict[str, dict[str, tuple[float, list[str]]]]) -> Callable[[Path], Any]:
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


def attempt(mutants: list[Mutant], folder: Path, workers: int) -> Iterator[tuple[Mutant, bool]]:
    """Run the tests of each mutant, in copies of the package in `folder`; gives whether it was caught."""
    for library in _LOADED.split():
        import_module(library)  # once for all forks
    trees = [_tree(folder / str(n)) for n in range(workers)]
    executed = _executed(sorted({name for one in mutants for name in TESTS[one.module]}), trees)
    for tree in trees:
        for module in TESTS:
            shutil.copyfile(SOURCE / module, tree / "src" / "clirld" / module)
    for number, caught in _forked([_trial(one, executed) for one in mutants], trees):
        yield mutants[number], caught is not False
