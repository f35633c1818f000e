"""The processes that answer queries: how they confine themselves, and what they say.

pyoxigraph has no timeout and no cancellation, so each query runs in a process that can be killed, ended by the kernel
when it wants more memory than it may have (RLIMIT_AS), and without the means to open a socket (a seccomp filter), so
that no query can make this machine send requests anywhere. One process confines itself, then forks the others: a fork
is ready within milliseconds, where a new interpreter took a fifth of a second of processor time for each query killed.

    python -m clirld.query.worker DESCRIPTOR MEMORY NETWORK

`clirld.query.fork_server` is the other end of the descriptor.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import platform
import resource
import signal
import socket
import struct
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

from pyoxigraph import Store

from clirld import checksums
from clirld.query.evaluate import QueryRequest, evaluate
from clirld.query.failure import Failure

ORDER = struct.Struct("!4sI")
"""What the fork server is told and says: FORK (with a socket) → process id; KILL it; WAIT for it → exit status."""
FRAME = struct.Struct("!cI")
"""What a worker says: HITS of its searches by words, DATA, bytes of the answer; LAST, those at its end; FAILURE, as
JSON. Each with its length."""
FORK, KILL, WAIT = b"fork", b"kill", b"wait"
DATA, LAST, FAILURE, HITS = b"D", b"L", b"F", b"H"
CHUNK = 1 << 16
"""Bytes of an answer that are sent at once: pyoxigraph writes 8 KiB at a time."""
_STACK = 64 << 20  # of pyoxigraph's recursive parser; the usual 8 MiB end with 4,000 UNIONs


class _Frames:
    """A file that pyoxigraph writes an answer to: sent in chunks, and no faster than they are taken."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        if len(self._held) >= CHUNK:
            self._send()
        return len(data)

    def flush(self) -> None:
        """Nothing: what is held is sent when it is worth it, or at the end."""

    def tell_hits(self, hits: str) -> None:
        """Send how many things the searches of a query found, before anything else."""
        self._connection.sendall(FRAME.pack(HITS, len(hits)) + hits.encode())

    def end(self, failure: Failure | None) -> None:
        """Send what is left, and how it ended."""
        if failure:
            self._held[:] = json.dumps(asdict(failure)).encode()
        self._send(FAILURE if failure else LAST)

    def _send(self, type_: bytes = DATA) -> None:
        self._connection.sendall(FRAME.pack(type_, len(self._held)) + self._held)
        self._held.clear()


def _serve_forks(descriptor: int, memory: int, network: bool) -> None:
    """The fork server's whole life: confine itself, then fork for its parent until that hangs up."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    resource.setrlimit(resource.RLIMIT_STACK, (_STACK if hard == resource.RLIM_INFINITY else min(_STACK, hard), hard))
    if not network:
        _forbid_sockets()
    gc.freeze()
    with socket.socket(fileno=descriptor) as control:
        control.send(ORDER.pack(FORK, os.getpid()))
        while True:
            message, descriptors, *_ = socket.recv_fds(control, ORDER.size, 1)
            if not message:
                return
            order, pid = ORDER.unpack(message)
            if order == FORK:
                pid = os.fork()
                if pid == 0:
                    control.close()
                    break
                os.close(descriptors[0])
                control.send(ORDER.pack(FORK, pid))
            elif order == KILL:
                os.kill(pid, signal.SIGKILL)  # not yet waited for, so it is still that process
            else:
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                control.send(ORDER.pack(WAIT, code & 0xFFFFFFFF))
    _serve_queries(socket.socket(fileno=descriptors[0]), memory)


def _serve_queries(connection: socket.socket, memory: int) -> None:
    """A worker's whole life: answer until its parent hangs up."""
    threading.Thread(target=_exit_with_parent, args=[os.getppid()], daemon=True).start()
    opened: tuple[str, Store] | None = None
    while head := _received(connection, 4):
        message = json.loads(_received(connection, int.from_bytes(head)))
        path = message.pop("store")
        for name in ("default_graphs", "named_graphs"):
            message[name] = None if message[name] is None else tuple(message[name])
        frames = _Frames(connection)
        failure: Failure | None
        try:
            # A release never changes, so an open store is good until another release is asked for.
            if opened is None or opened[0] != path:
                opened = None
                if failure := damage(Path(path)):
                    frames.end(failure)
                    continue
                opened = (path, Store.read_only(path))
            failure = evaluate(opened[1], QueryRequest(**message), frames, Path(path).parent, frames.tell_hits)
        except OSError as error:
            failure = Failure("store", detail={"error": str(error)})
        except MemoryError:
            failure = Failure("memory", detail={"limit": str(memory >> 20)})
        frames.end(failure)
        gc.collect(0)


def damage(store: Path) -> Failure | None:
    """That a file of a store is not as it was made, as far as sizes and times show."""
    files = [name for name in checksums.damaged_files(store.parent) if name.startswith((store.name, checksums.FILE))]
    return Failure("damaged", detail={"path": files[0]}) if files else None


def _received(connection: socket.socket, length: int) -> bytes:
    """Exactly so many bytes; none where the other end is closed."""
    data = bytearray()
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            return b""
        data += part
    return bytes(data)


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
    _serve_forks(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1")
