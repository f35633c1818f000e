"""The command line: verbs only, no logic. Exit codes: 0 done, 1 a problem in the data, 2 called wrongly, 3 an
answer that is cited is another today (`replay`).

Nothing is imported here that takes time: whoever interrupts while the commands are loaded gets a sentence too.
"""

from __future__ import annotations

import errno
import gc
import os
import resource
import signal
import sys
from collections.abc import Mapping
from typing import Any

_INTERRUPTED = {
    "fr": "interrompu : ce qui était publié le reste ; relancer la commande reprend ce qui manque",
    "en": "interrupted: what was published stays; the same command goes on from there",
}
_NO_MEMORY = {
    "fr": "✗ pas assez de mémoire{why} : ce qui était publié le reste\n"
    "  → en donner plus (ulimit -v, groupe de contrôle, machine) ou baisser CLIRLD_WORKERS, puis relancer",
    "en": "✗ too little memory{why}: what was published stays\n"
    "  → give it more (ulimit -v, control group, machine) or lower CLIRLD_WORKERS, then run again",
}
_BY_SIGNAL = {"fr": " (fin par le signal {number})", "en": " (ended by signal {number})"}
_BELOW_LEAST = {
    "fr": " ({number} Mio permis, il en faut {least} pour commencer)",
    "en": " ({number} MiB allowed, {least} are needed to begin)",
}
_LEAST_MEMORY = 512 << 20
"""Bytes of address space below which libraries load only in part: measured with `ulimit -v`, see docs/operate.md."""
_SIGNS_OF_MEMORY = (
    "failed to map segment",  # ld.so
    "Cannot allocate memory",
    "can't start new thread",
    "Resource temporarily unavailable",  # a thread of Rust
)
_OBJECTS = 50_000
"""New ones after which cycles are looked for: after Python's 700, that was a tenth of a run."""
_EXIT_CODE = 130  # 128 and SIGINT's 2, as shells have it
_SECONDS_TO_END = 10


def __getattr__(name: str) -> Any:
    """`app`, the commands themselves, loaded when they are asked for."""
    if name != "app":
        raise AttributeError(name)
    from clirld.cli.commands import app

    return app


def supervised_main() -> None:
    """`main`, with a process beside it that can still say so where the system ends it for want of memory."""
    from clirld.cli.supervisor import run_supervised

    signal.signal(signal.SIGINT, _end_at_once)
    os.environ.setdefault("RUST_BACKTRACE", "0")  # of no use to whoever reads the sentence below it
    allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
    if allowed != resource.RLIM_INFINITY and allowed < _LEAST_MEMORY:
        _say_no_memory(_BELOW_LEAST, number=allowed >> 20, least=_LEAST_MEMORY >> 20)
        sys.exit(1)
    run_supervised(main, lambda number: _say_no_memory(_BY_SIGNAL, number=number))


def main() -> None:
    """Run the command line; every error a person can act upon is a message, not a traceback."""
    signal.signal(signal.SIGINT, _end_at_once)
    gc.set_threshold(_OBJECTS, 50)
    from clirld.cli import commands
    from clirld.cli.terminal import show_notices

    show_notices()
    interruption = _Interruption()
    signal.signal(signal.SIGINT, interruption.begin)
    try:
        command = commands.command(_language())
        code = command(standalone_mode=False) or 0
    except BaseException as problem:
        # What fails because of an interruption is not told: processes that ended, files that are not whole.
        code = _EXIT_CODE if interruption.has_begun else _report(problem)
    if interruption.has_begun:
        code = interruption.end()
    sys.exit(code)


def _report(problem: BaseException) -> int:
    """Say what is wrong, where a person can act upon it, and give the exit code; anything else is raised."""
    if _is_of_memory(problem):
        _say_no_memory()
        return 1
    from clirld.cli.terminal import print_failure
    from clirld.errors import ClirldError, DataError, UsageError, os_reason

    if isinstance(problem, ClirldError):
        print_failure(problem, sys.argv[1:])
        return problem.exit_code
    if isinstance(problem, OSError):
        failure = DataError(os_reason(problem), do="check that it is there, the rights and the space on the disk")
        print_failure(failure, sys.argv[1:])
        return 1
    # What Typer says of a command that was called wrongly: its class of errors is not public.
    if not hasattr(problem, "format_message"):
        raise problem
    context = getattr(problem, "ctx", None)
    path = getattr(context, "command_path", "clirld")
    if type(problem).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{problem.format_message()}\n")
    else:
        print_failure(UsageError(problem.format_message(), do=f"see “{path} --help”"), sys.argv[1:])
    return 2


class _Interruption:
    """Ctrl-C: an exception ends the run in order; should it get lost, an alarm ends it.

    It can get lost: Python ignores one that comes while an object is deleted or a library calls back, and a library
    may take it for a failure of its own and go on.
    """

    def __init__(self) -> None:
        self.has_begun = False

    def begin(self, _signal: int, _frame: object) -> None:
        self.has_begun = True
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever presses it again gets no traceback of the end
        signal.signal(signal.SIGALRM, _end_at_once)
        signal.alarm(_SECONDS_TO_END)
        raise KeyboardInterrupt

    def end(self) -> int:
        """Say it, and give the exit code. What is still at work gets as long again to end."""
        _say_interrupted()
        signal.signal(signal.SIGALRM, lambda _signal, _frame: os._exit(_EXIT_CODE))
        signal.alarm(_SECONDS_TO_END)
        return _EXIT_CODE


def _is_of_memory(problem: BaseException | None) -> bool:
    """Whether an exception, or what caused it, is that memory was refused: libraries have no one class for that."""
    if problem is None:
        return False
    return (
        isinstance(problem, MemoryError)
        or (isinstance(problem, OSError) and problem.errno == errno.ENOMEM)
        or any(sign in str(problem) for sign in _SIGNS_OF_MEMORY)
        or _is_of_memory(problem.__cause__)
    )


def _say_no_memory(reason: Mapping[str, str] | None = None, **details: int) -> None:
    language = "en" if _language() == "en" else "fr"
    why = reason[language].format(**details) if reason else ""
    os.write(2, f"{_NO_MEMORY[language].format(why=why)}\n".encode())


def _language() -> str:
    # Not from Settings: the error may be that they cannot be read.
    return os.environ.get("CLIRLD_LANGUAGE") or "fr"


def _say_interrupted() -> None:
    text = _INTERRUPTED["en" if _language() == "en" else "fr"]
    os.write(2, f"{text}\n".encode())


def _end_at_once(_signal: int, _frame: object) -> None:
    """The end of a process that has only begun to load, where an exception could be lost, or that does not end."""
    _say_interrupted()
    os._exit(_EXIT_CODE)
