"""The command line: verbs only, no logic. Exit codes: 0 done, 1 a problem in the data, 2 called wrongly.

Nothing is imported here that takes time: whoever interrupts while the commands are loaded gets a sentence too.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

_INTERRUPTED = {
    "fr": "interrompu : ce qui était publié le reste ; relancer la commande reprend ce qui manque",
    "en": "interrupted: what was published stays; the same command goes on from there",
}
_EXIT_CODE = 130  # 128 and SIGINT's 2, as shells have it


def __getattr__(name: str) -> Any:
    """`app`, the commands themselves, loaded when they are asked for."""
    if name != "app":
        raise AttributeError(name)
    from clirld.cli.commands import app

    return app


def main() -> None:
    """Run the command line; every error a person can act upon is a message, not a traceback."""
    signal.signal(signal.SIGINT, _end_at_once)
    from clirld.cli import commands
    from clirld.cli.terminal import print_error
    from clirld.errors import ClirldError, DataError, UsageError, os_reason

    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        command = commands.command(_language())
        sys.exit(command(standalone_mode=False) or 0)
    except ClirldError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except OSError as problem:
        print_error(DataError(os_reason(problem), do="check that it is there, the rights and the space on the disk"))
        sys.exit(1)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever presses it again gets no traceback of the end
        _say_interrupted()
        sys.exit(_EXIT_CODE)
    except Exception as problem:
        # What Typer says of a command that was called wrongly: its class of errors is not public.
        if not hasattr(problem, "format_message"):
            raise
        context = getattr(problem, "ctx", None)
        path = getattr(context, "command_path", "clirld")
        if type(problem).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(f"{problem.format_message()}\n")
        else:
            print_error(UsageError(problem.format_message(), do=f"see “{path} --help”"))
        sys.exit(2)


def _language() -> str:
    # Not from Settings: the error may be that they cannot be read.
    return os.environ.get("CLIRLD_LANGUAGE") or "fr"


def _say_interrupted() -> None:
    text = _INTERRUPTED["en" if _language() == "en" else "fr"]
    os.write(2, f"{text}\n".encode())


def _end_at_once(_signal: int, _frame: object) -> None:
    """The end of a process that has only begun to load: an exception could be lost in the middle of an import."""
    _say_interrupted()
    os._exit(_EXIT_CODE)
