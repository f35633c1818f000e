"""Too little memory: a sentence and exit code 1, never an abort without a word or a traceback."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = "import sys; sys.argv[0] = 'clirld'; from clirld.cli.app import supervised_main; supervised_main()"
ABORT = """\
import os, signal, sys
from clirld.cli import app
def command():
    {}
app.main = command
app.supervised_main()
"""
SENTENCE = "too little memory"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """A project of two sources, harvested and released."""
    home = tmp_path_factory.mktemp("home")
    for name in ("territories", "ptce"):
        shutil.copytree(project / "pipelines" / "sources" / name, home / "sources" / name)
    made = run(home, None, "demo", "--no-serve", "--data", "made")
    assert made.returncode == 0, made.stderr
    return home


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLIRLD_")}
    return {**kept, "CLIRLD_SOURCES": str(home / "sources"), "CLIRLD_LANGUAGE": "en", "CLIRLD_WORKERS": "1"}


def run(home: Path, limit: int | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that may take so many MiB of address space."""
    size = resource.RLIM_INFINITY if limit is None else limit << 20
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=home,
        env=environment(home),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("limit", [200, 700])
@pytest.mark.parametrize(
    "arguments",
    [
        ("demo", "--no-serve", "--data", "limited"),
        ("check", "ptce"),
        ("release", "--force", "--data", "made"),
        ("query", "query.rq", "--data", "made"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_command_ends_with_a_sentence(home: Path, arguments: tuple[str, ...], limit: int) -> None:
    shutil.rmtree(home / "limited", ignore_errors=True)
    (home / "query.rq").write_text("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    current = (home / "made" / "current").readlink()
    ran = run(home, limit, *arguments)
    assert ran.returncode in (0, 1), ran.stderr
    assert "Traceback" not in ran.stderr
    if ran.returncode:
        assert "→" in ran.stderr
        assert (home / "made" / "current").readlink() == current
    if limit == 200:
        assert ran.returncode == 1
        assert f"{SENTENCE} (200 MiB allowed, 512 are needed to begin)" in ran.stderr


def test_serving_too(home: Path) -> None:
    ran = run(home, 200, "serve", "--port", "0", "--data", "made")
    assert (ran.returncode, SENTENCE in ran.stderr) == (1, True)


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS])
def test_an_abort_is_told_by_whoever_survives_it(home: Path, number: int) -> None:
    script = ABORT.format(f"os.kill(os.getpid(), {int(number)})")
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment(home), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"✗ {SENTENCE} (ended by signal {int(number)}): what was published stays\n  →")


@pytest.mark.parametrize("error", ["MemoryError()", "OSError(12, 'x')", "ImportError('failed to map segment')"])
def test_memory_that_is_refused_is_told(home: Path, error: str) -> None:
    script = f"from clirld.cli import app\nprint(app._report({error}))\nprint(app._is_of_memory(ValueError('x')))"
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment(home), capture_output=True, text=True, check=False
    )
    assert ran.stdout.split() == ["1", "False"]
    assert SENTENCE in ran.stderr


@pytest.mark.parametrize(("code", "expected"), [("sys.exit(0)", 0), ("sys.exit(2)", 2), ("sys.exit(130)", 130)])
def test_the_code_is_the_commands_own(home: Path, code: str, expected: int) -> None:
    ran = subprocess.run([sys.executable, "-c", ABORT.format(code)], env=environment(home), check=False)
    assert ran.returncode == expected


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_signals_reach_the_command(home: Path, number: int, expected: int) -> None:
    # Whoever runs the tests under nohup, or in the background of a script, has them ignore these, and what they start.
    default = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL);"
        "signal.signal(signal.SIGINT, signal.default_int_handler)"
    )
    script = f"{default}\n{ABORT}".format("import time; print('ready', flush=True); time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", script], env=environment(home), stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        assert process.wait(30) == expected


def test_a_command_ends_with_its_supervisor(home: Path) -> None:
    script = ABORT.format("import time; print(os.getpid(), flush=True); time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", script], env=environment(home), stdout=subprocess.PIPE) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        assert child != process.pid
        process.kill()
        assert process.stdout.read() == b""  # closed by the last of them: else this waits for a minute
