"""A parent that outlives its command: where a library aborts for want of memory, somebody is left to say so.

Rust ends its process where it is refused memory, and the kernel kills the largest one where there is none left; no
exception can be caught then. On systems without `sigwaitinfo` commands run unsupervised.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_ENDED_BY_MEMORY = {signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP}
"""Rust aborts, the kernel kills, and C libraries use what they were not given."""
_FORWARDED = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h


def run_supervised(command: Callable[[], None], say: Callable[[int], None]) -> None:
    """Run `command` in a child process; `say` is called with the signal that ended it, where it may be for memory.

    Does not return: exits with the child's code, or 1 where `say` was called.
    """
    if not hasattr(signal, "sigwaitinfo"):
        command()
        return
    watched = _FORWARDED | {signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _end_with(parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        command()
        return
    while True:
        received = signal.sigwaitinfo(watched)
        if received.si_signo == signal.SIGCHLD:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
        elif received.si_code <= 0:  # of a process; what comes of the kernel, for a terminal, goes to the child too
            os.kill(child, received.si_signo)
    code = os.waitstatus_to_exitcode(status)
    if -code in _ENDED_BY_MEMORY:
        say(-code)
        code = 1
    elif code < 0:  # as a shell has it
        code = 128 - code
    sys.stdout.flush()
    os._exit(code)


def _end_with(parent: int) -> None:
    """End this process when its parent is killed, so that nothing goes on that looks ended."""
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it was quicker
        os._exit(1)
