"""One process that answers queries and can be killed, for the server and the command line.

pyoxigraph has no timeout and no cancellation, so each query runs in a child process: killed when time is up
or when its client is gone, ended by the kernel when it wants more memory than it may have (RLIMIT_AS), and
without the means to open a socket (a seccomp filter), so that no query can make this machine send requests
anywhere.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import platform
import resource
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socketpair
from types import TracebackType

from pyoxigraph import Store

from clirld.query.evaluate import QueryRequest, evaluate
from clirld.query.failure import Failure

MAX_INLINE_BYTES = 1 << 20
"""Larger answers are handed over as a file, so that a slow client never holds a worker."""
_START_TIMEOUT = 30.0
"""Seconds in which a new process must say that it is ready: its imports are no part of a query's time."""


class Worker:
    """A child process, good until it dies.

    `evaluate` blocks: call it in a thread; `kill` may come from any other.
    """

    def __init__(self, *, memory: int, network: bool = False, spill: Path | None = None) -> None:
        """Start it.

        in: bytes it may take, whether it may reach the network, where it may leave large answers.
        """
        parent_end, child_end = socketpair()
        with child_end:
            # A session of its own: Ctrl-C in the terminal is for the server, which then ends its workers.
            self._process = subprocess.Popen(  # noqa: S603
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "clirld.query.worker",
                    str(child_end.fileno()),
                    str(memory),
                    str(int(network)),
                ],
                pass_fds=[child_end.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                # An arena a thread, as glibc would have it, reserves address space, which RLIMIT_AS counts.
                env={**os.environ, "MALLOC_ARENA_MAX": "2"},
            )
        self._connection = Connection(parent_end.detach())
        self._memory = memory
        self._spill = spill / f"{self._process.pid}.answer" if spill else None
        self._ready = False
        self.alive = True

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def evaluate(self, store: Path, request: QueryRequest, timeout: float) -> bytes | Path | Failure:
        """The answer: bytes, or a file that the caller must delete.

        At `timeout` seconds the process is killed.
        """
        try:
            # Waited for here and not in the constructor, so that a server starts all its workers at once.
            if not self._ready:
                if not self._connection.poll(_START_TIMEOUT):
                    raise EOFError
                self._connection.recv_bytes()
                self._ready = True
            message = {"store": str(store), "spill": str(self._spill or ""), **asdict(request)}
            self._connection.send_bytes(json.dumps(message).encode())
            if not self._connection.poll(timeout):
                self.close()
                return Failure("timeout", detail={"limit": f"{timeout:g}"})
            header = json.loads(self._connection.recv_bytes())
            if "path" in header:
                return Path(header["path"])
            if "kind" in header:
                return Failure(**header)
            return self._connection.recv_bytes()
        except (EOFError, OSError):
            was_ready = self._ready
            code = self.close()
            if was_ready and code < 0:
                # Ended by a signal: Rust aborts where it is refused memory, and the kernel kills where it
                # is short.
                return Failure("memory", detail={"limit": str(self._memory >> 20)})
            return Failure("worker", detail={"error": f"exit status {code}"})

    def kill(self) -> None:
        """End it at once; a thread in `evaluate` gets a failure and tidies up."""
        self.alive = False
        with suppress(ProcessLookupError):
            self._process.kill()

    def close(self) -> int:
        """End it and wait until it is gone. Gives the exit status."""
        self.kill()
        code = self._process.wait()
        self._connection.close()
        if self._spill:
            self._spill.unlink(missing_ok=True)
        return code

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _serve_parent(descriptor: int, memory: int, network: bool) -> None:
    """The child's whole life: confine itself, then answer until its parent hangs up."""
    parent = os.getppid()
    threading.Thread(target=_exit_with_parent, args=[parent], daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if not network:
        _forbid_sockets()
    connection = Connection(descriptor)
    connection.send_bytes(b"ready")
    opened: tuple[str, Store] | None = None
    while True:
        try:
            message = json.loads(connection.recv_bytes())
        except EOFError:
            return
        path, spill = message.pop("store"), message.pop("spill")
        for name in ("default_graphs", "named_graphs"):
            message[name] = None if message[name] is None else tuple(message[name])
        try:
            # A release never changes, so an open store is good until another release is asked for.
            if opened is None or opened[0] != path:
                opened = None
                opened = (path, Store.read_only(path))
            answer = evaluate(opened[1], QueryRequest(**message))
        except OSError as error:
            answer = Failure("store", detail={"error": str(error)})
        except MemoryError:
            answer = Failure("memory", detail={"limit": str(memory >> 20)})
        if isinstance(answer, Failure):
            connection.send_bytes(json.dumps(asdict(answer)).encode())
        elif spill and len(answer) > MAX_INLINE_BYTES:
            Path(spill).write_bytes(answer)
            connection.send_bytes(json.dumps({"path": spill}).encode())
        else:
            connection.send_bytes(b"{}")
            connection.send_bytes(answer)
        # A large answer must not be counted against the next query.
        del answer
        gc.collect(0)


def _exit_with_parent(parent: int) -> None:
    """End with the parent even in the middle of a query (pyoxigraph lets go of the GIL)."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _forbid_sockets() -> bool:
    """Take away the right to open sockets, for good; False where the kernel cannot do that.

    A classic BPF program for seccomp(2): on this architecture, socket and io_uring_setup fail with EACCES.
    """
    # AUDIT_ARCH_* of linux/audit.h, and the number of socket(2), which differs between architectures.
    architectures = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
    if not sys.platform.startswith("linux") or platform.machine() not in architectures:
        return False
    architecture, socket_call = architectures[platform.machine()]
    # BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K and BPF_RET|BPF_K of linux/bpf_common.h.
    load_word, jump_if_equal, return_action = 0x20, 0x15, 0x06
    # SECCOMP_RET_ALLOW, and SECCOMP_RET_ERRNO with EACCES, of linux/seccomp.h.
    allow, refuse_with_eacces = 0x7FFF0000, 0x00050000 | 13
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            # Offsets in struct seccomp_data: 4 is arch, 0 the number of the system call. Jumps count instructions.
            (load_word, 0, 0, 4),
            (jump_if_equal, 0, 3, architecture),
            (load_word, 0, 0, 0),
            (jump_if_equal, 2, 0, socket_call),
            (jump_if_equal, 1, 0, 425),  # io_uring_setup, the same on both: a ring opens sockets without socket(2)
            (return_action, 0, 0, allow),
            (return_action, 0, 0, refuse_with_eacces),
        )
    )

    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]

    instructions = ctypes.create_string_buffer(program, len(program))
    libc = ctypes.CDLL(None, use_errno=True)
    # PR_SET_NO_NEW_PRIVS, without which an unprivileged process may set no filter, PR_SET_SECCOMP, SECCOMP_MODE_FILTER.
    no_new_privileges, set_seccomp, filter_mode = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) != 0:
        return False
    filter_ = Filter(len(program) // 8, ctypes.cast(instructions, ctypes.c_void_p))
    return bool(libc.prctl(set_seccomp, filter_mode, ctypes.byref(filter_), 0, 0) == 0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve_parent(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1")
